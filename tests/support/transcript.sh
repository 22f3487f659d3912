# Replay transcripts: files of lines "$ command" with what it prints (stdout and stderr together) and, when it is not 0,
# its exit status as "[3]". Each file is replayed in an empty folder of its own that holds a copy of the files in FILES.
# usage: transcript.sh COMMAND SCRATCH FILES TRANSCRIPT...
# With LITHIA_PIN=1 in the environment the transcripts are written anew, to be read in the diff.
command=$1 scratch=$2 files=$3
shift 3
PATH=$(dirname "$command"):$PATH
unset NO_COLOR
export LC_ALL=C TERM=dumb
failed=0
for transcript in "$@"; do
    folder=$scratch/$(basename "$transcript" .txt)
    chmod -R u+w "$folder" 2>/dev/null
    rm -rf "$folder" && mkdir -p "$folder" && cp -r "$files"/. "$folder" && cd "$folder" || exit 1
    begun=
    while IFS= read -r line; do
        case $line in
        '$ '*)
            begun=1
            printf '%s\n' "$line"
            text=$(bash -o pipefail -c "${line#\$ }" 2>&1 </dev/null)
            status=$?
            [ -n "$text" ] && printf '%s\n' "$text"
            [ $status -ne 0 ] && printf '[%d]\n' $status ;;
        '#'*) [ -z "$begun" ] && printf '%s\n' "$line" ;; # comments stand before the first command
        esac
    done <"$transcript" >../got.txt
    if [ -n "$LITHIA_PIN" ]; then
        cp ../got.txt "$transcript"
    elif ! diff -u "$transcript" ../got.txt; then
        failed=1
    fi
done
exit $failed
