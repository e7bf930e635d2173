# SPDX-License-Identifier: Apache-2.0
# How long the daemon takes to answer what the dashboard asks, with a store of 100,000 results: a thousand nights of 100
# variations on two boards, the layers and samples of the last 30 of them. The rows are made up; nothing is measured. Then every page is
# opened in a browser: violations that axe-core calls serious or critical, console errors, and requests to others.
set -eu
bin=$PWD/build/release/bin
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
export HILFARM_SOCKET=$work/sock HILFARM_FIRMWARE_DIR=$PWD/build/release/firmware
nights=1000 variations=100 kept=30 rounds=20
daemon=
cleanup() { [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; wait; rm -rf "$work"; }
trap cleanup EXIT

start() {
    rm -f "$work/log"
    "$bin/hilfarmd" --state "$work/state" >"$work/log" 2>&1 &
    daemon=$!
    until grep -qs "listening on" "$work/log"; do sleep 0.02; done
}
stop() { kill "$daemon"; wait "$daemon" || true; daemon=; }

start && stop # makes the tables
sqlite3 "$work/state/hilfarm.db" >/dev/null <<SQL
CREATE TEMP TABLE size AS SELECT $nights AS nights, $variations AS variations, $kept AS kept, $(($(date +%s) * 1000)) AS now_ms;
.read tests/support/large_store.sql
SQL
echo "  $(sqlite3 "$work/state/hilfarm.db" 'SELECT count(*) FROM results') results, $(($(stat -c %s "$work/state/hilfarm.db") >> 20)) MB" >&2

start
# Hundredths of a second that the daemon has used.
used() { awk '{ print $14 + $15 }' "/proc/$daemon/stat"; }
worst=0 worst_cpu=0
for path in api/v1/runs?limit=50 "api/v1/runs?limit=50&before=500" "api/v1/runs?limit=1&name=nightly&before=1000" api/v1/runs/1000 api/v1/runs/latest \
    api/v1/runs/1000/page.json "api/v1/runs/1000/page.json?baseline=999" api/v1/runs/500/page.json api/v1/runs/1000/results.csv \
    "api/v1/trend?name=mobilenetv1_0.050_96_c3_o2&chip=stm32l4r5zi&limit=500" api/v1/variations?limit=50 \
    "api/v1/variations?prefix=mobilenetv1_0.09&limit=50" "api/v1/boards/virtual-1/history?days=180" \
    "api/v1/boards/virtual-1/history?days=1825" api/v1/boards api/v1/queue api/v1/families api/v1/log metrics \
    "api/v1/scorecard?model=mobilenetv1_0.25_96_c3_o2&chip=stm32l4r5zi" "api/v1/scorecard?model=mobilenetv1_0.25_96_c3_o2&chip=stm32l4r5zi&exact=1"; do
    before=$(used)
    for ((i = 0; i < rounds; i++)); do
        curl -sSf --unix-socket "$HILFARM_SOCKET" -o /dev/null -w '%{time_total}\n' "http://x/$path"
    done | sort -n >"$work/times"
    median=$(sed -n $((rounds / 2))p "$work/times") slowest=$(tail -n 1 "$work/times")
    cpu=$(awk -v a="$before" -v b="$(used)" -v n=$rounds 'BEGIN { print (b - a) / 100 / n }')
    awk -v m="$median" -v s="$slowest" -v c="$cpu" -v p="$path" \
        'BEGIN { printf "  %6.1f ms, slowest %6.1f ms, processor %5.1f ms: %s\n", m * 1000, s * 1000, c * 1000, p }' >&2
    worst_cpu=$(awk -v a="$worst_cpu" -v b="$cpu" 'BEGIN { print (a > b ? a : b) }')
    worst=$(awk -v a="$worst" -v b="$median" 'BEGIN { print (a > b ? a : b) }')
done
awk -v w="$worst" 'BEGIN { printf "slowest_query_100000_results,%.1f,ms (median of 20),200,lower\n", w * 1000 }'
awk -v w="$worst_cpu" 'BEGIN { printf "slowest_query_100000_results_processor,%.1f,ms (mean of 20),200,lower\n", w * 1000 }'

# The browser and axe-core are driven from npm by lock file, and only here.
skipped=0
if command -v npm >/dev/null && command -v chromium >/dev/null && cp tests/bench/report/{package.json,package-lock.json} tests/bench/dashboard/measure.mjs "$work" &&
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund >&2); then
    declare -A found=()
    while read -r name value; do found[$name]=$value; done < <(cd "$work" && node measure.mjs "$("$bin/hilfarm" dashboard | tail -n 1)" / /runs /runs/1000 \
        "/runs/1000 .results td.name button" /compare/999/1000 /trend /trend/mobilenetv1_0.050_96_c3_o2/stm32l4r5zi /boards/virtual-1 \
        "/boards/virtual-1 button:has-text('Reserve')" "/boards/virtual-1 button:has-text('Disable')" /analyzer /log /nowhere)
    echo "dashboard_axe_violations,${found[violations]:-},serious or critical on ${found[pages]:-0} pages,0,lower"
    echo "dashboard_console_errors,${found[console_errors]:-},errors,0,lower"
    echo "dashboard_foreign_requests,${found[foreign_requests]:-},requests,0,lower"
else
    skipped=3
    echo "no npm or no Chromium: 3 rows about the browser are left out" >&2
fi
echo "skipped_rows,$skipped,rows,0,lower"
stop
