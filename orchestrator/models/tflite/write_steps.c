/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of planning an operator that the files of operators/ share. */
#include <stdio.h>

#include "write_plan.h"

void hf_tflite_planner_add_input(hf_tflite_planner *p, int32_t file_tensor)
{
    p->inputs[p->input_count++] = file_tensor;
}

int32_t hf_tflite_planner_add_matrix(hf_tflite_planner *p, const char *role, hf_tflite_planned_tensor tensor,
                                     int32_t rows, int32_t columns)
{
    tensor.rank = 2;
    tensor.shape[0] = rows;
    tensor.shape[1] = columns;
    snprintf(tensor.name, sizeof tensor.name, "%s/%s", p->node->name, role);
    return hf_tflite_plan_add_tensor(p->plan, &tensor);
}

int32_t hf_tflite_planner_input(const hf_tflite_planner *p, int32_t i)
{
    return p->plan->file_tensors[p->node->inputs[i]];
}

uint32_t hf_tflite_planner_rank(const hf_tflite_planner *p, int32_t file_tensor)
{
    return p->plan->tensors.failed ? 4 : hf_tflite_plan_tensor(p->plan, file_tensor)->rank;
}

int32_t hf_tflite_planner_input_4d(hf_tflite_planner *p, int32_t i)
{
    const int32_t from = hf_tflite_planner_input(p, i);
    if (hf_tflite_planner_rank(p, from) == 4)
        return from;
    char name[72];
    snprintf(name, sizeof name, "%s/input", p->node->name);
    const int32_t to = hf_tflite_plan_add_activation(p->plan, p->node->inputs[i], 4, name);
    hf_tflite_plan_add_reshape(p->plan, p->node, from, to);
    p->plan->file_tensors[p->node->inputs[i]] = to;
    return to;
}

/* A graph's tensor as a vector. */
static int32_t add_flat(hf_tflite_planner *p, int32_t tensor, const char *role)
{
    const hf_tensor *from = &p->plan->graph->tensors[tensor];
    hf_tflite_planned_tensor flat = {
        .type = hf_tflite_plan_type(p->plan, tensor),
        .rank = 2,
        .shape = {1, (int32_t)(hf_tensor_bytes(from) / p->plan->value_bytes[tensor])},
        .quant = from->quant};
    snprintf(flat.name, sizeof flat.name, "%s/%s", p->node->name, role);
    return hf_tflite_plan_add_tensor(p->plan, &flat);
}

int32_t hf_tflite_planner_input_flat(hf_tflite_planner *p, int32_t i)
{
    const int32_t from = hf_tflite_planner_input(p, i);
    if (hf_tflite_planner_rank(p, from) == 2)
        return from;
    const int32_t to = add_flat(p, p->node->inputs[i], "input");
    hf_tflite_plan_add_reshape(p->plan, p->node, from, to);
    return to;
}

void hf_tflite_planner_finish_flat(hf_tflite_planner *p)
{
    const int32_t flat = add_flat(p, p->node->output, "flat");
    const int32_t to = hf_tflite_plan_add_activation(p->plan, p->node->output,
                                                     hf_tflite_planner_output_rank(p), p->node->name);
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &flat, 1);
    hf_tflite_plan_add_reshape(p->plan, p->node, flat, to);
    p->plan->file_tensors[p->node->output] = to;
}

void hf_tflite_planner_finish(hf_tflite_planner *p, uint32_t rank)
{
    const int32_t output = hf_tflite_plan_add_activation(p->plan, p->node->output, rank, p->node->name);
    p->plan->file_tensors[p->node->output] = output;
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &output, 1);
}

void hf_tflite_planner_finish_like_input(hf_tflite_planner *p)
{
    hf_tflite_planner_add_input(p, hf_tflite_planner_input(p, 0));
    hf_tflite_planner_finish(p, hf_tflite_planner_rank(p, p->inputs[0]));
}

void hf_tflite_planner_set_operator(hf_tflite_planner *p, int32_t builtin, int32_t version,
                                    uint8_t options_type, hf_tflite_put_options *put_options)
{
    p->op.builtin = builtin;
    p->op.version = version;
    p->op.options_type = options_type;
    p->op.put_options = put_options;
}

uint32_t hf_tflite_planner_output_rank(const hf_tflite_planner *p)
{
    const hf_tensor *out = &p->plan->graph->tensors[p->node->output];
    const bool vector = out->height == 1 && out->width == 1;
    return vector && !p->plan->needs_4d[p->node->output] ? 2 : 4;
}

uint8_t hf_tflite_activation_code(hf_activation activation)
{
    switch (activation) {
    case HF_ACTIVATION_RELU:
        return TFLITE_ACTIVATION_RELU;
    case HF_ACTIVATION_RELU6:
        return TFLITE_ACTIVATION_RELU6;
    case HF_ACTIVATION_RELU_N1_TO_1:
        return TFLITE_ACTIVATION_RELU_N1_TO_1;
    default:
        return TFLITE_ACTIVATION_NONE;
    }
}

size_t hf_tflite_put_window(hf_flat_writer *flat, const char *layout, const hf_node *node)
{
    size_t at = hf_flat_put_table(flat, layout);
    hf_flat_set_u8(flat, at, WINDOW_PADDING,
                   node->padding == HF_PADDING_SAME ? TFLITE_PADDING_SAME : TFLITE_PADDING_VALID);
    hf_flat_set_i32(flat, at, WINDOW_STRIDE_W, node->stride_width);
    hf_flat_set_i32(flat, at, WINDOW_STRIDE_H, node->stride_height);
    return at;
}

size_t hf_tflite_put_empty_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                   const hf_tflite_planned_operator *op)
{
    (void)plan;
    (void)op;
    return hf_flat_put_table(flat, "");
}
