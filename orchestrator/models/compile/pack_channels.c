/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/layout.h"
#include "graph/fixed_point.h"
#include "graph/quantize.h"

/* Channel parameters and weights: first each channel's parameters are computed, then they are stored. */

/* Accumulators of compact parameters have 24 bits. */
#define COMPACT_MAX ((1 << 23) - 1)
#define COMPACT_MIN (-(1 << 23))

/* One output channel, before its storage form is chosen. */
typedef struct channel {
    int64_t bias;     /* includes the input's zero point */
    int64_t min, max; /* of the accumulator, over all possible inputs */
    int32_t multiplier, shift;
    bool constant; /* same output for every input, as dead channels of trained networks: weights become 0 */
} channel;

typedef struct layer {
    const hf_node *node;
    int32_t shuffle_groups; /* as in hf_lowered_op */
    const hf_op_record *record;
    channel *channels; /* owned, out_channels */
} layer;

/* Weights per output channel. */
static uint64_t taps(const hf_op_record *r)
{
    return r->op == HF_IMAGE_OP_DEPTHWISE ? (uint64_t)r->kernel_height * r->kernel_width
                                          : (uint64_t)hf_record_runs(r) * hf_record_run_values(r);
}

/* The node's channel that is stored as channel o. */
static uint32_t node_channel(const layer *l, uint32_t o)
{
    const uint32_t groups = (uint32_t)l->shuffle_groups;
    return o % groups * (l->record->out_channels / groups) + o / groups;
}

/* Weight k of the node's output channel o, k in [KH,KW,I] order. */
static int8_t node_weight(const layer *l, uint32_t o, uint64_t k)
{
    if (l->record->op == HF_IMAGE_OP_DEPTHWISE)
        return l->node->weights[k * l->record->out_channels + o];
    return l->node->weights[o * taps(l->record) + k];
}

/* Weight k of stored channel o. */
static int8_t weight(const layer *l, uint32_t o, uint64_t k)
{
    if (l->channels[o].constant)
        return 0;
    return node_weight(l, node_channel(l, o), k);
}

static int32_t output_of(const hf_op_record *r, const channel *c, int64_t sum)
{
    int32_t scaled = hf_requantize((int32_t)sum, c->multiplier, c->shift);
    return hf_clamp(hf_wrapping_add(scaled, r->output_zero_point), r->activation_min, r->activation_max);
}

/* Outputs increase monotonically with the accumulator, so a channel is constant if its extremes give the same
 * output. Such channels may have biases and scales of any size. They get ones that are exact in 24 bits, and
 * zero weights. */
static void simplify_constant(const hf_op_record *r, channel *c)
{
    if (c->shift > 0 || c->min < INT32_MIN || c->max > INT32_MAX ||
        output_of(r, c, c->min) != output_of(r, c, c->max))
        return;
    c->constant = true;
    c->bias = 4 * (int64_t)(output_of(r, c, c->min) - r->output_zero_point);
    c->multiplier = 1 << 30; /* a half, shifted right by 1: a quarter */
    c->shift = -1;
    c->min = c->bias;
    c->max = c->bias;
}

/* Computes a channel's parameters. @param o index in the node's order */
static channel channel_of(const hf_graph *graph, const layer *l, uint32_t o)
{
    const hf_node *node = l->node;
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    channel c = {.bias = node->bias ? node->bias[o] : 0};
    int64_t sum = 0;
    const uint64_t count = taps(l->record);
    for (uint64_t k = 0; k < count; k++) {
        int64_t w = (int64_t)node_weight(l, o, k);
        sum += w;
        c.min += w * (w > 0 ? INT8_MIN : INT8_MAX);
        c.max += w * (w > 0 ? INT8_MAX : INT8_MIN);
    }
    c.bias -= sum * in.zero_point;
    c.min += c.bias;
    c.max += c.bias;
    hf_quantize_multiplier(hf_node_effective_scale(graph, node, (int32_t)o), &c.multiplier, &c.shift);
    simplify_constant(l->record, &c);
    return c;
}

static hf_status layer_new(const hf_graph *graph, const hf_lowered_op *op, layer *out, hf_error *err)
{
    layer l = {&graph->nodes[op->node], op->shuffle_groups, &op->record, NULL};
    l.channels = calloc((size_t)op->record.out_channels + 1, sizeof *l.channels);
    if (!l.channels)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %u channels", l.node->name,
                       op->record.out_channels);
    for (uint32_t o = 0; o < op->record.out_channels; o++)
        l.channels[o] = channel_of(graph, &l, node_channel(&l, o));
    *out = l;
    return HF_OK;
}

/* Channels of each group that are stored in blocks of four; the remaining ones follow singly. */
static uint32_t blocked_channels(const hf_op_record *r)
{
    return r->params == HF_PARAMS_COMPACT ? (uint32_t)r->out_channels / r->parts & ~3U : 0;
}

/* In blocks, two weights share a halfword as 256 * high + low, which must fit. This includes the remaining
 * channels, which the engine combines into a block. */
static bool pairs_fit(const layer *l)
{
    const uint32_t channels = (uint32_t)l->record->out_channels / l->record->parts;
    for (uint32_t o = 0; o < l->record->out_channels; o++) {
        if (o % channels % 2 == 1 || o % channels + 1 == channels)
            continue;
        for (uint64_t k = 0; k < taps(l->record); k++)
            if (weight(l, o + 1, k) == INT8_MIN && weight(l, o, k) < 0)
                return false;
    }
    return true;
}

static bool fits_compact(const layer *l)
{
    for (uint32_t o = 0; o < l->record->out_channels; o++) {
        const channel *c = &l->channels[o];
        if (c->min < COMPACT_MIN || c->max > COMPACT_MAX || c->shift > -1 ||
            c->shift < -1 - HF_COMPACT_SHIFT_MAX)
            return false;
    }
    return l->record->op == HF_IMAGE_OP_DEPTHWISE || pairs_fit(l);
}

hf_status hf_pack_choose_params(const hf_graph *graph, hf_lowered_op *op, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    hf_op_record *r = &op->record;
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: no weights; fill them in before compiling", node->name);
    for (uint32_t o = 0; o < r->out_channels; o++)
        if (!(node->weight_scales[o] >= 0.0F) || !isfinite(node->weight_scales[o]))
            return HF_FAIL(err, HF_EINVALID, "%s: weight scale %g of channel %u, expected a finite one >= 0",
                           node->name, (double)node->weight_scales[o], o);
    layer l = {0};
    hf_status status = layer_new(graph, op, &l, err);
    if (!l.channels)
        return status;
    for (uint32_t o = 0; o < r->out_channels && !status; o++)
        if (l.channels[o].shift > 30)
            status = HF_FAIL(err, HF_EUNSUPPORTED,
                             "%s: output channel %u is scaled up by 2^%d, at most 2^30 is supported",
                             node->name, o, l.channels[o].shift);
    r->params = fits_compact(&l) ? HF_PARAMS_COMPACT : HF_PARAMS_WIDE;
    free(l.channels);
    return status;
}

/* Slot of weight k among a channel's slots. */
static uint32_t window_slot(const hf_op_record *r, uint32_t k)
{
    const uint32_t values = hf_record_run_values(r);
    return k / values * (values + values % 2) + hf_run_slot(k % values, values);
}

/* Four channels from o on; for each pair of window slots, two channels share a halfword. */
static void pack_block(const layer *l, uint32_t o, uint8_t *to)
{
    const uint64_t count = taps(l->record);
    for (uint32_t k = 0; k < count; k++) {
        const size_t slot = window_slot(l->record, k);
        for (uint32_t c = 0; c < 4; c += 2) {
            const int32_t low = (int32_t)weight(l, o + c, k);
            const int32_t high = (int32_t)weight(l, o + c + 1, k);
            uint8_t *pair = to + slot / 2 * 8 + slot % 2 * 2 + (size_t)c * 2;
            pair[0] = (uint8_t)low;
            pair[1] = (uint8_t)(high - (low < 0)); /* a negative low byte borrows from the high byte */
        }
    }
}

/* @param slots of the window */
static void pack_single(const layer *l, uint32_t o, uint32_t slots, uint8_t *to)
{
    for (uint32_t k = 0; k < taps(l->record); k++)
        to[hf_run_slot(window_slot(l->record, k), slots)] = (uint8_t)weight(l, o, k);
}

/* A convolution's weights: first the blocks of all groups, so that they stay aligned, then the remaining
 * channels. */
static void pack_gemm(const layer *l, uint8_t *to)
{
    const hf_op_record *r = l->record;
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    const uint32_t blocked = blocked_channels(r);
    const size_t bytes = 2 * (size_t)hf_window_pairs(hf_record_runs(r), hf_record_run_values(r));
    for (uint32_t first = 0; first < r->out_channels; first += channels)
        for (uint32_t o = first; o < first + blocked; o += 4, to += 4 * bytes)
            pack_block(l, o, to);
    for (uint32_t first = 0; first < r->out_channels; first += channels)
        for (uint32_t o = first + blocked; o < first + channels; o++, to += bytes)
            pack_single(l, o, (uint32_t)bytes, to);
}

static void pack_plain(const layer *l, uint8_t *to)
{
    for (uint32_t o = 0; o < l->record->out_channels; o++)
        for (uint64_t k = 0; k < taps(l->record); k++)
            *to++ = (uint8_t)weight(l, o, k);
}

hf_status hf_pack_channels(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_op_record *r = &op->record;
    const bool compact = r->params == HF_PARAMS_COMPACT;
    layer l = {0};
    hf_status status = layer_new(graph, op, &l, err);
    if (!l.channels)
        return status;
    for (uint32_t o = 0; o < r->out_channels; o++) {
        const channel *c = &l.channels[o];
        if (compact) {
            hf_channel_compact stored = {c->multiplier, (int32_t)(c->bias * 256 - c->shift - 1)};
            memcpy(to, &stored, sizeof stored);
            to += sizeof stored;
        } else {
            hf_channel_wide stored = {(int32_t)(uint32_t)(uint64_t)c->bias, c->multiplier, c->shift};
            memcpy(to, &stored, sizeof stored);
            to += sizeof stored;
        }
    }
    if (r->op == HF_IMAGE_OP_DEPTHWISE)
        pack_plain(&l, to);
    else
        pack_gemm(&l, to);
    free(l.channels);
    return HF_OK;
}
