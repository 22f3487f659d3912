# The batch script: what it asks for, that it is a shell script, and that it does what it says when the time is over. The queue is a
# stand-in: an scontrol that writes down what it was told.
command=$1 source=$2 scratch=$3
rm -rf "$scratch"/* && cp "$source"/tests/study/files/{Li2O.cif,lammps.yaml} "$scratch" && cd "$scratch" || exit 1
fail() { echo "FAILED: $*"; exit 1; }
has() { grep -qxF -- "$2" "$1" || fail "$1 lacks the line: $2"; }
sed 's/engine: lammps/engine: lammps, ranks: 48/' lammps.yaml >big.yaml

"$command" run big.yaml --submit slurm --wall-time 2-12:00:00 --modules "openmpi/4.1 lammps" --partition long -o "it's here" --json >said.json ||
    fail "it is not written"
bash -n big.slurm || fail "it is no shell script"
has big.slurm "#SBATCH --ntasks=48"
has big.slurm "#SBATCH --time=2-12:00:00"
has big.slurm "#SBATCH --partition=long"
has big.slurm "##SBATCH --account=FILL_IN"
has big.slurm "module load openmpi/4.1 lammps"
has big.slurm "'lithia' run 'big.yaml' -o 'it'\\''s here' --threads 1 --quiet &"
python3 -c 'import json; r = json.load(open("said.json"))["results"]; assert (r["script"], r["command"], r["ranks"]) == ("big.slurm", "sbatch big.slurm", 48)' ||
    fail "the result: $(cat said.json)"
[ ! -e "it's here" ] || fail "something was run"

refused() { "$command" run "$@" >/dev/null 2>said && fail "not refused: $*"; grep -q "$want" said || fail "$*: $(cat said)"; }
want='stage move asks for 48' refused big.yaml --submit slurm --ranks 8
want='HH:MM:SS' refused big.yaml --submit slurm --wall-time 3h
want='letters, digits' refused big.yaml --submit slurm --partition 'a
b'
want='add --submit slurm' refused big.yaml --ranks 48

# The embedded engine, long; the script is told that its time is over.
sed 's/engine: lammps/engine: embedded/; s/steps: 3000/steps: 3000000/' lammps.yaml >long.yaml
"$command" run long.yaml --submit slurm --ranks 2 --json >/dev/null || fail "long"
has long.slurm "#SBATCH --cpus-per-task=2"
mkdir bin && ln -s "$command" bin/lithia
printf '#!/bin/sh\necho "$@" >%s/told\n' "$PWD" >bin/scontrol && chmod +x bin/scontrol
PATH=$PWD/bin:$PATH SLURM_SUBMIT_DIR=$PWD SLURM_JOB_ID=17 SLURM_CPUS_PER_TASK=1 bash long.slurm >log 2>&1 &
job=$!
for i in $(seq 300); do [ -e long.out/stages/move/trajectory.extxyz.zst ] && break; sleep 0.1; done
sleep 0.5
kill -TERM $job
wait $job
status=$?
[ $status -eq 130 ] || fail "the job ended with $status; 130 is due: $(cat log)"
[ "$(cat told)" = "requeue 17" ] || fail "the job was not put into the queue again: $(cat log)"
