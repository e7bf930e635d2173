/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/quantize.h"
#include "operator.h"

enum { BUILTIN_MEAN = 40, OPTIONS_REDUCER = 27 };
enum { REDUCER_KEEP_DIMS }; /* ReducerOptions */

/* The axes must be all dimensions except the first (batch) and the last (channels). */
static hf_status check_mean_axes(hf_tflite_op *op)
{
    hf_tflite_tensor input;
    int32_t axes[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    hf_status status;
    if ((status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &input)) ||
        (status = hf_tflite_op_ints(op, 1, "axes", axes, HF_TFLITE_MAX_RANK, &count)))
        return status;
    const int32_t rank = (int32_t)input.rank;
    uint32_t reduced = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (axes[i] < -rank || axes[i] >= rank)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "mean over axis %d, but input 0 has %d dimensions", axes[i],
                                  rank);
        reduced |= 1u << (axes[i] < 0 ? axes[i] + rank : axes[i]);
    }
    const uint32_t spatial = (1u << (rank - 1)) - 2; /* bits 1 .. rank - 2 */
    if (rank < 3 || reduced != spatial)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "mean over other axes, expected height and width");
    return HF_OK;
}

static hf_status read_mean(hf_tflite_op *op)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = check_mean_axes(op)))
        return status;
    const hf_tensor *in = hf_tflite_op_in(op);
    const int64_t positions = (int64_t)in->height * in->width;
    if (positions > INT32_MAX / 255)
        return TFLITE_OP_FAIL(op, HF_ELIMIT, "mean over %lld positions, at most %d are supported",
                              (long long)positions, INT32_MAX / 255);
    int32_t multiplier, shift;
    hf_mean_multiplier(in->quant, op->output_shape.quant, (int32_t)positions, &multiplier, &shift);
    if (shift > HF_REQUANTIZE_MAX_SHIFT)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "output scale %g is too small for input scale %g",
                              (double)op->output_shape.quant.scale, (double)in->quant.scale);
    return hf_tflite_op_add(op, HF_OP_MEAN, NULL);
}

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "1");
    (void)plan;
    hf_flat_set_u8(flat, at, REDUCER_KEEP_DIMS, op->keep_dims);
    return at;
}

static hf_status plan_mean(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    static const int32_t axes[] = {1, 2};
    hf_tflite_planner_set_operator(p, BUILTIN_MEAN, 2, OPTIONS_REDUCER, put_options);
    p->op.keep_dims = hf_tflite_planner_output_rank(p) == 4;
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "axes", axes, 2, 1));
    hf_tflite_planner_finish(p, hf_tflite_planner_output_rank(p));
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_MEAN,
     .name = "MEAN",
     .options_type = OPTIONS_REDUCER,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_mean},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_MEAN, plan_mean},
};

HF_TFLITE_OPERATOR(mean);
