# What a study does to its folder: it takes only an empty one or its own, one run at a time; finished work is used again as
# long as nothing that went into it has changed; a disk that is full or may not be written is said and damages nothing.
command=$1 source=$2 scratch=$3
chmod -R u+w "$scratch" 2>/dev/null
rm -rf "$scratch"/* && cp "$source"/tests/study/files/Li2O.cif "$scratch" && cd "$scratch" || exit 1
failed=0
fail() { echo "FAILED: $*"; failed=1; }
run() { "$command" run "$@" --quiet >out.txt 2>err.txt; }
reused() { tail -n +$((before + 1)) s.out/log.txt | grep -c 'used again'; }
again() { before=$(wc -l <s.out/log.txt); run s.yaml || fail "run again: $(cat err.txt)"; }

cat >s.yaml <<'END'
study: small
stages:
  - cell: {task: build, from: Li2O.cif, rattle: 0.05 A}
  - point: {task: energy, from: cell, potential: pmmcs_pedone2006, for: {coulomb-cutoff: [8 A, 9 A]}}
  - other: {task: build, from: Li2O.cif, supercell: 2}
report: {title: first}
END
run s.yaml || fail "the study itself: $(cat err.txt)"
cp -r s.out kept
again; [ "$(reused)" = 4 ] || fail "nothing has changed, and $(reused) of 4 were used again"
diff -r --exclude=log.txt --exclude=lock s.out kept || fail "used again, it is not the same"

# a changed option: that stage and what depends on it
sed -i 's/0.05 A/0.06 A/' s.yaml
again; [ "$(reused)" = 1 ] || fail "one stage does not depend on the change, and $(reused) were used again"
# words of the report: nothing is run again
sed -i 's/title: first/title: second/' s.yaml
again; [ "$(reused)" = 4 ] || fail "only the report has changed, and $(reused) of 4 were used again"
grep -q second s.out/report.html || fail "the report is the old one"
# a changed input file
sed -i 's/4\.6114/4.6200/' Li2O.cif
again; [ "$(reused)" = 0 ] || fail "the input has changed, and $(reused) were used again"
# a result that somebody edited
sed -i 's/"energy_eV": -/"energy_eV": -1/' s.out/stages/point/coulomb_cutoff_8_A/result.json
again; [ "$(reused)" = 3 ] || fail "one result was edited, and $(reused) of 4 were used again"
grep -q '"energy_eV": -1[0-9]*\.' s.out/stages/point/coulomb_cutoff_8_A/result.json && fail "the edited number is still there"

# the resolved study is a run file that gives the same
cp s.out/resolved.yaml r.yaml && run r.yaml || fail "resolved.yaml does not run: $(cat err.txt)"
diff -r s.out/stages r.out/stages || fail "resolved.yaml gives something else"

# a folder of something else, and of another study
mkdir other && echo mine >other/file
run s.yaml -o other && fail "it wrote into a folder with other files"
grep -q 'holds no study' err.txt || fail "other files: $(cat err.txt)"
[ "$(ls other)" = file ] || fail "it left files in a folder that is not its own: $(ls other)"
sed 's/study: small/study: another/' s.yaml >t.yaml
run t.yaml -o s.out && fail "it wrote into another study's folder"
grep -q 'belongs to another run' err.txt || fail "another study: $(cat err.txt)"
run s.yaml -o s.out --quick && fail "it mixed quick and full"

# two at a time; a lock whose process is gone is no lock
exec 9>>s.out/lock; flock 9
run s.yaml; [ $? -eq 3 ] || fail "a locked folder"
grep -q 'another run' err.txt || fail "locked: $(cat err.txt)"
exec 9>&-
again

# a full disk, here a limit on the size of files: an error, and what is there stays whole
mkdir full && (trap '' XFSZ; ulimit -f 8; "$command" run s.yaml -o full --quiet >out.txt 2>err.txt; [ $? -eq 4 ]) ||
    fail "a full disk: $(cat err.txt)"
for state in $(find full -name state.json); do
    [ "$(sha256sum <"$(dirname "$state")"/result.json | cut -c 1-64)" = "$(sed -n 's/.*"result": "\(.*\)".*/\1/p' "$state")" ] ||
        fail "$state says it is finished and it is not"
done
run s.yaml -o full || fail "it does not go on after the disk was full: $(cat err.txt)"
diff -r --exclude=log.txt --exclude=lock s.out full || fail "after a full disk it is not the same"

# a folder that may not be written (the superuser may write everywhere)
mkdir -p readonly && chmod 555 readonly
if [ "$(id -u)" -ne 0 ]; then
    run s.yaml -o readonly; [ $? -eq 4 ] || fail "a read-only folder: $(cat err.txt)"
    run s.yaml -o readonly/deep; [ $? -eq 4 ] || fail "below a read-only folder: $(cat err.txt)"
fi
run s.yaml -o /proc/study; [ $? -eq 4 ] || fail "/proc: $(cat err.txt)"
exit $failed
