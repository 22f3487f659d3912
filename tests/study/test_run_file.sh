# Mistakes in run files, and what a study leaves on the disk: tests/study/*.txt, replayed.
command=$1 source=$2 scratch=$3
bash "$source/tests/support/transcript.sh" "$command" "$scratch" "$source/tests/study/files" "$source"/tests/study/*.txt
