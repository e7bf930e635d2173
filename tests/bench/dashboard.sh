# SPDX-License-Identifier: Apache-2.0
# How long the daemon takes to answer what the dashboard asks, with a store of 100,000 results: a thousand nights of 100
# variations on two boards, the layers and samples of the last 30 of them. The rows are made up; nothing is measured.
set -eu
bin=$PWD/build/release/bin
work=$(mktemp -d /tmp/hilfarm-bench-XXXXXX)
export HILFARM_SOCKET=$work/sock HILFARM_FIRMWARE_DIR=$PWD/build/release/firmware
nights=1000 variations=100 kept=30 rounds=20
daemon=
cleanup() { [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; wait; rm -rf "$work"; }
trap cleanup EXIT

start() {
    "$bin/hilfarmd" --state "$work/state" >"$work/log" 2>&1 &
    daemon=$!
    until grep -qs "listening on" "$work/log"; do sleep 0.02; done
}
stop() { kill "$daemon"; wait "$daemon" || true; daemon=; }

start && stop # makes the tables
now_ms=$(($(date +%s) * 1000))
sqlite3 "$work/state/hilfarm.db" >/dev/null <<SQL
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < $nights - 1) SELECT i FROM c;
CREATE TEMP TABLE v AS SELECT i FROM n WHERE i < $variations;
INSERT OR IGNORE INTO boards (id, name, chip, core, modelled) VALUES (1, 'virtual-1', 'stm32l4r5zi', 'cortex-m4', 1),
  (2, 'virtual-2', 'stm32l4r5zi', 'cortex-m4', 1);
INSERT INTO runs (id, key, name, spec_path, spec_text, started_ms, finished_ms, duration_ns, state, hilfarm_version, host, pid, warmup, runs)
  SELECT i + 1, printf('20260101-%08x', i), 'nightly', 'nightly.yaml', 'name: nightly', $now_ms - ($nights - i) * 86400000,
    $now_ms - ($nights - i) * 86400000 + 600000, 600000000000, 'done', '0.1.0', 'lab', 1, 1, 10 FROM n;
INSERT INTO run_boards (run_id, board_id, clock_hz) SELECT i + 1, b.id, 120000000 FROM n, boards AS b;
INSERT INTO results (id, run_id, position, name, family, chip, macs, params, image_bytes, outcome)
  SELECT n.i * $variations + v.i + 1, n.i + 1, v.i, printf('mobilenetv1_0.%03d_96_c3_o2', v.i + 10), 'mobilenetv1', 'stm32l4r5zi',
    7000000 + v.i, 200000, 200000, 'measured' FROM n, v;
INSERT INTO attempts (id, result_id, number, board_id, started_ms, duration_ns, flash_ns, reset_ns, run_ns, succeeded)
  SELECT results.id, results.id, 1, 1 + results.id % 2, started_ms + position * 1000, 900000000, 1, 1, 1, 1 FROM results
  JOIN runs ON runs.id = run_id;
INSERT INTO measurements (attempt_id, clock_hz, arena_bytes, static_bytes, stack_bytes, firmware_bytes, firmware_id, output_crc32,
    deleted_samples, min_cycles, p05_cycles, median_cycles, p95_cycles, max_cycles)
  SELECT id, 120000000, 30000, 3000, 1000, 30000, 'f' || (run_id / 100), 1, iif(run_id > $nights - $kept, NULL, 10),
    iif(run_id > $nights - $kept, NULL, 1000000), iif(run_id > $nights - $kept, NULL, 1000000), iif(run_id > $nights - $kept, NULL, 1000000),
    iif(run_id > $nights - $kept, NULL, 1000000), iif(run_id > $nights - $kept, NULL, 1000000) FROM results;
INSERT INTO samples (attempt_id, position, cycles, instructions) SELECT results.id, v.i, 1000000 + v.i, 1 FROM results, v
  WHERE run_id > $nights - $kept AND v.i < 10;
INSERT INTO layers (result_id, position, name, op, height, width, channels, macs, parameter_bytes, live_bytes)
  SELECT results.id, v.i, 'layer' || v.i, 'conv2d', 8, 8, 8, 1000, 1000, 1000 FROM results, v WHERE run_id > $nights - $kept AND v.i < 30;
INSERT INTO layer_times (attempt_id, position, cycles) SELECT results.id, v.i, 30000 FROM results, v
  WHERE run_id > $nights - $kept AND v.i < 30;
INSERT INTO failures (run_id, result_id, board_id, at_ms, message, fault)
  SELECT run_id, id, 1 + id % 2, $now_ms, 'no answer', 'serial' FROM results WHERE id % 100 = 0;
INSERT INTO health_checks (board_id, at_ms, kind, passed, drifted, cycles, drift, clock_hz)
  SELECT b.id, $now_ms - i * 86400000, 'nightly', 1, 0, 527555, 0, 120000000 FROM n, boards AS b;
COMMIT;
ANALYZE;
SQL
echo "  $(sqlite3 "$work/state/hilfarm.db" 'SELECT count(*) FROM results') results, $(($(stat -c %s "$work/state/hilfarm.db") >> 20)) MB" >&2

start
worst=0
for path in api/v1/runs?limit=50 "api/v1/runs?limit=50&before=500" "api/v1/runs?limit=1&name=nightly&before=1000" api/v1/runs/1000 api/v1/runs/latest \
    api/v1/runs/1000/page.json "api/v1/runs/1000/page.json?baseline=999" api/v1/runs/500/page.json api/v1/runs/1000/results.csv \
    "api/v1/trend?name=mobilenetv1_0.050_96_c3_o2&chip=stm32l4r5zi&limit=500" api/v1/variations?limit=50 \
    "api/v1/variations?prefix=mobilenetv1_0.09&limit=50" "api/v1/boards/virtual-1/history?days=180" \
    "api/v1/boards/virtual-1/history?days=1825" api/v1/boards api/v1/queue api/v1/families api/v1/log metrics \
    "api/v1/scorecard?model=mobilenetv1_0.25_96_c3_o2&chip=stm32l4r5zi" "api/v1/scorecard?model=mobilenetv1_0.25_96_c3_o2&chip=stm32l4r5zi&exact=1"; do
    for ((i = 0; i < rounds; i++)); do
        curl -sSf --unix-socket "$HILFARM_SOCKET" -o /dev/null -w '%{time_total}\n' "http://x/$path"
    done | sort -n >"$work/times"
    median=$(sed -n $((rounds / 2))p "$work/times") slowest=$(tail -n 1 "$work/times")
    awk -v m="$median" -v s="$slowest" -v p="$path" 'BEGIN { printf "  %7.1f ms, slowest %7.1f ms: %s\n", m * 1000, s * 1000, p }' >&2
    worst=$(awk -v a="$worst" -v b="$median" 'BEGIN { print (a > b ? a : b) }')
done
awk -v w="$worst" 'BEGIN { printf "slowest_query_100000_results,%.1f,ms (median of 20),200,lower\n", w * 1000 }'
stop
