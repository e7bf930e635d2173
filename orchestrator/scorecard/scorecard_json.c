/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "limit_text.h"
#include "report/c_locale.h"
#include "report/json_members.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "scorecard/limit_checks.h"
#include "scorecard/render.h"

static json_t *layer_object(const hf_scorecard *card, const hf_scorecard_layer *layer)
{
    json_t *object = json_object();
    hf_json_set_text(object, "name", layer->figures.name);
    hf_json_set_text(object, "type", layer->figures.op);
    json_object_set_new(
        object, "output",
        json_pack("[iii]", layer->figures.height, layer->figures.width, layer->figures.channels));
    json_object_set_new(object, "kernel",
                        layer->kernel_height ? json_pack("[ii]", layer->kernel_height, layer->kernel_width)
                                             : json_null());
    json_object_set_new(object, "stride",
                        layer->stride_height ? json_pack("[ii]", layer->stride_height, layer->stride_width)
                                             : json_null());
    hf_json_set_int(object, "macs", layer->figures.macs);
    hf_json_set_int(object, "params", layer->figures.params);
    hf_json_set_int(object, "params_deployed", layer->figures.params_deployed);
    hf_json_set_int(object, "parameter_bytes", layer->figures.parameter_bytes);
    hf_json_set_int(object, "live_bytes", layer->figures.live_bytes);
    json_object_set_new(object, "macs_percent", json_real(hf_share_percent(layer->figures.macs, card->macs)));
    json_object_set_new(object, "params_percent",
                        json_real(hf_share_percent(layer->figures.params, card->params)));
    json_object_set_new(object, "peak_percent",
                        json_real(hf_share_percent(layer->figures.live_bytes, card->peak_memory_bytes)));
    json_t *cycles = json_object();
    for (uint32_t c = 0; c < card->latency_count; c++)
        json_object_set_new(cycles, card->latencies[c].chip->name, json_real(layer->cycles[c]));
    json_object_set_new(object, "cycles_estimated", cycles);
    return object;
}

static json_t *check_array(const hf_candidate *model)
{
    hf_scorecard_check checks[HF_LIMIT_KINDS];
    hf_scorecard_check_limits(&model->card, &model->limits, &model->firmware, checks);
    json_t *array = json_array();
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        if (checks[i].limit <= 0)
            continue;
        json_t *object = json_object();
        hf_json_set_text(object, "limit", checks[i].kind->name);
        hf_json_set_int(object, "value", checks[i].value);
        hf_json_set_int(object, "allowed", checks[i].limit);
        hf_json_set_int(object, "margin", checks[i].limit - checks[i].value);
        json_object_set_new(object, "margin_percent", json_real(100 * checks[i].margin));
        json_object_set_new(object, "met",
                            checks[i].verdict == HF_VERDICT_OPEN
                                ? json_null()
                                : json_boolean(checks[i].verdict == HF_VERDICT_MET));
        json_array_append_new(array, object);
    }
    return array;
}

/* Five numbers a buffer; null without a compiled image. */
static json_t *arena_array(const hf_scorecard *card)
{
    if (!card->arena_map)
        return json_null();
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_printf(&text, "[%s]", card->arena_map);
    json_t *array = text.failed ? NULL : json_loads(hf_buffer_text(&text), 0, NULL);
    hf_buffer_free(&text);
    return array ? array : json_null();
}

static json_t *model_object(const hf_candidates *candidates, const hf_candidate *model)
{
    const hf_scorecard *card = &model->card;
    json_t *object = json_object();
    hf_json_set_text(object, "name", card->name);
    hf_json_set_text(object, "family", card->family);
    json_object_set_new(object, "accuracy_percent",
                        card->has_accuracy ? json_real(card->accuracy_percent) : json_null());
    hf_json_set_int(object, "macs", card->macs);
    hf_json_set_int(object, "params", card->params);
    hf_json_set_int(object, "params_non_trainable", card->params_non_trainable);
    hf_json_set_int(object, "params_deployed", card->params_deployed);
    hf_json_set_int(object, "model_bytes", card->model_bytes);
    json_object_set_new(object, "model_bytes_exact", json_boolean(card->model_bytes_exact));
    json_object_set_new(object, "bytes_per_param", json_real(hf_scorecard_bytes_per_param(card)));
    hf_json_set_int(object, "peak_memory_bytes", card->peak_memory_bytes);
    hf_json_set_text(object, "peak_memory_layer", card->peak_memory_name);
    hf_json_set_int(object, "arena_bytes", card->arena_bytes);
    json_object_set_new(object, "arena_bytes_exact", json_boolean(hf_scorecard_arena_is_exact(card)));
    json_object_set_new(object, "arena_map", arena_array(card));
    json_t *latencies = json_array();
    for (uint32_t c = 0; c < card->latency_count; c++) {
        json_t *latency = json_object();
        hf_json_set_text(latency, "chip", card->latencies[c].chip->name);
        hf_json_set_text(latency, "timing", HF_ESTIMATED);
        json_object_set_new(latency, "cycles", json_real(card->latencies[c].cycles));
        json_object_set_new(latency, "latency_ns", json_real(card->latencies[c].ns));
        json_object_set_new(latency, "error_percent", json_real(card->latencies[c].error_percent));
        json_array_append_new(latencies, latency);
    }
    json_object_set_new(object, "latency_estimated", latencies);
    json_object_set_new(object, "limits", check_array(model));
    if (candidates->has_front)
        json_object_set_new(object, "on_front", json_boolean(model->on_front));
    json_t *layers = json_array();
    for (int32_t i = 0; card->layers && i < card->layer_count; i++)
        json_array_append_new(layers, layer_object(card, &card->layers[i]));
    json_object_set_new(object, "layers", layers);
    return object;
}

void hf_candidates_render_json(const hf_candidates *candidates, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    bool one = candidates->count == 1;
    /* One model at a time: thousands of models with their layers would need a lot of memory. */
    hf_buffer_puts(out, one ? "" : "[\n");
    for (size_t i = 0; i < candidates->count; i++) {
        json_t *object = model_object(candidates, &candidates->models[i]);
        char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
        json_decref(object);
        if (text)
            hf_buffer_printf(out, "%s%s", i ? ",\n" : "", text);
        else
            out->failed = true;
        free(text);
    }
    hf_buffer_puts(out, one ? "\n" : "\n]\n");
    hf_c_locale_leave(before);
}
