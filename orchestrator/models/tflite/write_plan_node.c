/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph's node as operators of a .tflite file. Versions are those at which TensorFlow Lite's kernels took
 * up what the operator needs (tensorflow/lite/tools/versioning/op_version.cc): int8, groups, five dimensions.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "write_plan.h"

/* One node being planned. */
typedef struct planner {
    hf_tflite_plan *plan;
    const hf_node *node;
    hf_tflite_planned_operator op;
    int32_t inputs[HF_NODE_MAX_INPUTS + 1];
    uint32_t input_count;
} planner;

static void take(planner *p, int32_t file_tensor)
{
    p->inputs[p->input_count++] = file_tensor;
}

static int32_t file_input(const planner *p, int32_t i)
{
    return p->plan->file_tensors[p->node->inputs[i]];
}

static uint32_t rank_of(const planner *p, int32_t file_tensor)
{
    return p->plan->tensors.failed ? 4 : hf_tflite_plan_tensor(p->plan, file_tensor)->rank;
}

/* The i-th input as [1,H,W,C]; a vector [1,C] gets a RESHAPE, which later readers use too. */
static int32_t input_with_positions(planner *p, int32_t i)
{
    const int32_t from = file_input(p, i);
    if (rank_of(p, from) == 4)
        return from;
    char name[72];
    snprintf(name, sizeof name, "%s/input", p->node->name);
    const int32_t to = hf_tflite_plan_add_activation(p->plan, p->node->inputs[i], 4, name);
    hf_tflite_plan_add_reshape(p->plan, p->node, from, to);
    p->plan->file_tensors[p->node->inputs[i]] = to;
    return to;
}

/* Appends the operator, whose output has `rank` dimensions. */
static void finish(planner *p, uint32_t rank)
{
    const int32_t output = hf_tflite_plan_add_activation(p->plan, p->node->output, rank, p->node->name);
    p->plan->file_tensors[p->node->output] = output;
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &output, 1);
}

static void kind(planner *p, int32_t builtin, int32_t version, uint8_t options_type)
{
    p->op.builtin = builtin;
    p->op.version = version;
    p->op.options_type = options_type;
}

static uint32_t vector_rank(const planner *p)
{
    const hf_tensor *out = &p->plan->graph->tensors[p->node->output];
    const bool vector = out->height == 1 && out->width == 1;
    return vector && !p->plan->needs_positions[p->node->output] ? 2 : 4;
}

/* ---- Layers with weights ---- */

static bool one_scale(const hf_node *node, int32_t channels)
{
    for (int32_t c = 1; c < channels; c++)
        if (node->weight_scales[c] != node->weight_scales[0])
            return false;
    return true;
}

static hf_status take_parameters(planner *p, hf_tflite_planned_tensor weights, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_graph *graph = p->plan->graph;
    const int32_t channels = hf_node_output_channels(graph, node);
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: has no weights yet", node->name);
    /* A dense layer's scales that are all the same are one, for which its kernels round differently. */
    const int32_t scales = node->op == HF_OP_DENSE && one_scale(node, channels) ? 1 : channels;
    weights.type = TYPE_INT8;
    weights.bytes = node->weights;
    weights.channels = node;
    weights.channel_count = scales;
    weights.channel_factor = 1.0f;
    snprintf(weights.name, sizeof weights.name, "%s/weights", node->name);
    take(p, hf_tflite_plan_add_tensor(p->plan, &weights));
    if (!node->bias)
        return HF_OK;
    hf_tflite_planned_tensor bias = {.type = TYPE_INT32,
                                     .rank = 1,
                                     .shape = {channels},
                                     .bias = node->bias,
                                     .channels = node,
                                     .channel_count = scales,
                                     .channel_factor = graph->tensors[node->inputs[0]].quant.scale};
    for (int32_t c = 0; c < scales; c++)
        if (!isfinite(bias.channel_factor * node->weight_scales[c]))
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: input scale %g times weight scale %g is no bias scale",
                           node->name, (double)bias.channel_factor, (double)node->weight_scales[c]);
    snprintf(bias.name, sizeof bias.name, "%s/bias", node->name);
    take(p, hf_tflite_plan_add_tensor(p->plan, &bias));
    return HF_OK;
}

static hf_status plan_weighted(planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_tensor *in = &p->plan->graph->tensors[node->inputs[0]];
    const hf_tensor *out = &p->plan->graph->tensors[node->output];
    hf_tflite_planned_tensor weights = {.rank = 4};
    switch (node->op) {
    case HF_OP_CONV2D:
        kind(p, BUILTIN_CONV_2D, node->groups > 1 ? 6 : 3, OPTIONS_CONV_2D);
        weights.shape[0] = out->channels;
        weights.shape[3] = in->channels / node->groups;
        break;
    case HF_OP_DEPTHWISE:
        kind(p, BUILTIN_DEPTHWISE_CONV_2D, 3, OPTIONS_DEPTHWISE_CONV_2D);
        weights.shape[0] = 1;
        weights.shape[3] = out->channels;
        weights.channel_dimension = 3;
        break;
    default:
        kind(p, BUILTIN_FULLY_CONNECTED, node->bias ? 4 : 6, OPTIONS_FULLY_CONNECTED);
        if (hf_tensor_bytes(in) > HF_GRAPH_MAX_DIMENSION)
            return HF_FAIL(err, HF_ELIMIT, "%s: %lld inputs, at most %d can be one dimension of its weights",
                           node->name, (long long)hf_tensor_bytes(in), HF_GRAPH_MAX_DIMENSION);
        weights.rank = 2;
        weights.shape[0] = out->channels;
        weights.shape[1] = (int32_t)hf_tensor_bytes(in);
        break;
    }
    if (weights.rank == 4) {
        weights.shape[1] = node->kernel_height;
        weights.shape[2] = node->kernel_width;
    }
    take(p, weights.rank == 4 ? input_with_positions(p, 0) : file_input(p, 0));
    hf_status status = take_parameters(p, weights, err);
    if (!status)
        finish(p, weights.rank);
    return status;
}

/* ---- Values ---- */

static void plan_pair(planner *p)
{
    const hf_graph *graph = p->plan->graph;
    const hf_node *node = p->node;
    if (node->op == HF_OP_ADD) {
        kind(p, BUILTIN_ADD, 2, OPTIONS_ADD);
    } else {
        const double a = graph->tensors[node->inputs[0]].quant.scale;
        const double b = graph->tensors[node->inputs[1]].quant.scale;
        const double out = graph->tensors[node->output].quant.scale;
        kind(p, BUILTIN_MUL, a * b / out >= 1.0 ? 3 : 2, OPTIONS_MUL);
    }
    take(p, file_input(p, 0));
    take(p, file_input(p, 1));
    const uint32_t first = rank_of(p, p->inputs[0]);
    const uint32_t second = rank_of(p, p->inputs[1]);
    finish(p, first > second ? first : second);
}

static hf_status plan_constant(planner *p, hf_error *err)
{
    const hf_graph *graph = p->plan->graph;
    const hf_node *node = p->node;
    if (!(node->constant_quant.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: its constant is not quantised", node->name);
    if (node->op == HF_OP_ADD_CONST) {
        kind(p, BUILTIN_ADD, 2, OPTIONS_ADD);
    } else {
        const double in = graph->tensors[node->inputs[0]].quant.scale;
        const double out = graph->tensors[node->output].quant.scale;
        kind(p, BUILTIN_MUL, in * (double)node->constant_quant.scale / out >= 1.0 ? 3 : 2, OPTIONS_MUL);
    }
    hf_tflite_planned_tensor constant = {
        .type = TYPE_INT8, .quant = node->constant_quant, .bytes = &node->constant};
    snprintf(constant.name, sizeof constant.name, "%s/constant", node->name);
    take(p, file_input(p, 0));
    take(p, hf_tflite_plan_add_tensor(p->plan, &constant));
    finish(p, rank_of(p, p->inputs[0]));
    return HF_OK;
}

static void plan_same_rank(planner *p)
{
    take(p, file_input(p, 0));
    finish(p, rank_of(p, p->inputs[0]));
}

/* ---- Moves ---- */

static void plan_pool(planner *p, int32_t builtin)
{
    kind(p, builtin, 2, OPTIONS_POOL_2D);
    take(p, input_with_positions(p, 0));
    finish(p, 4);
}

static void plan_mean(planner *p)
{
    static const int32_t axes[] = {1, 2};
    kind(p, BUILTIN_MEAN, 2, OPTIONS_REDUCER);
    p->op.keep_dims = vector_rank(p) == 4;
    take(p, input_with_positions(p, 0));
    take(p, hf_tflite_plan_add_ints(p->plan, p->node, "axes", axes, 2, 1));
    finish(p, vector_rank(p));
}

static void plan_reshape(planner *p)
{
    const int32_t to = hf_tflite_plan_add_activation(p->plan, p->node->output, vector_rank(p), p->node->name);
    hf_tflite_plan_add_reshape(p->plan, p->node, file_input(p, 0), to);
    p->plan->file_tensors[p->node->output] = to;
}

static hf_status plan_concat(planner *p, hf_error *err)
{
    const hf_graph *graph = p->plan->graph;
    const hf_quant out = graph->tensors[p->node->output].quant;
    bool vectors = true;
    for (int32_t i = 0; i < p->node->input_count; i++) {
        const hf_quant in = graph->tensors[p->node->inputs[i]].quant;
        if (in.scale != out.scale || in.zero_point != out.zero_point)
            return HF_FAIL(err, HF_EUNSUPPORTED,
                           "%s: input %d has another quantisation than the output, which TensorFlow Lite's "
                           "int8 concatenation does not take",
                           p->node->name, i);
        vectors = vectors && rank_of(p, file_input(p, i)) == 2;
    }
    for (int32_t i = 0; i < p->node->input_count; i++)
        take(p, vectors ? file_input(p, i) : input_with_positions(p, i));
    kind(p, BUILTIN_CONCATENATION, 2, OPTIONS_CONCATENATION);
    p->op.axis = vectors ? 1 : 3;
    finish(p, vectors ? 2 : 4);
    return HF_OK;
}

static void plan_shuffle(planner *p)
{
    const hf_tensor *in = &p->plan->graph->tensors[p->node->inputs[0]];
    const int32_t groups = p->node->groups;
    const int32_t rest = in->channels / groups;
    static const int32_t order[] = {0, 1, 2, 4, 3};
    hf_tflite_planned_tensor grouped = {
        .type = TYPE_INT8, .rank = 5, .shape = {1, in->height, in->width, groups, rest}, .quant = in->quant};
    hf_tflite_planned_tensor swapped = grouped;
    swapped.shape[3] = rest;
    swapped.shape[4] = groups;
    snprintf(grouped.name, sizeof grouped.name, "%s/grouped", p->node->name);
    snprintf(swapped.name, sizeof swapped.name, "%s/swapped", p->node->name);
    const int32_t first = hf_tflite_plan_add_tensor(p->plan, &grouped);
    hf_tflite_plan_add_reshape(p->plan, p->node, file_input(p, 0), first);
    const int32_t second = hf_tflite_plan_add_tensor(p->plan, &swapped);
    kind(p, BUILTIN_TRANSPOSE, 4, OPTIONS_TRANSPOSE);
    take(p, first);
    take(p, hf_tflite_plan_add_ints(p->plan, p->node, "order", order, 5, 1));
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &second, 1);
    const int32_t last = hf_tflite_plan_add_activation(p->plan, p->node->output, 4, p->node->name);
    hf_tflite_plan_add_reshape(p->plan, p->node, second, last);
    p->plan->file_tensors[p->node->output] = last;
}

static void plan_pad(planner *p)
{
    const hf_node *node = p->node;
    const int32_t pads[] = {0, 0, node->pad_top, node->pad_bottom, node->pad_left, node->pad_right, 0, 0};
    kind(p, BUILTIN_PAD, 2, OPTIONS_PAD);
    take(p, input_with_positions(p, 0));
    const int32_t paddings = hf_tflite_plan_add_ints(p->plan, node, "paddings", pads, 8, 2);
    if (!p->plan->tensors.failed)
        memcpy(hf_tflite_plan_tensor(p->plan, paddings)->shape, (int32_t[]){4, 2}, 2 * sizeof(int32_t));
    take(p, paddings);
    finish(p, 4);
}

/* ---- Slices: those that divide a tensor into equal parts are one SPLIT ---- */

/* The one slice that takes part `part` of the parts `node` is one of; -1 if there is none or several. */
static int32_t find_part(const hf_graph *graph, const hf_node *node, int32_t part)
{
    int32_t found = -1;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *other = &graph->nodes[n];
        if (other->op != HF_OP_SLICE || other->inputs[0] != node->inputs[0] ||
            other->slice_count != node->slice_count || other->slice_begin != part * node->slice_count)
            continue;
        if (found >= 0)
            return -1;
        found = n;
    }
    return found;
}

static bool divides_evenly(const hf_graph *graph, const hf_node *node, int32_t parts)
{
    if (parts < 2 || graph->tensors[node->inputs[0]].channels != parts * node->slice_count ||
        node->slice_begin % node->slice_count != 0)
        return false;
    for (int32_t part = 0; part < parts; part++)
        if (find_part(graph, node, part) < 0)
            return false;
    return true;
}

static hf_status plan_split(planner *p, int32_t parts, hf_error *err)
{
    hf_tflite_plan *plan = p->plan;
    const int32_t from = file_input(p, 0);
    const uint32_t rank = rank_of(p, from);
    const int32_t axis = (int32_t)rank - 1;
    hf_buffer outputs = HF_BUFFER_INIT;
    for (int32_t part = 0; part < parts; part++) {
        const int32_t n = find_part(plan->graph, p->node, part);
        const hf_node *slice = &plan->graph->nodes[n];
        const int32_t output = hf_tflite_plan_add_activation(plan, slice->output, rank, slice->name);
        plan->file_tensors[slice->output] = output;
        plan->split[n] = true;
        hf_buffer_append(&outputs, &output, sizeof output);
    }
    kind(p, BUILTIN_SPLIT, 2, OPTIONS_SPLIT);
    take(p, hf_tflite_plan_add_ints(plan, p->node, "axis", &axis, 1, 0));
    take(p, from);
    const bool failed = outputs.failed;
    if (!failed)
        hf_tflite_plan_add_operator(plan, p->op, p->inputs, p->input_count,
                                    (const int32_t *)(void *)outputs.data, (uint32_t)parts);
    hf_buffer_free(&outputs);
    return failed ? HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d parts", p->node->name, parts) : HF_OK;
}

static hf_status plan_slice(planner *p, hf_error *err)
{
    hf_tflite_plan *plan = p->plan;
    const hf_tensor *in = &plan->graph->tensors[p->node->inputs[0]];
    const int32_t parts = in->channels / p->node->slice_count;
    if (divides_evenly(plan->graph, p->node, parts))
        return plan_split(p, parts, err);
    static const int32_t strides[] = {1, 1, 1, 1};
    const uint32_t rank = rank_of(p, file_input(p, 0));
    int32_t begin[4] = {0};
    int32_t end[4] = {1, in->height, in->width, 0};
    begin[rank - 1] = p->node->slice_begin;
    end[rank - 1] = p->node->slice_begin + p->node->slice_count;
    kind(p, BUILTIN_STRIDED_SLICE, 2, OPTIONS_STRIDED_SLICE);
    take(p, file_input(p, 0));
    take(p, hf_tflite_plan_add_ints(plan, p->node, "begin", begin, rank, 1));
    take(p, hf_tflite_plan_add_ints(plan, p->node, "end", end, rank, 1));
    take(p, hf_tflite_plan_add_ints(plan, p->node, "strides", strides, rank, 1));
    finish(p, rank);
    return HF_OK;
}

hf_status hf_tflite_plan_node(hf_tflite_plan *plan, int32_t index, hf_error *err)
{
    const hf_node *node = &plan->graph->nodes[index];
    planner p = {.plan = plan, .node = node, .op = {.node = node}};
    switch (node->op) {
    case HF_OP_CONV2D:
    case HF_OP_DEPTHWISE:
    case HF_OP_DENSE:
        return plan_weighted(&p, err);
    case HF_OP_AVERAGE_POOL:
        plan_pool(&p, BUILTIN_AVERAGE_POOL_2D);
        return HF_OK;
    case HF_OP_MAX_POOL:
        plan_pool(&p, BUILTIN_MAX_POOL_2D);
        return HF_OK;
    case HF_OP_ADD:
    case HF_OP_MUL:
        plan_pair(&p);
        return HF_OK;
    case HF_OP_ADD_CONST:
    case HF_OP_MUL_CONST:
        return plan_constant(&p, err);
    case HF_OP_RESHAPE:
        plan_reshape(&p);
        return HF_OK;
    case HF_OP_SOFTMAX:
        kind(&p, BUILTIN_SOFTMAX, 2, OPTIONS_SOFTMAX);
        plan_same_rank(&p);
        return HF_OK;
    case HF_OP_HARD_SWISH:
        kind(&p, BUILTIN_HARD_SWISH, 1, OPTIONS_HARD_SWISH);
        plan_same_rank(&p);
        return HF_OK;
    case HF_OP_RELU:
        kind(&p, node->activation == HF_ACTIVATION_RELU6 ? BUILTIN_RELU6 : BUILTIN_RELU, 2, OPTIONS_NONE);
        plan_same_rank(&p);
        return HF_OK;
    case HF_OP_MEAN:
        plan_mean(&p);
        return HF_OK;
    case HF_OP_CONCAT:
        return plan_concat(&p, err);
    case HF_OP_SLICE:
        return plan_slice(&p, err);
    case HF_OP_CHANNEL_SHUFFLE:
        plan_shuffle(&p);
        return HF_OK;
    case HF_OP_PAD:
        plan_pad(&p);
        return HF_OK;
    case HF_OP_COUNT:
        break;
    }
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: operator %d does not exist", node->name, (int)node->op);
}
