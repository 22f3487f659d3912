# Every public header compiles alone, as C and as C++ would see its guards; every one is in lithia.h.
command=$1 source=$2
cd "$source" || exit 1
failed=0
for header in $(cd include && find lithia -name '*.h' | sort); do
    printf '#include <%s>\nint unused_;\n' "$header" |
        ${CC:-cc} -std=c17 -D_GNU_SOURCE -Iinclude -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c - || failed=1
    [ "$header" = lithia/lithia.h ] || grep -q "<$header>" include/lithia/lithia.h ||
        { echo "$header is not in lithia.h"; failed=1; }
done
exit $failed
