/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/quantize.h"
#include "pack.h"

hf_status hf_pack_add(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    double a = (double)graph->tensors[node->inputs[0]].quant.scale;
    double b = (double)graph->tensors[node->inputs[1]].quant.scale;
    double out = (double)graph->tensors[node->output].quant.scale;
    double common = 2.0 * (a > b ? a : b);
    hf_add_data data;
    hf_quantize_multiplier(a / common, &data.multiplier[0], &data.shift[0]);
    hf_quantize_multiplier(b / common, &data.multiplier[1], &data.shift[1]);
    hf_quantize_multiplier(common / ((double)(1 << HF_ADD_LEFT_SHIFT) * out), &data.multiplier[2],
                           &data.shift[2]);
    if (data.shift[2] > 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                       node->name, out, a, b);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}
