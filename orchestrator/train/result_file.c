/* SPDX-License-Identifier: Apache-2.0 */
#include "result_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "train/quantise.h"

#define MAX_BYTES ((size_t)1 << 30)

/* What is left of a file. */
typedef struct rest {
    const uint8_t *at;
    size_t size;
    bool short_of_bytes;
} rest;

static void take(rest *from, void *to, size_t size)
{
    if (from->size < size) {
        from->short_of_bytes = true;
        memset(to, 0, size);
        return;
    }
    memcpy(to, from->at, size);
    from->at += size;
    from->size -= size;
}

static int64_t take_integer(rest *from)
{
    int64_t value;
    take(from, &value, sizeof value);
    return value;
}

static double take_real(rest *from)
{
    double value;
    take(from, &value, sizeof value);
    return value;
}

static bool take_text(rest *from, const char *expected)
{
    const size_t length = strlen(expected);
    if (take_integer(from) != (int64_t)length || from->size < length ||
        memcmp(from->at, expected, length) != 0)
        return false;
    from->at += length;
    from->size -= length;
    return true;
}

/* An array of a known length, aligned. @return owned; NULL if it has another length, or without memory */
static float *take_floats(rest *from, int64_t count)
{
    if (take_integer(from) != count || count <= 0 || (uint64_t)count > from->size / sizeof(float))
        return NULL;
    float *values = malloc((size_t)count * sizeof *values);
    if (values)
        take(from, values, (size_t)count * sizeof *values);
    return values;
}

/* The arrays of a result; all owned. */
typedef struct arrays {
    double *min, *max;
    float **weights, **biases;
} arrays;

static void arrays_free(arrays *a, int32_t nodes)
{
    for (int32_t n = 0; n < nodes; n++) {
        if (a->weights)
            free(a->weights[n]);
        if (a->biases)
            free(a->biases[n]);
    }
    free(a->min);
    free(a->max);
    free(a->weights);
    free(a->biases);
}

static bool arrays_new(arrays *a, const hf_graph *graph)
{
    a->min = calloc((size_t)graph->tensor_count, sizeof *a->min);
    a->max = calloc((size_t)graph->tensor_count, sizeof *a->max);
    a->weights = calloc((size_t)graph->node_count, sizeof *a->weights);
    a->biases = calloc((size_t)graph->node_count, sizeof *a->biases);
    return a->min && a->max && a->weights && a->biases;
}

/* @return false if the file does not fit the graph */
static bool take_arrays(rest *from, const hf_graph *graph, arrays *a)
{
    if (take_integer(from) != graph->tensor_count)
        return false;
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        a->min[t] = take_real(from);
        a->max[t] = take_real(from);
    }
    for (int32_t n = 0; n < graph->node_count; n++) {
        const int64_t count = hf_node_weight_count(graph, &graph->nodes[n]);
        if (count == 0)
            continue;
        a->weights[n] = take_floats(from, count);
        a->biases[n] =
            a->weights[n] ? take_floats(from, hf_node_output_channels(graph, &graph->nodes[n])) : NULL;
        if (!a->biases[n])
            return false;
    }
    return !from->short_of_bytes && from->size == 0;
}

hf_status hf_training_result_read(const char *path, const char *key, hf_quant input, hf_graph *graph,
                                  hf_training_result *out, hf_error *err)
{
    uint8_t *bytes = NULL;
    rest from = {0};
    arrays a = {0};
    hf_training_result result = {0};
    hf_status status = hf_file_read(path, MAX_BYTES, &bytes, &from.size, err);
    from.at = bytes;
    if (status == HF_OK && !arrays_new(&a, graph))
        status = HF_FAIL(err, HF_ENOMEM, "no memory for the weights of %s", graph->name);
    if (status == HF_OK && (!take_text(&from, "HFRESULT1") || !take_text(&from, key)))
        status = HF_FAIL(err, HF_EFORMAT, "%s: not the result of this training", path);
    result.epochs = take_integer(&from);
    result.float_percent = take_real(&from);
    if (status == HF_OK && !take_arrays(&from, graph, &a))
        status = HF_FAIL(err, HF_EFORMAT, "%s: does not fit the graph, or is damaged", path);
    const hf_trained trained = {.min = a.min,
                                .max = a.max,
                                .weights = (const float *const *)a.weights,
                                .biases = (const float *const *)a.biases};
    if (status == HF_OK)
        status = hf_trained_quantise(graph, &trained, input, err);
    arrays_free(&a, graph->node_count);
    free(bytes);
    if (status == HF_OK)
        *out = result;
    return status;
}
