/* SPDX-License-Identifier: Apache-2.0 */
/* Adding tensors and operators to a plan. */
#include "write_plan.h"

#include <stdio.h>
#include <string.h>

uint32_t hf_tflite_plan_tensor_count(const hf_tflite_plan *plan)
{
    return (uint32_t)(plan->tensors.size / sizeof(hf_tflite_planned_tensor));
}

hf_tflite_planned_tensor *hf_tflite_plan_tensor(const hf_tflite_plan *plan, int32_t index)
{
    return (hf_tflite_planned_tensor *)(void *)plan->tensors.data + index;
}

int32_t hf_tflite_plan_add_tensor(hf_tflite_plan *plan, const hf_tflite_planned_tensor *tensor)
{
    hf_buffer_append(&plan->tensors, tensor, sizeof *tensor);
    return plan->tensors.failed ? 0 : (int32_t)hf_tflite_plan_tensor_count(plan) - 1;
}

uint8_t hf_tflite_plan_type(const hf_tflite_plan *plan, int32_t tensor)
{
    return plan->value_bytes[tensor] == 2 ? TYPE_INT16 : TYPE_INT8;
}

int32_t hf_tflite_plan_add_activation(hf_tflite_plan *plan, int32_t tensor, uint32_t rank, const char *name)
{
    const hf_tensor *from = &plan->graph->tensors[tensor];
    const int32_t value_bytes = plan->value_bytes[tensor];
    hf_tflite_planned_tensor planned = {
        .type = hf_tflite_plan_type(plan, tensor), .rank = rank, .quant = from->quant};
    snprintf(planned.name, sizeof planned.name, "%s", name);
    planned.shape[0] = 1;
    if (rank == 4) {
        planned.shape[1] = from->height;
        planned.shape[2] = from->width;
    }
    planned.shape[rank - 1] = from->channels / value_bytes;
    return hf_tflite_plan_add_tensor(plan, &planned);
}

int32_t hf_tflite_plan_add_ints(hf_tflite_plan *plan, const hf_node *node, const char *role,
                                const int32_t *values, uint32_t count, uint32_t rank)
{
    hf_tflite_planned_tensor planned = {.type = TYPE_INT32, .rank = rank, .int_count = count};
    snprintf(planned.name, sizeof planned.name, "%s/%s", node->name, role);
    planned.shape[0] = (int32_t)count;
    memcpy(planned.ints, values, count * sizeof *values);
    return hf_tflite_plan_add_tensor(plan, &planned);
}

void hf_tflite_plan_add_operator(hf_tflite_plan *plan, hf_tflite_planned_operator planned,
                                 const int32_t *inputs, uint32_t input_count, const int32_t *outputs,
                                 uint32_t output_count)
{
    planned.input_at = (uint32_t)(plan->operands.size / sizeof *inputs);
    planned.input_count = input_count;
    planned.output_at = planned.input_at + input_count;
    planned.output_count = output_count;
    hf_buffer_append(&plan->operands, inputs, input_count * sizeof *inputs);
    hf_buffer_append(&plan->operands, outputs, output_count * sizeof *outputs);
    hf_buffer_append(&plan->operators, &planned, sizeof planned);
}

static size_t put_reshape_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                  const hf_tflite_planned_operator *op)
{
    const hf_tflite_planned_tensor *shape = hf_tflite_plan_tensor(plan, op->shape_tensor);
    size_t at = hf_flat_put_table(flat, "4");
    hf_flat_link(flat, at, RESHAPE_NEW_SHAPE, hf_flat_put_ints(flat, shape->ints, shape->int_count));
    return at;
}

void hf_tflite_plan_add_reshape(hf_tflite_plan *plan, const hf_node *node, int32_t from, int32_t to)
{
    if (plan->tensors.failed)
        return;
    const hf_tflite_planned_tensor target = *hf_tflite_plan_tensor(plan, to);
    const int32_t shape = hf_tflite_plan_add_ints(plan, node, "shape", target.shape, target.rank, 1);
    hf_tflite_plan_add_operator(plan,
                                (hf_tflite_planned_operator){.builtin = BUILTIN_RESHAPE,
                                                             .version = 1,
                                                             .options_type = OPTIONS_RESHAPE,
                                                             .put_options = put_reshape_options,
                                                             .node = node,
                                                             .shape_tensor = shape},
                                (int32_t[]){from, shape}, 2, &to, 1);
}
