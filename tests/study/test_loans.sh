# Options that take a number of an earlier stage: its value, its unit, its change; what gives none; what is no number.
command=$1 source=$2 scratch=$3
rm -rf "$scratch"/* && cd "$scratch" || exit 1
fail() { echo "FAILED: $*"; exit 1; }
cp "$source/tests/study/files/Li2O.cif" .
write() { # first pressure of the ladder, what the fit takes p-max from
    cat >s.yaml <<END
study: loans
stages:
  - first: {task: compress, from: Li2O.cif, potential: pmmcs_pedone2006, temperature: 0 K, pressure: $1}
  - squeeze: {task: compress, from: Li2O.cif, potential: pmmcs_pedone2006, temperature: 0 K,
              for: {pressure: [0 GPa, 2 GPa, 4 GPa, 6 GPa, 8 GPa]}}
  - fit: {task: eos, from: squeeze, model: bm2, p-max: $2}
END
}
write "6.5 GPa" first.target_pressure
"$command" run s.yaml -o out >/dev/null 2>err.txt || fail "$(cat err.txt)"
fit=out/stages/fit/result.json
grep -q '"p_max_GPa": 6.5' "$fit" || fail "p-max is not that of the stage: $(grep p_max "$fit")"
grep -q 'p_max: "first.target_pressure"' out/resolved.yaml || fail "resolved.yaml does not say where p-max is from"
grep -q '"n_left_out": 1' "$fit" || fail "the fit should leave out one point of five: $(grep -n left "$fit")"
"$command" run s.yaml -o out >/dev/null 2>err.txt || fail "$(cat err.txt)"
grep -q 'fit: done before' out/log.txt || fail "the fit was not used again"
write "5 GPa" first.target_pressure
"$command" run s.yaml -o out >/dev/null 2>err.txt || fail "$(cat err.txt)"
grep -q '"n_left_out": 2' "$fit" || fail "the fit did not follow the stage"
cp out/resolved.yaml again.yaml
"$command" run again.yaml -o again >/dev/null 2>err.txt || fail "resolved.yaml is no run file: $(cat err.txt)"
cmp out/stages/fit/result.csv again/stages/fit/result.csv || fail "resolved.yaml gives another fit"
write "5 GPa" first.first_break.pressure # one pressure: no break was looked for
"$command" run s.yaml -o out >/dev/null 2>err.txt || fail "$(cat err.txt)"
grep -q 'p-max: first.first_break.pressure gave no number' "$fit" || fail "no warning that there was no number"
write "5 GPa" first.cell
"$command" run s.yaml -o out >/dev/null 2>err.txt && fail "a group passed for a number"
grep -q 'p-max: first.cell is no number' err.txt || fail "$(cat err.txt)"
write "5 GPa" first.cell.a
"$command" run s.yaml -o out >/dev/null 2>err.txt && fail "a length passed for a pressure"
grep -q 'stage fit.*p-max' err.txt || fail "$(cat err.txt)"
exit 0
