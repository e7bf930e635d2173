/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "graph/quantize.h"
#include "graph/values16.h"
#include "operator.h"

enum { BUILTIN_SOFTMAX = 25, OPTIONS_SOFTMAX = 9, BUILTIN_LOG_SOFTMAX = 50, OPTIONS_LOG_SOFTMAX = 36 };
enum { SOFTMAX_BETA }; /* SoftmaxOptions */

static hf_status read_softmax16(hf_tflite_op *op)
{
    hf_node *node = NULL;
    hf_softmax16_rule rule;
    hf_error cause;
    hf_error_clear(&cause);
    hf_status status = hf_tflite_op_add(op, HF_OP_SOFTMAX16, &node);
    if (!status && (status = hf_softmax16_rule_init(op->tflite->graph, node, &rule, &cause)))
        status = TFLITE_OP_FAIL(op, status, "%.300s", cause.message);
    return status;
}

static hf_status read_softmax(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    const hf_quant out = op->output_shape.quant;
    op->node.softmax_beta = hf_flat_f32(&op->tflite->file, op->options, SOFTMAX_BETA, 0.0f);
    double beta = op->node.softmax_beta;
    if (op->type == TYPE_INT16)
        return read_softmax16(op);
    /* The fixed-point multiplier is beta x input scale x 2^26. */
    if (!(beta * (double)in->quant.scale * 67108864.0 > 1.0) || !isfinite(beta))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "beta %g with input scale %g, expected a finite product above 2^-26", beta,
                              (double)in->quant.scale);
    if (!hf_quant_same(out, (hf_quant){.scale = 1.0f / 256, .zero_point = -128}))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "output scale %g and zero point %d, expected 1/256 and -128", (double)out.scale,
                              out.zero_point);
    if (in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "softmax over %d values, at most %d are supported",
                              in->channels, HF_SOFTMAX_MAX_CHANNELS);
    return hf_tflite_op_add(op, HF_OP_SOFTMAX, NULL);
}

static hf_status read_log_softmax(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    const hf_quant out = op->output_shape.quant;
    /* The fixed-point multiplier is input scale x 2^26, and its inverse must be below 1. */
    const double real = (double)in->quant.scale * 67108864.0;
    if (!(real > 1.0) || !isfinite(real) || in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "%d values of scale %g, expected at most %d with a scale above 2^-26",
                              in->channels, (double)in->quant.scale, HF_SOFTMAX_MAX_CHANNELS);
    if (!hf_quant_same(out, (hf_quant){.scale = 16.0f / 256, .zero_point = 127}))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "output scale %g and zero point %d, expected 16/256 and 127", (double)out.scale,
                              out.zero_point);
    return hf_tflite_op_add(op, HF_OP_LOG_SOFTMAX, NULL);
}

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "4");
    (void)plan;
    hf_flat_set_f32(flat, at, SOFTMAX_BETA, op->node->softmax_beta);
    return at;
}

static hf_status plan_softmax(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_SOFTMAX, 2, OPTIONS_SOFTMAX, put_options);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static hf_status plan_log_softmax(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_LOG_SOFTMAX, 2, OPTIONS_LOG_SOFTMAX,
                                   hf_tflite_put_empty_options);
    hf_tflite_planner_finish_like_input(p);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_SOFTMAX,
     .name = "SOFTMAX",
     .more_types = HF_TFLITE_TAKES_INT16 | HF_TFLITE_TAKES_UINT8,
     .options_type = OPTIONS_SOFTMAX,
     .options_required = true,
     .takes_float = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_softmax},
    {.code = BUILTIN_LOG_SOFTMAX,
     .name = "LOG_SOFTMAX",
     .options_type = OPTIONS_LOG_SOFTMAX,
     .takes_float = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_log_softmax},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_SOFTMAX, plan_softmax},
    {HF_OP_SOFTMAX16, plan_softmax},
    {HF_OP_LOG_SOFTMAX, plan_log_softmax},
};

HF_TFLITE_OPERATOR(softmax);
