/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_LSTM with int8 or int16 activations and a 16-bit cell state. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/lstm.h"
#include "operator.h"

enum { OPTIONS_LSTM = 71 };
enum { LSTM_ACTIVATION, LSTM_CELL_CLIP, LSTM_PROJECTION_CLIP, LSTM_TIME_MAJOR };
/* Inputs: the input, weights of four gates, recurrent weights of four gates, peepholes, biases of four gates, projection,
 * hidden state, cell state, layer norms. */
enum {
    WEIGHTS = 1,
    RECURRENT = 5,
    PEEPHOLES = 9,
    BIASES = 12,
    PROJECTION = 16,
    HIDDEN = 18,
    CELL,
    NORMS,
    INPUTS = 24
};

#define TANH_ACTIVATION 4

static hf_status check_absent(hf_tflite_op *op, uint32_t first, uint32_t end, const char *what)
{
    for (uint32_t i = first; i < end && i < op->input_count; i++)
        if (op->inputs[i] != -1)
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "has %s (input %u), expected none", what, i);
    return HF_OK;
}

static hf_status check_form(hf_tflite_op *op)
{
    hf_flat_file *file = &op->tflite->file;
    const uint8_t activation = hf_flat_u8(file, op->options, LSTM_ACTIVATION, 0);
    hf_status status;
    if (activation != TANH_ACTIVATION)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "fused activation %u, expected 4 (TANH)", activation);
    if ((status = check_absent(op, PEEPHOLES, BIASES, "peephole weights")) ||
        (status = check_absent(op, PROJECTION, HIDDEN, "a projection")) ||
        (status = check_absent(op, NORMS, INPUTS, "a layer norm")))
        return status;
    op->node.cell_clip = hf_flat_f32(file, op->options, LSTM_CELL_CLIP, 0.0f);
    if (!(op->node.cell_clip >= 0.0f) || !isfinite(op->node.cell_clip))
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "cell_clip %g, expected at least 0",
                              (double)op->node.cell_clip);
    return hf_tflite_check(op->tflite);
}

/* The scale of the cell state, an int16 tensor. */
static hf_status read_cell(hf_tflite_op *op)
{
    hf_tflite_tensor cell;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[CELL], "cell state", &cell);
    if (status)
        return status;
    if (cell.type != TYPE_INT16 || cell.scales.count != 1)
        return TENSOR_FAIL(op->tflite, &cell, HF_EUNSUPPORTED,
                           "type %s with %u scales, expected int16 with one", hf_tflite_type_name(cell.type),
                           cell.scales.count);
    op->node.cell_scale = hf_flat_f32_at(&op->tflite->file, cell.scales, 0);
    return hf_tflite_check(op->tflite);
}

/* Reads one array of weights, [units][columns], to `to`. */
static hf_status read_weights(hf_tflite_op *op, uint32_t input, int32_t columns, int8_t *to, float *scale)
{
    hf_tflite_tensor tensor;
    hf_node one = {0};
    const int32_t units = op->node.units;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[input], "weights", &tensor);
    if (status)
        return status;
    if (tensor.type != TYPE_INT8 || tensor.rank != 2 || tensor.shape[0] != units ||
        tensor.shape[1] != columns || tensor.scales.count != 1)
        return TENSOR_FAIL(op->tflite, &tensor, HF_EUNSUPPORTED, "expected %dx%d weights with one scale",
                           units, columns);
    status = hf_tflite_weights(op->tflite, &tensor, units, 0, &one);
    if (!status) {
        memcpy(to, one.weights, (size_t)units * (size_t)columns);
        *scale = one.weight_scales[0];
    }
    free(one.weights);
    free(one.weight_scales);
    return status;
}

static hf_status read_biases(hf_tflite_op *op, hf_node *node)
{
    const size_t units = (size_t)node->units;
    hf_status status = HF_OK;
    const bool wide = op->type == TYPE_INT16;
    const uint32_t bytes = wide ? 8 : 4;
    if (wide)
        node->long_bias = calloc(HF_LSTM_GATES * units, sizeof *node->long_bias);
    else
        node->bias = calloc(HF_LSTM_GATES * units, sizeof *node->bias);
    if (!node->bias && !node->long_bias)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for biases");
    for (uint32_t gate = 0; gate < HF_LSTM_GATES && !status; gate++) {
        hf_tflite_tensor tensor;
        if (op->inputs[BIASES + gate] == -1)
            continue;
        if ((status = hf_tflite_tensor_read(op->tflite, op->inputs[BIASES + gate], "bias", &tensor)))
            return status;
        if (tensor.type != (wide ? TYPE_INT64 : TYPE_INT32) || tensor.data.count != bytes * units)
            return TENSOR_FAIL(op->tflite, &tensor, HF_EUNSUPPORTED, "expected %zu constant %s values", units,
                               wide ? "int64" : "int32");
        const hf_flat_vector data = {.at = tensor.data.at, .count = (uint32_t)units, .present = true};
        for (uint32_t u = 0; u < units && node->long_bias; u++)
            node->long_bias[gate * units + u] = hf_flat_i64_at(&op->tflite->file, data, u);
        for (uint32_t u = 0; u < units && node->bias; u++)
            node->bias[gate * units + u] = hf_flat_i32_at(&op->tflite->file, data, u);
    }
    return hf_tflite_check(op->tflite);
}

static hf_status fill(hf_tflite_op *op, hf_node *node, int32_t inputs)
{
    const size_t units = (size_t)node->units;
    const size_t columns = (size_t)inputs;
    hf_status status = hf_tflite_count_parameters(op->tflite, HF_LSTM_GATES * units * (columns + units + 8));
    if (status)
        return status;
    node->weights = malloc(HF_LSTM_GATES * units * (columns + units));
    node->weight_scales = calloc((size_t)2 * HF_LSTM_GATES, sizeof *node->weight_scales);
    if (!node->weights || !node->weight_scales)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for weights");
    int8_t *recurrent = node->weights + HF_LSTM_GATES * units * columns;
    for (uint32_t gate = 0; gate < HF_LSTM_GATES && !status; gate++) {
        status = read_weights(op, WEIGHTS + gate, inputs, node->weights + gate * units * columns,
                              &node->weight_scales[gate]);
        if (!status)
            status = read_weights(op, RECURRENT + gate, node->units, recurrent + gate * units * units,
                                  &node->weight_scales[HF_LSTM_GATES + gate]);
    }
    return status ? status : read_biases(op, node);
}

static hf_status check_rule(hf_tflite_op *op, const hf_node *node)
{
    hf_lstm_rule rule;
    hf_error cause;
    hf_error_clear(&cause);
    hf_status status = hf_lstm_rule_init(op->tflite->graph, node, &rule, &cause);
    return status ? TFLITE_OP_FAIL(op, status, "%.300s", cause.message) : HF_OK;
}

static hf_status read_lstm(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor input;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = check_form(op)) || (status = read_cell(op)) ||
        (status = hf_tflite_tensor_read(tflite, op->inputs[0], "input 0", &input)))
        return status;
    const bool time_major = hf_flat_u8(&tflite->file, op->options, LSTM_TIME_MAJOR, 0) != 0;
    if (input.rank != 3 || input.shape[time_major ? 1 : 0] != 1)
        return TENSOR_FAIL(tflite, &input, HF_EUNSUPPORTED, "%u dimensions, expected [1, steps, values]",
                           input.rank);
    const int32_t steps = input.shape[time_major ? 0 : 1];
    const int32_t inputs = input.shape[2];
    hf_node node = op->node;
    const int32_t value_bytes = op->value_bytes;
    node.units = op->node.units = op->output_shape.channels / value_bytes;
    node.in_bytes = node.out_bytes = value_bytes == 2 ? 2 : 0;
    int32_t state = -1, tensor = -1, rows = -1;
    if ((status = hf_tflite_state(tflite, op->inputs[HIDDEN], (value_bytes + INT64_C(2)) * op->node.units,
                                  &state)) ||
        (status = hf_tflite_reshape(tflite, node.inputs[0], 1, steps, (int64_t)inputs * value_bytes,
                                    &node.inputs[0])))
        return status;
    node.inputs[1] = state;
    node.input_count = 2;
    if ((status = hf_tflite_append(tflite, &node, HF_OP_LSTM, 0, &tensor)))
        return status;
    tflite->graph->tensors[tensor].quant = op->output_shape.quant;
    hf_node *added = &tflite->graph->nodes[tflite->graph->node_count - 1];
    if ((status = fill(op, added, inputs)) || (status = check_rule(op, added)))
        return status;
    const int64_t row = (int64_t)op->node.units * value_bytes;
    const int64_t cell = INT64_C(2) * op->node.units;
    const hf_tflite_axis all = {1, steps * row + cell, 1};
    int32_t next = -1;
    if ((status = hf_tflite_slice(tflite, tensor, all, (steps - 1) * row, row + cell, &next)) ||
        (status = hf_tflite_slice(tflite, tensor, all, 0, steps * row, &rows)))
        return status;
    hf_tflite_state_next(tflite, op->inputs[HIDDEN], next);
    return hf_tflite_op_alias(op, rows);
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_LSTM,
     .name = "UNIDIRECTIONAL_SEQUENCE_LSTM",
     .more_types = HF_TFLITE_TAKES_INT16,
     .options_type = OPTIONS_LSTM,
     .options_required = true,
     .min_inputs = 20,
     .max_inputs = INPUTS,
     .read = read_lstm},
};

/* ---- Writing: the state becomes a variable of the file ---- */

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "1441");
    (void)plan;
    hf_flat_set_u8(flat, at, LSTM_ACTIVATION, TANH_ACTIVATION);
    hf_flat_set_f32(flat, at, LSTM_CELL_CLIP, op->node->cell_clip);
    return at;
}

static void add_gates(hf_tflite_planner *p, const char *role, const int8_t *weights, const float *scales,
                      int32_t columns)
{
    const int32_t units = p->node->units;
    for (int32_t gate = 0; gate < HF_LSTM_GATES; gate++)
        hf_tflite_planner_add_input(
            p, hf_tflite_planner_add_matrix(
                   p, role,
                   (hf_tflite_planned_tensor){.type = TYPE_INT8,
                                              .quant = {.scale = scales[gate]},
                                              .bytes = weights + (int64_t)gate * units * columns},
                   units, columns));
}

static void add_biases(hf_tflite_planner *p, float input_scale)
{
    const hf_node *node = p->node;
    for (int32_t gate = 0; gate < HF_LSTM_GATES; gate++) {
        hf_tflite_planned_tensor bias = {.type = TYPE_INT32,
                                         .rank = 1,
                                         .shape = {node->units},
                                         .quant = {.scale = input_scale * node->weight_scales[gate]}};
        if (node->long_bias) {
            bias.type = TYPE_INT64;
            bias.bytes = node->long_bias + (int64_t)gate * node->units;
        } else if (node->bias) {
            bias.bias = node->bias + (int64_t)gate * node->units;
        }
        snprintf(bias.name, sizeof bias.name, "%s/bias%d", node->name, gate);
        hf_tflite_planner_add_input(
            p, node->bias || node->long_bias ? hf_tflite_plan_add_tensor(p->plan, &bias) : -1);
    }
}

static void add_absent(hf_tflite_planner *p, uint32_t end)
{
    while (p->input_count < end)
        hf_tflite_planner_add_input(p, -1);
}

static hf_status plan_lstm(hf_tflite_planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_graph *graph = p->plan->graph;
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_quant hidden = graph->tensors[node->output].quant;
    const int32_t units = node->units;
    const int32_t steps = hf_lstm_steps(graph, node);
    const int32_t value_bytes = hf_lstm_value_bytes_of(node);
    const int32_t inputs = in->channels / value_bytes;
    const uint8_t type = value_bytes == 2 ? TYPE_INT16 : TYPE_INT8;
    if (!node->weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: it has no weights", node->name);
    if (in->height != 1)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %d batches, expected 1", node->name, in->height);
    hf_tflite_planned_tensor rows = {
        .type = type, .rank = 3, .shape = {1, steps, inputs}, .quant = in->quant};
    snprintf(rows.name, sizeof rows.name, "%s/steps", node->name);
    const int32_t input = hf_tflite_plan_add_tensor(p->plan, &rows);
    hf_tflite_plan_add_reshape(p->plan, node, hf_tflite_planner_input(p, 0), input);
    hf_tflite_planner_set_operator(p, BUILTIN_LSTM, 4, OPTIONS_LSTM, put_options);
    hf_tflite_planner_add_input(p, input);
    add_gates(p, "weights", node->weights, node->weight_scales, inputs);
    add_gates(p, "recurrent_weights", node->weights + (int64_t)HF_LSTM_GATES * units * inputs,
              node->weight_scales + HF_LSTM_GATES, units);
    add_absent(p, BIASES);
    add_biases(p, in->quant.scale);
    add_absent(p, HIDDEN);
    hf_tflite_planner_add_input(
        p, hf_tflite_planner_add_matrix(
               p, "hidden", (hf_tflite_planned_tensor){.type = type, .quant = hidden, .variable = true}, 1,
               units));
    hf_tflite_planner_add_input(
        p, hf_tflite_planner_add_matrix(p, "cell",
                                        (hf_tflite_planned_tensor){.type = TYPE_INT16,
                                                                   .quant = {.scale = node->cell_scale},
                                                                   .variable = true},
                                        1, units));
    add_absent(p, INPUTS);
    rows.shape[2] = units;
    rows.quant = hidden;
    snprintf(rows.name, sizeof rows.name, "%s/output", node->name);
    const int64_t row = (int64_t)units * value_bytes;
    return hf_tflite_planner_finish_state(p, hf_tflite_plan_add_tensor(p->plan, &rows), (steps - 1) * row,
                                          row + INT64_C(2) * units, 0, steps * row, err);
}

static const hf_tflite_writer writers[] = {{HF_OP_LSTM, plan_lstm}};

HF_TFLITE_OPERATOR(lstm);
