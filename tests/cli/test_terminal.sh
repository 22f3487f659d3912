# At a terminal: colour and progress, and neither with NO_COLOR or --quiet; SIGINT and SIGTERM stop the work with status
# 130 and leave nothing half-written, and a stopped study goes on.
command=$1 source=$2 scratch=$3
command -v script >/dev/null || { echo "skipped: no script(1) to make a terminal with"; exit 77; }
script -qec true /dev/null </dev/null >/dev/null 2>&1 || { echo "skipped: this system gives no pseudo-terminal"; exit 77; }
rm -rf "$scratch"/* && cp "$source"/tests/cli/files/Li2O.cif "$source"/tests/study/files/resume.yaml "$scratch" && cd "$scratch" || exit 1
failed=0
fail() { echo "FAILED: $*"; failed=1; }
escape=$(printf '\033')
unset NO_COLOR
export TERM=xterm
terminal() { script -qec "$1" /dev/null </dev/null; }
long="'$command' md Li2O.cif -p pmmcs_pedone2006 --ensemble nvt -t 300 --threads 1 --steps 40000"

terminal "'$command' enrgy" | grep -q "$escape\[1;31merror" || fail "no colour at a terminal"
terminal "NO_COLOR=1 '$command' enrgy" | grep -q "$escape" && fail "colour in spite of NO_COLOR"
terminal "TERM=dumb '$command' enrgy" | grep -q "$escape" && fail "colour on a dumb terminal"
"$command" enrgy 2>&1 | grep -q "$escape" && fail "colour in a pipe"
terminal "$long" >seen; grep -qE 'md [0-9]+ of 40000 .* left' seen || fail "no progress at a terminal: $(head -c 300 seen)"
terminal "$long --quiet" | grep -q ' left' && fail "progress in spite of --quiet"
bash -c "$long" 2>&1 | grep -q ' left' && fail "progress in a pipe"

# Start a command, wait until $1 is there, send the signal; its exit status is $status.
stop_when() {
    there=$1 signal=$2
    shift 2
    "$@" >out.json 2>err.txt &
    for i in $(seq 1 600); do
        [ -n "$(compgen -G "$there")" ] && break
        sleep 0.1
    done
    sleep 0.2
    kill -$signal $!
    wait $!
    status=$?
}
for signal in INT TERM; do
    stop_when '.*.part' $signal "$command" md Li2O.cif -p pmmcs_pedone2006 --ensemble nvt -t 300 --steps 100000000 \
        -o out.extxyz --trajectory run.extxyz --json --threads 1
    [ $status -eq 130 ] || fail "SIG$signal: status $status"
    grep -q '"code": "cancelled"' out.json || fail "SIG$signal: $(head -c 200 out.json)"
    [ -z "$(ls -A | grep extxyz)" ] || fail "SIG$signal left $(ls -A | grep extxyz)"
    stop_when $signal/stages/run/'*' $signal "$command" run resume.yaml -o $signal --quiet
    [ $status -eq 130 ] || fail "SIG$signal in a study: status $status, $(cat err.txt)"
done
"$command" run resume.yaml -o INT --quiet >/dev/null || fail "a stopped study does not go on"
exit $failed
