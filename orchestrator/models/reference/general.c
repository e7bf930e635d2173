/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of 8-bit or 16-bit values with weights that may have a zero point. Each input value is added to the accumulators
 * of the outputs that it contributes to. */
#include <stdlib.h>
#include <string.h>

#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "graph/values16.h"
#include "reference/node.h"

/* A convolution while it runs. */
typedef struct general {
    const hf_reference_call *call;
    int64_t inputs, outputs; /* channels */
    int64_t group_inputs, group_outputs;
    int32_t top, left;
    int64_t *sums; /* owned, one per output value */
} general;

static int32_t input_value(const general *g, int64_t position, int64_t channel)
{
    const int64_t at = position * g->inputs + channel;
    if (g->call->node->in_bytes == 2)
        return hf_value16(g->call->inputs[0], at);
    return g->call->inputs[0][at] - g->call->in->quant.zero_point;
}

/* One tap of the kernel from an input position to an output position. */
static void add_tap(general *g, int64_t from, int64_t to, int64_t tap)
{
    const hf_node *node = g->call->node;
    const int64_t area = (int64_t)node->kernel_height * node->kernel_width;
    for (int64_t o = 0; o < g->outputs; o++) {
        const int64_t group = o / g->group_outputs;
        const int8_t *weights = node->weights + (o * area + tap) * g->group_inputs;
        int64_t sum = 0;
        for (int64_t i = 0; i < g->group_inputs; i++)
            sum += (int64_t)(weights[i] - node->weight_zero_point) *
                   input_value(g, from, group * g->group_inputs + i);
        g->sums[to * g->outputs + o] += sum;
    }
}

/* In a transposed convolution input and output positions have changed places. */
static void add_window(general *g, int32_t y, int32_t x)
{
    const hf_node *node = g->call->node;
    const hf_tensor *spread = node->transposed ? g->call->out : g->call->in; /* the one with windows */
    const hf_tensor *other = node->transposed ? g->call->in : g->call->out;
    const hf_window rows = hf_window_at(y, node->stride_height, g->top, node->kernel_height, spread->height);
    const hf_window columns = hf_window_at(x, node->stride_width, g->left, node->kernel_width, spread->width);
    const int64_t single = (int64_t)y * other->width + x;
    for (int32_t ky = rows.begin; ky < rows.end; ky++)
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
            const int64_t tap = (int64_t)ky * node->kernel_width + kx;
            const int64_t position = (int64_t)(rows.origin + ky) * spread->width + columns.origin + kx;
            if (node->transposed)
                add_tap(g, single, position, tap);
            else
                add_tap(g, position, single, tap);
        }
}

static hf_status store_outputs(const general *g, hf_error *err)
{
    const hf_reference_call *call = g->call;
    const hf_node *node = call->node;
    const int64_t positions = (int64_t)call->out->height * call->out->width;
    int32_t min, max;
    hf_activation_range16(node->activation, call->out->quant, node->out_bytes, &min, &max);
    for (int64_t o = 0; o < g->outputs; o++) {
        int32_t multiplier, shift;
        const int64_t bias = node->long_bias ? node->long_bias[o] : node->bias ? node->bias[o] : 0;
        hf_quantize_multiplier(hf_node_effective_scale(call->graph, node, (int32_t)o), &multiplier, &shift);
        if (shift > (node->long_sums ? 7 : HF_REQUANTIZE_MAX_SHIFT))
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: the scale of channel %lld is too large", node->name,
                           (long long)o);
        for (int64_t p = 0; p < positions; p++) {
            const int64_t sum = (int64_t)((uint64_t)g->sums[p * g->outputs + o] + (uint64_t)bias);
            const int32_t scaled = node->long_sums
                                       ? hf_requantize_long(sum, multiplier, shift)
                                       : hf_requantize((int32_t)(uint32_t)(uint64_t)sum, multiplier, shift);
            const int32_t value = hf_clamp(hf_wrapping_add(scaled, call->out->quant.zero_point), min, max);
            if (node->out_bytes == 2)
                hf_set_value16(call->output, p * g->outputs + o, value);
            else
                call->output[p * g->outputs + o] = (int8_t)value;
        }
    }
    return HF_OK;
}

hf_status hf_reference_general(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    general g = {.call = call,
                 .inputs = call->in->channels / node->in_bytes,
                 .outputs = call->out->channels / node->out_bytes};
    const hf_tensor *single = node->transposed ? call->in : call->out;
    g.group_inputs = g.inputs / node->groups;
    g.group_outputs = g.outputs / node->groups;
    g.sums = calloc((size_t)(hf_tensor_bytes(call->out) / node->out_bytes), sizeof *g.sums);
    if (!g.sums)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for its sums", node->name);
    hf_node_padding(call->graph, node, &g.top, &g.left);
    for (int32_t y = 0; y < single->height; y++)
        for (int32_t x = 0; x < single->width; x++)
            add_window(&g, y, x);
    hf_status status = store_outputs(&g, err);
    free(g.sums);
    return status;
}
