# lithia info on structures whose answers are known (index of the reference structures; Wyckoff letters of LiTi2O4).
command=$1 source=$2
set -e
json=$("$command" info --json "$source/tests/golden/structures/LiTi2O4.cif")
printf '%s' "$json" | python3 -c '
import json, sys
r = json.load(sys.stdin)["results"]
assert r["formula"] == "LiTi2O4", r["formula"]
assert r["n_atoms"] == 56
assert abs(r["density_g_cm3"] - 3.726661) < 1e-4, r["density_g_cm3"]
assert abs(r["shortest_A"] - 1.99987) < 2e-5
assert abs(r["cell"]["a_A"] - 8.4067) < 1e-12 and abs(r["cell"]["gamma_deg"] - 90) < 1e-12
assert abs(r["cell"]["volume_A3"] - 8.4067**3) < 1e-9
assert r["space_group"]["number"] == 227 and r["space_group"]["symbol"] == "Fd-3m"
assert [s["wyckoff"] for s in r["sites"]] == ["8a", "16d", "32e"]
'
# standard input, compressed; the same answer
gzip -c "$source/tests/golden/structures/LiTi2O4.cif" | "$command" info - | grep -q "^formula *LiTi2O4$"
# a file that is not there, one that is none
"$command" info nothing.cif 2>&1 | grep -q "nothing.cif: No such file"
printf 'data_x\n_cell_length_a 4\n' >bad.cif
if "$command" info bad.cif 2>err; then exit 1; fi
grep -q "bad.cif" err
