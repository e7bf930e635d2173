/* SPDX-License-Identifier: Apache-2.0 */
/* Reads operators that move values as converters write them: each becomes one node, or is rejected with a reason. */
#include "hf_test.h"

#include "converter_case.h"

/* ---- Channel shuffle ---- */

/* @param rank of the intermediate tensors: 5 is [1,H,W,G,C/G], 4 [1,HxW,G,C/G], 3 [HxW,G,C/G] */
static converter_model shuffle_model(uint32_t rank)
{
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 3, 6);
    model_tensor grouped = m.tensors[m.input];
    grouped.rank = rank;
    const int32_t shapes[3][5] = {{6, 2, 3}, {1, 6, 2, 3}, {1, 2, 3, 2, 3}};
    memcpy(grouped.shape, shapes[rank - 3], sizeof grouped.shape);
    model_tensor swapped = grouped;
    swapped.shape[rank - 2] = 3;
    swapped.shape[rank - 1] = 2;
    const int32_t a = model_add_tensor(&m, grouped);
    const int32_t b = model_add_tensor(&m, swapped);
    m.output = model_add_activation(&m, 2, 3, 6);
    const int32_t orders[3][5] = {{0, 2, 1}, {0, 1, 3, 2}, {0, 1, 2, 4, 3}};
    const int32_t order = model_add_ints(&m, rank, orders[rank - 3]);
    model_add_operator(&m, (model_operator){BUILTIN_RESHAPE, 0, NULL, {0}, {m.input}, 1, {a}, 1});
    model_add_operator(&m, (model_operator){BUILTIN_TRANSPOSE, 0, NULL, {0}, {a, order}, 2, {b}, 1});
    model_add_operator(&m, (model_operator){BUILTIN_RESHAPE, 0, NULL, {0}, {b}, 1, {m.output}, 1});
    return m;
}

static void tflite_converter_channel_shuffle(void **state)
{
    (void)state;
    for (uint32_t rank = 3; rank <= 5; rank++) {
        converter_model m = shuffle_model(rank);
        hf_graph *graph = must_read(&m);
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

/* Transposes that are not part of a channel shuffle are nodes of their own. */
static void tflite_converter_other_transposes(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 3, 2);
    m.output = model_add_activation(&m, 2, 2, 3);
    const int32_t order = INTS(&m, 0, 3, 1, 2);
    model_add_operator(&m,
                       (model_operator){BUILTIN_TRANSPOSE, 0, NULL, {0}, {m.input, order}, 2, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_TRANSPOSE);
    int8_t output[12];
    run(graph, output, sizeof output);
    const int8_t expected[] = {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    m.tensors[order].ints[1] = 2;
    must_reject(&m, "its second input is not a permutation of 4 dimensions");
    m.tensors[order].ints[2] = 3;
    m.tensors[order].ints[3] = 1;
    must_reject(&m, "does not have the input's dimensions in the new order");

    m = shuffle_model(5); /* its last RESHAPE reads the first one's output: no shuffle */
    m.operators[2].inputs[0] = 1;
    graph = must_read(&m);
    assert_int_equal(graph->nodes[0].op, HF_OP_RESHAPE);
    hf_graph_free(graph);
    m = shuffle_model(5);
    m.tensors[3].scale = 0.5f;
    must_reject(&m, "different quantisation");
    m = shuffle_model(4);
    m.operators[2] = (model_operator){BUILTIN_RELU, 0, NULL, {0}, {2}, 1, {3}, 1};
    must_reject(&m, "computes 6x3x2, but output (tensor 3) is 2x3x6");
    m = shuffle_model(5);
    m.output = 2;
    graph = must_read(&m); /* the transposed tensor itself is the output */
    assert_int_equal(graph->nodes[graph->tensors[graph->output].producer].op, HF_OP_TRANSPOSE);
    hf_graph_free(graph);
}

/* ---- Slices ---- */

static void tflite_converter_split_with_an_unread_output(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 1, 2, 6);
    const int32_t axis =
        model_add_tensor(&m, (model_tensor){.type = TYPE_INT32, .ints = {-1}, .int_count = 1});
    const int32_t unread = model_add_activation(&m, 1, 2, 3);
    m.output = model_add_activation(&m, 1, 2, 3);
    model_add_operator(
        &m,
        (model_operator){BUILTIN_SPLIT, OPTIONS_SPLIT, "4", {2}, {axis, m.input}, 2, {unread, m.output}, 2});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].op, HF_OP_SLICE);
    assert_int_equal(graph->nodes[0].slice_begin, 3);
    assert_int_equal(graph->nodes[0].slice_count, 3);
    hf_graph_free(graph);
    m.tensors[axis].ints[0] = 2;
    must_reject(&m, "output 0 has 2 of the input's 2 elements along axis 2, expected equal parts");
    m.tensors[axis].ints[0] = 4;
    must_reject(&m, "axis 4, expected -4 .. 3");
    m.tensors[axis].ints[0] = 3;
    m.tensors[unread].shape[3] = 2;
    must_reject(&m, "output 0 has 2 of the input's 6 elements along axis 3, expected equal parts");
    m.tensors[axis].ints[0] = 2; /* of two columns each output has one */
    m.tensors[unread].shape[2] = m.tensors[m.output].shape[2] = 1;
    m.tensors[unread].shape[3] = m.tensors[m.output].shape[3] = 6;
    graph = must_read(&m);
    int8_t output[6];
    run(graph, output, sizeof output);
    const int8_t second[] = {6, 7, 8, 9, 10, 11};
    assert_memory_equal(output, second, sizeof second);
    hf_graph_free(graph);
}

static void tflite_converter_split_v(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 1, 2, 6);
    const int32_t sizes = INTS(&m, 2, 4);
    const int32_t axis = INTS(&m, 3);
    const int32_t first = model_add_activation(&m, 1, 2, 2);
    m.output = model_add_activation(&m, 1, 2, 4);
    model_add_operator(
        &m, (model_operator){
                BUILTIN_SPLIT_V, OPTIONS_SPLIT_V, "4", {2}, {m.input, sizes, axis}, 3, {first, m.output}, 2});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->nodes[0].slice_begin, 2);
    assert_int_equal(graph->nodes[0].slice_count, 4);
    hf_graph_free(graph);
    m.tensors[m.output].shape[3] = 3;
    must_reject(&m, "outputs have 5 elements in total along axis 3, the input 6");
}

static void tflite_converter_strided_slice(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 6);
    m.output = model_add_activation(&m, 2, 2, 3);
    const int32_t begin = INTS(&m, 0, 0, 0, -4);
    const int32_t end = INTS(&m, 0, 0, 0, 5);
    const int32_t strides = INTS(&m, 1, 1, 1, 1);
    model_add_operator(&m, (model_operator){BUILTIN_STRIDED_SLICE,
                                            OPTIONS_STRIDED_SLICE,
                                            "44444",
                                            {7, 7, 0, 0, 0},
                                            {m.input, begin, end, strides},
                                            4,
                                            {m.output},
                                            1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->nodes[0].slice_begin, 2);
    assert_int_equal(graph->nodes[0].slice_count, 3);
    int8_t output[12];
    run(graph, output, sizeof output);
    assert_int_equal(output[0], 2);
    assert_int_equal(output[11], 22);
    hf_graph_free(graph);
    m.operators[0].options[STRIDED_NEW_AXIS_MASK] = 1;
    must_reject(&m, "new_axis_mask is set");
    m.operators[0].options[STRIDED_NEW_AXIS_MASK] = 0;
    m.tensors[strides].ints[3] = 2; /* channels 2 and 4 */
    must_reject(&m, "takes 2 values in dimension 3, but output (tensor 1) has 3");
    m.tensors[m.output].shape[3] = 2;
    graph = must_read(&m);
    run(graph, output, 8);
    const int8_t even[] = {2, 4, 8, 10, 14, 16, 20, 22};
    assert_memory_equal(output, even, sizeof even);
    hf_graph_free(graph);
    m.tensors[strides].ints[3] = 1;
    m.tensors[m.output].shape[3] = 3;
    m.operators[0].options[STRIDED_END_MASK] = 5; /* the second row */
    m.operators[0].options[STRIDED_BEGIN_MASK] = 5;
    m.tensors[begin].ints[1] = -1;
    m.tensors[end].ints[1] = 2;
    m.tensors[m.output].shape[1] = 1;
    graph = must_read(&m);
    run(graph, output, 6);
    const int8_t row[] = {14, 15, 16, 20, 21, 22};
    assert_memory_equal(output, row, sizeof row);
    hf_graph_free(graph);
    m.tensors[strides].ints[1] = -1; /* both rows, the second first */
    m.tensors[begin].ints[1] = 1;
    m.operators[0].options[STRIDED_END_MASK] = 7;
    m.tensors[m.output].shape[1] = 2;
    graph = must_read(&m);
    run(graph, output, sizeof output);
    assert_memory_equal(output, row, sizeof row);
    assert_int_equal(output[6], 2);
    hf_graph_free(graph);
    m.tensors[strides].ints[1] = 0;
    must_reject(&m, "stride 0 in dimension 1");
}

static void tflite_converter_slice_to_the_end(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 6);
    m.output = model_add_activation(&m, 2, 2, 5);
    const int32_t begin = INTS(&m, 0, 0, 0, 1);
    const int32_t size = INTS(&m, 1, 2, -1, -1);
    model_add_operator(
        &m, (model_operator){BUILTIN_SLICE, 0, NULL, {0}, {m.input, begin, size}, 3, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->nodes[0].slice_begin, 1);
    assert_int_equal(graph->nodes[0].slice_count, 5);
    hf_graph_free(graph);
    m.tensors[begin].ints[2] = 2;
    must_reject(&m, "begins at 2 in dimension 2, expected 0 .. 1");
}

/* ---- Concatenation, mean, pad ---- */

static void tflite_converter_concatenation(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 1, 2, 3);
    m.output = model_add_activation(&m, 1, 2, 6);
    model_add_operator(&m, (model_operator){BUILTIN_CONCATENATION,
                                            OPTIONS_CONCATENATION,
                                            "41",
                                            {-1, 0},
                                            {m.input, m.input},
                                            2,
                                            {m.output},
                                            1});
    hf_graph *graph = must_read(&m);
    int8_t output[12];
    run(graph, output, sizeof output);
    const int8_t expected[] = {0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    m.operators[0].options[CONCAT_AXIS] = 2;
    m.tensors[m.output].shape[2] = 4;
    m.tensors[m.output].shape[3] = 3;
    graph = must_read(&m);
    run(graph, output, sizeof output);
    const int8_t columns[] = {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5};
    assert_memory_equal(output, columns, sizeof columns);
    hf_graph_free(graph);
    m.operators[0].options[CONCAT_AXIS] = 4;
    must_reject(&m, "axis 4, expected -4 .. 3");
    m.operators[0].options[CONCAT_AXIS] = 3;
    m.operators[0].options[CONCAT_ACTIVATION] = 1;
    must_reject(&m, "fused activation, expected NONE");
    m.operators[0].options[CONCAT_ACTIVATION] = 0;
    m.tensors[m.output].zero_point = 4;
    must_reject(&m, "input 0 and output have different quantisation: scale 0.0625, zero point 3 and scale "
                    "0.0625, zero point 4");
}

static void tflite_converter_mean(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 3);
    m.output = model_add_vector(&m, 3);
    const int32_t axes = INTS(&m, -2, 1);
    model_add_operator(
        &m, (model_operator){BUILTIN_MEAN, OPTIONS_REDUCER, "1", {0}, {m.input, axes}, 2, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->nodes[0].op, HF_OP_MEAN);
    int8_t output[3];
    run(graph, output, sizeof output); /* channel 0: the mean of 0, 3, 6, 9 is 4.5 */
    assert_in_range(output[0], 4, 5);
    assert_int_equal(output[2], output[0] + 2);
    hf_graph_free(graph);
    m.tensors[axes].ints[0] =
        3; /* rows and channels, of each column: 0, 1, 2, 6, 7, 8 and 3, 4, 5, 9, 10, 11 */
    m.tensors[m.output].shape[1] = 2;
    graph = must_read(&m);
    run(graph, output, 2);
    const int8_t apart[] = {4, 7};
    assert_memory_equal(output, apart, sizeof apart);
    hf_graph_free(graph);
    m.tensors[m.output].shape[1] = 3;
    m.tensors[axes].ints[0] = 4;
    must_reject(&m, "reduces axis 4, but input 0 has 4 dimensions");
    m.tensors[axes].ints[0] = m.tensors[axes].ints[1] = 3; /* the mean of channels 0, 1, 2 and so on */
    m.tensors[m.output] = m.tensors[m.input];
    m.tensors[m.output].shape[3] = 1;
    graph = must_read(&m);
    assert_int_equal(graph->nodes[1].op, HF_OP_REDUCE);
    int8_t means[4];
    run(graph, means, sizeof means);
    const int8_t expected[] = {1, 4, 7, 10};
    assert_memory_equal(means, expected, sizeof expected);
    hf_graph_free(graph);
}

static void tflite_converter_pad(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 3);
    m.output = model_add_activation(&m, 3, 5, 3);
    model_tensor pads = {
        .shape = {4, 2}, .rank = 2, .type = TYPE_INT32, .ints = {0, 0, 0, 1, 2, 1, 0, 0}, .int_count = 8};
    const int32_t paddings = model_add_tensor(&m, pads);
    model_add_operator(
        &m, (model_operator){BUILTIN_PAD, OPTIONS_PAD, "", {0}, {m.input, paddings}, 2, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->nodes[0].pad_bottom, 1);
    assert_int_equal(graph->nodes[0].pad_left, 2);
    hf_graph_free(graph);
    m.tensors[paddings].ints[7] = 1;
    must_reject(&m, "computes 15x4x1 values, but output (tensor 1) has 3x5x3");
    m.tensors[m.output].shape[3] = 4;
    graph = must_read(&m);
    int8_t output[60];
    run(graph, output, sizeof output);
    assert_int_equal(output[8], 0); /* behind two columns of zero points */
    assert_int_equal(output[11], 3);
    assert_int_equal(output[12], 3);
    hf_graph_free(graph);
    m.tensors[paddings].ints[7] = 0;
    m.tensors[paddings].ints[3] = -1;
    must_reject(&m, "pads dimension 1 by -1");
    m.operators[0].inputs[1] = m.input;
    must_reject(&m, "operator 0 (PAD): paddings (tensor 0): expected constant int32 values");
    m.operators[0].inputs[0] = -1;
    must_reject(&m, "operator 0 (PAD): input 0 is absent, expected an activation");
    m.operators[0].input_count = 1;
    must_reject(&m, "operator 0 (PAD): number of inputs is 1, expected 2");
}

/* Another value than zero, of PADV2. */
static void tflite_converter_pad_with_a_value(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 1, 2, 2);
    m.output = model_add_activation(&m, 1, 4, 2);
    const model_tensor pads = {
        .shape = {4, 2}, .rank = 2, .type = TYPE_INT32, .ints = {0, 0, 0, 0, 1, 1, 0, 0}, .int_count = 8};
    const int32_t paddings = model_add_tensor(&m, pads);
    const int32_t value = model_add_tensor(
        &m, (model_tensor){
                .type = TYPE_INT8, .scale = 1.0f / 16, .zero_point = 3, .bytes = {-128}, .byte_count = 1});
    model_add_operator(
        &m, (model_operator){BUILTIN_PADV2, 0, NULL, {0}, {m.input, paddings, value}, 3, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    int8_t output[8];
    run(graph, output, sizeof output);
    const int8_t expected[] = {-128, -128, 0, 1, 2, 3, -128, -128};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    m.tensors[value].zero_point = 4;
    must_reject(&m, "value and output have different quantisation");
    m.tensors[value].byte_count = 0;
    must_reject(&m, "expected one int8 constant");
}

/* ---- Blocks and batches ---- */

static converter_model blocks_model(int32_t builtin, const int32_t *in, const int32_t *out, int32_t border)
{
    converter_model m = {0};
    m.input = model_add_activation(&m, in[1], in[2], in[3]);
    m.output = model_add_activation(&m, out[1], out[2], out[3]);
    m.tensors[m.input].shape[0] = in[0];
    m.tensors[m.output].shape[0] = out[0];
    const int32_t block = INTS(&m, 2, 2);
    const model_tensor borders = {
        .shape = {2, 2}, .rank = 2, .type = TYPE_INT32, .ints = {0, 0, border, border}, .int_count = 4};
    const int32_t around = model_add_tensor(&m, borders);
    model_add_operator(&m,
                       (model_operator){builtin, 0, NULL, {0}, {m.input, block, around}, 3, {m.output}, 1});
    return m;
}

static void tflite_converter_blocks(void **state)
{
    (void)state;
    const int32_t image[] = {1, 2, 4, 1};
    const int32_t batches[] = {4, 1, 2, 1};
    const int32_t wide[] = {4, 1, 3, 1};
    converter_model m = blocks_model(BUILTIN_SPACE_TO_BATCH, image, batches, 0);
    hf_graph *graph = must_read(&m);
    int8_t output[12];
    run(graph, output, 8);
    const int8_t divided[] = {0, 2, 1, 3, 4, 6, 5, 7};
    assert_memory_equal(output, divided, sizeof divided);
    hf_graph_free(graph);

    m = blocks_model(BUILTIN_SPACE_TO_BATCH, image, wide, 1); /* columns: zero, 0, 1, 2, 3, zero */
    graph = must_read(&m);
    run(graph, output, 12);
    const int8_t padded[] = {3, 1, 3, 0, 2, 3, 3, 5, 7, 4, 6, 3};
    assert_memory_equal(output, padded, sizeof padded);
    hf_graph_free(graph);

    m = blocks_model(BUILTIN_BATCH_TO_SPACE, batches, image, 0);
    graph = must_read(&m);
    run(graph, output, 8);
    const int8_t joined[] = {0, 2, 1, 3, 4, 6, 5, 7};
    assert_memory_equal(output, joined, sizeof joined);
    hf_graph_free(graph);

    m = blocks_model(BUILTIN_BATCH_TO_SPACE, wide, image,
                     1); /* rows 0 3 1 4 2 5 and 6 9 7 10 8 11 without their ends */
    graph = must_read(&m);
    run(graph, output, 8);
    const int8_t cropped[] = {3, 1, 4, 2, 9, 7, 10, 8};
    assert_memory_equal(output, cropped, sizeof cropped);
    hf_graph_free(graph);
    m.tensors[m.input].shape[0] = 2;
    must_reject(&m, "batches of 1 and 2 with blocks of 2x2, expected 1 and 4");
}

/* A convolution between them is one of the image with its weights spread. */
static void tflite_converter_dilated_convolution(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 4, 4, 1);
    const int32_t block = INTS(&m, 2, 2);
    const model_tensor none = {.shape = {2, 2}, .rank = 2, .type = TYPE_INT32, .int_count = 4};
    const int32_t borders = model_add_tensor(&m, none);
    const int32_t batches = model_add_activation(&m, 2, 2, 1);
    const int32_t convolved = model_add_activation(&m, 1, 1, 1);
    m.tensors[batches].shape[0] = m.tensors[convolved].shape[0] = 4;
    const model_tensor weights = {.shape = {1, 2, 2, 1},
                                  .rank = 4,
                                  .type = TYPE_INT8,
                                  .scale = 0.25f,
                                  .bytes = {4, 0, 0, 8},
                                  .byte_count = 4};
    const int32_t w = model_add_tensor(&m, weights);
    m.output = model_add_activation(&m, 2, 2, 1);
    model_add_operator(
        &m,
        (model_operator){BUILTIN_SPACE_TO_BATCH, 0, NULL, {0}, {m.input, block, borders}, 3, {batches}, 1});
    model_add_operator(
        &m,
        (model_operator){
            BUILTIN_CONV_2D, OPTIONS_CONV_2D, "144144", {1, 1, 1, 0, 1, 1}, {batches, w}, 2, {convolved}, 1});
    model_add_operator(
        &m, (model_operator){
                BUILTIN_BATCH_TO_SPACE, 0, NULL, {0}, {convolved, block, borders}, 3, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].kernel_height, 3);
    int8_t output[4];
    run(graph, output,
        sizeof output); /* (a - 3) + 2 (b - 3) + 3, where b is two rows and two columns further: 0 and 10 */
    const int8_t expected[] = {14, 17, 26, 29};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    m.operators[1].options[1] = 2; /* a stride */
    must_reject(&m,
                "reads the output of SPACE_TO_BATCH_ND, expected VALID padding, stride 1 and no dilation");
    m.operators[1].options[1] = 1;
    m.operators[1].options[1] = 1;
    m.operators[1] = m.operators[2]; /* without it, rows and columns change places and back */
    m.operators[1].inputs[0] = batches;
    m.operator_count = 2;
    m.tensors[m.output].shape[1] = m.tensors[m.output].shape[2] = 4;
    graph = must_read(&m);
    int8_t same[16];
    run(graph, same, sizeof same);
    for (int i = 0; i < 16; i++)
        assert_int_equal(same[i], i);
    hf_graph_free(graph);
}

/* A kernel of one row takes batches as rows. */
static void tflite_converter_batches_of_rows(void **state)
{
    (void)state;
    converter_model m = {0};
    m.input = model_add_activation(&m, 1, 3, 1);
    m.output = model_add_activation(&m, 1, 2, 1);
    m.tensors[m.input].shape[0] = m.tensors[m.output].shape[0] = 2;
    const model_tensor weights = {.shape = {1, 1, 2, 1},
                                  .rank = 4,
                                  .type = TYPE_INT8,
                                  .scale = 0.25f,
                                  .bytes = {4, 4},
                                  .byte_count = 2};
    const int32_t w = model_add_tensor(&m, weights);
    model_add_operator(
        &m,
        (model_operator){
            BUILTIN_CONV_2D, OPTIONS_CONV_2D, "144144", {1, 1, 1, 0, 1, 1}, {m.input, w}, 2, {m.output}, 1});
    hf_graph *graph = must_read(&m);
    int8_t output[4];
    run(graph, output, sizeof output); /* (a - 3) + (b - 3) + 3 */
    const int8_t expected[] = {-2, 0, 4, 6};
    assert_memory_equal(output, expected, sizeof expected);
    hf_graph_free(graph);
    m.tensors[w].shape[1] = 2;
    m.tensors[w].shape[2] = 1;
    must_reject(&m, "batch size 2, expected 4 dimensions and batch size 1, or a kernel of one row");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tflite_converter_channel_shuffle),
        cmocka_unit_test(tflite_converter_other_transposes),
        cmocka_unit_test(tflite_converter_split_with_an_unread_output),
        cmocka_unit_test(tflite_converter_split_v),
        cmocka_unit_test(tflite_converter_strided_slice),
        cmocka_unit_test(tflite_converter_slice_to_the_end),
        cmocka_unit_test(tflite_converter_concatenation),
        cmocka_unit_test(tflite_converter_mean),
        cmocka_unit_test(tflite_converter_pad),
        cmocka_unit_test(tflite_converter_pad_with_a_value),
        cmocka_unit_test(tflite_converter_blocks),
        cmocka_unit_test(tflite_converter_dilated_convolution),
        cmocka_unit_test(tflite_converter_batches_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
