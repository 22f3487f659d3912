# The borophosphate glasses in their quick form: every stage runs, every comparison has its number, the report is there.
command=$1 source=$2 scratch=$3
rm -rf "$scratch"/* && cd "$scratch" || exit 1
fail() { echo "FAILED: $*"; exit 1; }
study=$source/examples/libp-glass/study.yaml
start=$(date +%s)
"$command" run "$study" --quick -o out --threads 2 --json >run.json 2>err.txt || fail "$(cat err.txt)"
[ $(($(date +%s) - start)) -le 240 ] || fail "the quick form took $(($(date +%s) - start)) s; half a minute is meant, four on a busy machine"
[ -s out/report.html ] || fail "no report"
stages=$(grep -c '^  - [a-zA-Z0-9_]*: {task' "$study")
[ "$(ls out/stages | wc -l)" -eq "$stages" ] || fail "$(ls out/stages | wc -l) stages ran, the study has $stages"
grep -q '"computed[^"]*": null' run.json && fail "a comparison has no computed value"
grep -q '(not obtained' out/report.html && fail "a finding lacks its number"
value() { sed -n "s/.*\"$2\": \([-0-9.e+]*\|\"[^\"]*\"\),*\$/\1/p" "out/stages/$1/result.json" | head -1; }
# Two seeds at each of four compositions, told apart and put together again.
[ "$(ls out/stages/glass | wc -l)" -eq 8 ] || fail "$(ls out/stages/glass | wc -l) glasses"
[ "$(value density n)" = 8 ] && [ "$(value density_at/x_38 n)" = 2 ] || fail "rows: $(value density n), $(value density_at/x_38 n)"
# Whatever the cooling: four O around P, two to four around B.
around_p=$(tr -d '\n ' <out/stages/neighbours/seed_1-x_38/result.json | sed 's/.*"coordination"://; s/.*"P-O":{\([^}]*\)}.*/\1/; s/.*"n":\([0-9.]*\).*/\1/')
awk -v p="$around_p" 'BEGIN {exit !(p > 3.5 && p < 4.3)}' || fail "$around_p O around P at x = 38"
for f in boron boron_bmp; do
    awk -v b="$(value $f mean)" 'BEGIN {exit !(b > 2 && b < 4.2)}' || fail "$f: $(value $f mean) O around B"
done
exit 0
