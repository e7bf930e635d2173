/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/svdf.h"

#include <math.h>

#include "graph/quantize.h"

hf_status hf_svdf_rule_init(const hf_graph *graph, const hf_node *node, hf_svdf_rule *rule, hf_error *err)
{
    const float in = graph->tensors[node->inputs[0]].quant.scale;
    const float out = graph->tensors[node->output].quant.scale;
    /* Single precision and this order, as in TensorFlow Lite Micro. */
    volatile float feature = in * node->weight_scales[0];
    volatile float time = node->cell_scale * node->weight_scales[1];
    volatile float first = feature / node->cell_scale;
    volatile float second = time / out;
    const float factors[2] = {first, second};
    hf_svdf_rule r = {.state_min = INT16_MIN, .state_max = INT16_MAX};
    for (int i = 0; i < 2; i++) {
        hf_quantize_multiplier((double)factors[i], &r.multiplier[i], &r.shift[i]);
        if (!(factors[i] > 0.0f) || !isfinite(factors[i]) || r.shift[i] > HF_REQUANTIZE_MAX_SHIFT)
            return HF_FAIL(
                err, HF_EUNSUPPORTED,
                "%s: scales of %g for the input, %g for the state and %g for the output are out of range",
                node->name, (double)in, (double)node->cell_scale, (double)out);
    }
    if (node->narrow_state) { /* the zero point is added before the limits of int8 */
        r.state_min = INT8_MIN - node->state_zero_point;
        r.state_max = INT8_MAX - node->state_zero_point;
    }
    *rule = r;
    return HF_OK;
}
