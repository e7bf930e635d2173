-- SPDX-License-Identifier: Apache-2.0
-- A store of many nights: each measures the same variations on two boards. The firmware changes every 20 nights; the second one is slower.
-- The rows are made up; nothing was measured. The tables are there and empty. Before it:
-- CREATE TEMP TABLE size AS SELECT ... AS nights, ... AS variations, ... AS kept, ... AS now_ms: the layers and samples of the last `kept`
-- nights are there, and the last night was a day before `now_ms`.
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < (SELECT max(nights, variations) FROM size) - 1) SELECT i FROM c;
CREATE TEMP TABLE v AS SELECT i FROM n WHERE i < (SELECT variations FROM size);
DELETE FROM n WHERE i >= (SELECT nights FROM size);
INSERT OR IGNORE INTO boards (id, name, chip, core, modelled) VALUES (1, 'virtual-1', 'stm32l4r5zi', 'cortex-m4', 1),
  (2, 'virtual-2', 'stm32l4r5zi', 'cortex-m4', 1);
INSERT INTO runs (id, key, name, spec_path, spec_text, started_ms, finished_ms, duration_ns, state, hilfarm_version, host, pid, warmup, runs)
  SELECT i + 1, printf('20260101-%08x', i), 'nightly', 'nightly.yaml', 'name: nightly', now_ms - (nights - i) * 86400000,
    now_ms - (nights - i) * 86400000 + 600000, 600000000000, 'done', '0.1.0', 'lab', 1, 1, 10 FROM n, size;
INSERT INTO run_boards (run_id, board_id, clock_hz) SELECT i + 1, b.id, 120000000 FROM n, boards AS b;
INSERT INTO results (id, run_id, position, name, family, chip, macs, params, image_bytes, outcome)
  SELECT n.i * variations + v.i + 1, n.i + 1, v.i, printf('mobilenetv1_0.%03d_96_c3_o2', v.i + 10), 'mobilenetv1', 'stm32l4r5zi',
    7000000 + v.i, 200000, 200000, 'measured' FROM n, v, size;
-- One in a hundred needs a second attempt: attempt 2 * result fails, 2 * result + 1 succeeds.
INSERT INTO attempts (id, result_id, number, board_id, started_ms, duration_ns, flash_ns, reset_ns, run_ns, succeeded)
  SELECT 2 * results.id, results.id, 1, 1 + results.id % 2, started_ms + position * 1000, 900000000, 1, 1, 1, 0 FROM results
  JOIN runs ON runs.id = run_id WHERE results.id % 100 = 0;
INSERT INTO attempts (id, result_id, number, board_id, started_ms, duration_ns, flash_ns, reset_ns, run_ns, succeeded)
  SELECT 2 * results.id + 1, results.id, 1 + (results.id % 100 = 0), 1 + results.id % 2, started_ms + position * 1000 + 500, 900000000, 1, 1, 1, 1
  FROM results JOIN runs ON runs.id = run_id;
INSERT INTO failures (run_id, result_id, attempt_id, board_id, at_ms, message, fault)
  SELECT run_id, results.id, 2 * results.id, 1 + results.id % 2, started_ms, 'no answer', 'serial' FROM results JOIN runs ON runs.id = run_id
  WHERE results.id % 100 = 0;
INSERT INTO measurements (attempt_id, clock_hz, arena_bytes, static_bytes, stack_bytes, firmware_bytes, firmware_id, output_crc32,
    deleted_samples, min_cycles, p05_cycles, median_cycles, p95_cycles, max_cycles)
  SELECT 2 * id + 1, 120000000, 30000, 3000, 1000, 30000, 'f' || era, 1, iif(has_all, NULL, 10), iif(has_all, NULL, typical - 500),
    iif(has_all, NULL, typical - 400), iif(has_all, NULL, typical), iif(has_all, NULL, typical + 400), iif(has_all, NULL, typical + 500)
  FROM (SELECT *, iif(era = 1, 1050000, 1000000) AS typical FROM
    (SELECT id, (run_id - 1) / 20 AS era, run_id > nights - kept AS has_all FROM results, size));
INSERT INTO samples (attempt_id, position, cycles, instructions) SELECT 2 * results.id + 1, v.i,
    iif((run_id - 1) / 20 = 1, 1050000, 1000000) + 100 * (v.i - 4), 1 FROM results, v, size WHERE run_id > nights - kept AND v.i < 9;
INSERT INTO layers (result_id, position, name, op, height, width, channels, macs, parameter_bytes, live_bytes)
  SELECT results.id, v.i, 'layer' || v.i, 'conv2d', 8, 8, 8, 1000, 1000, 1000 FROM results, v, size WHERE run_id > nights - kept AND v.i < 30;
INSERT INTO layer_times (attempt_id, position, cycles) SELECT 2 * results.id + 1, v.i, 30000 FROM results, v, size
  WHERE run_id > nights - kept AND v.i < 30;
-- Of boards, not of attempts.
INSERT INTO failures (run_id, board_id, at_ms, message, fault) SELECT i + 1, 1 + i % 2, now_ms - (nights - i) * 86400000, 'no probe', 'probe'
  FROM n, size WHERE i % 10 = 0;
INSERT INTO health_checks (board_id, at_ms, kind, passed, drifted, cycles, drift, clock_hz)
  SELECT b.id, now_ms - (nights - i) * 86400000, 'nightly', 1, 0, 527555, 0, 120000000 FROM n, boards AS b, size;
COMMIT;
