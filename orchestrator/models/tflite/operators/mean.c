/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/quantize.h"
#include "operator.h"

enum {
    BUILTIN_MEAN = 40,
    BUILTIN_SUM = 74,
    BUILTIN_REDUCE_MAX = 82,
    BUILTIN_REDUCE_MIN = 89,
    OPTIONS_REDUCER = 27
};
enum { REDUCER_KEEP_DIMS }; /* ReducerOptions */

/* The axes as bits. */
static hf_status read_axes(hf_tflite_op *op, const hf_tflite_tensor *input, uint32_t *reduced)
{
    int32_t axes[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    const int32_t rank = (int32_t)input->rank;
    hf_status status = hf_tflite_op_ints(op, 1, "axes", axes, HF_TFLITE_MAX_RANK, &count);
    *reduced = 0;
    for (uint32_t i = 0; i < count && !status; i++) {
        if (axes[i] < -rank || axes[i] >= rank)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "reduces axis %d, but input 0 has %d dimensions", axes[i],
                                  rank);
        *reduced |= 1u << (axes[i] < 0 ? axes[i] + rank : axes[i]);
    }
    return status;
}

/* Over all positions: a node of its own. */
static hf_status add_mean(hf_tflite_op *op)
{
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

/* Axes that do not follow one another are brought to the end: the input as [outer, reduced, 1]. */
static hf_status gather_axes(hf_tflite_op *op, const hf_tflite_tensor *input, uint32_t reduced,
                             hf_tflite_axis *axis, int32_t *tensor)
{
    int32_t order[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    for (uint32_t last = 0; last < 2; last++)
        for (uint32_t d = 0; d < input->rank; d++)
            if (((reduced >> d) & 1) == last)
                order[count++] = (int32_t)d;
    axis->outer *= axis->inner;
    axis->inner = 1;
    return hf_tflite_transpose(op->tflite, *tensor, input->shape, order, input->rank, op->value_bytes,
                               axis->outer, axis->size, tensor);
}

/* Over axes that follow one another, apart from those of size 1: the input as [outer, reduced, inner]. */
static hf_status add_reduce(hf_tflite_op *op, const hf_tflite_tensor *input, uint32_t reduced)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_axis axis = {1, 1, 1}; /* of values */
    bool apart = false;
    int32_t tensor = op->node.inputs[0];
    hf_status status;
    for (uint32_t d = 0; d < input->rank; d++) {
        if ((reduced >> d) & 1) {
            apart = apart || (axis.inner > 1 && input->shape[d] > 1);
            axis.size *= input->shape[d];
        } else if (axis.size > 1) {
            axis.inner *= input->shape[d];
        } else {
            axis.outer *= input->shape[d];
        }
    }
    if (apart && (status = gather_axes(op, input, reduced, &axis, &tensor)))
        return status;
    axis.inner *= op->value_bytes;
    hf_node node = {.input_count = 1,
                    .reduction = op->builtin == BUILTIN_MEAN         ? HF_REDUCTION_MEAN
                                 : op->builtin == BUILTIN_SUM        ? HF_REDUCTION_SUM
                                 : op->builtin == BUILTIN_REDUCE_MAX ? HF_REDUCTION_MAXIMUM
                                                                     : HF_REDUCTION_MINIMUM};
    int32_t multiplier, shift;
    hf_error cause;
    hf_error_clear(&cause);
    if ((status = hf_tflite_reshape(tflite, tensor, axis.outer, axis.size, axis.inner, &node.inputs[0])))
        return status;
    const hf_tensor *in = &tflite->graph->tensors[node.inputs[0]];
    const bool sums = op->builtin == BUILTIN_MEAN || op->builtin == BUILTIN_SUM;
    if (!sums && (status = hf_tflite_op_same_quant(op)))
        return status;
    if (sums &&
        (status = hf_reduce_multiplier(&node, in, op->output_shape.quant, &multiplier, &shift, &cause)))
        return TFLITE_OP_FAIL(op, status, "%.300s", cause.message);
    if ((status = hf_tflite_append(tflite, &node, op->type == TYPE_INT16 ? HF_OP_REDUCE16 : HF_OP_REDUCE, 0,
                                   &tensor)))
        return status;
    tflite->graph->tensors[tensor].quant = op->output_shape.quant;
    return hf_tflite_op_alias(op, tensor);
}

static hf_status read_reduce(hf_tflite_op *op)
{
    hf_tflite_tensor input;
    uint32_t reduced = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &input)) ||
        (status = read_axes(op, &input, &reduced)))
        return status;
    const uint32_t spatial = (1u << (input.rank - 1)) - 2; /* bits 1 .. rank - 2 */
    const bool all_positions = input.rank >= 3 && input.shape[0] == 1 && reduced == spatial;
    if (op->builtin == BUILTIN_MEAN && all_positions && op->type != TYPE_INT16)
        return add_mean(op);
    return add_reduce(op, &input, reduced);
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

/* A reduce is written over the width of a tensor of four dimensions. */
static hf_status plan_reduce(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    static const int32_t codes[] = {[HF_REDUCTION_MEAN] = BUILTIN_MEAN,
                                    [HF_REDUCTION_SUM] = BUILTIN_SUM,
                                    [HF_REDUCTION_MAXIMUM] = BUILTIN_REDUCE_MAX,
                                    [HF_REDUCTION_MINIMUM] = BUILTIN_REDUCE_MIN};
    static const int32_t axis = 2;
    hf_tflite_planner_set_operator(p, codes[p->node->reduction], 2, OPTIONS_REDUCER, put_options);
    p->op.keep_dims = true;
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "axes", &axis, 1, 1));
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

#define REDUCER(builtin)                                                                                     \
    {                                                                                                        \
        .code = BUILTIN_##builtin, .name = #builtin, .options_type = OPTIONS_REDUCER, .min_inputs = 2,       \
        .max_inputs = 2, .more_types = HF_TFLITE_TAKES_INT16, .read = read_reduce                            \
    }

static const hf_tflite_builtin builtins[] = {
    REDUCER(MEAN),
    REDUCER(SUM),
    REDUCER(REDUCE_MAX),
    REDUCER(REDUCE_MIN),
};

static const hf_tflite_writer writers[] = {
    {HF_OP_MEAN, plan_mean},
    {HF_OP_REDUCE, plan_reduce},
    {HF_OP_REDUCE16, plan_reduce},
};

HF_TFLITE_OPERATOR(mean);
