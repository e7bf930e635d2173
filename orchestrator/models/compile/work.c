/* SPDX-License-Identifier: Apache-2.0 */
#include "work.h"

#include <stdlib.h>
#include <string.h>

#include "engine/kernel_choice.h"
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
    double rows = r->in_height; /* of all windows in a column of outputs, inside the input */
    double columns = r->in_width;
    if (kernel != HF_KERNEL_MEAN) {
        rows = hf_work_taps_inside(r->out_height, r->stride_height, r->pad_top, r->kernel_height,
                                   r->in_height, false);
        columns = hf_work_taps_inside(r->out_width, r->stride_width, r->pad_left, r->kernel_width,
                                      r->in_width, false);
    }
    const uint32_t fours = r->in_channels / 4U;
    const uint32_t rest = r->in_channels % 4U;
    out->kernel = kernel;
    out->terms[0] = c->calls;
    out->terms[1] = positions;
    out->terms[2] = positions * fours;
    out->terms[3] = rows * r->out_width * fours;
    out->terms[4] = rows * columns * fours;
    out->terms[5] = positions * rest;
    out->terms[6] = rows * columns * rest;
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

/* Terms: calls; output rows; values in fours, other values; values that no word kernel can add. */
static void add(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const hf_add_data *data = (const hf_add_data *)(const void *)c->data;
    const uint32_t in_row = (uint32_t)r->out_width * r->out_channels;
    out->kernel = HF_KERNEL_ADD;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    if (!data || hf_add_goes_by_fours(data)) {
        out->terms[2] = (double)r->out_height * (in_row & ~3U);
        out->terms[3] = (double)r->out_height * (in_row % 4U);
    } else {
        out->terms[4] = (double)r->out_height * in_row;
    }
}

/* Terms: calls; output rows; loops; values with compact parameters, with wide ones. */
static void mul(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double positions = (double)r->out_height * r->out_width;
    out->kernel = HF_KERNEL_MUL;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    out->terms[2] = r->parts == 2 ? positions : r->out_height;
    out->terms[r->params == HF_PARAMS_COMPACT ? 3 : 4] = positions * r->out_channels;
}

/* Terms: calls; output rows; loops; words of these, other values; lost by words off word boundaries, reading and writing. */
static void table(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const bool packed = r->in_step == r->in_channels && r->out_step == r->out_channels;
    const double loops = (double)r->out_height * (packed ? 1 : r->out_width);
    const uint32_t values_of_loop = (packed ? r->out_width : 1U) * (uint32_t)r->out_channels;
    out->kernel = HF_KERNEL_TABLE;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    out->terms[2] = loops;
    out->terms[3] = loops * hf_work_whole(values_of_loop, 4);
    out->terms[4] = loops * (values_of_loop % 4);
    out->terms[5] = out->terms[3] * hf_work_misaligned(r->input_offset, packed ? values_of_loop : r->in_step);
    out->terms[6] =
        out->terms[3] * hf_work_misaligned(r->output_offset, packed ? values_of_loop : r->out_step);
}

/* Terms: calls; output rows; positions; words of adjacent values, other adjacent values; parts of positions that are spread;
 * their values; lost by words off word boundaries, reading and writing. */
static void copy(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double positions = (double)r->out_height * r->out_width;
    out->kernel = HF_KERNEL_COPY;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    out->terms[2] = positions;
    if (r->channel_step > 1) {
        out->terms[5] = positions * r->parts;
        out->terms[6] = positions * r->in_channels;
        return;
    }
    out->terms[3] = positions * hf_work_whole(r->in_channels, 4);
    out->terms[4] = positions * (r->in_channels % 4U);
    out->terms[7] = out->terms[3] * hf_work_misaligned(r->input_offset, r->in_step);
    out->terms[8] = out->terms[3] * hf_work_misaligned(r->output_offset, r->out_step);
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
        add(c, out);
        break;
    case HF_IMAGE_OP_MUL:
        mul(c, out);
        break;
    case HF_IMAGE_OP_COPY:
        copy(c, out);
        break;
    case HF_IMAGE_OP_TABLE:
        table(c, out);
        break;
    case HF_IMAGE_OP_SOFTMAX:
        values(c, HF_KERNEL_SOFTMAX, out);
        break;
    default:
        hf_work_rare(c, out);
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

/* Weights and parameters of the operators of a chain. Rings, scratch space and the windows in it are in the STM32F767's DTCM,
 * which no cache serves, unless the arena is larger than that. */
static uint64_t chain_bytes(const hf_op_record *const *records, uint32_t count, uint32_t at)
{
    uint32_t first = at;
    while (first > 0 && records[first - 1]->ring_rows > 0)
        first--;
    uint64_t bytes = hf_record_data_bytes(records[first]);
    for (uint32_t i = first; i + 1 < count && records[i]->ring_rows > 0; i++)
        bytes += hf_record_data_bytes(records[i + 1]);
    return bytes;
}

/* The operators in order of execution, as pointers. */
typedef struct program {
    const hf_graph *graph;
    const hf_op_record **records; /* owned */
    uint32_t count;
} program;

/* @param data the record's, NULL if there is no image */
static void count_record(const program *p, uint32_t i, const uint8_t *data, int32_t node, hf_op_work *out)
{
    const hf_op_record *r = p->records[i];
    const uint32_t ring = i > 0 ? p->records[i - 1]->ring_rows : 0;
    const bool in_chain = ring > 0 || r->ring_rows > 0;
    const hf_work_case c = {
        .record = r,
        .node = &p->graph->nodes[node],
        .data = data,
        .in_rows = ring ? ring : r->in_height,
        .calls = in_chain ? r->out_height : 1,
        .rows = in_chain ? 1 : r->out_height,
        .chain_bytes = in_chain ? chain_bytes(p->records, p->count, i) : 0,
        .is_relu = is_relu(p->graph, node),
    };
    *out = (hf_op_work){.node = node};
    count(&c, out);
}

static hf_status begin(const hf_graph *graph, uint32_t ops, program *p, hf_work *work, hf_error *err)
{
    *p = (program){graph, calloc((size_t)ops + 1, sizeof(void *)), ops};
    *work = (hf_work){calloc((size_t)ops + 1, sizeof *work->ops), ops};
    return p->records && work->ops ? HF_OK
                                   : HF_FAIL(err, HF_ENOMEM, "%s: no memory to count its work", graph->name);
}

/* Frees what only counting needs; after an error also the work. */
static hf_status end(program *p, hf_work *work, hf_status status, hf_work *out)
{
    free(p->records);
    if (status)
        hf_work_free(work);
    else
        *out = *work;
    return status;
}

hf_status hf_work_of(const hf_graph *graph, const hf_lowered *lowered, hf_work *out, hf_error *err)
{
    program p;
    hf_work work;
    const hf_status status = begin(graph, (uint32_t)lowered->op_count, &p, &work, err);
    if (!status) {
        for (uint32_t i = 0; i < work.count; i++)
            p.records[i] = &lowered->ops[i].record;
        for (uint32_t i = 0; i < work.count; i++)
            count_record(&p, i, NULL, lowered->ops[i].node, &work.ops[i]);
    }
    return end(&p, &work, status, out);
}

hf_status hf_image_work(const hf_graph *graph, const hf_image *image, hf_work *out, hf_error *err)
{
    program p;
    hf_work work;
    const hf_status status = begin(graph, image->op_count, &p, &work, err);
    const hf_op_record *records =
        (const hf_op_record *)(const void *)(image->bytes + sizeof(hf_image_header));
    if (!status) {
        for (uint32_t i = 0; i < work.count; i++)
            p.records[i] = &records[i];
        for (uint32_t i = 0; i < work.count; i++)
            count_record(&p, i, image->bytes + records[i].data_offset, image->ops[i].node, &work.ops[i]);
    }
    return end(&p, &work, status, out);
}

void hf_work_free(hf_work *work)
{
    free(work->ops);
    *work = (hf_work){0};
}
