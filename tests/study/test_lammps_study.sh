# A study whose stage runs in LAMMPS: the worker is killed in the middle, which is an error that says so; the same command goes on
# from the last checkpoint and ends.
command=$1 source=$2 scratch=$3
[ -x "$(dirname "$command")/lithia-lammps" ] || { echo "SKIPPED: lithia-lammps is not built (liblammps-dev, libopenmpi-dev)"; exit 77; }
rm -rf "$scratch"/* && cp "$source"/tests/study/files/{Li2O.cif,lammps.yaml} "$scratch" && cd "$scratch" || exit 1
fail() { echo "FAILED: $*"; cat said log.txt 2>/dev/null; exit 1; }
export TMPDIR=$scratch/t LITHIA_LAMMPS=$scratch/worker
mkdir t
cat >worker <<END # writes down what LAMMPS prints
#!/bin/bash
exec > >(tee -a "$scratch/printed") 2>&1
exec "$(dirname "$command")/lithia-lammps" "\$@"
END
chmod +x worker

"$command" run lammps.yaml -o out --threads 1 --quiet >/dev/null 2>said &
lithia=$!
for i in $(seq 600); do # until there is a checkpoint
    [ -n "$(find out -name checkpoint 2>/dev/null)" ] && break
    kill -0 $lithia 2>/dev/null || fail "it ended before there was a checkpoint"
    sleep 0.1
done
worker=$(cat /proc/$lithia/task/*/children)
kill -9 $worker || fail "there is no worker ($worker)"
wait $lithia
status=$?
[ $status -eq 4 ] || fail "status $status of a worker that was killed; 4 is due"
grep -q 'move: the LAMMPS worker has ended (signal 9' said || fail "the message does not say what happened"
[ -z "$(ls t)" ] || fail "left-overs: $(ls t)"

rm printed
"$command" run lammps.yaml -o out --threads 1 --json --quiet >result.json 2>said || fail "the second run: status $?"
grep -q 'Reading restart file' printed || fail "it began anew"
"$command" info out/stages/move/trajectory.extxyz.zst --json >info.json || fail "the trajectory"
[ "$(zstd -dc out/stages/move/trajectory.extxyz.zst | grep -c Lattice)" -eq 7 ] || fail "frames are missing or there twice"
python3 - <<'END' || fail "the result"
import json
r = json.load(open("out/stages/move/result.json"))["results"]
assert r["final_step"] == 3000, r["final_step"]
assert r["dynamics"]["engine"] == "lammps"
assert abs(r["temperature_K"] - 600) < 60, r["temperature_K"] # 1500 atoms, 3 ps from rest of the lattice
END
[ -z "$(ls t)" ] || fail "left-overs: $(ls t)"
