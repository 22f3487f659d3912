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

# A variable of the study's own, whose values set several options, crossed with an option; gathered by it.
cat >own.yaml <<'END'
study: a variable
seed: 3
stages:
  - cell: {task: build, from: Li2O.cif, for: {x: {0.5: {supercell: [1, 1, 1], strain: [0.01]}, 2: {supercell: [2, 1, 1]}}, seed: [1, 2, 3]}, rattle: 0.01 A}
  - about: {task: info, from: cell}
  - n: {task: trend, from: about, x: x, y: n_atoms}
  - each: {task: trend, from: about, by: x, y: volume}
END
sed -i 's/y: volume/y: cell.volume/' own.yaml
"$command" run own.yaml -o own --json >own.json 2>err.txt || fail "$(cat err.txt)"
of() { sed -n "s/.*\"$2\": \([-0-9.e+]*\|\"[^\"]*\"\),*\$/\1/p" "own/stages/$1/result.json" | head -1; }
[ "$(ls own/stages/about | wc -l)" = 6 ] || fail "two values and three seeds: $(ls own/stages/about | wc -l) members"
[ "$(of n slope_per_x)" = 8.0 ] || fail "12 atoms at 0.5 and 24 at 2: slope 8, not $(of n slope_per_x)"
[ "$(of n verdict)" = '"resolved"' ] || fail "three equal replicas each: resolved, not $(of n verdict)"
[ "$(ls own/stages/each)" = "$(printf 'x_0.5\nx_2')" ] || fail "gathered by x: $(ls own/stages/each)"
[ "$(of each/x_2 n)" = 3 ] || fail "three seeds at x = 2, $(of each/x_2 n) rows"
# the strained cell is larger by 1.01^3
awk -v a="$(of each/x_0.5 mean_A3)" -v b="$(of each/x_2 mean_A3)" 'BEGIN {exit !((a/b - 1.01^3/2)^2 < 1e-18)}' || fail "volumes $(of each/x_0.5 mean_A3), $(of each/x_2 mean_A3)"
# the resolved study is the same study
mkdir again && cp own/resolved.yaml Li2O.cif again/ && (cd again && "$command" run resolved.yaml -o out >/dev/null 2>err.txt) || fail "$(cat again/err.txt)"
diff -r own/stages again/out/stages >/dev/null || fail "the resolved study gives other results"

# A number of an earlier series: each member takes its own partner's.
cat >partner.yaml <<'END'
study: partners
stages:
  - cell: {task: build, from: Li2O.cif, for: {seed: [1, 2], x: {1: {supercell: [1, 1, 1]}, 3: {supercell: [3, 1, 1]}}}}
  - about: {task: info, from: cell}
  - g: {task: rdf, from: cell, r-max: about.cell.a, bins: 50}
END
"$command" run partner.yaml -o partner >/dev/null 2>err.txt || fail "$(cat err.txt)"
for m in seed_1-x_1 seed_2-x_3; do
    a=$(sed -n 's/.*"a_A": \([0-9.]*\).*/\1/p' "partner/stages/about/$m/result.json" | head -1)
    r=$(sed -n 's/.*"r_max_A": \([0-9.]*\).*/\1/p' "partner/stages/g/$m/result.json" | head -1)
    [ -n "$a" ] && awk -v a="$a" -v r="$r" 'BEGIN {exit !((a - r)^2 < 1e-20)}' || fail "partner of $m: a = $a, r-max = $r"
done

# A structure of an earlier series likewise: the crystal of a grain in a glass made at the same x.
cat >grain.yaml <<'END'
study: grains
stages:
  - cell: {task: build, from: Li2O.cif, for: {x: {1: {supercell: [2, 2, 2]}, 2: {supercell: [3, 3, 3]}}}}
  - glass: {task: build, from: cell, rattle: 0.05 A, for: {seed: [1, 2]}}
  - both: {task: build, from: glass, crystal: cell, grain: sphere, grain-fraction: 0.1}
END
"$command" run grain.yaml -o grain >/dev/null 2>err.txt || fail "$(cat err.txt)"
[ "$(ls grain/stages/both | wc -l)" = 4 ] || fail "four composites: $(ls grain/stages/both)"

# A variable given again goes by the value that is there.
cat >again.yaml <<'END'
study: given again
stages:
  - cell: {task: build, from: Li2O.cif, for: {x: {a: {supercell: [1, 1, 1]}, b: {supercell: [2, 1, 1]}}, seed: [1, 2]}}
  - larger: {task: build, from: cell, for: {x: {a: {supercell: [1, 3, 1]}, b: {supercell: [1, 5, 1]}}}}
  - one: {task: build, from: "larger[x=b, seed=2]"}
  - same: {task: build, from: one, for: {x: {a: {supercell: [1, 1, 7]}, b: {supercell: [1, 1, 2]}}}}
END
"$command" run again.yaml -o given >/dev/null 2>err.txt || fail "$(cat err.txt)"
atoms() { sed -n 's/.*"n_atoms": \([0-9]*\).*/\1/p' "given/stages/$1/result.json"; }
[ "$(ls given/stages/larger | wc -l)" = 4 ] || fail "given again: $(ls given/stages/larger)"
[ "$(atoms larger/x_a-seed_1) $(atoms larger/x_b-seed_2)" = "36 120" ] || fail "12 x 3 and 24 x 5 atoms: $(atoms larger/x_a-seed_1) $(atoms larger/x_b-seed_2)"
[ "$(atoms same/x_b)" = 240 ] || fail "chosen before: $(ls given/stages/same)"

mistake() { # what the message must hold; the run file comes from stdin
    cat >mistake.yaml
    "$command" run mistake.yaml -o no >/dev/null 2>err.txt && fail "accepted: $1"
    grep -qF "$1" err.txt || fail "wanted: $1; got: $(cat err.txt)"
}
head='study: m
stages:
  - a: {task: build, from: Li2O.cif, for: {x: {1: {supercell: [1, 1, 1]}, 2: {supercell: [2, 1, 1]}}}}'
mistake 'mistake.yaml:4:35: error: by: stage a has no variable "y"' <<END
$head
  - t: {task: trend, from: a, by: y, y: n_atoms}
END
mistake "by belongs to tasks that gather" <<END
$head
  - t: {task: info, from: a, by: x}
END
mistake 'supercell is an option of build and takes a list' <<'END'
study: m
stages:
  - a: {task: build, from: Li2O.cif, for: {supercell: {1: {strain: 0.1}}}}
END
mistake 'did you mean "supercell"' <<'END'
study: m
stages:
  - a: {task: build, from: Li2O.cif, for: {x: {1: {supercel: [1, 1, 1]}}}}
END
mistake 'supercell is given here and in for' <<'END'
study: m
stages:
  - a: {task: build, from: Li2O.cif, supercell: [1, 1, 1], for: {x: {1: {supercell: [1, 1, 1]}}}}
END
mistake 'works on has x "2", which is not among the values here' <<END
$head
  - t: {task: build, from: a, for: {x: {1: {rattle: 0.1 A}}}}
END
# Three repeats on one grid: 1, 2, 3 with 0.4 each: scatter 1/sqrt(3), shared 0.4: sqrt(1/3 + 0.16) = 0.70238
printf '# y sy\n1 0.4\n2 0.4\n3 0.4\n' >repeats.txt
"$command" trend --y y --shared-errors --json repeats.txt >out.json 2>err.txt || fail "$(cat err.txt)"
grep -q '"mean_err": *0.70237' out.json || fail "an error that all share: $(grep mean_err out.json)"
"$command" trend --y y --json repeats.txt >out.json 2>err.txt || fail "$(cat err.txt)"
grep -q '"mean_err": *0.57735' out.json || fail "the scatter alone: $(grep mean_err out.json)"
exit 0
