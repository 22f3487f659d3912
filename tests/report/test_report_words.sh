#!/bin/bash
# How the page writes numbers, units, formulas and ticks, and finds bonds and polyhedra: without a browser.
# usage: test_report_words.sh COMMAND SOURCE SCRATCH
web=$(cd "$(dirname "$1")" && pwd)/web
node=$(command -v node || command -v nodejs) || { echo "skipped: no node"; exit 77; }
[ -d "$web/node_modules" ] || { echo "skipped: this build has no interactive page (LITHIA_REPORT=OFF)"; exit 77; }
exec "$node" "$2/tests/report/words_test.mjs" "$web"
