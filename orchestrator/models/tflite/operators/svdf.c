/* SPDX-License-Identifier: Apache-2.0 */
/* SVDF with int8 activations and a state of 16 or 8 bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/svdf.h"
#include "graph/values16.h"
#include "operator.h"

enum { OPTIONS_SVDF = 6 };
enum { SVDF_RANK, SVDF_ACTIVATION }; /* SVDFOptions */
enum { INPUT, FEATURE, TIME, BIAS, STATE, INPUTS };

/* The shape of a constant or of the state, [rows][columns]. */
static hf_status read_matrix(hf_tflite_op *op, uint32_t input, const char *role, hf_tflite_tensor *out)
{
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[input], role, out);
    if (!status && (out->rank != 2 || out->scales.count != 1))
        status = TENSOR_FAIL(op->tflite, out, HF_EUNSUPPORTED,
                             "%u dimensions and %u scales, expected 2 and 1", out->rank, out->scales.count);
    return status;
}

static hf_status scale_of(hf_tflite_op *op, const hf_tflite_tensor *tensor, float *out)
{
    *out = hf_flat_f32_at(&op->tflite->file, tensor->scales, 0);
    hf_status status = hf_tflite_check(op->tflite);
    if (!status && !(*out > 0.0f))
        status =
            TENSOR_FAIL(op->tflite, tensor, HF_EFORMAT, "scale %g, expected a positive number", (double)*out);
    return status;
}

static hf_status read_state(hf_tflite_op *op, int32_t filters)
{
    hf_tflite_tensor state;
    hf_quant quant;
    hf_status status = read_matrix(op, STATE, "activation state", &state);
    if (status)
        return status;
    if ((state.type != TYPE_INT16 && state.type != TYPE_INT8) || state.shape[0] != 1 ||
        state.shape[1] != filters * op->node.memory)
        return TENSOR_FAIL(op->tflite, &state, HF_EUNSUPPORTED, "%s of %dx%d, expected int16 or int8 of 1x%d",
                           hf_tflite_type_name(state.type), state.shape[0], state.shape[1],
                           filters * op->node.memory);
    if ((status = hf_tflite_quant(op->tflite, &state, &quant)))
        return status;
    op->node.cell_scale = quant.scale;
    op->node.narrow_state = state.type == TYPE_INT8;
    op->node.state_zero_point = quant.zero_point;
    return HF_OK;
}

static hf_status fill_times(hf_tflite_op *op, const hf_tflite_tensor *times, hf_node *node)
{
    hf_tflite *tflite = op->tflite;
    const size_t values = (size_t)times->shape[0] * (size_t)times->shape[1];
    const bool wide = times->type == TYPE_INT16;
    if ((!wide && times->type != TYPE_INT8) || times->data.count != values * (wide ? 2 : 1))
        return TENSOR_FAIL(tflite, times, HF_EUNSUPPORTED, "%s, expected %zu constant int16 or int8 values",
                           hf_tflite_type_name(times->type), values);
    hf_status status = hf_tflite_count_parameters(tflite, 2 * values);
    if (status)
        return status;
    node->time_weights = malloc(values * sizeof *node->time_weights);
    if (!node->time_weights)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %zu weights", values);
    const uint8_t *bytes = tflite->file.bytes + times->data.at;
    for (size_t i = 0; i < values; i++) {
        const int32_t value =
            wide ? hf_value16((const int8_t *)bytes, (int64_t)i) : ((const int8_t *)bytes)[i];
        node->time_weights[i] = (int16_t)value;
    }
    return HF_OK;
}

static hf_status fill_bias(hf_tflite_op *op, hf_node *node)
{
    hf_tflite_tensor bias;
    hf_quant state = {.scale = node->cell_scale};
    hf_node time = {.weight_scales = &node->weight_scales[1]}; /* the biases' scale is state x time weights */
    if (op->inputs[BIAS] == -1)
        return HF_OK;
    float scales[2] = {node->weight_scales[0], node->weight_scales[1]};
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[BIAS], "bias", &bias);
    if (!status && bias.scales.count > 1)
        status =
            TENSOR_FAIL(op->tflite, &bias, HF_EUNSUPPORTED, "%u scales, expected one", bias.scales.count);
    float *repeated = malloc((size_t)node->units * sizeof *repeated);
    if (!status && !repeated)
        status = TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %d scales", node->units);
    for (int32_t u = 0; u < node->units && !status; u++)
        repeated[u] = scales[1];
    time.weight_scales = repeated;
    if (!status)
        status = hf_tflite_bias(op->tflite, &bias, node->units, state, op->output_shape.quant, &time);
    free(repeated);
    node->bias = time.bias;
    node->has_bias = !status;
    return status;
}

static hf_status fill(hf_tflite_op *op, const hf_tflite_tensor *feature, const hf_tflite_tensor *times,
                      hf_node *node)
{
    float scales[2];
    hf_status status;
    if (feature->type != TYPE_INT8)
        return TENSOR_FAIL(op->tflite, feature, HF_EUNSUPPORTED, "type %s, expected int8",
                           hf_tflite_type_name(feature->type));
    if ((status = scale_of(op, feature, &scales[0])) || (status = scale_of(op, times, &scales[1])) ||
        (status = hf_tflite_weights(op->tflite, feature, feature->shape[0], 0, node)) ||
        (status = fill_times(op, times, node)))
        return status;
    free(node->weight_scales); /* one per filter */
    node->weight_scales = malloc(sizeof scales);
    if (!node->weight_scales)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for scales");
    memcpy(node->weight_scales, scales, sizeof scales);
    return fill_bias(op, node);
}

static hf_status check_rule(hf_tflite_op *op, const hf_node *node)
{
    hf_svdf_rule rule;
    hf_error cause;
    hf_error_clear(&cause);
    hf_status status = hf_svdf_rule_init(op->tflite->graph, node, &rule, &cause);
    return status ? TFLITE_OP_FAIL(op, status, "%.300s", cause.message) : HF_OK;
}

static hf_status read_svdf(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    hf_tflite_tensor feature, times;
    hf_status status;
    if ((status = hf_tflite_op_input(op, INPUT)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_activation(op, SVDF_ACTIVATION)) ||
        (status = read_matrix(op, FEATURE, "weights", &feature)) ||
        (status = read_matrix(op, TIME, "time weights", &times)))
        return status;
    const int32_t rank = hf_flat_i32(&tflite->file, op->options, SVDF_RANK, 0);
    const int32_t filters = feature.shape[0];
    if (rank < 1 || filters % rank != 0 || times.shape[0] != filters ||
        op->output_shape.channels != filters / rank ||
        op->output_shape.height * op->output_shape.width != 1 ||
        feature.shape[1] != hf_tensor_bytes(hf_tflite_op_in(op)))
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "%d filters of rank %d and %d inputs, and an output of %d values, do not fit",
                              filters, rank, feature.shape[1], op->output_shape.channels);
    op->node.rank = rank;
    op->node.units = filters / rank;
    op->node.memory = times.shape[1];
    const int64_t state_bytes = INT64_C(2) * filters * op->node.memory;
    int32_t state = -1, tensor = -1, next = -1, out = -1;
    if ((int64_t)filters * op->node.memory > HF_GRAPH_MAX_DIMENSION)
        return TFLITE_OP_FAIL(op, HF_ELIMIT, "a state of %lld bytes", (long long)state_bytes);
    if ((status = read_state(op, filters)) ||
        (status = hf_tflite_state(tflite, op->inputs[STATE], state_bytes, &state)))
        return status;
    /* A fused RELU needs nothing: the output's zero point is the least value then. */
    if (op->node.activation != HF_ACTIVATION_NONE && op->node.activation != HF_ACTIVATION_RELU)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "a fused activation that is not RELU");
    hf_node node = op->node;
    node.activation = HF_ACTIVATION_NONE;
    node.inputs[1] = state;
    node.input_count = 2;
    if ((status = hf_tflite_append(tflite, &node, HF_OP_SVDF, 0, &tensor)))
        return status;
    tflite->graph->tensors[tensor].quant = op->output_shape.quant;
    hf_node *added = &tflite->graph->nodes[tflite->graph->node_count - 1];
    if ((status = fill(op, &feature, &times, added)) || (status = check_rule(op, added)))
        return status;
    const hf_tflite_axis all = {1, state_bytes + op->node.units, 1};
    if ((status = hf_tflite_slice(tflite, tensor, all, 0, state_bytes, &next)) ||
        (status = hf_tflite_slice(tflite, tensor, all, state_bytes, op->node.units, &out)))
        return status;
    hf_tflite_state_next(tflite, op->inputs[STATE], next);
    return hf_tflite_op_alias(op, out);
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_SVDF,
     .name = "SVDF",
     .options_type = OPTIONS_SVDF,
     .options_required = true,
     .min_inputs = INPUTS,
     .max_inputs = INPUTS,
     .read = read_svdf},
};

/* ---- Writing: the state becomes a variable of the file ---- */

static size_t put_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                          const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "41");
    (void)plan;
    hf_flat_set_i32(flat, at, SVDF_RANK, op->node->rank);
    hf_flat_set_u8(flat, at, SVDF_ACTIVATION, TFLITE_ACTIVATION_RELU);
    return at;
}

static hf_status plan_svdf(hf_tflite_planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_graph *graph = p->plan->graph;
    const int32_t filters = node->units * node->rank;
    const int32_t inputs = (int32_t)hf_tensor_bytes(&graph->tensors[node->inputs[0]]);
    if (!node->weights || !node->time_weights || !node->weight_scales)
        return HF_FAIL(err, HF_EINVALID, "%s: it has no weights", node->name);
    const hf_quant feature = {.scale = node->weight_scales[0]};
    const hf_quant time = {.scale = node->weight_scales[1]};
    const hf_tflite_planned_tensor state = {.type = node->narrow_state ? TYPE_INT8 : TYPE_INT16,
                                            .quant = {node->cell_scale, node->state_zero_point},
                                            .variable = true};
    hf_tflite_planned_tensor bias = {.type = TYPE_INT32,
                                     .rank = 1,
                                     .shape = {node->units},
                                     .quant = {.scale = node->cell_scale * node->weight_scales[1]},
                                     .bias = node->bias};
    snprintf(bias.name, sizeof bias.name, "%s/bias", node->name);
    hf_tflite_planner_set_operator(p, BUILTIN_SVDF, 3, OPTIONS_SVDF, put_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_flat(p, 0));
    hf_tflite_planner_add_input(
        p, hf_tflite_planner_add_matrix(
               p, "weights",
               (hf_tflite_planned_tensor){.type = TYPE_INT8, .quant = feature, .bytes = node->weights},
               filters, inputs));
    hf_tflite_planner_add_input(
        p, hf_tflite_planner_add_matrix(
               p, "time_weights",
               (hf_tflite_planned_tensor){.type = TYPE_INT16, .quant = time, .bytes = node->time_weights},
               filters, node->memory));
    hf_tflite_planner_add_input(p, node->bias ? hf_tflite_plan_add_tensor(p->plan, &bias) : -1);
    hf_tflite_planner_add_input(p,
                                hf_tflite_planner_add_matrix(p, "state", state, 1, filters * node->memory));
    const int32_t output = hf_tflite_planner_add_matrix(
        p, "output",
        (hf_tflite_planned_tensor){.type = TYPE_INT8, .quant = graph->tensors[node->output].quant}, 1,
        node->units);
    const int64_t state_bytes = INT64_C(2) * filters * node->memory;
    return hf_tflite_planner_finish_state(p, output, 0, state_bytes, state_bytes, node->units, err);
}

static const hf_tflite_writer writers[] = {{HF_OP_SVDF, plan_svdf}};

HF_TFLITE_OPERATOR(svdf);
