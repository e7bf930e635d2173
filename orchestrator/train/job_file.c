/* SPDX-License-Identifier: Apache-2.0 */
#include "job_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/quant_groups.h"
#include "train/train.h"

static json_t *pair(int32_t a, int32_t b)
{
    return json_pack("[i, i]", (int)a, (int)b);
}

/* Rows above and below and columns to the left and right of the input that a window covers. */
static json_t *padding_json(const hf_graph *graph, const hf_node *node)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]], *out = &graph->tensors[node->output];
    int32_t top = 0, left = 0;
    hf_node_padding(graph, node, &top, &left);
    if (!node->kernel_height || node->padding != HF_PADDING_SAME)
        return json_pack("[i, i, i, i]", 0, 0, 0, 0);
    const int32_t rows = (out->height - 1) * node->stride_height + node->kernel_height - in->height - top;
    const int32_t columns = (out->width - 1) * node->stride_width + node->kernel_width - in->width - left;
    return json_pack("[i, i, i, i]", (int)top, rows > 0 ? (int)rows : 0, (int)left,
                     columns > 0 ? (int)columns : 0);
}

static const char *activation_name(hf_activation activation)
{
    static const char *const names[] = {"none", "relu", "relu6", "relu_n1_to_1"};
    return names[activation];
}

static json_t *node_json(const hf_graph *graph, const hf_node *node)
{
    json_t *inputs = json_array();
    for (int32_t i = 0; i < node->input_count; i++)
        json_array_append_new(inputs, json_integer(node->inputs[i]));
    const double constant =
        (double)node->constant_quant.scale * (node->constant - node->constant_quant.zero_point);
    return json_pack("{s:s, s:s, s:o, s:i, s:o, s:o, s:o, s:s, s:i, s:b, s:b, s:i, s:i, s:f}", "op",
                     hf_op_name(node->op), "name", node->name, "inputs", inputs, "output", (int)node->output,
                     "kernel", pair(node->kernel_height, node->kernel_width), "stride",
                     pair(node->stride_height, node->stride_width), "padding", padding_json(graph, node),
                     "activation", activation_name(node->activation), "groups", (int)node->groups, "bias",
                     (int)node->has_bias, "batch_norm", (int)node->has_batch_norm, "slice_begin",
                     (int)node->slice_begin, "slice_count", (int)node->slice_count, "constant", constant);
}

/* The lowest tensor of each tensor's group: those must have one quantisation. */
static hf_status find_groups(const hf_graph *graph, int32_t *groups, hf_error *err)
{
    hf_quant_groups found;
    hf_status status = hf_quant_groups_init(&found, graph, err);
    if (status != HF_OK)
        return status;
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        groups[t] = t;
        for (int32_t other = 0; other < t; other++)
            if (hf_quant_groups_same(&found, t, other)) {
                groups[t] = other;
                break;
            }
    }
    hf_quant_groups_free(&found);
    return HF_OK;
}

json_t *hf_training_graph_json(const hf_graph *graph, hf_error *err)
{
    int32_t *groups = calloc((size_t)graph->tensor_count, sizeof *groups);
    if (!groups || find_groups(graph, groups, err) != HF_OK) {
        free(groups);
        return NULL;
    }
    json_t *tensors = json_array(), *nodes = json_array();
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        const hf_tensor *tensor = &graph->tensors[t];
        json_array_append_new(tensors, json_pack("{s:i, s:i, s:i, s:i}", "height", (int)tensor->height,
                                                 "width", (int)tensor->width, "channels",
                                                 (int)tensor->channels, "group", (int)groups[t]));
    }
    for (int32_t n = 0; n < graph->node_count; n++)
        json_array_append_new(nodes, node_json(graph, &graph->nodes[n]));
    free(groups);
    return json_pack("{s:i, s:i, s:o, s:o}", "input", (int)graph->input, "output", (int)graph->output,
                     "tensors", tensors, "nodes", nodes);
}

json_t *hf_training_recipe_json(const hf_spec_training *t)
{
    static const char *const schedules[] = {"cosine", "linear", "constant"};
    return json_pack(
        "{s:I, s:f, s:I, s:f, s:f, s:f, s:f, s:s, s:I, s:I, s:I, s:b, s:I, s:f, s:b, s:I, s:f, s:f}",
        "epochs", (json_int_t)t->epochs, "budget_seconds", (double)t->budget_ms / 1000, "batch",
        (json_int_t)t->batch, "learning_rate", t->learning_rate, "momentum", 0.9, "weight_decay",
        t->weight_decay, "label_smoothing", t->label_smoothing, "schedule", schedules[t->schedule],
        "cycle_epochs", (json_int_t)t->cycle_epochs, "cycle_growth", (json_int_t)t->cycle_growth, "seed",
        (json_int_t)t->seed, "flip", (int)t->flip, "crop", (json_int_t)t->crop, "validation_share",
        t->validation_share, "class_weights", (int)t->class_weights, "qat_epochs", (json_int_t)t->qat_epochs,
        "teacher_share", t->teacher_path ? t->teacher_share : 0.0, "temperature",
        t->teacher_path ? t->temperature : 1.0);
}

char *hf_training_recipe_text(const hf_spec_training *recipe)
{
    json_t *json = hf_training_recipe_json(recipe);
    char *text = json ? json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(json);
    return text;
}

/* ---- Samples ---- */

static const char magic[8] = {'H', 'F', 'S', 'A', 'M', 'P', 'L', '1'};

static hf_status write_all(FILE *file, const char *path, const void *bytes, size_t size, hf_error *err)
{
    if (fwrite(bytes, 1, size, file) == size)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", path, strerror(errno));
}

/* Samples that are left out because they cannot be read. */
typedef struct omission {
    bool *is_left_out; /* owned; per sample */
    uint32_t count;
    bool has_grown; /* by those of the last pass: what was written is too long */
    char first[512];
} omission;

static void leave_out(omission *o, uint32_t sample, const hf_error *why)
{
    if (!o->count++)
        snprintf(o->first, sizeof o->first, "%s", why->message);
    o->is_left_out[sample] = o->has_grown = true;
}

static hf_status write_values(FILE *file, const char *path, const hf_dataset *dataset,
                              const hf_sample_reading *how, omission *omitted, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; i < dataset->sample_count && status == HF_OK; i++) {
        hf_sample_inputs inputs = {0};
        hf_error error = {0};
        if (omitted->is_left_out[i])
            continue;
        status = hf_dataset_read(dataset, &dataset->samples[i], how, &inputs, &error);
        if (status == HF_ENOMEM)
            return hf_error_pass(err, &error);
        if (status != HF_OK) {
            leave_out(omitted, i, &error);
            status = HF_OK;
            continue;
        }
        if (inputs.count != 1)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                                "%s: several windows cannot be trained on", dataset->samples[i].path);
        if (status == HF_OK)
            status = write_all(file, path, inputs.values, (size_t)hf_tensor_bytes(how->input), err);
        free(inputs.values);
    }
    return status;
}

static hf_status write_file(const char *path, const hf_dataset *dataset, const hf_sample_reading *how,
                            omission *omitted, hf_error *err)
{
    const hf_tensor *input = how->input;
    const uint32_t header[] = {dataset->sample_count - omitted->count, (uint32_t)input->height,
                               (uint32_t)input->width, (uint32_t)input->channels, dataset->class_count};
    FILE *file = fopen(path, "wbe");
    if (!file)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", path, strerror(errno));
    hf_status status = write_all(file, path, magic, sizeof magic, err);
    if (status == HF_OK)
        status = write_all(file, path, header, sizeof header, err);
    for (uint32_t i = 0; i < dataset->sample_count && status == HF_OK; i++)
        if (!omitted->is_left_out[i])
            status = write_all(file, path, &dataset->samples[i].label, sizeof dataset->samples[i].label, err);
    omitted->has_grown = false;
    if (status == HF_OK)
        status = write_values(file, path, dataset, how, omitted, err);
    if (fclose(file) != 0 && status == HF_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", path, strerror(errno));
    return status;
}

/* Again without those that could not be read, until the header is right. */
static hf_status write_readable(const char *path, const hf_dataset *dataset, const hf_sample_reading *how,
                                omission *omitted, hf_error *err)
{
    hf_status status = HF_OK;
    do {
        status = write_file(path, dataset, how, omitted, err);
        if (status == HF_OK && omitted->count == dataset->sample_count)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "no sample of %u can be read; the first: %s",
                                dataset->sample_count, omitted->first);
    } while (status == HF_OK && omitted->has_grown);
    return status;
}

hf_status hf_training_write_samples(const char *path, const hf_dataset *dataset, const hf_tensor *input,
                                    const hf_pixel_range *pixels, uint32_t classes, hf_left_out *left_out,
                                    hf_error *err)
{
    const hf_sample_reading how = {.input = input, .pixels = *pixels};
    omission omitted = {0};
    char *draft = NULL;
    if (dataset->class_count != classes)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%u classes, but the data set has %u",
                          (unsigned)classes, (unsigned)dataset->class_count);
    omitted.is_left_out = calloc(dataset->sample_count, sizeof *omitted.is_left_out);
    if (!omitted.is_left_out || asprintf(&draft, "%s.new", path) < 0) {
        free(omitted.is_left_out);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u samples", dataset->sample_count);
    }
    hf_status status = write_readable(draft, dataset, &how, &omitted, err);
    if (status == HF_OK && rename(draft, path) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", path, strerror(errno));
    if (status != HF_OK)
        remove(draft);
    left_out->count = omitted.count;
    snprintf(left_out->first, sizeof left_out->first, "%s", omitted.first);
    free(omitted.is_left_out);
    free(draft);
    return status;
}
