/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <stdlib.h>
#include <string.h>

#include "engine/layout.h"

const char *hf_kernel_name(hf_kernel kernel)
{
    static const char *const names[] = {
#define HF_KERNEL_NAME(name, text) [HF_KERNEL_##name] = (text),
        HF_KERNEL_MAP(HF_KERNEL_NAME)
#undef HF_KERNEL_NAME
    };
    return (size_t)kernel < HF_KERNEL_COUNT ? names[kernel] : "unknown";
}

/* Terms: blocks of four channels; of these, groups of four values; other channels; their values; bytes of weights. */
static void dense(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const uint32_t blocks = r->params == HF_PARAMS_COMPACT ? r->out_channels / 4U : 0;
    const uint32_t others = r->out_channels - 4 * blocks;
    const uint32_t fours = r->in_channels / 4U;
    out->kernel = HF_KERNEL_DENSE;
    out->terms[0] = 1;
    out->terms[1] = blocks;
    out->terms[2] = (double)blocks * fours;
    out->terms[3] = (double)blocks * (r->in_channels % 4U != 0);
    out->terms[4] = others;
    out->terms[5] = (double)others * r->in_channels;
}

/* Terms: calls; output rows; positions; groups of four channels of a position; their values in the window; single channels; their
 * values. */
static void pool(const hf_work_case *c, hf_kernel kernel, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double positions = (double)r->out_height * r->out_width;
    const double area = kernel == HF_KERNEL_MEAN ? (double)r->in_height * r->in_width
                                                 : (double)r->kernel_height * r->kernel_width;
    const double height = kernel == HF_KERNEL_MEAN ? r->in_height : r->kernel_height;
    const uint32_t fours = r->in_channels / 4U;
    const uint32_t rest = r->in_channels % 4U;
    out->kernel = kernel;
    out->terms[0] = c->calls;
    out->terms[1] = positions;
    out->terms[2] = positions * fours;
    out->terms[3] = positions * fours * height;
    out->terms[4] = positions * fours * area;
    out->terms[5] = positions * rest;
    out->terms[6] = positions * rest * area;
}

/* Terms: calls; output rows; values; values that do not fill a group of four. */
static void values(const hf_work_case *c, hf_kernel kernel, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const uint32_t in_row = (uint32_t)r->out_width * r->out_channels;
    out->kernel = kernel;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    out->terms[2] = (double)r->out_height * in_row;
    out->terms[3] = (double)r->out_height * (in_row % 4);
}

/* Terms: calls; output rows; parts of positions; adjacent values; values spread one by one. */
static void copy(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double positions = (double)r->out_height * r->out_width;
    out->kernel = HF_KERNEL_COPY;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    out->terms[2] = r->op == HF_IMAGE_OP_COPY ? positions * r->parts : 0;
    out->terms[r->channel_step == 1 ? 3 : 4] = positions * r->out_channels;
}

static void count(const hf_work_case *c, hf_op_work *out)
{
    switch ((hf_image_op)c->record->op) {
    case HF_IMAGE_OP_CONV2D:
        hf_work_conv(c, out);
        break;
    case HF_IMAGE_OP_DEPTHWISE:
        hf_work_depthwise(c, out);
        break;
    case HF_IMAGE_OP_DENSE:
        dense(c, out);
        break;
    case HF_IMAGE_OP_AVERAGE_POOL:
        pool(c, HF_KERNEL_AVERAGE_POOL, out);
        break;
    case HF_IMAGE_OP_MAX_POOL:
        pool(c, HF_KERNEL_MAX_POOL, out);
        break;
    case HF_IMAGE_OP_MEAN:
        pool(c, HF_KERNEL_MEAN, out);
        break;
    case HF_IMAGE_OP_ADD:
        values(c, HF_KERNEL_ADD, out);
        break;
    case HF_IMAGE_OP_MUL:
        values(c, HF_KERNEL_MUL, out);
        break;
    case HF_IMAGE_OP_COPY:
    case HF_IMAGE_OP_PAD:
    case HF_IMAGE_OP_MOVE:
    case HF_IMAGE_OP_TAKE:
        copy(c, out);
        break;
    case HF_IMAGE_OP_TABLE:
        values(c, HF_KERNEL_TABLE, out);
        break;
    case HF_IMAGE_OP_SOFTMAX:
        values(c, HF_KERNEL_SOFTMAX, out);
        break;
    default:
        values(c, HF_KERNEL_RARE, out);
        break;
    }
}

/* Quantisers map the lower limit of a ReLU to -128. Without weights the graph has no quantisation yet. */
static bool is_relu(const hf_graph *graph, int32_t node)
{
    const hf_quant quant = graph->tensors[graph->nodes[node].output].quant;
    const hf_activation activation = graph->nodes[node].activation;
    if (quant.scale > 0)
        return quant.zero_point == INT8_MIN;
    return activation == HF_ACTIVATION_RELU || activation == HF_ACTIVATION_RELU6;
}

/* @param before the record of the operator before it, NULL for the first */
static void count_record(const hf_graph *graph, const hf_op_record *r, const hf_op_record *before,
                         int32_t node, hf_op_work *out)
{
    const uint32_t ring = before ? before->ring_rows : 0;
    const bool in_chain = ring > 0 || r->ring_rows > 0;
    const hf_work_case c = {
        .record = r,
        .in_rows = ring ? ring : r->in_height,
        .calls = in_chain ? r->out_height : 1,
        .rows = in_chain ? 1 : r->out_height,
        .is_relu = is_relu(graph, node),
    };
    *out = (hf_op_work){.node = node};
    count(&c, out);
}

static hf_status begin(const hf_graph *graph, uint32_t ops, hf_work *work, hf_error *err)
{
    *work = (hf_work){calloc((size_t)ops + 1, sizeof *work->ops), ops};
    return work->ops ? HF_OK : HF_FAIL(err, HF_ENOMEM, "%s: no memory to count its work", graph->name);
}

hf_status hf_work_of(const hf_graph *graph, const hf_lowered *lowered, hf_work *out, hf_error *err)
{
    hf_work work;
    hf_status status = begin(graph, (uint32_t)lowered->op_count, &work, err);
    if (status)
        return status;
    for (uint32_t i = 0; i < work.count; i++)
        count_record(graph, &lowered->ops[i].record, i > 0 ? &lowered->ops[i - 1].record : NULL,
                     lowered->ops[i].node, &work.ops[i]);
    *out = work;
    return HF_OK;
}

hf_status hf_image_work(const hf_graph *graph, const hf_image *image, hf_work *out, hf_error *err)
{
    hf_work work;
    hf_status status = begin(graph, image->op_count, &work, err);
    if (status)
        return status;
    const hf_op_record *records =
        (const hf_op_record *)(const void *)(image->bytes + sizeof(hf_image_header));
    for (uint32_t i = 0; i < work.count; i++)
        count_record(graph, &records[i], i > 0 ? &records[i - 1] : NULL, image->ops[i].node, &work.ops[i]);
    *out = work;
    return HF_OK;
}

void hf_work_free(hf_work *work)
{
    free(work->ops);
    *work = (hf_work){0};
}
