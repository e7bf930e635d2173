/* SPDX-License-Identifier: Apache-2.0 */
/* For programs: JSON and CSV. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "parts.h"
#include "report/plain.h"
#include "report/render.h"
#include "scorecard/render.h"

static void set_int(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

/* Names of files may hold anything; JSON must be UTF-8. */
static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    if (value) {
        json_object_set_new(object, key, value);
        return;
    }
    hf_buffer clean = HF_BUFFER_INIT;
    for (; *text; text++)
        if ((unsigned char)*text < 0x80)
            hf_buffer_putc(&clean, *text);
        else
            hf_buffer_puts(&clean, "\xef\xbf\xbd");
    json_object_set_new(object, key, json_string(hf_buffer_text(&clean)));
    hf_buffer_free(&clean);
}

static json_t *layer_object(const hf_scorecard *card, const hf_scorecard_layer *layer)
{
    json_t *object = json_object();
    set_text(object, "name", layer->name);
    set_text(object, "type", hf_op_name(layer->op));
    json_object_set_new(object, "output", json_pack("[iii]", layer->height, layer->width, layer->channels));
    json_object_set_new(object, "kernel",
                        layer->kernel_height ? json_pack("[ii]", layer->kernel_height, layer->kernel_width)
                                             : json_null());
    json_object_set_new(object, "stride",
                        layer->stride_height ? json_pack("[ii]", layer->stride_height, layer->stride_width)
                                             : json_null());
    set_int(object, "macs", layer->macs);
    set_int(object, "params", layer->params);
    set_int(object, "params_deployed", layer->params_deployed);
    set_int(object, "parameter_bytes", layer->parameter_bytes);
    set_int(object, "alive_bytes", layer->alive_bytes);
    json_object_set_new(object, "macs_percent", json_real(hf_parts_share(layer->macs, card->macs)));
    json_object_set_new(object, "params_percent", json_real(hf_parts_share(layer->params, card->params)));
    json_object_set_new(object, "peak_percent",
                        json_real(hf_parts_share(layer->alive_bytes, card->peak_memory_bytes)));
    json_t *cycles = json_object();
    for (uint32_t c = 0; c < card->latency_count; c++)
        json_object_set_new(cycles, card->latencies[c].chip->name, json_real(layer->cycles[c]));
    json_object_set_new(object, "cycles_estimated", cycles);
    return object;
}

static json_t *check_array(const hf_compared *model)
{
    hf_scorecard_check checks[HF_SCORECARD_CHECKS];
    hf_scorecard_check_limits(&model->card, &model->limits, &model->firmware, checks);
    json_t *array = json_array();
    for (size_t i = 0; i < HF_SCORECARD_CHECKS; i++) {
        if (checks[i].limit <= 0)
            continue;
        json_t *object = json_object();
        set_text(object, "limit", checks[i].name);
        set_int(object, "value", checks[i].value);
        set_int(object, "allowed", checks[i].limit);
        set_int(object, "margin", checks[i].limit - checks[i].value);
        json_object_set_new(object, "margin_percent", json_real(100 * checks[i].margin));
        json_object_set_new(object, "met",
                            checks[i].verdict == HF_VERDICT_OPEN
                                ? json_null()
                                : json_boolean(checks[i].verdict == HF_VERDICT_MET));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *model_object(const hf_comparison *comparison, const hf_compared *model)
{
    const hf_scorecard *card = &model->card;
    json_t *object = json_object();
    set_text(object, "name", card->name);
    set_text(object, "family", card->family);
    set_int(object, "macs", card->macs);
    set_int(object, "params", card->params);
    set_int(object, "params_non_trainable", card->params_non_trainable);
    set_int(object, "params_deployed", card->params_deployed);
    set_int(object, "model_bytes", card->model_bytes);
    json_object_set_new(object, "model_bytes_exact", json_boolean(card->model_bytes_exact));
    json_object_set_new(object, "bytes_per_param", json_real(hf_scorecard_bytes_per_param(card)));
    set_int(object, "peak_memory_bytes", card->peak_memory_bytes);
    set_text(object, "peak_memory_layer", card->peak_memory_name);
    set_int(object, "arena_bytes", card->arena_bytes);
    json_object_set_new(object, "arena_bytes_exact", json_boolean(hf_scorecard_arena_is_exact(card)));
    json_t *latencies = json_array();
    for (uint32_t c = 0; c < card->latency_count; c++) {
        json_t *latency = json_object();
        set_text(latency, "chip", card->latencies[c].chip->name);
        set_text(latency, "timing", "estimated (modelled)");
        json_object_set_new(latency, "cycles", json_real(card->latencies[c].cycles));
        json_object_set_new(latency, "latency_ns", json_real(card->latencies[c].ns));
        json_array_append_new(latencies, latency);
    }
    json_object_set_new(object, "latency_estimated", latencies);
    json_object_set_new(object, "limits", check_array(model));
    if (comparison->has_front)
        json_object_set_new(object, "on_front", json_boolean(model->on_front));
    json_t *layers = json_array();
    for (int32_t i = 0; card->layers && i < card->layer_count; i++)
        json_array_append_new(layers, layer_object(card, &card->layers[i]));
    json_object_set_new(object, "layers", layers);
    return object;
}

void hf_comparison_render_json(const hf_comparison *comparison, hf_buffer *out)
{
    locale_t before = hf_plain_enter();
    bool one = comparison->count == 1;
    /* One model after the other: thousands with all their layers would take a lot of memory at once. */
    hf_buffer_puts(out, one ? "" : "[\n");
    for (size_t i = 0; i < comparison->count; i++) {
        json_t *object = model_object(comparison, &comparison->models[i]);
        char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
        json_decref(object);
        if (text)
            hf_buffer_printf(out, "%s%s", i ? ",\n" : "", text);
        else
            out->failed = true;
        free(text);
    }
    hf_buffer_puts(out, one ? "\n" : "\n]\n");
    hf_plain_leave(before);
}

static void put_models(const hf_comparison *comparison, hf_buffer *out)
{
    hf_buffer_puts(out, "name,family,macs,params,params_non_trainable,params_deployed,model_bytes,"
                        "model_bytes_exact,bytes_per_param,peak_memory_bytes,peak_memory_layer,arena_bytes,"
                        "arena_bytes_exact,fails,on_front");
    for (uint32_t c = 0; comparison->count && c < comparison->models[0].card.latency_count; c++)
        hf_buffer_printf(out, ",latency_estimated_ms_%s", comparison->models[0].card.latencies[c].chip->name);
    hf_buffer_puts(out, "\r\n");
    for (size_t i = 0; i < comparison->count; i++) {
        const hf_compared *model = &comparison->models[i];
        const hf_scorecard *card = &model->card;
        char fails[64];
        hf_parts_fails(model, "", fails, sizeof fails);
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

static void put_layers(const hf_comparison *comparison, hf_buffer *out)
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

void hf_comparison_render_csv(const hf_comparison *comparison, bool layers, hf_buffer *out)
{
    locale_t before = hf_plain_enter();
    if (layers)
        put_layers(comparison, out);
    else
        put_models(comparison, out);
    hf_plain_leave(before);
}
