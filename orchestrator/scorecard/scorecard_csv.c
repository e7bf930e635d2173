/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "limit_text.h"
#include "report/c_locale.h"
#include "report/render.h"
#include "scorecard/render.h"

static void put_models(const hf_candidates *comparison, hf_buffer *out)
{
    hf_buffer_puts(out, "name,family,macs,params,params_non_trainable,params_deployed,model_bytes,"
                        "model_bytes_exact,bytes_per_param,peak_memory_bytes,peak_memory_layer,arena_bytes,"
                        "arena_bytes_exact,fails,on_front");
    for (uint32_t c = 0; comparison->count && c < comparison->models[0].card.latency_count; c++)
        hf_buffer_printf(out, ",latency_estimated_ms_%s", comparison->models[0].card.latencies[c].chip->name);
    hf_buffer_puts(out, "\r\n");
    for (size_t i = 0; i < comparison->count; i++) {
        const hf_candidate *model = &comparison->models[i];
        const hf_scorecard *card = &model->card;
        char fails[64];
        hf_limits_missed_text(model, "", fails, sizeof fails);
        hf_csv_text(out, card->name);
        hf_buffer_putc(out, ',');
        hf_csv_text(out, card->family);
        hf_buffer_printf(out,
                         ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%s,%.3f,%" PRId64 ",",
                         card->macs, card->params, card->params_non_trainable, card->params_deployed,
                         card->model_bytes, card->model_bytes_exact ? "true" : "false",
                         hf_scorecard_bytes_per_param(card), card->peak_memory_bytes);
        hf_csv_text(out, card->peak_memory_name);
        hf_buffer_printf(out, ",%" PRId64 ",%s,%s,%s", card->arena_bytes,
                         hf_scorecard_arena_is_exact(card) ? "true" : "false", fails,
                         !comparison->has_front ? ""
                         : model->on_front      ? "true"
                                                : "false");
        for (uint32_t c = 0; c < card->latency_count; c++)
            hf_buffer_printf(out, ",%.6f", card->latencies[c].ns / 1e6);
        hf_buffer_puts(out, "\r\n");
    }
}

static void put_layers(const hf_candidates *comparison, hf_buffer *out)
{
    hf_buffer_puts(out,
                   "model,position,layer,type,height,width,channels,kernel_height,kernel_width,stride_height,"
                   "stride_width,macs,params,params_deployed,parameter_bytes,alive_bytes");
    for (uint32_t c = 0; comparison->count && c < comparison->models[0].card.latency_count; c++)
        hf_buffer_printf(out, ",cycles_estimated_%s", comparison->models[0].card.latencies[c].chip->name);
    hf_buffer_puts(out, "\r\n");
    for (size_t i = 0; i < comparison->count; i++) {
        const hf_scorecard *card = &comparison->models[i].card;
        for (int32_t n = 0; card->layers && n < card->layer_count; n++) {
            const hf_scorecard_layer *layer = &card->layers[n];
            hf_csv_text(out, card->name);
            hf_buffer_printf(out, ",%d,", n + 1);
            hf_csv_text(out, layer->name);
            hf_buffer_printf(out, ",%s,%d,%d,%d,%d,%d,%d,%d", hf_op_name(layer->op), layer->height,
                             layer->width, layer->channels, layer->kernel_height, layer->kernel_width,
                             layer->stride_height, layer->stride_width);
            hf_buffer_printf(out, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, layer->macs,
                             layer->params, layer->params_deployed, layer->parameter_bytes,
                             layer->alive_bytes);
            for (uint32_t c = 0; c < card->latency_count; c++)
                hf_buffer_printf(out, ",%.0f", layer->cycles[c]);
            hf_buffer_puts(out, "\r\n");
        }
    }
}

void hf_candidates_render_csv(const hf_candidates *comparison, bool layers, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    if (layers)
        put_layers(comparison, out);
    else
        put_models(comparison, out);
    hf_c_locale_leave(before);
}
