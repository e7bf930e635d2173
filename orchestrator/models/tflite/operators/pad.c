/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "operator.h"

enum { BUILTIN_PAD = 34, OPTIONS_PAD = 22 };

static hf_status read_pad(hf_tflite_op *op)
{
    int32_t pads[8]; /* before and after, per dimension */
    uint32_t count = 0;
    int32_t rank = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)) ||
        (status = hf_tflite_op_ints(op, 1, "paddings", pads, 8, &count)) ||
        (status = hf_tflite_op_rank(op, 0, &rank)))
        return status;
    if (rank != 4 || count != 8)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%u padding values for %d dimensions, expected 8 for 4",
                              count, rank);
    if (pads[0] != 0 || pads[1] != 0 || pads[6] != 0 || pads[7] != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "pads batch or channels, expected only height and width");
    op->node.pad_top = pads[2];
    op->node.pad_bottom = pads[3];
    op->node.pad_left = pads[4];
    op->node.pad_right = pads[5];
    return hf_tflite_op_add(op, HF_OP_PAD, NULL);
}

static hf_status plan_pad(hf_tflite_planner *p, hf_error *err)
{
    (void)err;
    const hf_node *node = p->node;
    const int32_t pads[] = {0, 0, node->pad_top, node->pad_bottom, node->pad_left, node->pad_right, 0, 0};
    hf_tflite_planner_set_operator(p, BUILTIN_PAD, 2, OPTIONS_PAD, hf_tflite_put_empty_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    const int32_t paddings = hf_tflite_plan_add_ints(p->plan, node, "paddings", pads, 8, 2);
    if (!p->plan->tensors.failed)
        memcpy(hf_tflite_plan_tensor(p->plan, paddings)->shape, (int32_t[]){4, 2}, 2 * sizeof(int32_t));
    hf_tflite_planner_add_input(p, paddings);
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_PAD,
     .name = "PAD",
     .options_type = OPTIONS_PAD,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_pad},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_PAD, plan_pad},
};

HF_TFLITE_OPERATOR(pad);
