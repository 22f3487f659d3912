# No paths of one machine, no addresses in locks, no left-overs, every task has a page.
command=$1 source=$2
cd "$source" || exit 1
failed=0
complain() { [ -z "$2" ] || { printf '%s\n%s\n' "$1" "$2"; failed=1; }; }
files=$(git ls-files 2>/dev/null || find src include tests docs scripts cmake bench data examples -type f)
complain "paths of one machine:" "$(printf '%s\n' $files | grep -v '^tests/lint/' | xargs grep -nIE '(^|[^A-Za-z0-9_.])/(work|farm|root)/' 2>/dev/null)"
complain "addresses in locks:" "$(printf '%s\n' $files | grep -E 'lock|npmrc' | xargs -r grep -nE '"resolved": *"http|registry *= *http' 2>/dev/null)"
complain "left-overs:" "$(grep -rnIE '\b(TODO|FIXME|XXX|HACK)\b' src include --include='*.[ch]')"
for task in src/task/*.c; do
    name=$(basename "$task" .c | tr _ -)
    grep -rqlE "lithia $name( |\`|$)" docs || complain "task without a page in docs/:" "$name"
done
exit $failed
