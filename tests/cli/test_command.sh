# What the command prints and how it exits: tests/cli/*.txt, replayed.
command=$1 source=$2 scratch=$3
bash "$source/tests/support/transcript.sh" "$command" "$scratch" "$source/tests/cli/files" "$source"/tests/cli/*.txt
