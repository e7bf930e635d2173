/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "graph/quantize.h"
#include "pack.h"

hf_status hf_pack_softmax(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const int32_t fraction_bits = 31 - HF_SOFTMAX_INTEGER_BITS;
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    if (in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: softmax over %d values, at most %d are supported",
                       node->name, in->channels, HF_SOFTMAX_MAX_CHANNELS);
    double real = (double)node->softmax_beta * (double)in->quant.scale * (double)(1 << fraction_bits);
    if (!(real > 1.0) || !isfinite(real))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: beta %g and input scale %g are out of range for softmax",
                       node->name, (double)node->softmax_beta, (double)in->quant.scale);
    hf_softmax_data data;
    hf_quantize_multiplier(fmin(real, 2147483647.0), &data.multiplier, &data.left_shift);
    data.diff_min =
        -(int32_t)(((int64_t)((1 << HF_SOFTMAX_INTEGER_BITS) - 1) << fraction_bits) >> data.left_shift);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}
