/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "graph/graph.h"
#include "reference/reference.h"
#include "tflite/tflite.h"
#include "tflite_writer.h"
#include "weights/weights.h"

static hf_graph *must_read(const tiny_options *options)
{
    size_t size;
    uint8_t *bytes = tiny_write(options, &size);
    hf_error err;
    hf_error_clear(&err);
    hf_graph *graph = NULL;
    if (hf_tflite_read("tiny", bytes, size, &graph, &err))
        fail_msg("%s", err.message);
    free(bytes);
    return graph;
}

static void must_reject(const tiny_options *options, const char *words)
{
    size_t size;
    uint8_t *bytes = tiny_write(options, &size);
    hf_error err;
    hf_error_clear(&err);
    hf_graph *graph = NULL;
    hf_status status = hf_tflite_read("tiny", bytes, size, &graph, &err);
    free(bytes);
    assert_null(graph);
    assert_int_equal(status, err.status);
    assert_int_not_equal(status, HF_OK);
    assert_non_null(strstr(err.message, "tiny: "));
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
}

static void models_tflite_reads_every_operator(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    hf_graph *graph = must_read(&options);
    static const hf_op ops[] = {HF_OP_CONV2D,       HF_OP_DEPTHWISE, HF_OP_ADD,   HF_OP_MAX_POOL,
                                HF_OP_AVERAGE_POOL, HF_OP_RESHAPE,   HF_OP_DENSE, HF_OP_SOFTMAX};
    assert_int_equal(graph->node_count, 8);
    for (int32_t n = 0; n < 8; n++)
        assert_int_equal(graph->nodes[n].op, ops[n]);
    const hf_node *conv = &graph->nodes[0];
    assert_int_equal(conv->stride_width, 2);
    assert_int_equal(conv->padding, HF_PADDING_SAME);
    assert_int_equal(conv->activation, HF_ACTIVATION_RELU);
    assert_true(conv->has_bias);
    for (size_t i = 0; i < 72; i++) /* 4 x 3 x 3 x 2 */
        assert_int_equal(conv->weights[i], tiny_weight(i));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(conv->bias[i], tiny_bias(i));
        assert_true(conv->weight_scales[i] == 0.01f);
    }
    const hf_tensor *out = &graph->tensors[conv->output];
    assert_int_equal(out->height, 3);
    assert_int_equal(out->width, 3);
    assert_int_equal(out->channels, 4);
    assert_true(out->quant.scale == 0.05f);
    assert_int_equal(out->quant.zero_point, -128);
    assert_int_equal(graph->nodes[2].inputs[0], graph->nodes[1].output);
    assert_int_equal(graph->nodes[2].inputs[1], conv->output);
    assert_int_equal(out->last_consumer, 2);
    assert_int_equal(graph->output, graph->nodes[7].output);
    hf_graph_free(graph);
}

static void models_tflite_graph_runs(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    hf_graph *graph = must_read(&options);
    int8_t input[6 * 6 * 2];
    hf_input_generate(1, input, sizeof input);
    hf_reference run;
    hf_error err;
    hf_error_clear(&err);
    if (hf_reference_run(graph, input, &run, &err))
        fail_msg("%s", err.message);
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += run.outputs[7][i] + 128;
    assert_in_range(sum, 254, 258); /* probabilities in steps of 1/256 */
    hf_reference_free(&run);
    hf_graph_free(graph);
}

static void models_tflite_reads_either_operator_code_field(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    options.codes_deprecated_only = true;
    hf_graph_free(must_read(&options));
    options = tiny_defaults();
    options.codes_new_only = true;
    hf_graph_free(must_read(&options));
}

static void models_tflite_expands_a_per_tensor_scale(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    options.conv_scales = 1;
    options.weight_dimension = 2; /* without effect for one scale */
    hf_graph *graph = must_read(&options);
    for (int c = 0; c < 4; c++)
        assert_true(graph->nodes[0].weight_scales[c] == 0.01f);
    hf_graph_free(graph);
}

static void models_tflite_reads_a_layer_without_bias(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    options.bias_absent = true;
    hf_graph *graph = must_read(&options);
    assert_null(graph->nodes[0].bias);
    assert_false(graph->nodes[0].has_bias);
    hf_graph_free(graph);
}

#define REJECT(field, value, words)                                                                          \
    do {                                                                                                     \
        tiny_options options = tiny_defaults();                                                              \
        options.field = (value);                                                                             \
        must_reject(&options, words);                                                                        \
    } while (0)

static void models_tflite_rejects_unsupported_models(void **state)
{
    (void)state;
    REJECT(conv_dilation, 0, "operator 0 (CONV_2D): dilation 0x0 makes the kernel");
    REJECT(conv_dilation, 200,
           "operator 0 (CONV_2D): dilation 200x200 makes the kernel 401x401, expected at most");
    REJECT(weight_zero_point, 3,
           "operator 0 (CONV_2D): weights (tensor 1): zero point is not 0, expected symmetric");
    REJECT(conv_activation, 4, "fused activation 4 (TANH), expected NONE, RELU, RELU6 or RELU_N1_TO_1");
    REJECT(conv_kernel_inputs, 3,
           "weights (tensor 1): 3 input channels, expected a divisor of the input's 2 channels");
    REJECT(weight_dimension, 3,
           "weights (tensor 1): quantised along dimension 3, expected 0 (output channels)");
    REJECT(weight_type, 0, "weights (tensor 1): type float32, expected int8");
    REJECT(activation_type, 3, "model input (tensor 0): zero point -128, expected 0 .. 255");
    REJECT(activation_type, 0, "model input (tensor 0): type float32 and not quantised by a single QUANTIZE");
    REJECT(batch, 2, "operator 0 (CONV_2D): input 0 (tensor 0): 4 dimensions and batch size 2, expected");
    REJECT(bias_scale, 0.5f, "bias (tensor 2): scale 0.5 in channel 0, expected input scale x weight scale");
    REJECT(sparse_weights, true, "weights (tensor 1): sparse tensors are not supported");
    REJECT(softmax_output_scale, 0.01f, "operator 7 (SOFTMAX): output scale 0.01");
    REJECT(softmax_beta, 0, "beta 0");
    REJECT(softmax_beta, -1, "beta -1 with input scale");
    REJECT(pool_output_scale, 0.06f,
           "operator 4 (AVERAGE_POOL_2D): input and output have different quantisation");
    REJECT(replace_reshape_builtin, 14,
           "operator 5 (LOGISTIC): its builtin_options have type 17, expected 0");
    REJECT(replace_reshape_builtin, 40, "operator 5 (MEAN): its builtin_options have type 17, expected 27");
    REJECT(replace_reshape_builtin, 300,
           "operator 5 (unknown operator 300): hilfarm does not have this operator");
    REJECT(replace_reshape_builtin, 126, "operator 5 (BATCH_MATMUL): hilfarm does not have this operator");
    REJECT(replace_reshape_builtin, 32, "custom operator");
    REJECT(add_second_input, TINY_CONV_WEIGHTS,
           "operator 2 (ADD): constant input (tensor 1): 4 scales and 4 zero points, expected one each");
}

static void models_tflite_rejects_malformed_files(void **state)
{
    (void)state;
    REJECT(schema_version, 4, "schema version 4");
    REJECT(subgraphs, 0, "the model has no subgraph");
    REJECT(conv_stride, 0, "stride 0x0");
    REJECT(conv_stride, -1, "stride -1x-1");
    REJECT(conv_padding, 2, "padding 2");
    REJECT(conv_options_type, 5, "its builtin_options have type 5, expected 1");
    REJECT(conv_options_type, 0, "its builtin_options are missing");
    REJECT(conv_output_height, 4, "computes 3x3x4, but output (tensor 3) is 4x3x4");
    REJECT(conv_scales, 3, "weights (tensor 1): 3 scales, expected 1 or 4 (per channel)");
    REJECT(weight_zero_points, 5, "weights (tensor 1): 5 zero points for 4 scales");
    REJECT(weight_scale, 0, "weights (tensor 1): scale 0, expected a positive number");
    REJECT(weight_scale, -1, "scale -1, expected a positive number");
    REJECT(weight_scale, 1e30f, "output scale 0.05 is too small for input scale");
    REJECT(activation_zero_point, 200, "model input (tensor 0): zero point 200, expected -128 .. 127");
    REJECT(bias_count, 3, "bias (tensor 2): 12 bytes of data, expected 16 for 4 channels");
    REJECT(graph_output, TINY_CONV_WEIGHTS, "model output (tensor 1) is not the output of any operator");
    REJECT(graph_output, 99, "model output is tensor 99, but the model has 15 tensors");
    REJECT(add_second_input, TINY_SOFTMAX,
           "is neither the model's input nor the output of an earlier operator");
    REJECT(add_second_input, 1 << 30, "is neither the model's input nor the output of an earlier operator");
}

static void models_tflite_rejects_other_files(void **state)
{
    (void)state;
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_tflite_read("x", (const uint8_t *)"", 0, &graph, &err), HF_EFORMAT);
    assert_non_null(strstr(err.message, "not a TensorFlow Lite file"));
    assert_int_equal(hf_tflite_read("x", (const uint8_t *)"TFL3TFL2", 8, &graph, NULL), HF_EFORMAT);
    assert_int_equal(hf_tflite_read("x", (const uint8_t *)"", HF_TFLITE_MAX_BYTES + 1, &graph, NULL),
                     HF_ELIMIT);
    assert_null(graph);
}

/* Reads from an allocation of exact size, so that a sanitizer reports any access outside. */
static hf_status read_exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    hf_status status = hf_tflite_read("mutant", copy, size, &graph, &err);
    free(copy);
    if (status) {
        assert_null(graph);
        assert_int_equal(err.status, status);
        assert_true(err.message[0] != '\0');
    } else {
        assert_non_null(graph);
        for (int32_t n = 0; n < graph->node_count; n++)
            assert_true(hf_tensor_bytes(&graph->tensors[graph->nodes[n].output]) > 0);
        hf_graph_free(graph);
    }
    return status;
}

static void models_tflite_truncated_at_every_byte(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    size_t size;
    uint8_t *bytes = tiny_write(&options, &size);
    size_t whole = 0; /* cuts that still read: the last bytes may be padding */
    for (size_t cut = 0; cut <= size; cut++)
        if (read_exact(bytes, cut) == HF_OK)
            whole++;
    assert_in_range(whole, 1, 16);
    free(bytes);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void models_tflite_every_byte_changed(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    size_t size;
    uint8_t *bytes = tiny_write(&options, &size);
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f};
    size_t rejected = 0;
    for (size_t at = 0; at < size; at++)
        for (size_t c = 0; c < sizeof changes; c++) {
            bytes[at] ^= changes[c];
            rejected += read_exact(bytes, size) != HF_OK;
            bytes[at] ^= changes[c];
        }
    assert_int_equal(read_exact(bytes, size), HF_OK);
    assert_true(rejected > size); /* changed weights and scales are valid, a changed structure is not */
    free(bytes);
}

static void models_tflite_seeded_mutations(void **state)
{
    (void)state;
    tiny_options options = tiny_defaults();
    size_t size;
    uint8_t *original = tiny_write(&options, &size);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    uint32_t random = 20240717;
    int accepted = 0;
    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, original, size);
        uint32_t count = 1 + next_random(&random) % 8;
        for (uint32_t i = 0; i < count; i++) {
            size_t at = next_random(&random) % size;
            uint32_t kind = next_random(&random) % 4;
            if (kind == 0)
                bytes[at] = (uint8_t)next_random(&random);
            else if (kind == 1)
                bytes[at] ^= (uint8_t)(1u << next_random(&random) % 8);
            else if (kind == 2) /* bytes copied from another place */
                memmove(bytes + at, bytes + next_random(&random) % (size - 8), size - at < 8 ? size - at : 8);
            else if (at + 4 <= size) /* an extreme 32-bit value */
                memset(bytes + at, next_random(&random) % 2 ? 0xff : 0x00, 4);
        }
        accepted += read_exact(bytes, size) == HF_OK;
    }
    assert_in_range(accepted, 1, 19999);
    free(bytes);
    free(original);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_tflite_reads_every_operator),
        cmocka_unit_test(models_tflite_graph_runs),
        cmocka_unit_test(models_tflite_reads_either_operator_code_field),
        cmocka_unit_test(models_tflite_expands_a_per_tensor_scale),
        cmocka_unit_test(models_tflite_reads_a_layer_without_bias),
        cmocka_unit_test(models_tflite_rejects_unsupported_models),
        cmocka_unit_test(models_tflite_rejects_malformed_files),
        cmocka_unit_test(models_tflite_rejects_other_files),
        cmocka_unit_test(models_tflite_truncated_at_every_byte),
        cmocka_unit_test(models_tflite_every_byte_changed),
        cmocka_unit_test(models_tflite_seeded_mutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
