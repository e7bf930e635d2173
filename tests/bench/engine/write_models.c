/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "graph/builder.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

/*
 * engine_bench_models FOLDER
 * Writes networks of the shapes of MLPerf Tiny's, with generated weights: ad01_like, an autoencoder of dense
 * layers, and resnet8_like. They cost as much as the trained networks.
 */

/* 640 inputs, four layers of 128, 8, four of 128, 640 outputs. */
static void ad01(hf_builder *b)
{
    static const int32_t widths[] = {128, 128, 128, 128, 8, 128, 128, 128, 128};
    hf_builder_begin(b, "ad01_like", 1, 640, b->err);
    for (int32_t i = 0; i < (int32_t)(sizeof widths / sizeof *widths); i++) {
        char name[48];
        hf_builder_dense(b, hf_layer_name(name, "block", i, "dense"), widths[i], true, HF_ACTIVATION_RELU);
    }
    hf_builder_dense(b, "output", 640, true, HF_ACTIVATION_NONE);
}

/* Two 3x3 convolutions parallel to the input, or to a 1x1 convolution of it if they halve the map. */
static void residual(hf_builder *b, int32_t number, int32_t channels, int32_t stride)
{
    const hf_layer_style relu = {.bias = true, .activation = HF_ACTIVATION_RELU, .padding = HF_PADDING_SAME};
    const hf_layer_style plain = {.bias = true, .padding = HF_PADDING_SAME};
    char name[48];
    const int32_t input = b->tensor;
    hf_builder_conv(b, hf_layer_name(name, "block", number, "conv1"), 3, stride, channels, &relu);
    hf_builder_conv(b, hf_layer_name(name, "block", number, "conv2"), 3, 1, channels, &plain);
    int32_t beside = input;
    if (stride != 1) {
        const int32_t output = b->tensor;
        b->tensor = input;
        hf_builder_conv(b, hf_layer_name(name, "block", number, "beside"), 1, stride, channels, &plain);
        beside = b->tensor;
        b->tensor = output;
    }
    hf_builder_add(b, hf_layer_name(name, "block", number, "add"), beside, HF_ACTIVATION_RELU);
}

static void resnet8(hf_builder *b)
{
    const hf_layer_style relu = {.bias = true, .activation = HF_ACTIVATION_RELU, .padding = HF_PADDING_SAME};
    hf_builder_begin(b, "resnet8_like", 32, 3, b->err);
    hf_builder_conv(b, "conv", 3, 1, 16, &relu);
    residual(b, 1, 16, 1);
    residual(b, 2, 32, 2);
    residual(b, 3, 64, 2);
    hf_builder_global_average_pool(b, "pool");
    hf_builder_dense(b, "dense", 10, true, HF_ACTIVATION_NONE);
    hf_builder_softmax(b, "softmax");
}

static hf_status write_model(void (*describe)(hf_builder *), const char *folder, hf_error *err)
{
    hf_builder b = {.err = err};
    hf_graph *graph = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    describe(&b);
    hf_status status = hf_builder_finish(&b, &graph);
    if (!status)
        status = hf_weights_generate(graph, 1, err);
    if (!status)
        status = hf_tflite_write(graph, &bytes, &size, err);
    if (!status) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.tflite", folder, graph->name);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(bytes, 1, size, file) != size)
            status = HF_FAIL(err, HF_EIO, "cannot write %s", path);
        if (file && fclose(file) != 0 && !status)
            status = HF_FAIL(err, HF_EIO, "cannot write %s", path);
    }
    free(bytes);
    hf_graph_free(graph);
    return status;
}

int main(int argc, char **argv)
{
    hf_error err = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: engine_bench_models FOLDER\n");
        return 2;
    }
    if (write_model(ad01, argv[1], &err) || write_model(resnet8, argv[1], &err)) {
        fprintf(stderr, "engine_bench_models: %s\n", err.message);
        return 1;
    }
    return 0;
}
