/* SPDX-License-Identifier: Apache-2.0 */
/* Reads operators as converters write them: each becomes one node, or is rejected with a reason. */
#include "hf_test.h"

#include "forms.h"
#include "graph/graph.h"
#include "reference/reference.h"
#include "tflite/tflite.h"

static hf_graph *must_read(const form *f)
{
    size_t size;
    uint8_t *bytes = form_write(f, &size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_tflite_read("form", bytes, size, &graph, &err))
        fail_msg("%s", err.message);
    free(bytes);
    return graph;
}

static void must_reject(const form *f, const char *words)
{
    size_t size;
    uint8_t *bytes = form_write(f, &size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    assert_int_not_equal(hf_tflite_read("form", bytes, size, &graph, &err), HF_OK);
    assert_null(graph);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
    free(bytes);
}

/* The output of a graph for the input 0, 1, 2, ... */
static void run(const hf_graph *graph, int8_t *output, size_t size)
{
    int8_t input[256];
    for (int i = 0; i < 256; i++)
        input[i] = (int8_t)i;
    hf_reference reference;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_tensor_bytes(&graph->tensors[graph->output]), size);
    if (hf_reference_run(graph, input, &reference, &err))
        fail_msg("%s", err.message);
    memcpy(output, reference.outputs[graph->tensors[graph->output].producer], size);
    hf_reference_free(&reference);
}

#define INTS(f, ...)                                                                                         \
    form_ints((f), sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t), (int32_t[]){__VA_ARGS__})

/* ---- Channel shuffle ---- */

/* @param rank of the intermediate tensors: 5 is [1,H,W,G,C/G], 4 [1,HxW,G,C/G], 3 [HxW,G,C/G] */
static form shuffle_form(uint32_t rank)
{
    form f = {0};
    f.input = form_activation(&f, 2, 3, 6);
    form_tensor grouped = f.tensors[f.input];
    grouped.rank = rank;
    const int32_t shapes[3][5] = {{6, 2, 3}, {1, 6, 2, 3}, {1, 2, 3, 2, 3}};
    memcpy(grouped.shape, shapes[rank - 3], sizeof grouped.shape);
    form_tensor swapped = grouped;
    swapped.shape[rank - 2] = 3;
    swapped.shape[rank - 1] = 2;
    const int32_t a = form_tensor_of(&f, grouped);
    const int32_t b = form_tensor_of(&f, swapped);
    f.output = form_activation(&f, 2, 3, 6);
    const int32_t orders[3][5] = {{0, 2, 1}, {0, 1, 3, 2}, {0, 1, 2, 4, 3}};
    const int32_t order = form_ints(&f, rank, orders[rank - 3]);
    form_add(&f, (form_operator){BUILTIN_RESHAPE, 0, NULL, {0}, {f.input}, 1, {a}, 1});
    form_add(&f, (form_operator){BUILTIN_TRANSPOSE, 0, NULL, {0}, {a, order}, 2, {b}, 1});
    form_add(&f, (form_operator){BUILTIN_RESHAPE, 0, NULL, {0}, {b}, 1, {f.output}, 1});
    return f;
}

static void tflite_forms_channel_shuffle(void **state)
{
    (void)state;
    for (uint32_t rank = 3; rank <= 5; rank++) {
        form f = shuffle_form(rank);
        hf_graph *graph = must_read(&f);
        assert_int_equal(graph->node_count, 1);
        assert_int_equal(graph->nodes[0].op, HF_OP_CHANNEL_SHUFFLE);
        assert_int_equal(graph->nodes[0].groups, 2);
        int8_t output[36];
        run(graph, output, sizeof output);
        const int8_t first[] = {0, 3, 1, 4, 2, 5};
        assert_memory_equal(output, first, sizeof first);
        hf_graph_free(graph);
    }
}

static void tflite_forms_other_transposes_are_rejected(void **state)
{
    (void)state;
    form f = shuffle_form(5);
    f.tensors[4].ints[3] = 3;
    f.tensors[4].ints[4] = 4;
    must_reject(&f, "TRANSPOSE is supported only");
    f = shuffle_form(5);
    f.tensors[1].shape[1] = 3;
    f.tensors[1].shape[2] = 2; /* the same number of positions is enough */
    f.tensors[2].shape[1] = 3;
    f.tensors[2].shape[2] = 2;
    hf_graph_free(must_read(&f));
    f.tensors[1].shape[1] = 1;
    must_reject(
        &f,
        "output (tensor 1): a TRANSPOSE reads it, expected the start of a channel shuffle: 2x3 positions");
    f = shuffle_form(5);
    f.operators[2].inputs[0] = 1;
    must_reject(&f, "operator 0 (RESHAPE): output (tensor 1): 5 dimensions");
    f = shuffle_form(5);
    f.tensors[3].scale = 0.5f;
    must_reject(&f, "different quantisation");
    f = shuffle_form(4);
    f.operators[2] = (form_operator){BUILTIN_RELU, 0, NULL, {0}, {2}, 1, {3}, 1};
    must_reject(&f, "input 0 (tensor 2) is transposed, expected only the last RESHAPE");
    f = shuffle_form(5);
    f.output = 2;
    must_reject(&f, "model output (tensor 2) is not the output of any operator");
}

/* ---- Slices ---- */

static void tflite_forms_split_with_an_unread_output(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 1, 2, 6);
    const int32_t axis = form_tensor_of(&f, (form_tensor){.type = TYPE_INT32, .ints = {-1}, .int_count = 1});
    const int32_t unread = form_activation(&f, 1, 2, 3);
    f.output = form_activation(&f, 1, 2, 3);
    form_add(&f, (form_operator){
                     BUILTIN_SPLIT, OPTIONS_SPLIT, "4", {2}, {axis, f.input}, 2, {unread, f.output}, 2});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_SLICE);
    assert_int_equal(graph->nodes[0].slice_begin, 3);
    assert_int_equal(graph->nodes[0].slice_count, 3);
    hf_graph_free(graph);
    f.tensors[axis].ints[0] = 2;
    must_reject(&f, "axis 2, expected 3 (channels)");
    f.tensors[axis].ints[0] = 3;
    f.tensors[unread].shape[3] = 2;
    must_reject(&f, "output 0 has 2 of the input's 6 channels, expected equal parts");
}

static void tflite_forms_split_v(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 1, 2, 6);
    const int32_t sizes = INTS(&f, 2, 4);
    const int32_t axis = INTS(&f, 3);
    const int32_t first = form_activation(&f, 1, 2, 2);
    f.output = form_activation(&f, 1, 2, 4);
    form_add(
        &f, (form_operator){
                BUILTIN_SPLIT_V, OPTIONS_SPLIT_V, "4", {2}, {f.input, sizes, axis}, 3, {first, f.output}, 2});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->nodes[0].slice_begin, 2);
    assert_int_equal(graph->nodes[0].slice_count, 4);
    hf_graph_free(graph);
    f.tensors[f.output].shape[3] = 3;
    must_reject(&f, "outputs have 5 channels in total, the input 6");
}

static void tflite_forms_strided_slice(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 2, 2, 6);
    f.output = form_activation(&f, 2, 2, 3);
    const int32_t begin = INTS(&f, 0, 0, 0, -4);
    const int32_t end = INTS(&f, 0, 0, 0, 5);
    const int32_t strides = INTS(&f, 1, 1, 1, 1);
    form_add(&f, (form_operator){BUILTIN_STRIDED_SLICE,
                                 OPTIONS_STRIDED_SLICE,
                                 "44444",
                                 {7, 7, 0, 0, 0},
                                 {f.input, begin, end, strides},
                                 4,
                                 {f.output},
                                 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->nodes[0].slice_begin, 2);
    assert_int_equal(graph->nodes[0].slice_count, 3);
    int8_t output[12];
    run(graph, output, sizeof output);
    assert_int_equal(output[0], 2);
    assert_int_equal(output[11], 22);
    hf_graph_free(graph);
    f.tensors[strides].ints[3] = 2;
    must_reject(&f, "stride 2 in dimension 3");
    f.tensors[strides].ints[3] = 1;
    f.operators[0].options[STRIDED_SHRINK_AXIS_MASK] = 1;
    must_reject(&f, "shrink_axis_mask is set");
    f.operators[0].options[STRIDED_SHRINK_AXIS_MASK] = 0;
    f.operators[0].options[STRIDED_END_MASK] = 5;
    f.tensors[end].ints[1] = 1;
    must_reject(&f, "slices dimension 1, expected only dimension 3 (channels)");
}

static void tflite_forms_slice_to_the_end(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 2, 2, 6);
    f.output = form_activation(&f, 2, 2, 5);
    const int32_t begin = INTS(&f, 0, 0, 0, 1);
    const int32_t size = INTS(&f, 1, 2, -1, -1);
    form_add(&f, (form_operator){BUILTIN_SLICE, 0, NULL, {0}, {f.input, begin, size}, 3, {f.output}, 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->nodes[0].slice_begin, 1);
    assert_int_equal(graph->nodes[0].slice_count, 5);
    hf_graph_free(graph);
    f.tensors[begin].ints[2] = 2;
    must_reject(&f, "begins at 2 in dimension 2, expected 0 .. 1");
}

/* ---- Concatenation, mean, pad ---- */

static void tflite_forms_concatenation(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 1, 2, 3);
    f.output = form_activation(&f, 1, 2, 6);
    form_add(&f, (form_operator){BUILTIN_CONCATENATION,
                                 OPTIONS_CONCATENATION,
                                 "41",
                                 {-1, 0},
                                 {f.input, f.input},
                                 2,
                                 {f.output},
                                 1});
    hf_graph *graph = must_read(&f);
    int8_t output[12];
    run(graph, output, sizeof output);
    const int8_t expected[] = {0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    f.operators[0].options[CONCAT_AXIS] = 2;
    must_reject(&f, "axis 2, expected 3 (channels)");
    f.operators[0].options[CONCAT_AXIS] = 3;
    f.operators[0].options[CONCAT_ACTIVATION] = 1;
    must_reject(&f, "fused activation, expected NONE");
    f.operators[0].options[CONCAT_ACTIVATION] = 0;
    f.tensors[f.output].zero_point = 4;
    must_reject(&f, "input 0 and output have different quantisation: scale 0.0625, zero point 3 and scale "
                    "0.0625, zero point 4");
}

static void tflite_forms_mean(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 2, 2, 3);
    f.output = form_vector(&f, 3);
    const int32_t axes = INTS(&f, -2, 1);
    form_add(&f, (form_operator){BUILTIN_MEAN, OPTIONS_REDUCER, "1", {0}, {f.input, axes}, 2, {f.output}, 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->nodes[0].op, HF_OP_MEAN);
    int8_t output[3];
    run(graph, output, sizeof output); /* channel 0: the mean of 0, 3, 6, 9 is 4.5 */
    assert_in_range(output[0], 4, 5);
    assert_int_equal(output[2], output[0] + 2);
    hf_graph_free(graph);
    f.tensors[axes].ints[0] = 3;
    must_reject(&f, "mean over other axes, expected height and width");
    f.tensors[axes].ints[0] = 4;
    must_reject(&f, "mean over axis 4, but input 0 has 4 dimensions");
}

static void tflite_forms_pad(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 2, 2, 3);
    f.output = form_activation(&f, 3, 5, 3);
    form_tensor pads = {
        .shape = {4, 2}, .rank = 2, .type = TYPE_INT32, .ints = {0, 0, 0, 1, 2, 1, 0, 0}, .int_count = 8};
    const int32_t paddings = form_tensor_of(&f, pads);
    form_add(&f, (form_operator){BUILTIN_PAD, OPTIONS_PAD, "", {0}, {f.input, paddings}, 2, {f.output}, 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->nodes[0].pad_bottom, 1);
    assert_int_equal(graph->nodes[0].pad_left, 2);
    hf_graph_free(graph);
    f.tensors[paddings].ints[7] = 1;
    must_reject(&f, "pads batch or channels");
    f.tensors[paddings].ints[7] = 0;
    f.tensors[paddings].ints[3] = -1;
    must_reject(&f, "pads by -1");
}

/* ---- Values ---- */

static void tflite_forms_constants_on_either_side(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        form f = {0};
        f.input = form_activation(&f, 2, 2, 3);
        f.output = form_activation(&f, 2, 2, 3);
        const int32_t three = form_tensor_of(
            &f, (form_tensor){
                    .type = TYPE_INT8, .scale = 1.0f / 16, .zero_point = 0, .bytes = {48}, .byte_count = 1});
        form_add(&f, (form_operator){BUILTIN_ADD,
                                     OPTIONS_ADD,
                                     "1",
                                     {0},
                                     {side ? three : f.input, side ? f.input : three},
                                     2,
                                     {f.output},
                                     1});
        hf_graph *graph = must_read(&f);
        assert_int_equal(graph->nodes[0].op, HF_OP_ADD_CONST);
        assert_int_equal(graph->nodes[0].constant, 48);
        int8_t output[12];
        run(graph, output, sizeof output);
        assert_int_equal(output[5], 5 + 48);
        hf_graph_free(graph);
        f.tensors[three].type = TYPE_INT32;
        must_reject(&f, "constant input (tensor 2): type int32, expected int8");
        f.tensors[three].type = TYPE_INT8;
        f.tensors[three].byte_count = 3;
        must_reject(&f, "constant input (tensor 2): 3 bytes of data, expected a single int8 value");
    }
}

static void tflite_forms_gate_on_either_side(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        form f = {0};
        f.input = form_activation(&f, 2, 2, 3);
        const int32_t gate = form_vector(&f, 3);
        const int32_t axes = INTS(&f, 1, 2);
        f.output = form_activation(&f, 2, 2, 3);
        form_add(&f, (form_operator){BUILTIN_MEAN, OPTIONS_REDUCER, "1", {0}, {f.input, axes}, 2, {gate}, 1});
        form_add(&f, (form_operator){BUILTIN_MUL,
                                     OPTIONS_MUL,
                                     "1",
                                     {TFLITE_ACTIVATION_RELU6},
                                     {side ? gate : f.input, side ? f.input : gate},
                                     2,
                                     {f.output},
                                     1});
        hf_graph *graph = must_read(&f);
        assert_int_equal(graph->nodes[1].op, HF_OP_MUL);
        assert_int_equal(graph->nodes[1].inputs[0], graph->input);
        assert_int_equal(graph->nodes[1].activation, HF_ACTIVATION_RELU6);
        hf_graph_free(graph);
        f.operators[1].builtin = BUILTIN_ADD;
        f.operators[1].options_type = OPTIONS_ADD;
        must_reject(&f, "expected equal shapes");
    }
}

static void tflite_forms_depth_multiplier(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 1, 1, 2);
    form_tensor weights = {.shape = {1, 1, 1, 4},
                           .rank = 4,
                           .type = TYPE_INT8,
                           .scale = 0.25f,
                           .bytes = {4, 8, 12, 16},
                           .byte_count = 4,
                           .quantized_dimension = 3};
    const int32_t w = form_tensor_of(&f, weights);
    f.output = form_activation(&f, 1, 1, 4);
    form_add(&f, (form_operator){BUILTIN_DEPTHWISE_CONV_2D,
                                 OPTIONS_DEPTHWISE_CONV_2D,
                                 "14441",
                                 {0, 1, 1, 2, 0},
                                 {f.input, w},
                                 2,
                                 {f.output},
                                 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->nodes[0].op, HF_OP_CONV2D);
    assert_int_equal(graph->nodes[0].groups, 2);
    int8_t output[4];
    run(graph, output, sizeof output); /* input minus zero point: -3 and -2 */
    const int8_t expected[] = {3 - 3, 3 - 6, 3 - 6, 3 - 8};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    f.tensors[w].shape[3] = 3;
    f.tensors[w].byte_count = 3;
    f.tensors[f.output].shape[3] = 3;
    must_reject(&f, "weights (tensor 1): dimensions 0 and 3 are 1 and 3, expected 1 and a multiple of the "
                    "input's 2 channels");
}

/* ---- Float inputs and outputs, computed shapes ---- */

static void tflite_forms_float_input_and_output(void **state)
{
    (void)state;
    form f = {0};
    form_tensor floats = {.shape = {1, 2, 2, 3}, .rank = 4, .type = TYPE_FLOAT32};
    f.input = form_tensor_of(&f, floats);
    const int32_t in = form_activation(&f, 2, 2, 3);
    const int32_t out = form_activation(&f, 2, 2, 3);
    f.output = form_tensor_of(&f, floats);
    form_add(&f, (form_operator){BUILTIN_QUANTIZE, OPTIONS_QUANTIZE, "", {0}, {f.input}, 1, {in}, 1});
    form_add(&f, (form_operator){BUILTIN_RELU6, 0, NULL, {0}, {in}, 1, {out}, 1});
    form_add(&f, (form_operator){BUILTIN_DEQUANTIZE, OPTIONS_DEQUANTIZE, "", {0}, {out}, 1, {f.output}, 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_RELU);
    assert_int_equal(graph->nodes[0].activation, HF_ACTIVATION_RELU6);
    int8_t output[12];
    run(graph, output, sizeof output);
    assert_int_equal(output[0], 3); /* the zero point: ReLU6 clips below it */
    assert_int_equal(output[11], 11);
    hf_graph_free(graph);
    form plain = f;
    plain.operators[0] = (form_operator){BUILTIN_RELU, 0, NULL, {0}, {f.input}, 1, {in}, 1};
    must_reject(&plain, "(tensor 0): type float32, expected int8");
    form inside = f; /* int8 to int8 with a different scale */
    inside.tensors[f.output] = inside.tensors[out];
    inside.tensors[f.output].scale = 0.5f;
    inside.operators[2] = (form_operator){BUILTIN_QUANTIZE, 0, NULL, {0}, {out}, 1, {f.output}, 1};
    must_reject(&inside, "operator 2 (QUANTIZE): changes the quantisation inside the model, from scale "
                         "0.0625, zero point 3 to scale 0.5");
    inside.tensors[f.output].scale = inside.tensors[out].scale; /* the same scale: no node */
    hf_graph_free(must_read(&inside));
}

static void tflite_forms_computed_shapes(void **state)
{
    (void)state;
    form f = {0};
    f.input = form_activation(&f, 2, 2, 3);
    const form_tensor four = {.shape = {4}, .rank = 1, .type = TYPE_INT32};
    const form_tensor scalar = {.type = TYPE_INT32};
    const form_tensor two = {.shape = {2}, .rank = 1, .type = TYPE_INT32};
    const int32_t shape = form_tensor_of(&f, four);
    const int32_t batch = form_tensor_of(&f, scalar);
    const int32_t to = form_tensor_of(&f, two);
    const int32_t zero = INTS(&f, 0);
    const int32_t one = INTS(&f, 1);
    const int32_t twelve =
        form_tensor_of(&f, (form_tensor){.type = TYPE_INT32, .ints = {12}, .int_count = 1});
    f.output = form_vector(&f, 12);
    form_add(&f, (form_operator){BUILTIN_SHAPE, OPTIONS_SHAPE, "1", {2}, {f.input}, 1, {shape}, 1});
    form_add(&f, (form_operator){BUILTIN_STRIDED_SLICE,
                                 OPTIONS_STRIDED_SLICE,
                                 "44444",
                                 {0, 0, 0, 0, 1},
                                 {shape, zero, one, one},
                                 4,
                                 {batch},
                                 1});
    form_add(&f, (form_operator){BUILTIN_PACK, OPTIONS_PACK, "44", {2, 0}, {batch, twelve}, 2, {to}, 1});
    form_add(&f,
             (form_operator){BUILTIN_RESHAPE, OPTIONS_RESHAPE, "-", {0}, {f.input, to}, 2, {f.output}, 1});
    hf_graph *graph = must_read(&f);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_RESHAPE);
    assert_int_equal(graph->tensors[graph->output].channels, 12);
    hf_graph_free(graph);
    f.operators[3].inputs[0] = shape; /* a shape is not an activation */
    must_reject(&f, "operator 3 (RESHAPE): input 0 (tensor 1) is neither the model's input nor the output of "
                    "an earlier operator");
}

/* ---- Unsupported operators ---- */

static void tflite_forms_unsupported_operators_are_named(void **state)
{
    (void)state;
    static const struct {
        int32_t builtin;
        const char *words;
    } cases[] = {
        {14, "operator 0 (LOGISTIC): this operator is not supported; the engine has no int8 sigmoid, use a"},
        {28, "operator 0 (TANH): this operator is not supported"},
        {60, "operator 0 (PADV2): this operator is not supported; PAD, which pads with zero, is supported"},
        {41, "operator 0 (SUB)"},
        {150, "operator 0 (builtin operator 150)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        form f = {0};
        f.input = form_activation(&f, 2, 2, 3);
        f.output = form_activation(&f, 2, 2, 3);
        form_add(&f, (form_operator){cases[i].builtin, 0, NULL, {0}, {f.input}, 1, {f.output}, 1});
        must_reject(&f, cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tflite_forms_channel_shuffle),
        cmocka_unit_test(tflite_forms_other_transposes_are_rejected),
        cmocka_unit_test(tflite_forms_split_with_an_unread_output),
        cmocka_unit_test(tflite_forms_split_v),
        cmocka_unit_test(tflite_forms_strided_slice),
        cmocka_unit_test(tflite_forms_slice_to_the_end),
        cmocka_unit_test(tflite_forms_concatenation),
        cmocka_unit_test(tflite_forms_mean),
        cmocka_unit_test(tflite_forms_pad),
        cmocka_unit_test(tflite_forms_constants_on_either_side),
        cmocka_unit_test(tflite_forms_gate_on_either_side),
        cmocka_unit_test(tflite_forms_depth_multiplier),
        cmocka_unit_test(tflite_forms_float_input_and_output),
        cmocka_unit_test(tflite_forms_computed_shapes),
        cmocka_unit_test(tflite_forms_unsupported_operators_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
