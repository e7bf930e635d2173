/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the seed corpus, which is part of the source tree. Run it again after extending the writer.
 * usage: write_corpus FOLDER */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "converter_model.h"
#include "graph/graph.h"
#include "random_graph.h"
#include "random_stateful.h"
#include "tflite/tflite.h"
#include "tflite_writer.h"

static const char *folder;

static void write_file(const char *name, const tiny_options *options, size_t cut)
{
    char path[1024];
    size_t size;
    uint8_t *bytes = tiny_write(options, &size);
    hf_error err;
    hf_error_clear(&err);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_write(path, bytes, cut && cut < size ? cut : size, &err))
        fprintf(stderr, "%s\n", err.message);
    free(bytes);
}

#define WRITE_WITH(name, field, value)                                                                       \
    do {                                                                                                     \
        tiny_options options = tiny_defaults();                                                              \
        options.field = (value);                                                                             \
        write_file(name, &options, 0);                                                                       \
    } while (0)

/* A small graph for every operator, as hilfarm writes it. */
static void write_operators(void)
{
    random_source r = {1};
    for (int op = 0; op <= HF_OP_COUNT; op++) /* the last: variables */
        for (int tries = 0; tries < 1000; tries++) {
            char path[1024];
            uint8_t *bytes = NULL;
            size_t size;
            hf_graph *graph = random_model(&r, (hf_op)op);
            const hf_status status = hf_tflite_write(graph, &bytes, &size, NULL);
            hf_graph_free(graph);
            const bool small = status == HF_OK && size < 4000;
            snprintf(path, sizeof path, "%s/op_%s", folder,
                     op < HF_OP_COUNT ? hf_op_name((hf_op)op) : "variables");
            if (small && hf_file_write(path, bytes, size, NULL))
                fprintf(stderr, "%s: cannot be written\n", path);
            free(bytes);
            if (small)
                break;
        }
}

static void write_model(const char *name, const converter_model *m)
{
    char path[1024];
    size_t size;
    hf_error err;
    hf_error_clear(&err);
    uint8_t *bytes = model_write(m, &size);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (hf_file_write(path, bytes, size, &err))
        fprintf(stderr, "%s\n", err.message);
    free(bytes);
}

static int32_t add_constant(converter_model *m, uint32_t rows, uint32_t columns, const int32_t *values)
{
    const int32_t tensor = model_add_ints(m, rows * columns, values);
    m->tensors[tensor].rank = columns > 1 ? 2 : 1;
    m->tensors[tensor].shape[0] = (int32_t)rows;
    m->tensors[tensor].shape[1] = (int32_t)columns;
    return tensor;
}

static int32_t add_weights(converter_model *m, int32_t height, int32_t width)
{
    return model_add_tensor(m, (model_tensor){.shape = {1, height, width, 1},
                                              .rank = 4,
                                              .type = m->tensors[m->input].type,
                                              .scale = 0.25f,
                                              .bytes = {4, -3, 2, 8},
                                              .byte_count = (uint32_t)(height * width)});
}

/* A convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND; alone, the latter reads the former. */
static void write_blocks(const char *name, bool convolution)
{
    converter_model m = {0};
    m.input = model_add_activation(&m, 4, 4, 1);
    const int32_t block = add_constant(&m, 2, 1, (const int32_t[]){2, 2});
    const int32_t borders = add_constant(&m, 2, 2, (const int32_t[]){0, 0, 0, 0});
    const int32_t batches = model_add_activation(&m, 2, 2, 1);
    const int32_t convolved = model_add_activation(&m, 1, 1, 1);
    m.tensors[batches].shape[0] = m.tensors[convolved].shape[0] = 4;
    const int32_t weights = add_weights(&m, 2, 2);
    const int32_t side = convolution ? 2 : 4;
    m.output = model_add_activation(&m, side, side, 1);
    model_add_operator(&m, (model_operator){.builtin = BUILTIN_SPACE_TO_BATCH,
                                            .inputs = {m.input, block, borders},
                                            .input_count = 3,
                                            .outputs = {batches},
                                            .output_count = 1});
    if (convolution)
        model_add_operator(&m, (model_operator){.builtin = BUILTIN_CONV_2D,
                                                .options_type = OPTIONS_CONV_2D,
                                                .layout = "144144",
                                                .options = {1, 1, 1, 0, 1, 1},
                                                .inputs = {batches, weights},
                                                .input_count = 2,
                                                .outputs = {convolved},
                                                .output_count = 1});
    model_add_operator(&m, (model_operator){.builtin = BUILTIN_BATCH_TO_SPACE,
                                            .inputs = {convolution ? convolved : batches, block, borders},
                                            .input_count = 3,
                                            .outputs = {m.output},
                                            .output_count = 1});
    write_model(name, &m);
}

/* The mean over rows and channels of what PADV2 has padded. */
static void write_padded_mean(void)
{
    converter_model m = {0};
    m.input = model_add_activation(&m, 2, 2, 2);
    const int32_t pads = add_constant(&m, 4, 2, (const int32_t[]){0, 0, 1, 1, 0, 0, 0, 0});
    const int32_t value = model_add_tensor(
        &m, (model_tensor){
                .type = TYPE_INT8, .scale = 1.0f / 16, .zero_point = 3, .bytes = {-128}, .byte_count = 1});
    const int32_t padded = model_add_activation(&m, 4, 2, 2);
    const int32_t axes = add_constant(&m, 2, 1, (const int32_t[]){1, 3});
    m.output = model_add_vector(&m, 2);
    model_add_operator(&m, (model_operator){.builtin = BUILTIN_PADV2,
                                            .inputs = {m.input, pads, value},
                                            .input_count = 3,
                                            .outputs = {padded},
                                            .output_count = 1});
    model_add_operator(&m, (model_operator){.builtin = BUILTIN_MEAN,
                                            .options_type = OPTIONS_REDUCER,
                                            .layout = "1",
                                            .inputs = {padded, axes},
                                            .input_count = 2,
                                            .outputs = {m.output},
                                            .output_count = 1});
    write_model("padded_mean", &m);
}

/* Old uint8 values: a convolution and an average that rounds halves up. */
static void write_uint8(void)
{
    converter_model m = {0};
    m.input = model_add_activation(&m, 3, 3, 1);
    m.tensors[m.input].type = TYPE_UINT8;
    const int32_t weights = add_weights(&m, 2, 2);
    m.tensors[weights].zero_point = 90;
    const int32_t maps = model_add_activation(&m, 2, 2, 1);
    m.output = model_add_activation(&m, 1, 1, 1);
    m.tensors[maps].type = m.tensors[m.output].type = TYPE_UINT8;
    model_add_operator(&m, (model_operator){.builtin = BUILTIN_CONV_2D,
                                            .options_type = OPTIONS_CONV_2D,
                                            .layout = "144144",
                                            .options = {1, 1, 1, 0, 1, 1},
                                            .inputs = {m.input, weights},
                                            .input_count = 2,
                                            .outputs = {maps},
                                            .output_count = 1});
    model_add_operator(&m, (model_operator){.builtin = BUILTIN_AVERAGE_POOL_2D,
                                            .options_type = OPTIONS_POOL_2D,
                                            .layout = "144441",
                                            .options = {1, 2, 2, 2, 2, 0},
                                            .inputs = {maps},
                                            .input_count = 1,
                                            .outputs = {m.output},
                                            .output_count = 1});
    write_model("uint8", &m);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: write_corpus FOLDER\n");
        return 2;
    }
    folder = argv[1];
    tiny_options plain = tiny_defaults();
    write_file("plain", &plain, 0);
    write_file("truncated", &plain, 1500);
    WRITE_WITH("old_codes", codes_deprecated_only, true);
    WRITE_WITH("new_codes", codes_new_only, true);
    WRITE_WITH("no_bias", bias_absent, true);
    WRITE_WITH("per_tensor", conv_scales, 1);
    WRITE_WITH("valid_padding", conv_padding, 1);
    WRITE_WITH("custom_operator", replace_reshape_builtin, 32);
    WRITE_WITH("zero_point", weight_zero_point, 3);
    WRITE_WITH("sparse", sparse_weights, true);
    write_operators();
    write_blocks("blocks", false);
    write_blocks("dilated", true);
    write_padded_mean();
    write_uint8();
    return 0;
}
