# What a study makes of series: stages stacked into rows, numbers checked by hand.
command=$1 source=$2 scratch=$3
rm -rf "$scratch"/* && cd "$scratch" || exit 1
fail() { echo "FAILED: $*"; exit 1; }
cp "$source/tests/study/files/Li2O.cif" .
value() { sed -n "s/.*\"$2\": \([-0-9.e+]*\|\"[^\"]*\"\),*\$/\1/p" "out/stages/$1/result.json" | head -1; } # stage[/member] key

cat >stack.yaml <<'END'
study: stacking
stages:
  - one: {task: build, from: Li2O.cif}
  - two: {task: build, from: Li2O.cif, supercell: [2, 1, 1]}
  - more: {task: build, from: Li2O.cif, for: {supercell: [[1, 1, 3], [2, 2, 2]]}}
  - atoms: {task: trend, from: [one, two, more], y: n_atoms}
  - cut: {task: trend, from: [two, "more[last]"], y: n_atoms}
END
"$command" run stack.yaml -o out >/dev/null 2>err.txt || fail "$(cat err.txt)"
[ "$(value atoms n)" = 4 ] || fail "four structures, $(value atoms n) rows"
[ "$(value atoms mean)" = 42.0 ] || fail "mean of 12, 24, 36, 96 atoms: $(value atoms mean)"
[ "$(value cut mean)" = 60.0 ] || fail "mean of 24 and 96 atoms: $(value cut mean)"
grep -q '"more\[supercell 1 1 3\]"' out/stages/atoms/result.json || fail "a row has no name"
