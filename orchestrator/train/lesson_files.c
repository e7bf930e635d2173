/* SPDX-License-Identifier: Apache-2.0 */
#include "lesson_files.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "job_file.h"
#include "tflite/tflite.h"

static void put_integer(hf_buffer *out, int64_t value)
{
    hf_buffer_append(out, &value, sizeof value);
}

/* The output channel of a weight: those of a depthwise convolution lie channel by channel. */
static int32_t channel_of(const hf_node *node, int64_t at, int64_t per_channel, int32_t channels)
{
    return node->op == HF_OP_DEPTHWISE ? (int32_t)(at % channels) : (int32_t)(at / per_channel);
}

static hf_status put_node(hf_buffer *out, const hf_graph *graph, const hf_node *node, hf_error *err)
{
    const int64_t count = hf_node_weight_count(graph, node);
    const int32_t channels = hf_node_output_channels(graph, node);
    const double input_scale = (double)graph->tensors[node->inputs[0]].quant.scale;
    if (node->weight_zero_point || !node->weights || !node->weight_scales || channels < 1)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED, "%s: weights that cannot be learnt from",
                          node->name);
    put_integer(out, count);
    for (int64_t i = 0; i < count; i++) {
        const int32_t channel = channel_of(node, i, count / channels, channels);
        const float value = node->weight_scales[channel] * (float)node->weights[i];
        hf_buffer_append(out, &value, sizeof value);
    }
    put_integer(out, channels);
    for (int32_t c = 0; c < channels; c++) {
        const double bias = node->bias ? node->bias[c] * input_scale * (double)node->weight_scales[c] : 0;
        const float value = (float)bias;
        hf_buffer_append(out, &value, sizeof value);
    }
    return HF_OK;
}

static hf_status write_beside(const char *folder, const char *name, const char *ending, const void *data,
                              size_t size, hf_error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s.%s", folder, name, ending) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    const hf_status status = hf_file_write(path, data, size, err);
    free(path);
    return status;
}

hf_status hf_training_write_lesson(const char *folder, const char *name, const char *tflite_path,
                                   hf_error *err)
{
    static const char magic[] = "HFWEIGHTS1";
    hf_graph *graph = NULL;
    hf_buffer weights = HF_BUFFER_INIT;
    hf_status status = hf_tflite_load(name, tflite_path, &graph, err);
    json_t *json = status == HF_OK ? hf_training_graph_json(graph, err) : NULL;
    char *text = json ? json_dumps(json, JSON_REAL_PRECISION(17)) : NULL;
    put_integer(&weights, sizeof magic - 1);
    hf_buffer_puts(&weights, magic);
    for (int32_t n = 0; status == HF_OK && n < graph->node_count; n++)
        if (hf_node_weight_count(graph, &graph->nodes[n]) > 0)
            status = put_node(&weights, graph, &graph->nodes[n], err);
    if (status == HF_OK && (!text || weights.failed))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %s", tflite_path);
    if (status == HF_OK)
        status = write_beside(folder, name, "json", text, strlen(text), err);
    if (status == HF_OK)
        status = write_beside(folder, name, "weights", weights.data, weights.size, err);
    free(text);
    json_decref(json);
    hf_buffer_free(&weights);
    hf_graph_free(graph);
    return status;
}
