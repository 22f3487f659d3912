#!/bin/bash
# The report in a real browser: everything is drawn, hands and keys work, no error is logged, nothing sticks out of a phone's
# screen. usage: test_report_page.sh COMMAND SOURCE SCRATCH
set -u
build=$(cd "$(dirname "$1")" && pwd) source=$2 scratch=$3
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || { echo "skipped: no chromium"; exit 77; }
"$build/tests/report/test_report" >/dev/null 2>&1 || { echo "the report could not be written: run $build/tests/report/test_report"; exit 1; }
page=$build/scratch/report.html
grep -q 'id="lithia-report"' "$page" || { echo "skipped: this build has no interactive page (LITHIA_REPORT=OFF)"; exit 77; }

probe=$scratch/probe.html profile=$scratch/profile
{
    sed 's|<head>|<head><script>window.pageErrors=[];addEventListener("error",e=>pageErrors.push("error: "+e.message));addEventListener("unhandledrejection",e=>pageErrors.push("rejected: "+e.reason));for(const k of ["error","warn"])console[k]=(...a)=>pageErrors.push(k+": "+a.join(" "));window.alert=t=>pageErrors.push("alert: "+t)</script>|' "$page"
    echo '<script type="module">'
    cat "$source/tests/report/page_probe.js"
    echo '</script>'
} >"$probe"

failed=0
for size in 1280,900 360,740; do
    rm -rf "$profile"
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --enable-unsafe-swiftshader --no-first-run \
        --user-data-dir="$profile" --window-size=$size --virtual-time-budget=2000000 --dump-dom "file://$probe" \
        >"$scratch/dom.html" 2>"$scratch/log"
    if ! grep -q 'id="probe"' "$scratch/dom.html"; then
        if ! grep -qi '<html' "$scratch/dom.html"; then
            echo "skipped: $browser does not run here: $(tail -1 "$scratch/log")"
            exit 77
        fi
        echo "window $size: the probe did not finish"
        failed=1
        continue
    fi
    sed -n '/PROBE/,/PROBE END\|PASSED/p' "$scratch/dom.html" | sed 's/<[^>]*>//g'
    grep -q 'PROBE PASSED' "$scratch/dom.html" || failed=1
done
rm -rf "$profile"
exit $failed
