# Killed with SIGKILL at ten random instants, a study goes on and ends with the same files, bit for bit; so it does with
# another number of threads. Only the log may differ, and the lock's process.
command=$1 source=$2 scratch=$3
rm -rf "$scratch"/* && cp "$source"/tests/study/files/{Li2O.cif,resume.yaml} "$scratch" && cd "$scratch" || exit 1
same() { diff -r --exclude=log.txt --exclude=lock "$1" "$2"; }
fail() { echo "FAILED: $*"; exit 1; }

seed=$$; RANDOM=$seed; echo "the instants are those of RANDOM=$seed"
"$command" run resume.yaml -o straight --threads 2 --quiet >/dev/null || fail "the run itself"
"$command" run resume.yaml -o one --threads 1 --quiet >/dev/null || fail "with one thread"
same straight one || fail "one thread gives something else than two"

killed=0 from_checkpoint=0
for round in $(seq 1 60); do
    [ $killed -ge 10 ] && break
    [ -s killed/report.html ] && { rm -rf killed; echo "round $round: it was finished; anew"; }
    wait_s=0.$(printf '%03d' $((RANDOM % 900 + 20)))
    { timeout -s KILL $wait_s "$command" run resume.yaml -o killed --threads 2 --quiet >/dev/null 2>&1; } 2>/dev/null
    status=$?
    [ $status -eq 137 ] && killed=$((killed + 1)) && echo "killed after $wait_s s"
    [ $status -eq 137 ] || [ $status -eq 0 ] || fail "status $status after $wait_s s"
    [ -n "$(find killed -name checkpoint 2>/dev/null)" ] && from_checkpoint=$((from_checkpoint + 1))
done
[ $killed -ge 10 ] || fail "only $killed kills landed"
echo "$from_checkpoint of them left a checkpoint inside a stage"
"$command" run resume.yaml -o killed --threads 2 --quiet >/dev/null || fail "the last run"
same straight killed || fail "a resumed study gives something else"
[ -z "$(find killed -name checkpoint -o -name '*.part')" ] || fail "left-overs: $(find killed -name checkpoint -o -name '*.part')"
