/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rows.h"

#include <math.h>
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

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The value below which a share `at` of the sorted values lies, interpolated between neighbouring ranks. */
static double quantile(const int64_t *sorted, size_t count, double at)
{
    double rank = at * (double)(count - 1);
    size_t below = (size_t)rank;
    if (below + 1 >= count)
        return (double)sorted[count - 1];
    double share = rank - (double)below;
    return (double)sorted[below] * (1 - share) + (double)sorted[below + 1] * share;
}

bool hf_result_clock_off(const hf_result_row *row)
{
    return row->clock_ratio > 0 && fabs(row->clock_ratio - 1) > HF_CLOCK_TOLERANCE;
}

bool hf_result_latency(const hf_result_row *row, hf_latency *out)
{
    *out = (hf_latency){0};
    size_t count = row->sample_count;
    if (!count || row->clock_hz <= 0)
        return false;
    int64_t *values = calloc(count, sizeof *values);
    if (!values)
        return false;
    for (size_t i = 0; i < count; i++)
        values[i] = row->samples[i].cycles;
    qsort(values, count, sizeof *values, compare_int64);
    double ns_per_cycle = 1e9 / (double)row->clock_hz;
    out->median_cycles = quantile(values, count, 0.5);
    out->median_ns = out->median_cycles * ns_per_cycle;
    out->min_ns = (double)values[0] * ns_per_cycle;
    out->max_ns = (double)values[count - 1] * ns_per_cycle;
    out->p05_ns = quantile(values, count, 0.05) * ns_per_cycle;
    out->p95_ns = quantile(values, count, 0.95) * ns_per_cycle;
    for (size_t i = 0; i < count; i++)
        values[i] = row->samples[i].instructions;
    qsort(values, count, sizeof *values, compare_int64);
    out->median_instructions = values[0] > 0 ? quantile(values, count, 0.5) : 0;
    free(values);
    return true;
}

double hf_macs_per_cycle(int64_t macs, double cycles)
{
    return macs > 0 && cycles > 0 ? (double)macs / cycles : 0;
}

int64_t hf_result_layers_cycles(const hf_result_row *row)
{
    int64_t cycles = 0;
    for (size_t i = 0; row->outcome == HF_RESULT_MEASURED && i < row->layer_count; i++)
        cycles += row->layers[i].cycles;
    return cycles;
}

double hf_layer_cycles_share_percent(const hf_layer_row *layer, int64_t layers_cycles)
{
    return layers_cycles > 0 ? 100.0 * (double)layer->cycles / (double)layers_cycles : 0;
}

hf_verdict hf_judge(hf_range figure, int64_t limit)
{
    if (limit <= 0 || figure.most <= 0)
        return HF_VERDICT_NONE;
    if (figure.least > limit)
        return HF_VERDICT_MISSED;
    return figure.most <= limit ? HF_VERDICT_MET : HF_VERDICT_OPEN;
}

hf_verdicts hf_judge_all(const hf_needs *needs, const hf_limits *limits)
{
    hf_verdicts verdicts = {
        .ram = hf_judge(needs->ram, limits->ram_bytes),
        .rom = hf_judge(needs->rom, limits->rom_bytes),
        .macs = hf_judge(needs->macs, limits->macs),
    };
    const hf_verdict each[] = {verdicts.ram, verdicts.rom, verdicts.macs};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        if (each[i] > verdicts.all)
            verdicts.all = each[i];
    return verdicts;
}

static hf_range exactly(int64_t value)
{
    return (hf_range){value, value};
}

static hf_range at_least(int64_t value)
{
    return (hf_range){value, value > 0 ? INT64_MAX : 0};
}

hf_verdicts hf_result_verdicts(const hf_result_row *row, const hf_limits *limits)
{
    bool measured = row->outcome == HF_RESULT_MEASURED;
    const hf_needs needs = {
        .ram = measured ? exactly(hf_result_ram_bytes(row)) : at_least(row->planned_arena_bytes),
        .rom = measured ? exactly(hf_result_rom_bytes(row))
                        : at_least(row->image_bytes ? row->image_bytes : row->image_bytes_min),
        .macs = exactly(row->macs),
    };
    return hf_judge_all(&needs, limits);
}

bool hf_report_missed(const hf_report *report, const hf_result_row *row)
{
    return row->outcome == HF_RESULT_PRUNED ||
           (row->outcome == HF_RESULT_MEASURED &&
            hf_result_verdicts(row, &report->run.limits).all == HF_VERDICT_MISSED);
}

static const char *const board_ends[] = {
#define HF_BOARD_END_ROW(name, text) [HF_BOARD_END_##name] = (text),
    HF_BOARD_END_MAP(HF_BOARD_END_ROW)
#undef HF_BOARD_END_ROW
};

const char *hf_board_end_text(hf_board_end end)
{
    return board_ends[end];
}

const char *hf_failure_end(const hf_failure_row *row, const char **cause)
{
    for (size_t i = 0; i < sizeof board_ends / sizeof board_ends[0]; i++) {
        size_t length = strlen(board_ends[i]);
        if (strncmp(row->message, board_ends[i], length) != 0 || strncmp(row->message + length, ": ", 2) != 0)
            continue;
        *cause = row->message + length + 2;
        return board_ends[i];
    }
    *cause = row->message;
    return "unusable at the end";
}

const char *hf_report_dead_board(const hf_report *report, const char *board_id)
{
    for (size_t i = 0; i < report->failure_count; i++)
        if (report->failures[i].dead && strcmp(report->failures[i].board_id, board_id) == 0)
            return report->failures[i].message;
    return NULL;
}
