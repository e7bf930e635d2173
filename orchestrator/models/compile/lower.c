/* SPDX-License-Identifier: Apache-2.0 */
#include "lower.h"

#include <stdbool.h>
#include <stdlib.h>

#include "engine/layout.h"
#include "models/quantize.h"

static hf_image_op image_op(hf_op op)
{
    switch (op) {
    case HF_OP_CONV2D:
        return HF_IMAGE_OP_CONV2D;
    case HF_OP_DEPTHWISE:
        return HF_IMAGE_OP_DEPTHWISE;
    case HF_OP_DENSE:
        return HF_IMAGE_OP_DENSE;
    case HF_OP_AVERAGE_POOL:
        return HF_IMAGE_OP_AVERAGE_POOL;
    case HF_OP_MAX_POOL:
        return HF_IMAGE_OP_MAX_POOL;
    case HF_OP_ADD:
        return HF_IMAGE_OP_ADD;
    case HF_OP_SOFTMAX:
        return HF_IMAGE_OP_SOFTMAX;
    case HF_OP_MUL:
        return HF_IMAGE_OP_MUL;
    case HF_OP_CONCAT:
        return HF_IMAGE_OP_CONCAT;
    case HF_OP_SLICE:
        return HF_IMAGE_OP_SLICE;
    case HF_OP_CHANNEL_SHUFFLE:
        return HF_IMAGE_OP_CHANNEL_SHUFFLE;
    case HF_OP_PAD:
        return HF_IMAGE_OP_PAD;
    case HF_OP_MEAN:
        return HF_IMAGE_OP_MEAN;
    case HF_OP_HARD_SWISH:
    case HF_OP_ADD_CONST:
    case HF_OP_MUL_CONST:
    case HF_OP_RELU:
        return HF_IMAGE_OP_TABLE;
    case HF_OP_RESHAPE:
    case HF_OP_COUNT:
        break;
    }
    return HF_IMAGE_OP_COUNT;
}

/* What lowering knows while it goes through the nodes. */
typedef struct lowering {
    const hf_graph *graph;
    hf_lowered *out;
    int32_t *alias;   /* per tensor: the one that stands for it */
    int32_t *readers; /* per tensor; the graph's output has one more */
    bool *folded;     /* per node: its successor does its work */
} lowering;

static hf_status field(const hf_node *node, const char *what, int64_t value, int64_t min, uint16_t *out,
                       hf_error *err)
{
    if (value < min || value > UINT16_MAX)
        return HF_FAIL(err, HF_ELIMIT, "%s: %s is %lld, an image holds %lld .. %d", node->name, what,
                       (long long)value, (long long)min, UINT16_MAX);
    *out = (uint16_t)value;
    return HF_OK;
}

static hf_status shape(const hf_node *node, const hf_tensor *tensor, uint16_t *height, uint16_t *width,
                       uint16_t *channels, hf_error *err)
{
    hf_status status = field(node, "height", tensor->height, 1, height, err);
    if (!status)
        status = field(node, "width", tensor->width, 1, width, err);
    return status ? status : field(node, "channels", tensor->channels, 1, channels, err);
}

static hf_status window(const hf_graph *graph, const hf_node *node, hf_op_record *r, hf_error *err)
{
    int32_t top = 0, left = 0;
    hf_node_padding(graph, node, &top, &left);
    hf_status status = field(node, "kernel height", node->kernel_height, 1, &r->kernel_height, err);
    if (!status)
        status = field(node, "kernel width", node->kernel_width, 1, &r->kernel_width, err);
    if (!status)
        status = field(node, "vertical stride", node->stride_height, 1, &r->stride_height, err);
    if (!status)
        status = field(node, "horizontal stride", node->stride_width, 1, &r->stride_width, err);
    if (!status)
        status = field(node, "padding above", top, 0, &r->pad_top, err);
    return status ? status : field(node, "padding to the left", left, 0, &r->pad_left, err);
}

static hf_status groups(const hf_node *node, hf_op_record *r, hf_error *err)
{
    if (node->groups < 1 || node->groups > UINT8_MAX)
        return HF_FAIL(err, HF_ELIMIT, "%s: %d groups, an image holds 1 .. %d", node->name, node->groups,
                       UINT8_MAX);
    r->parts = (uint8_t)node->groups;
    return HF_OK;
}

static hf_status concat(const hf_graph *graph, const hf_node *node, hf_lowered_op *op, hf_error *err)
{
    hf_status status = HF_OK;
    for (int32_t i = 0; i < node->input_count && !status; i++)
        status =
            field(node, "channels", graph->tensors[node->inputs[i]].channels, 1, &op->parts[i].channels, err);
    op->record.parts = (uint8_t)node->input_count;
    return status;
}

/* What only some operators have. */
static hf_status details(const hf_graph *graph, const hf_node *node, hf_lowered_op *op, hf_error *err)
{
    hf_op_record *r = &op->record;
    hf_status status = HF_OK;
    switch (node->op) {
    case HF_OP_CONV2D:
        status = groups(node, r, err);
        return status ? status : window(graph, node, r, err);
    case HF_OP_DEPTHWISE:
    case HF_OP_AVERAGE_POOL:
    case HF_OP_MAX_POOL:
        return window(graph, node, r, err);
    case HF_OP_DENSE:
        r->kernel_height = r->in_height;
        r->kernel_width = r->in_width;
        return HF_OK;
    case HF_OP_MUL:
        status = field(node, "height", graph->tensors[node->inputs[1]].height, 1, &r->kernel_height, err);
        return status ? status
                      : field(node, "width", graph->tensors[node->inputs[1]].width, 1, &r->kernel_width, err);
    case HF_OP_CONCAT:
        return concat(graph, node, op, err);
    case HF_OP_SLICE:
        return field(node, "first channel", node->slice_begin, 0, &r->first_channel, err);
    case HF_OP_CHANNEL_SHUFFLE:
        return groups(node, r, err);
    case HF_OP_PAD:
        status = field(node, "padding above", node->pad_top, 0, &r->pad_top, err);
        return status ? status : field(node, "padding to the left", node->pad_left, 0, &r->pad_left, err);
    default:
        return HF_OK;
    }
}

/* The node as an operator that reads its own inputs. */
static hf_status lower_node(const hf_graph *graph, const hf_node *node, hf_lowered_op *op, hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_tensor *out = &graph->tensors[node->output];
    const hf_image_op image = image_op(node->op);
    hf_op_record *r = &op->record;
    if (image == HF_IMAGE_OP_COUNT)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: no image operator for \"%s\"", node->name,
                       hf_op_name(node->op));
    *op = (hf_lowered_op){.input_count = node->input_count, .output = node->output};
    *r = (hf_op_record){.op = (uint8_t)image,
                        .parts = 1,
                        .kernel_height = 1,
                        .kernel_width = 1,
                        .stride_height = 1,
                        .stride_width = 1};
    for (int32_t i = 0; i < node->input_count; i++)
        op->inputs[i] = node->inputs[i];
    hf_status status = shape(node, in, &r->in_height, &r->in_width, &r->in_channels, err);
    if (!status)
        status = shape(node, out, &r->out_height, &r->out_width, &r->out_channels, err);
    if (!status)
        status = details(graph, node, op, err);
    if (!status && !hf_record_geometry_ok(r))
        status =
            HF_FAIL(err, HF_EINVALID, "%s: %dx%dx%d -> %dx%dx%d does not fit its kernel and strides",
                    node->name, in->height, in->width, in->channels, out->height, out->width, out->channels);
    return status;
}

/* The node that makes `tensor`, if `tensor` serves nobody but one reader. */
static int32_t private_producer(const lowering *l, int32_t tensor)
{
    return l->readers[tensor] == 1 ? l->graph->tensors[tensor].producer : -1;
}

/* The operator takes its input from the folded node's input instead. */
static void fold(lowering *l, int32_t producer, hf_lowered_op *op)
{
    const hf_node *node = &l->graph->nodes[producer];
    l->folded[producer] = true;
    l->out->tensor_bytes[node->output] = 0;
    op->inputs[0] = node->inputs[0];
}

static void fold_chain(lowering *l, hf_lowered_op *op)
{
    op->chain = 1;
    for (;;) {
        int32_t producer = private_producer(l, op->inputs[0]);
        if (producer < 0 || !hf_op_is_unary_elementwise(l->graph->nodes[producer].op))
            return;
        fold(l, producer, op);
        op->chain++;
    }
}

/* Zeros around the input are what windows see there anyway, as long as each window touches the input. */
static void fold_pad(lowering *l, hf_lowered_op *op)
{
    const int32_t producer = private_producer(l, op->inputs[0]);
    if (producer < 0 || op->record.pad_top != 0 || op->record.pad_left != 0)
        return;
    const hf_node *pad = &l->graph->nodes[producer];
    if (pad->op != HF_OP_PAD)
        return;
    const hf_tensor *in = &l->graph->tensors[pad->inputs[0]];
    const hf_tensor *padded = &l->graph->tensors[pad->output];
    hf_op_record r = op->record;
    r.in_height = (uint16_t)in->height;
    r.in_width = (uint16_t)in->width;
    if (pad->pad_top >= r.kernel_height || pad->pad_left >= r.kernel_width ||
        in->quant.scale != padded->quant.scale || in->quant.zero_point != padded->quant.zero_point)
        return;
    r.pad_top = (uint16_t)pad->pad_top;
    r.pad_left = (uint16_t)pad->pad_left;
    if (!hf_record_geometry_ok(&r))
        return;
    op->record = r;
    fold(l, producer, op);
}

/* Whom a tensor serves, and which nodes are to be left to their successors. Successors come later, so that
 * the nodes are gone through backwards. */
static hf_status fold_all(lowering *l, hf_lowered_op *ops, hf_error *err)
{
    const hf_graph *graph = l->graph;
    for (int32_t n = graph->node_count - 1; n >= 0; n--) {
        const hf_node *node = &graph->nodes[n];
        if (l->folded[n] || node->op == HF_OP_RESHAPE)
            continue;
        hf_status status = lower_node(graph, node, &ops[n], err);
        if (status)
            return status;
        ops[n].node = n;
        if (ops[n].record.op == HF_IMAGE_OP_TABLE)
            fold_chain(l, &ops[n]);
        if (node->op == HF_OP_CONV2D || node->op == HF_OP_DEPTHWISE)
            fold_pad(l, &ops[n]);
    }
    return HF_OK;
}

static hf_status count_readers(lowering *l, hf_error *err)
{
    const hf_graph *graph = l->graph;
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        l->alias[t] = t;
        l->out->tensor_bytes[t] = hf_tensor_bytes(&graph->tensors[t]);
    }
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        const bool pair = node->op == HF_OP_ADD || node->op == HF_OP_MUL;
        const int32_t least = pair ? 2 : 1;
        const int32_t most = node->op == HF_OP_CONCAT ? HF_CONCAT_MAX_PARTS : least;
        if (node->input_count < least || node->input_count > most)
            return HF_FAIL(err, HF_EINVALID, "%s: %d inputs, %s takes %d .. %d", node->name,
                           node->input_count, hf_op_name(node->op), least, most);
        for (int32_t i = 0; i < node->input_count; i++)
            l->readers[node->inputs[i]]++;
    }
    l->readers[graph->output]++;
    return HF_OK;
}

static hf_status lower_all(lowering *l, hf_error *err)
{
    const hf_graph *graph = l->graph;
    hf_lowered *out = l->out;
    hf_status status = count_readers(l, err);
    if (!status)
        status = fold_all(l, out->ops, err);
    for (int32_t n = 0; n < graph->node_count && !status; n++) {
        const hf_node *node = &graph->nodes[n];
        if (l->folded[n])
            continue;
        if (node->op == HF_OP_RESHAPE) {
            l->alias[node->output] = l->alias[node->inputs[0]];
            out->tensor_bytes[node->output] = 0;
            continue;
        }
        hf_lowered_op *op = &out->ops[out->op_count++]; /* never behind ops[n] */
        *op = out->ops[n];
        for (int32_t i = 0; i < op->input_count; i++)
            op->inputs[i] = l->alias[op->inputs[i]];
    }
    out->input = l->alias[graph->input];
    out->output = l->alias[graph->output];
    return status;
}

hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err)
{
    hf_lowered lowered = {.tensor_count = graph->tensor_count};
    const size_t tensors = (size_t)graph->tensor_count + 1;
    const size_t nodes = (size_t)graph->node_count + 1;
    lowering l = {
        .graph = graph,
        .out = &lowered,
        .alias = calloc(tensors, sizeof *l.alias),
        .readers = calloc(tensors, sizeof *l.readers),
        .folded = calloc(nodes, sizeof *l.folded),
    };
    lowered.ops = calloc(nodes, sizeof *lowered.ops);
    lowered.tensor_bytes = calloc(tensors, sizeof *lowered.tensor_bytes);
    hf_status status;
    if (!l.alias || !l.readers || !l.folded || !lowered.ops || !lowered.tensor_bytes)
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory to compile %d nodes", graph->name, graph->node_count);
    else
        status = lower_all(&l, err);
    free(l.alias);
    free(l.readers);
    free(l.folded);
    if (status) {
        hf_lowered_free(&lowered);
        return status;
    }
    *out = lowered;
    return HF_OK;
}

void hf_lowered_free(hf_lowered *lowered)
{
    if (!lowered)
        return;
    free(lowered->ops);
    free(lowered->tensor_bytes);
    *lowered = (hf_lowered){0};
}
