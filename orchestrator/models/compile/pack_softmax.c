/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "graph/quantize.h"
#include "pack.h"

static hf_status make_data(const hf_graph *graph, const hf_node *node, double beta, hf_softmax_data *data,
                           hf_error *err)
{
    const int32_t fraction_bits = 31 - HF_SOFTMAX_INTEGER_BITS;
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    if (in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: softmax over %d values, at most %d are supported",
                       node->name, in->channels, HF_SOFTMAX_MAX_CHANNELS);
    double real = beta * (double)in->quant.scale * (double)(1 << fraction_bits);
    if (!(real > 1.0) || !isfinite(real))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: beta %g and input scale %g are out of range for softmax",
                       node->name, beta, (double)in->quant.scale);
    hf_quantize_multiplier(fmin(real, 2147483647.0), &data->multiplier, &data->left_shift);
    data->diff_min =
        -(int32_t)(((int64_t)((1 << HF_SOFTMAX_INTEGER_BITS) - 1) << fraction_bits) >> data->left_shift);
    return HF_OK;
}

hf_status hf_pack_softmax(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    hf_softmax_data data = {0};
    hf_status status = make_data(graph, node, (double)node->softmax_beta, &data, err);
    if (!status)
        memcpy(to, &data, sizeof data);
    return status;
}

hf_status hf_pack_log_softmax(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    hf_log_softmax_data data = {0};
    hf_status status = make_data(graph, &graph->nodes[op->node], 1.0, &data.exponent, err);
    if (status)
        return status;
    const double back = (double)(INT64_C(1) << (31 - data.exponent.left_shift)) / data.exponent.multiplier;
    hf_quantize_multiplier(back, &data.back_multiplier, &data.back_shift);
    if (data.back_shift > 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: input scale %g is too small for log_softmax",
                       graph->nodes[op->node].name,
                       (double)graph->tensors[graph->nodes[op->node].inputs[0]].quant.scale);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}
