/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rows.h"

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

void hf_layer_row_free(hf_layer_row *row)
{
    if (!row)
        return;
    free(row->name);
    free(row->op);
    *row = (hf_layer_row){0};
}

void hf_attempt_row_free(hf_attempt_row *row)
{
    if (!row)
        return;
    free(row->board_id);
    free(row->fault);
    free(row->message);
    free(row->transcript);
    *row = (hf_attempt_row){0};
}

void hf_failure_row_free(hf_failure_row *row)
{
    if (!row)
        return;
    free(row->board_id);
    free(row->fault);
    free(row->message);
    free(row->transcript);
    *row = (hf_failure_row){0};
}

void hf_result_row_free(hf_result_row *row)
{
    if (!row)
        return;
    for (size_t i = 0; i < row->factor_count; i++)
        free(row->factors[i].name);
    for (size_t i = 0; i < row->layer_count; i++)
        hf_layer_row_free(&row->layers[i]);
    free(row->factors);
    free(row->layers);
    free(row->samples);
    free(row->name);
    free(row->family);
    free(row->source);
    free(row->chip);
    free(row->image_sha256);
    free(row->accuracy_source);
    free(row->fault);
    free(row->message);
    free(row->board_id);
    free(row->clock_source);
    free(row->firmware_id);
    *row = (hf_result_row){0};
}

void hf_board_row_free(hf_board_row *row)
{
    if (!row)
        return;
    free(row->id);
    free(row->chip);
    free(row->core);
    *row = (hf_board_row){0};
}

void hf_board_history_row_free(hf_board_history_row *row)
{
    if (!row)
        return;
    free(row->id);
    free(row->chip);
    free(row->last_fault);
    free(row->last_message);
    *row = (hf_board_history_row){0};
}

void hf_run_row_free(hf_run_row *row)
{
    if (!row)
        return;
    free(row->key);
    free(row->name);
    free(row->spec_path);
    free(row->spec_text);
    free(row->farm_path);
    free(row->farm_text);
    free(row->hilfarm_version);
    free(row->openocd_version);
    free(row->host);
    *row = (hf_run_row){0};
}

void hf_report_free(hf_report *report)
{
    if (!report)
        return;
    hf_run_row_free(&report->run);
    for (size_t i = 0; i < report->board_count; i++)
        hf_board_row_free(&report->boards[i]);
    for (size_t i = 0; i < report->result_count; i++)
        hf_result_row_free(&report->results[i]);
    for (size_t i = 0; i < report->attempt_count; i++)
        hf_attempt_row_free(&report->attempts[i]);
    for (size_t i = 0; i < report->failure_count; i++)
        hf_failure_row_free(&report->failures[i]);
    free(report->boards);
    free(report->results);
    free(report->attempts);
    free(report->attempt_results);
    free(report->failures);
    *report = (hf_report){0};
}

int64_t hf_result_ram_bytes(const hf_result_row *row)
{
    return row->arena_bytes + row->static_bytes + row->stack_bytes;
}

int64_t hf_result_rom_bytes(const hf_result_row *row)
{
    return row->image_bytes + row->firmware_bytes;
}
