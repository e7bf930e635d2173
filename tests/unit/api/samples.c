/* SPDX-License-Identifier: Apache-2.0 */
/* The initialisers name no members, so that a member added to a structure does not compile until it is added here,
 * and then fails the round trip until it is in the API as well. */
#include "samples.h"

#include "api/board.h"
#include "api/daemon.h"
#include "api/failure.h"
#include "api/run.h"
#include "api/submission.h"
#include "schedule/schedule.h"

#pragma GCC diagnostic error "-Wmissing-field-initializers"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static hf_api_file files[] = {{"dir/a.tflite", SHA_A, 12345}, {"dir/in put.bin", SHA_B, INT64_MAX}};
static const hf_api_submission submission = {
    {"dir/spec.yaml", "name: a\n\tmodels: \"\xC3\xA4\"\n"},
    files,
    2,
    {"mobile*", "b1,b2", "latest", "20261130-9f0c21ab", "last-green", "nightly", "a title", -8, 1800000},
};
static const hf_api_accepted accepted = {"20261130-9f0c21ab", "sweep", 1, 2, 3, 4, 5, 6, 7, 8, 9,
                                         "last-green"};

static hf_api_diagnostic diagnostics[] = {{"spec.yaml", 3, 7, "unknown key 'modles'"},
                                          {"spec.yaml", 1, 2, "x"}};
static const hf_api_failure failure = {
    HF_ETIMEOUT, HF_FAULT_SERIAL, HF_PERMANENT, "no answer", diagnostics, 2, 120};
static char *missing[] = {SHA_A, SHA_B};
static const hf_api_refusal refusal = {
    {HF_ENOTFOUND, HF_FAULT_FARM, HF_ABSENT, "files are missing", diagnostics, 1, 1}, missing, 2};

/* run, job, until_ns and reserved_until_ns stay at their defaults: they mean nothing outside the daemon. */
static const hf_board_view boards[] = {
    {"b1",
     "stm32f446re",
     true,
     {HF_BOARD_BUSY,
      HF_SCHEDULE_NONE,
      HF_SCHEDULE_NONE,
      2,
      3,
      4,
      true,
      true,
      true,
      true,
      true,
      true,
      HF_FAULT_PROBE,
      0,
      0,
      5,
      6,
      true,
      true,
      true},
     "mobilenetv2_a",
     "sweep",
     17,
     "ann",
     HF_PHASE_RUN,
     7,
     8,
     "in use by process 12",
     "no answer",
     9000000000},
};
static const hf_run_view view = {
    "sweep", 17,        HF_RUN_STAGE_MEASURING, 100, {1, 2, 3, 4, 5, 6, true, true}, 7, boards, 1, 8, 9,
    10,      UINT64_MAX};
static const hf_run_event event = {HF_RUN_EVENT_BOARD_QUARANTINED,
                                   "mobilenetv2_a",
                                   "stm32f446re",
                                   "b1",
                                   2,
                                   HF_FAULT_BOARD,
                                   "no answer",
                                   1.0 / 3,
                                   30000000000,
                                   true,
                                   4,
                                   5};
static const hf_api_run_end end = {"20261130-9f0c21ab",
                                   "sweep",
                                   {17, HF_RUN_INTERRUPTED, 1, 2, 3, 4, 5, 6, 7, 8, 9, true},
                                   {HF_ESTORE, HF_FAULT_FARM, HF_ABSENT, "disk full", diagnostics, 1, 1},
                                   8,
                                   true,
                                   9,
                                   10};
static const hf_api_gap gap = {12};

static hf_api_queue_entry entries[] = {
    {"20261130-9f0c21ab", 17, "sweep", "a title", "ann", -3, HF_API_QUEUE_UNDER_WAY, 1764500000000,
     1764500000001, 100, 1, 2, 3, 4, 5, 6000000000},
    {"20261130-00000000", 18, "other", "t", "bob", 8, HF_API_QUEUE_STOPPING, 1, 2, 3, 4, 5, 6, 7, 8,
     UINT64_MAX},
};
static const hf_api_queue queue = {entries, 2};

/* spec_text and farm_text are NULL: they are left out. */
static hf_run_row rows[] = {{.id = 17,
                             .key = "20261130-9f0c21ab",
                             .name = "sweep",
                             .owner = "ann",
                             .priority = -3,
                             .spec_path = "dir/spec.yaml",
                             .farm_path = "farm.yaml",
                             .started_ms = 1764500000000,
                             .finished_ms = 1764500000001,
                             .duration_ns = 123456789012,
                             .resumptions = 1,
                             .compared = true,
                             .regressed = 2,
                             .baseline = "20251130-01234567",
                             .trimmed_ms = 1764500000002,
                             .state = HF_RUN_ABORTED,
                             .hilfarm_version = "0.1.0",
                             .openocd_version = "0.12.0",
                             .host = "Linux lab",
                             .pid = 4321,
                             .warmup = 3,
                             .runs = 10,
                             .limits = {1, 2, 3},
                             .tags = "v1 v2",
                             .measured = 4,
                             .dead_boards = 9,
                             .failed = 5,
                             .not_run = 6,
                             .pruned = 7}};
static const hf_api_runs runs = {rows, 1};
static const hf_api_run_change run_change = {8, "nightly", true};

static hf_api_board api_boards[] = {{{"b2",
                                      "stm32f767zi",
                                      true,
                                      {HF_BOARD_DISABLED,
                                       HF_SCHEDULE_NONE,
                                       HF_SCHEDULE_NONE,
                                       2,
                                       3,
                                       4,
                                       true,
                                       true,
                                       true,
                                       true,
                                       true,
                                       true,
                                       HF_FAULT_PROBE,
                                       0,
                                       0,
                                       5,
                                       6,
                                       true,
                                       true,
                                       true},
                                      "job",
                                      "run",
                                      1,
                                      "bob",
                                      HF_PHASE_CHECK,
                                      2,
                                      3,
                                      "in use",
                                      "failed",
                                      4},
                                     "no power",
                                     "ann",
                                     1764500000001,
                                     "bob",
                                     "soldering",
                                     1764500000002,
                                     1764500000003,
                                     "no answer",
                                     1764500000004,
                                     "lab2",
                                     "its agent has ended",
                                     1764500000005}};
static const hf_api_boards boards_list = {api_boards, 1};
static const hf_api_board_change board_change = {1764500000000, "soldering", "no power", true};
static const hf_api_daemon daemon_info = {"0.1.0",    1, 4321, 1764500000000, "/etc/hilfarm/farm.yaml",
                                          "/var/lib", 2, 3};

#define SAMPLE(type, object)                                                                                 \
    {                                                                                                        \
#type, &(type), &(object), sizeof(object)                                                            \
    }
const api_sample api_samples[] = {
    SAMPLE(hf_api_submission_type, submission),
    SAMPLE(hf_api_accepted_type, accepted),
    SAMPLE(hf_api_failure_type, failure),
    SAMPLE(hf_api_refusal_type, refusal),
    SAMPLE(hf_api_board_view_type, boards[0]),
    SAMPLE(hf_api_run_view_type, view),
    SAMPLE(hf_api_run_event_type, event),
    SAMPLE(hf_api_run_end_type, end),
    SAMPLE(hf_api_gap_type, gap),
    SAMPLE(hf_api_queue_type, queue),
    SAMPLE(hf_api_queue_entry_type, entries[0]),
    SAMPLE(hf_api_run_row_type, rows[0]),
    SAMPLE(hf_api_runs_type, runs),
    SAMPLE(hf_api_run_change_type, run_change),
    SAMPLE(hf_api_board_type, api_boards[0]),
    SAMPLE(hf_api_boards_type, boards_list),
    SAMPLE(hf_api_board_change_type, board_change),
    SAMPLE(hf_api_daemon_type, daemon_info),
};
const size_t api_sample_count = sizeof api_samples / sizeof api_samples[0];
