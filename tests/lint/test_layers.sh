# Each folder of src includes only itself and the folders above it in src/LAYERS; so do the public headers.
command=$1 source=$2
cd "$source" || exit 1
layers=$(cat src/LAYERS) failed=0
rank() { printf '%s\n' $layers | grep -nx "$1" | cut -d: -f1; }
for file in $(find src include/lithia -name '*.[ch]' -not -path '*/web/*'); do
    folder=$(printf '%s' "$file" | sed -E 's,^(src|include/lithia)/,,; s,/.*,,')
    mine=$(rank "$folder")
    case "$folder" in *.h) continue ;; esac # lithia.h
    if [ -z "$mine" ]; then
        echo "$file: folder $folder is not in src/LAYERS"
        failed=1
        continue
    fi
    for used in $(sed -nE 's,^ *#include [<"](lithia/)?([a-z]+)/[^>"]*[>"].*,\2,p' "$file" | sort -u); do
        theirs=$(rank "$used")
        if [ -n "$theirs" ] && [ "$theirs" -gt "$mine" ]; then
            echo "$file: $folder must not know of $used"
            failed=1
        fi
    done
done
exit $failed
