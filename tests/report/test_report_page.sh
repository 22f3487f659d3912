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

# A browser's own window is at least 500 pixels wide: a phone is a frame in it.
echo '<!DOCTYPE html><html><body><iframe src="probe.html" style="width:360px;height:740px;border:0"></iframe><script>
addEventListener("message", (e) => { const p = document.createElement("pre"); p.id = "probe"; p.textContent = e.data; document.body.replaceChildren(p) })
</script></body></html>' >"$scratch/phone.html"

failed=0
for view in probe phone; do
    rm -rf "$profile"
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --enable-unsafe-swiftshader --no-first-run \
        --user-data-dir="$profile" --window-size=1280,900 --virtual-time-budget=2000000 --dump-dom "file://$scratch/$view.html" \
        >"$scratch/dom.html" 2>"$scratch/log"
    if ! grep -q 'id="probe"' "$scratch/dom.html"; then
        if ! grep -qi '<html' "$scratch/dom.html"; then
            echo "skipped: $browser does not run here: $(tail -1 "$scratch/log")"
            exit 77
        fi
        echo "$view.html: the probe did not finish"
        failed=1
        continue
    fi
    sed -n '/PROBE/,/PROBE END\|PASSED/p' "$scratch/dom.html" | sed 's/<[^>]*>//g'
    grep -q 'PROBE PASSED' "$scratch/dom.html" || failed=1
done
rm -rf "$profile"
exit $failed
