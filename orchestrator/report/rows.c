/* SPDX-License-Identifier: Apache-2.0 */
#include "report/board_health_rows.h"

#include <stdlib.h>
#include <string.h>

const char *hf_result_outcome_name(hf_result_outcome outcome)
{
    static const char *const names[] = {[HF_RESULT_MEASURED] = "measured",
                                        [HF_RESULT_FAILED] = "failed",
                                        [HF_RESULT_NOT_RUN] = "not_run",
                                        [HF_RESULT_PRUNED] = "pruned"};
    return (size_t)outcome < sizeof names / sizeof names[0] ? names[outcome] : "unknown";
}

const char *hf_run_state_name(hf_run_state state)
{
    static const char *const names[] = {[HF_RUN_RUNNING] = "running",
                                        [HF_RUN_DONE] = "done",
                                        [HF_RUN_INTERRUPTED] = "interrupted",
                                        [HF_RUN_ABORTED] = "aborted"};
    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

const char *hf_health_check_kind_name(hf_health_check_kind kind)
{
    static const char *const names[] = {[HF_HEALTH_CHECK_NIGHTLY] = "nightly",
                                        [HF_HEALTH_CHECK_READMISSION] = "readmission",
                                        [HF_HEALTH_CHECK_MANUAL] = "manual"};
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

int64_t hf_result_ram_bytes(const hf_result_row *row)
{
    return row->arena_bytes + row->static_bytes + row->stack_bytes;
}

int64_t hf_result_rom_bytes(const hf_result_row *row)
{
    return row->image_bytes + row->firmware_bytes;
}

const char *hf_image_exactness(const hf_result_row *row)
{
    return row->image_bytes ? "exact" : row->image_bytes_min ? "lower_bound" : NULL;
}

const char *hf_accuracy_exactness(const hf_result_row *row)
{
    if (!row->has_accuracy)
        return NULL;
    return row->accuracy_source && strcmp(row->accuracy_source, HF_ACCURACY_GIVEN) == 0 ? "given"
                                                                                        : "evaluated";
}

bool hf_result_has_accuracy_interval(const hf_result_row *row)
{
    return row->has_accuracy && row->accuracy_low_percent < row->accuracy_high_percent;
}

bool hf_report_first_of_chip(const hf_report *report, size_t result)
{
    for (size_t i = 0; i < result; i++)
        if (strcmp(report->results[i].chip, report->results[result].chip) == 0)
            return false;
    return true;
}
