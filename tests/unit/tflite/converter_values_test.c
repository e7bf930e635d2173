/* SPDX-License-Identifier: Apache-2.0 */
/* Reads operators that compute values, and float ends, as converters write them; what is not supported is named. */
#include "hf_test.h"

#include "converter_case.h"
#include "tflite/tflite.h"

/* ---- Values ---- */

static void tflite_converter_functions(void **state)
{
    (void)state;
    static const int32_t builtins[] = {BUILTIN_ABS, BUILTIN_ELU};
    static const int8_t expected[][6] = {
        {6, 5, 4, 3, 4, 5}, /* |q - 3| + 3 */
        {0, 1, 2, 3, 4, 5}, /* 16 (exp((q - 3) / 16) - 1) is -2.74, -1.88 and -0.97 */
    };
    for (size_t i = 0; i < 2; i++) {
        converter_model m = {0};
        m.input = model_add_activation(&m, 1, 1, 6);
        m.output = model_add_activation(&m, 1, 1, 6);
        model_add_operator(&m, (model_operator){builtins[i], 0, NULL, {0}, {m.input}, 1, {m.output}, 1});
        hf_graph *graph = must_read(&m);
        int8_t output[6];
        run(graph, output, sizeof output);
        assert_memory_equal(output, expected[i], sizeof output);
        hf_graph_free(graph);
    }
}

static void tflite_converter_constants_on_either_side(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        converter_model m = {0};
        m.input = model_add_activation(&m, 2, 2, 3);
        m.output = model_add_activation(&m, 2, 2, 3);
        const int32_t three = model_add_tensor(
            &m, (model_tensor){
                    .type = TYPE_INT8, .scale = 1.0f / 16, .zero_point = 0, .bytes = {48}, .byte_count = 1});
        model_add_operator(&m, (model_operator){BUILTIN_ADD,
                                                OPTIONS_ADD,
                                                "1",
                                                {0},
                                                {side ? three : m.input, side ? m.input : three},
                                                2,
                                                {m.output},
                                                1});
        hf_graph *graph = must_read(&m);
        assert_int_equal(graph->nodes[0].op, HF_OP_ADD_CONST);
        assert_int_equal(graph->nodes[0].constant, 48);
        int8_t output[12];
        run(graph, output, sizeof output);
        assert_int_equal(output[5], 5 + 48);
        hf_graph_free(graph);
        m.tensors[three].type = TYPE_INT32;
        must_reject(&m, "constant input (tensor 2): type int32, expected int8");
        m.tensors[three].type = TYPE_INT8;
        m.tensors[three].byte_count = 3;
        must_reject(&m, "constant input (tensor 2): 3 bytes of data, expected 1");
    }
}

static void tflite_converter_gate_on_either_side(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        converter_model m = {0};
        m.input = model_add_activation(&m, 2, 2, 3);
        const int32_t gate = model_add_vector(&m, 3);
        const int32_t axes = INTS(&m, 1, 2);
        m.output = model_add_activation(&m, 2, 2, 3);
        model_add_operator(
            &m, (model_operator){BUILTIN_MEAN, OPTIONS_REDUCER, "1", {0}, {m.input, axes}, 2, {gate}, 1});
        model_add_operator(&m, (model_operator){BUILTIN_MUL,
                                                OPTIONS_MUL,
                                                "1",
                                                {TFLITE_ACTIVATION_RELU6},
                                                {side ? gate : m.input, side ? m.input : gate},
                                                2,
                                                {m.output},
                                                1});
        hf_graph *graph = must_read(&m);
        assert_int_equal(graph->nodes[1].op, HF_OP_MUL);
        assert_int_equal(graph->nodes[1].inputs[0], graph->input);
        assert_int_equal(graph->nodes[1].activation, HF_ACTIVATION_RELU6);
        hf_graph_free(graph);
        m.operators[1].builtin = BUILTIN_ADD;
        m.operators[1].options_type = OPTIONS_ADD;
        graph = must_read(&m);
        assert_int_equal(graph->nodes[1].op, HF_OP_BINARY);
        assert_int_equal(graph->nodes[1].reversed, side);
        hf_graph_free(graph);
    }
}

static void tflite_converter_depth_multiplier(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 1, 1, 2);
    model_tensor weights = {.shape = {1, 1, 1, 4},
                            .rank = 4,
                            .type = TYPE_INT8,
                            .scale = 0.25f,
                            .bytes = {4, 8, 12, 16},
                            .byte_count = 4,
                            .quantized_dimension = 3};
    const int32_t w = model_add_tensor(&m, weights);
    m.output = model_add_activation(&m, 1, 1, 4);
    model_add_operator(&m, (model_operator){BUILTIN_DEPTHWISE_CONV_2D,
                                            OPTIONS_DEPTHWISE_CONV_2D,
                                            "14441",
                                            {0, 1, 1, 2, 0},
                                            {m.input, w},
                                            2,
                                            {m.output},
                                            1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->nodes[0].op, HF_OP_CONV2D);
    assert_int_equal(graph->nodes[0].groups, 2);
    int8_t output[4];
    run(graph, output, sizeof output); /* input minus zero point: -3 and -2 */
    const int8_t expected[] = {3 - 3, 3 - 6, 3 - 6, 3 - 8};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    m.tensors[w].shape[3] = 3;
    m.tensors[w].byte_count = 3;
    m.tensors[m.output].shape[3] = 3;
    must_reject(&m, "weights (tensor 1): dimensions 0 and 3 are 1 and 3, expected 1 and a multiple of the "
                    "input's 2 channels");
}

static void tflite_converter_resize_flags(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 1);
    m.output = model_add_activation(&m, 4, 4, 1);
    const int32_t size = INTS(&m, 4, 4);
    model_add_operator(&m, (model_operator){BUILTIN_RESIZE_BILINEAR,
                                            OPTIONS_RESIZE_BILINEAR,
                                            "--11",
                                            {0, 0, 0, 1},
                                            {m.input, size},
                                            2,
                                            {m.output},
                                            1});
    hf_graph_free(must_read(&m));
    m.operators[0].options[2] = 1;
    must_reject(&m, "align_corners and half_pixel_centers are both set");
}

/* ---- Float inputs and outputs, computed shapes ---- */

static void tflite_converter_float_input_and_output(void **state)
{
    (void)state;
    converter_model m = {0};
    model_tensor floats = {.shape = {1, 2, 2, 3}, .rank = 4, .type = TYPE_FLOAT32};
    m.input = model_add_tensor(&m, floats);
    const int32_t in = model_add_activation(&m, 2, 2, 3);
    const int32_t out = model_add_activation(&m, 2, 2, 3);
    m.output = model_add_tensor(&m, floats);
    model_add_operator(&m,
                       (model_operator){BUILTIN_QUANTIZE, OPTIONS_QUANTIZE, "", {0}, {m.input}, 1, {in}, 1});
    model_add_operator(&m, (model_operator){BUILTIN_RELU6, 0, NULL, {0}, {in}, 1, {out}, 1});
    model_add_operator(
        &m, (model_operator){BUILTIN_DEQUANTIZE, OPTIONS_DEQUANTIZE, "", {0}, {out}, 1, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_RELU);
    assert_int_equal(graph->nodes[0].activation, HF_ACTIVATION_RELU6);
    int8_t output[12];
    run(graph, output, sizeof output);
    assert_int_equal(output[0], 3); /* the zero point: ReLU6 clips below it */
    assert_int_equal(output[11], 11);
    hf_graph_free(graph);
    converter_model plain = m;
    plain.operators[0] = (model_operator){BUILTIN_RELU, 0, NULL, {0}, {m.input}, 1, {in}, 1};
    must_reject(&plain,
                "model input (tensor 0): type float32 and not quantised by a single QUANTIZE, expected "
                "int8: convert the model");
    converter_model inside = m; /* int8 to int8 with a different scale */
    inside.tensors[m.output] = inside.tensors[out];
    inside.tensors[m.output].scale = 0.5f;
    inside.operators[2] = (model_operator){BUILTIN_QUANTIZE, 0, NULL, {0}, {out}, 1, {m.output}, 1};
    graph = must_read(&inside);
    assert_int_equal(graph->nodes[1].op, HF_OP_QUANTIZE);
    run(graph, output, sizeof output);
    assert_int_equal(output[11], 4); /* (11 - 3) / 8 + 3 */
    hf_graph_free(graph);
    inside.tensors[m.output].scale = inside.tensors[out].scale; /* the same scale: no node */
    hf_graph_free(must_read(&inside));
}

static void tflite_converter_computed_shapes(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 3);
    const model_tensor four = {.shape = {4}, .rank = 1, .type = TYPE_INT32};
    const model_tensor scalar = {.type = TYPE_INT32};
    const model_tensor two = {.shape = {2}, .rank = 1, .type = TYPE_INT32};
    const int32_t shape = model_add_tensor(&m, four);
    const int32_t batch = model_add_tensor(&m, scalar);
    const int32_t to = model_add_tensor(&m, two);
    const int32_t zero = INTS(&m, 0);
    const int32_t one = INTS(&m, 1);
    const int32_t twelve =
        model_add_tensor(&m, (model_tensor){.type = TYPE_INT32, .ints = {12}, .int_count = 1});
    m.output = model_add_vector(&m, 12);
    model_add_operator(&m,
                       (model_operator){BUILTIN_SHAPE, OPTIONS_SHAPE, "1", {2}, {m.input}, 1, {shape}, 1});
    model_add_operator(&m, (model_operator){BUILTIN_STRIDED_SLICE,
                                            OPTIONS_STRIDED_SLICE,
                                            "44444",
                                            {0, 0, 0, 0, 1},
                                            {shape, zero, one, one},
                                            4,
                                            {batch},
                                            1});
    model_add_operator(
        &m, (model_operator){BUILTIN_PACK, OPTIONS_PACK, "44", {2, 0}, {batch, twelve}, 2, {to}, 1});
    model_add_operator(
        &m, (model_operator){BUILTIN_RESHAPE, OPTIONS_RESHAPE, "-", {0}, {m.input, to}, 2, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_RESHAPE);
    assert_int_equal(graph->tensors[graph->output].channels, 12);
    hf_graph_free(graph);
    m.operators[3].inputs[0] = shape; /* a shape is not an activation */
    must_reject(&m, "operator 3 (RESHAPE): input 0 (tensor 1) is neither the model's input nor the output of "
                    "an earlier operator");
}

/* ---- Unsupported operators ---- */

static void tflite_converter_unsupported_operators_are_named(void **state)
{
    (void)state;
    static const struct {
        int32_t builtin;
        const char *words;
    } cases[] = {{26, "operator 0 (SPACE_TO_DEPTH): its builtin_options are missing"},
                 {38, "operator 0 (SPACE_TO_BATCH_ND): number of inputs is 1, expected 3"},
                 {76, "operator 0 (RSQRT): hilfarm does not have this operator"},
                 {41, "operator 0 (SUB): number of inputs is 1, expected 2"},
                 {150, "operator 0 (GELU): hilfarm does not have this operator; ELU"},
                 {300, "operator 0 (unknown operator 300)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        converter_model m = {0};
        m.input = model_add_activation(&m, 2, 2, 3);
        m.output = model_add_activation(&m, 2, 2, 3);
        model_add_operator(&m, (model_operator){cases[i].builtin, 0, NULL, {0}, {m.input}, 1, {m.output}, 1});
        must_reject(&m, cases[i].words);
    }
}

/* All obstacles are reported at once; operators behind one that is refused count only if they cannot be read
 * either. */
static void tflite_converter_all_obstacles_are_named(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 3);
    int32_t last = m.input;
    static const int32_t builtins[] = {73, 150, BUILTIN_RELU, 73};
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        const int32_t next = model_add_activation(&m, 2, 2, 3);
        model_add_operator(&m, (model_operator){builtins[i], 0, NULL, {0}, {last}, 1, {next}, 1});
        last = next;
    }
    m.output = last;
    must_reject(
        &m,
        "converted: 2 obstacles: operator 0 (LOG) and 1 more: hilfarm does not have this operator; "
        "operator 1 "
        "(GELU): hilfarm does not have this operator; ELU, HARD_SWISH, LEAKY_RELU and PRELU are supported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tflite_converter_functions),
        cmocka_unit_test(tflite_converter_constants_on_either_side),
        cmocka_unit_test(tflite_converter_gate_on_either_side),
        cmocka_unit_test(tflite_converter_depth_multiplier),
        cmocka_unit_test(tflite_converter_resize_flags),
        cmocka_unit_test(tflite_converter_float_input_and_output),
        cmocka_unit_test(tflite_converter_computed_shapes),
        cmocka_unit_test(tflite_converter_unsupported_operators_are_named),
        cmocka_unit_test(tflite_converter_all_obstacles_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
