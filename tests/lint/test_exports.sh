# The names that the library exports are those of tests/lint/exports.txt, and all begin with lithia_.
# After a deliberate change: scripts/exports writes the list anew; the difference is read in the commit.
command=$1 source=$2
library=$(dirname "$command")/liblithia.so
sanitize=$(sed -n 's/^LITHIA_SANITIZE:STRING=//p' "$(dirname "$command")/CMakeCache.txt")
[ -z "$sanitize" ] || { echo "skipped: sanitizers export names of their own"; exit 77; }
nm -D --defined-only "$library" | sed -n 's/.* [TDBRV] //p' | LC_ALL=C sort >exports.txt
if grep -v '^lithia_' exports.txt; then
    echo "these names lack the prefix lithia_"
    exit 1
fi
diff "$source/tests/lint/exports.txt" exports.txt
