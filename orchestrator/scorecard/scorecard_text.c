/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limit_text.h"
#include "report/c_locale.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "scorecard/limit_checks.h"
#include "scorecard/render.h"

#define CELL_SIZE 48
#define RED       "\033[31m"
#define GREEN     "\033[32m"
#define BOLD      "\033[1m"
#define RESET     "\033[0m"

static void put_line(hf_buffer *out, const char *what, const char *value, const char *note)
{
    hf_buffer_printf(out, "  %-16s %12s%s%s\n", what, value, *note ? "   " : "", note);
}

static void put_counts(const hf_scorecard *card, hf_buffer *out)
{
    char value[CELL_SIZE], note[128];
    snprintf(value, sizeof value, "%" PRId64, card->macs);
    hf_format_count((double)card->macs, note, sizeof note);
    put_line(out, "MACs", value, note);
    snprintf(value, sizeof value, "%" PRId64, card->params);
    snprintf(note, sizeof note, "%" PRId64 " not trainable; deployed %" PRId64, card->params_non_trainable,
             card->params_deployed);
    put_line(out, "params", value, note);
    hf_format_bytes((double)card->model_bytes, value, sizeof value);
    snprintf(note, sizeof note, "%" PRId64 " B in flash%s; %.3f bytes per param", card->model_bytes,
             card->model_bytes_exact ? "" : ", estimated without weights",
             hf_scorecard_bytes_per_param(card));
    put_line(out, "model size", value, note);
    hf_format_bytes((double)card->peak_memory_bytes, value, sizeof value);
    snprintf(note, sizeof note, "%" PRId64 " B live in %s", card->peak_memory_bytes, card->peak_memory_name);
    put_line(out, "peak memory", value, note);
    hf_format_bytes((double)card->arena_bytes, value, sizeof value);
    snprintf(note, sizeof note, "%" PRId64 " B %s", card->arena_bytes,
             hf_scorecard_arena_is_exact(card) ? "planned, scratch space included" : "at most (first plan)");
    put_line(out, "arena", value, note);
}

static void put_checks(const hf_candidate *model, bool colour, hf_buffer *out)
{
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    hf_scorecard_check_limits(&model->card, &model->limits, &model->firmware, checks);
    bool any = false;
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        char what[CELL_SIZE + 16], value[CELL_SIZE], limit[CELL_SIZE], note[160];
        if (checks[i].limit <= 0)
            continue;
        hf_limit_format(&checks[i], checks[i].limit, limit, sizeof limit);
        hf_limit_format(&checks[i], checks[i].value, value, sizeof value);
        snprintf(what, sizeof what, "%s <= %s", checks[i].kind->title, limit);
        const bool missed = checks[i].verdict == HF_VERDICT_MISSED;
        const char *paint = missed ? RED : checks[i].verdict == HF_VERDICT_MET ? GREEN : "";
        snprintf(note, sizeof note, "%s%s%s, %s%.1f %% %s", colour ? paint : "",
                 hf_limit_verdict_text(checks[i].verdict, "FAILED"), colour && *paint ? RESET : "",
                 checks[i].verdict == HF_VERDICT_OPEN ? "at most " : "",
                 100 * (missed ? -checks[i].margin : checks[i].margin), missed ? "too much" : "left");
        put_line(out, what, value, note);
        any = true;
    }
    if (any)
        hf_buffer_printf(out, "  %s\n", hf_limits_counted_text(&model->firmware));
}

static void put_layers(const hf_scorecard *card, hf_buffer *out)
{
    int width = 5;
    for (int32_t i = 0; i < card->layer_count; i++)
        width = (int)strlen(card->layers[i].figures.name) > width ? (int)strlen(card->layers[i].figures.name)
                                                                  : width;
    hf_buffer_printf(out, "\n  %3s  %-*s  %-16s  %-14s  %-8s  %12s %6s  %9s %6s  %10s  %10s %6s", "#", width,
                     "layer", "type", "output", "kernel", "MACs", "", "params", "", "bytes", "live", "");
    for (uint32_t c = 0; c < card->latency_count; c++)
        hf_buffer_printf(out, "  %s", card->latencies[c].chip->name);
    hf_buffer_putc(out, '\n');
    for (int32_t i = 0; i < card->layer_count; i++) {
        const hf_scorecard_layer *layer = &card->layers[i];
        char shape[CELL_SIZE], kernel[CELL_SIZE] = "-";
        snprintf(shape, sizeof shape, "%dx%dx%d", layer->figures.height, layer->figures.width,
                 layer->figures.channels);
        if (layer->kernel_height > 0)
            snprintf(kernel, sizeof kernel, "%dx%d s%d", layer->kernel_height, layer->kernel_width,
                     layer->stride_height);
        hf_buffer_printf(out,
                         "  %3d  %-*s  %-16s  %-14s  %-8s  %12" PRId64 " %5.1f%%  %9" PRId64
                         " %5.1f%%  %10" PRId64 "  %10" PRId64 " %5.1f%%",
                         i + 1, width, layer->figures.name, layer->figures.op, shape, kernel,
                         layer->figures.macs, hf_share_percent(layer->figures.macs, card->macs),
                         layer->figures.params, hf_share_percent(layer->figures.params, card->params),
                         layer->figures.parameter_bytes, layer->figures.live_bytes,
                         hf_share_percent(layer->figures.live_bytes, card->peak_memory_bytes));
        for (uint32_t c = 0; c < card->latency_count; c++) {
            char time[CELL_SIZE];
            hf_format_ns(layer->cycles[c] * 1e9 / card->latencies[c].chip->clock_hz, time, sizeof time);
            hf_buffer_printf(out, "  %*s", (int)strlen(card->latencies[c].chip->name), time);
        }
        hf_buffer_putc(out, '\n');
    }
    hf_buffer_puts(out,
                   "  shares: of all MACs, of all params, of the peak memory; times are " HF_ESTIMATED "\n");
}

void hf_scorecard_render_text(const hf_candidate *model, bool layers, bool colour, hf_buffer *out)
{
    const hf_scorecard *card = &model->card;
    locale_t before = hf_c_locale_enter();
    hf_buffer_printf(out, "%s%s%s\n", colour ? BOLD : "", card->name, colour ? RESET : "");
    put_counts(card, out);
    for (uint32_t c = 0; c < card->latency_count; c++) {
        char value[CELL_SIZE], note[128];
        hf_format_ns(card->latencies[c].ns, value, sizeof value);
        snprintf(note, sizeof note, HF_ESTIMATED " on %s at %g MHz, 95 %% of models within %.1f %%",
                 card->latencies[c].chip->name, card->latencies[c].chip->clock_hz / 1e6,
                 card->latencies[c].error_percent);
        put_line(out, "latency", value, note);
    }
    put_checks(model, colour, out);
    if (layers && card->layers)
        put_layers(card, out);
    hf_c_locale_leave(before);
}

/* ---- Many ---- */

enum { NAME, ACCURACY, MACS, PARAMS, MODEL, RATIO, PEAK, ARENA, LATENCY, FRONT, FAILS, COLUMNS };

typedef char cells[COLUMNS][CELL_SIZE + 48];

static void fill_cells(const hf_candidates *candidates, const hf_candidate *model, cells line)
{
    const hf_scorecard *card = &model->card;
    snprintf(line[NAME], sizeof line[NAME], "%s", card->name);
    snprintf(line[ACCURACY], CELL_SIZE, "-");
    if (card->has_accuracy)
        snprintf(line[ACCURACY], CELL_SIZE, "%.1f %%", card->accuracy_percent);
    hf_format_count((double)card->macs, line[MACS], CELL_SIZE);
    hf_format_count((double)card->params, line[PARAMS], CELL_SIZE);
    char bytes[CELL_SIZE - 8];
    hf_format_bytes((double)card->model_bytes, bytes, sizeof bytes);
    snprintf(line[MODEL], CELL_SIZE, "%s%s", card->model_bytes_exact ? "" : "~", bytes);
    snprintf(line[RATIO], CELL_SIZE, "%.3f", hf_scorecard_bytes_per_param(card));
    hf_format_bytes((double)card->peak_memory_bytes, line[PEAK], CELL_SIZE);
    hf_format_bytes((double)card->arena_bytes, bytes, sizeof bytes);
    snprintf(line[ARENA], CELL_SIZE, "%s%s", hf_scorecard_arena_is_exact(card) ? "" : "~", bytes);
    snprintf(line[LATENCY], CELL_SIZE, "-");
    if (card->latency_count)
        hf_format_ns(card->latencies[0].ns, line[LATENCY], CELL_SIZE);
    snprintf(line[FRONT], CELL_SIZE, "%s", candidates->has_front && model->on_front ? "*" : "");
    hf_limits_missed_text(model, "-", line[FAILS], CELL_SIZE);
}

static void put_cells(hf_buffer *out, cells line, const int widths[COLUMNS], const char *colour)
{
    for (int c = 0; c < COLUMNS; c++) {
        if (!widths[c])
            continue;
        bool left = c == NAME || c == FAILS;
        hf_buffer_printf(out, "%s%s%*s%s", c ? "  " : "", c == FAILS ? colour : "",
                         c == FAILS ? 0
                         : left     ? -widths[c]
                                    : widths[c],
                         line[c], c == FAILS && *colour ? RESET : "");
    }
    hf_buffer_putc(out, '\n');
}

void hf_candidates_render_table(const hf_candidates *candidates, bool colour, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    cells titles = {"model",    "accuracy", "MACs",    "params", "model size", "B/param",
                    "peak mem", "arena",    "latency", "front",  "fails"};
    cells line;
    int widths[COLUMNS];
    bool estimated = false, has_accuracy = false;
    for (int c = 0; c < COLUMNS; c++)
        widths[c] = (int)strlen(titles[c]);
    for (size_t i = 0; i < candidates->count; i++) {
        fill_cells(candidates, &candidates->models[i], line);
        for (int c = 0; c < COLUMNS; c++)
            widths[c] = (int)strlen(line[c]) > widths[c] ? (int)strlen(line[c]) : widths[c];
        has_accuracy |= candidates->models[i].card.has_accuracy;
        estimated |= line[MODEL][0] == '~' || line[ARENA][0] == '~';
    }
    if (!candidates->has_front)
        widths[FRONT] = 0;
    if (!has_accuracy)
        widths[ACCURACY] = 0;
    put_cells(out, titles, widths, "");
    for (size_t i = 0; i < candidates->count; i++) {
        fill_cells(candidates, &candidates->models[i], line);
        bool fits = strcmp(line[FAILS], "-") == 0;
        put_cells(out, line, widths, colour && !fits ? RED : "");
    }
    if (candidates->count && candidates->models[0].card.latency_count)
        hf_buffer_printf(out, "latency: " HF_ESTIMATED " on %s, 95 %% of models within %.1f %%\n",
                         candidates->models[0].card.latencies[0].chip->name,
                         candidates->models[0].card.latencies[0].error_percent);
    if (candidates->has_front)
        hf_buffer_printf(
            out, "front: no other model is better in %s%s and %s%s\n",
            candidates->front[0].more_is_better ? "more " : "", hf_metric_name(candidates->front[0].metric),
            candidates->front[1].more_is_better ? "more " : "", hf_metric_name(candidates->front[1].metric));
    if (estimated)
        hf_buffer_puts(out,
                       "~: a quick estimate, without weights and without a search for the best memory plan; "
                       "use --exact for exact figures\n");
    hf_c_locale_leave(before);
}
