/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "limit_text.h"
#include "report/c_locale.h"
#include "report/render.h"
#include "scorecard/render.h"

/* What a line is made of. */
typedef struct csv_line {
    const hf_candidates *candidates;
    const hf_candidate *model;
    const hf_scorecard *card;
    const hf_scorecard_layer *layer; /* of layers; else NULL */
    int32_t layer_number;            /* from 1 */
} csv_line;

typedef struct csv_column {
    const char *name;
    void (*put)(const csv_line *line, hf_buffer *out);
} csv_column;

/* PUT(name) begins the function of the column `name`. */
#define PUT(name) static void put_##name(const csv_line *line, hf_buffer *out)

#define PUT_TEXT(name, text)                                                                                 \
    PUT(name)                                                                                                \
    {                                                                                                        \
        hf_buffer_csv(out, line->text);                                                                      \
    }
#define PUT_INTEGER(name, value)                                                                             \
    PUT(name)                                                                                                \
    {                                                                                                        \
        hf_buffer_printf(out, "%" PRId64, (int64_t)line->value);                                             \
    }
#define PUT_BOOL(name, condition)                                                                            \
    PUT(name)                                                                                                \
    {                                                                                                        \
        hf_buffer_puts(out, (condition) ? "true" : "false");                                                 \
    }

/* ---- A line for each model ---- */

PUT_TEXT(name, card->name)
PUT_TEXT(family, card->family)
PUT_INTEGER(macs, card->macs)

PUT(accuracy_percent)
{
    if (line->card->has_accuracy)
        hf_buffer_printf(out, "%.4f", line->card->accuracy_percent);
}

PUT_INTEGER(params, card->params)
PUT_INTEGER(params_non_trainable, card->params_non_trainable)
PUT_INTEGER(params_deployed, card->params_deployed)
PUT_INTEGER(model_bytes, card->model_bytes)
PUT_BOOL(model_bytes_exact, line->card->model_bytes_exact)
PUT_INTEGER(peak_memory_bytes, card->peak_memory_bytes)
PUT_TEXT(peak_memory_layer, card->peak_memory_name)
PUT_INTEGER(arena_bytes, card->arena_bytes)
PUT_BOOL(arena_bytes_exact, hf_scorecard_arena_is_exact(line->card))

PUT(bytes_per_param)
{
    hf_buffer_printf(out, "%.3f", hf_scorecard_bytes_per_param(line->card));
}

PUT(fails)
{
    char fails[64];
    hf_limits_missed_text(line->model, "", fails, sizeof fails);
    hf_buffer_csv(out, fails);
}

PUT(on_front)
{
    if (line->candidates->has_front)
        hf_buffer_puts(out, line->model->on_front ? "true" : "false");
}

#define COLUMN(name)                                                                                         \
    {                                                                                                        \
#name, put_##name                                                                                    \
    }

static const csv_column model_columns[] = {
    COLUMN(name),
    COLUMN(family),
    COLUMN(macs),
    COLUMN(params),
    COLUMN(params_non_trainable),
    COLUMN(params_deployed),
    COLUMN(model_bytes),
    COLUMN(model_bytes_exact),
    COLUMN(bytes_per_param),
    COLUMN(peak_memory_bytes),
    COLUMN(peak_memory_layer),
    COLUMN(arena_bytes),
    COLUMN(arena_bytes_exact),
    COLUMN(fails),
    COLUMN(on_front),
    COLUMN(accuracy_percent),
};

/* ---- A line for each layer ---- */

PUT_INTEGER(position, layer_number)
PUT_TEXT(layer, layer->figures.name)
PUT_TEXT(type, layer->figures.op)
PUT_INTEGER(height, layer->figures.height)
PUT_INTEGER(width, layer->figures.width)
PUT_INTEGER(channels, layer->figures.channels)
PUT_INTEGER(kernel_height, layer->kernel_height)
PUT_INTEGER(kernel_width, layer->kernel_width)
PUT_INTEGER(stride_height, layer->stride_height)
PUT_INTEGER(stride_width, layer->stride_width)
PUT_INTEGER(layer_macs, layer->figures.macs)
PUT_INTEGER(layer_params, layer->figures.params)
PUT_INTEGER(layer_params_deployed, layer->figures.params_deployed)
PUT_INTEGER(parameter_bytes, layer->figures.parameter_bytes)
PUT_INTEGER(live_bytes, layer->figures.live_bytes)

static const csv_column layer_columns[] = {
    {"model", put_name},
    COLUMN(position),
    COLUMN(layer),
    COLUMN(type),
    COLUMN(height),
    COLUMN(width),
    COLUMN(channels),
    COLUMN(kernel_height),
    COLUMN(kernel_width),
    COLUMN(stride_height),
    COLUMN(stride_width),
    {"macs", put_layer_macs},
    {"params", put_layer_params},
    {"params_deployed", put_layer_params_deployed},
    COLUMN(parameter_bytes),
    COLUMN(live_bytes),
};

/* ---- Rendering ---- */

/* One more column for each chip, whose name ends that of its column. */
static void put_chip_names(const hf_candidates *candidates, const char *per_chip, hf_buffer *out)
{
    for (uint32_t c = 0; candidates->count && c < candidates->models[0].card.latency_count; c++)
        hf_buffer_printf(out, ",%s_%s", per_chip, candidates->models[0].card.latencies[c].chip->name);
}

static void put_names(const csv_column *columns, size_t count, hf_buffer *out)
{
    for (size_t i = 0; i < count; i++)
        hf_buffer_printf(out, "%s%s", i ? "," : "", columns[i].name);
}

static void put_fields(const csv_line *line, const csv_column *columns, size_t count, hf_buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        hf_buffer_puts(out, i ? "," : "");
        columns[i].put(line, out);
    }
}

static void put_models(const hf_candidates *candidates, hf_buffer *out)
{
    const size_t count = sizeof model_columns / sizeof *model_columns;
    put_names(model_columns, count, out);
    put_chip_names(candidates, "latency_estimated_ms", out);
    put_chip_names(candidates, "latency_error_percent", out);
    hf_buffer_puts(out, "\r\n");
    for (size_t i = 0; i < candidates->count; i++) {
        const hf_candidate *model = &candidates->models[i];
        const csv_line line = {.candidates = candidates, .model = model, .card = &model->card};
        put_fields(&line, model_columns, count, out);
        for (uint32_t c = 0; c < model->card.latency_count; c++)
            hf_buffer_printf(out, ",%.6f", model->card.latencies[c].ns / 1e6);
        for (uint32_t c = 0; c < model->card.latency_count; c++)
            hf_buffer_printf(out, ",%.1f", model->card.latencies[c].error_percent);
        hf_buffer_puts(out, "\r\n");
    }
}

static void put_layers(const hf_candidates *candidates, hf_buffer *out)
{
    const size_t count = sizeof layer_columns / sizeof *layer_columns;
    put_names(layer_columns, count, out);
    put_chip_names(candidates, "cycles_estimated", out);
    hf_buffer_puts(out, "\r\n");
    for (size_t i = 0; i < candidates->count; i++) {
        const hf_candidate *model = &candidates->models[i];
        csv_line line = {.candidates = candidates, .model = model, .card = &model->card};
        for (int32_t n = 0; model->card.layers && n < model->card.layer_count; n++) {
            line.layer = &model->card.layers[n];
            line.layer_number = n + 1;
            put_fields(&line, layer_columns, count, out);
            for (uint32_t c = 0; c < model->card.latency_count; c++)
                hf_buffer_printf(out, ",%.0f", line.layer->cycles[c]);
            hf_buffer_puts(out, "\r\n");
        }
    }
}

void hf_candidates_render_csv(const hf_candidates *candidates, bool layers, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    if (layers)
        put_layers(candidates, out);
    else
        put_models(candidates, out);
    hf_c_locale_leave(before);
}
