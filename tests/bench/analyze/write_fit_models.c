/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_fit_models FOLDER SEED COUNT
 * Writes networks as they are used on sounds and sensors, with generated weights: long kernels, few columns, convolutions of
 * many channels as in ResNets, dense layers. Families of image networks have none of these. Estimates of latencies are fitted to one seed's and checked on another's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "graph/graph.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

static uint32_t state;

static int32_t between(int32_t least, int32_t most)
{
    state ^= state << 13; /* Marsaglia's xorshift */
    state ^= state >> 17;
    state ^= state << 5;
    return least + (int32_t)((uint64_t)state * (uint32_t)(most - least + 1) >> 32);
}

static void check(hf_status status, const hf_error *err)
{
    if (status == HF_OK)
        return;
    fprintf(stderr, "write_fit_models: %s\n", err->message);
    exit(1);
}

/* A graph under construction. */
typedef struct network {
    hf_graph *graph;
    int32_t tensor, layers;
} network;

static void add(network *n, hf_node node, int32_t channels)
{
    hf_error err = {0};
    node.inputs[0] = n->tensor;
    node.input_count = node.input_count > 0 ? node.input_count : 1;
    snprintf(node.name, sizeof node.name, "layer%d", (int)n->layers++);
    check(hf_graph_add(n->graph, &node, channels, &n->tensor, &err), &err);
}

static const hf_tensor *now(const network *n)
{
    return &n->graph->tensors[n->tensor];
}

static int32_t at_most(int32_t value, int32_t limit)
{
    return value < limit ? value : limit;
}

static hf_node window(hf_op op, int32_t height, int32_t width, int32_t stride)
{
    return (hf_node){.op = op,
                     .kernel_height = height,
                     .kernel_width = width,
                     .stride_height = stride,
                     .stride_width = stride,
                     .padding = HF_PADDING_SAME,
                     .activation = HF_ACTIVATION_RELU,
                     .has_bias = true,
                     .groups = op == HF_OP_CONV2D ? 1 : 0};
}

static void pointwise(network *n, int32_t channels, hf_activation activation)
{
    hf_node node = window(HF_OP_CONV2D, 1, 1, 1);
    node.activation = activation;
    add(n, node, channels);
}

/* A depthwise convolution of any shape that the tensor allows. */
static void depthwise(network *n)
{
    static const int32_t lengths[] = {3, 3, 5, 7, 9, 10, 16, 29, 49};
    const int32_t height = at_most(lengths[between(0, 8)], now(n)->height);
    const int32_t width = at_most(between(0, 2) ? 3 : between(1, 8), now(n)->width);
    hf_node node = window(HF_OP_DEPTHWISE, height, width, between(0, 5) == 0 ? 2 : 1);
    if (between(0, 3) == 0)
        node.padding = HF_PADDING_VALID;
    node.activation = between(0, 4) ? HF_ACTIVATION_RELU : HF_ACTIVATION_NONE;
    add(n, node, 0);
}

/* Convolutions of many channels, whose windows overlap. */
static void overlapping(network *n)
{
    pointwise(n, between(1, 8) * 4, HF_ACTIVATION_RELU);
    for (int32_t left = between(1, 3); left > 0; left--) {
        const int32_t height = at_most(between(2, 5), now(n)->height),
                      width = at_most(between(2, 5), now(n)->width);
        hf_node node = window(HF_OP_CONV2D, height, width, between(0, 3) == 0 ? 2 : 1);
        node.activation = between(0, 3) ? HF_ACTIVATION_RELU : HF_ACTIVATION_NONE;
        add(n, node, between(2, 10) * 4);
    }
}

static void residual(network *n)
{
    const int32_t input = n->tensor;
    const int32_t channels = now(n)->channels;
    pointwise(n, between(1, 3) * channels, HF_ACTIVATION_RELU);
    pointwise(n, channels, HF_ACTIVATION_NONE);
    hf_node node = {
        .op = HF_OP_ADD, .inputs = {0, input}, .input_count = 2, .activation = HF_ACTIVATION_RELU};
    if (between(0, 3) == 0) {
        node.op = HF_OP_BINARY;
        node.function = HF_BINARY_SUB;
    }
    add(n, node, 0);
}

/* A pool, hard-swish, or nothing. */
static void other(network *n)
{
    const int32_t choice = between(0, 7);
    if (choice < 3 && now(n)->height > 8) {
        hf_node pool = window(choice ? HF_OP_MAX_POOL : HF_OP_AVERAGE_POOL, between(2, 3),
                              at_most(between(1, 3), now(n)->width), 2);
        pool.activation = HF_ACTIVATION_NONE;
        pool.has_bias = false;
        pool.groups = 0;
        add(n, pool, 0);
    } else if (choice == 3) {
        add(n, (hf_node){.op = HF_OP_HARD_SWISH}, 0);
    }
}

/* The head: an average of the map, dense layers, softmax. */
static void classify(network *n)
{
    hf_node pool = window(HF_OP_AVERAGE_POOL, now(n)->height, now(n)->width, 1);
    pool.padding = HF_PADDING_VALID;
    pool.activation = HF_ACTIVATION_NONE;
    pool.has_bias = false;
    pool.groups = 0;
    add(n, pool, 0);
    for (int32_t left = between(1, 3); left > 0; left--)
        add(n, (hf_node){.op = HF_OP_DENSE, .has_bias = true, .activation = HF_ACTIVATION_RELU},
            between(4, 150));
    add(n, (hf_node){.op = HF_OP_DENSE, .has_bias = true}, between(2, 40));
    add(n, (hf_node){.op = HF_OP_SOFTMAX, .softmax_beta = 1.0F}, 0);
}

static void write_graph(const hf_graph *graph, const char *folder)
{
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    char path[4096];
    check(hf_tflite_write(graph, &bytes, &size, &err), &err);
    snprintf(path, sizeof path, "%s/%s.tflite", folder, graph->name);
    FILE *file = fopen(path, "wb");
    const int failed = !file || fwrite(bytes, 1, size, file) != size;
    if (failed || fclose(file) != 0) {
        fprintf(stderr, "write_fit_models: cannot write %s\n", path);
        exit(1);
    }
    free(bytes);
}

static void write_network(const char *folder, uint32_t seed, int32_t number)
{
    hf_error err = {0};
    network n = {0};
    char name[64];
    state = (seed * 1000U + (uint32_t)number) * 2654435761U; /* not 0 */
    snprintf(name, sizeof name, "sensor_%u_%d", (unsigned)seed, (int)number);
    const int32_t width = number % 2 ? between(1, 3) : between(8, 40);
    check(hf_graph_new(name, between(20, 98), width, between(0, 1) ? 1 : between(2, 40), &n.graph, &err),
          &err);
    n.tensor = n.graph->input;
    const int32_t first = between(1, 2);
    add(&n,
        window(HF_OP_CONV2D, at_most(between(3, 10), now(&n)->height), at_most(between(1, 8), now(&n)->width),
               first),
        between(1, 3) * between(4, 24));
    for (int32_t left = between(2, 6); left > 0; left--) {
        depthwise(&n);
        pointwise(&n, between(8, 90), HF_ACTIVATION_RELU);
        if (between(0, 2) == 0)
            residual(&n);
        if (between(0, 3) == 0)
            overlapping(&n);
        other(&n);
    }
    classify(&n);
    check(hf_graph_finish(n.graph, n.tensor, &err), &err);
    check(hf_weights_generate(n.graph, seed, &err), &err);
    write_graph(n.graph, folder);
    hf_graph_free(n.graph);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: write_fit_models FOLDER SEED COUNT\n");
        return 2;
    }
    const uint32_t seed = (uint32_t)strtoul(argv[2], NULL, 10);
    const int32_t count = (int32_t)strtol(argv[3], NULL, 10);
    for (int32_t i = 0; i < count; i++)
        write_network(argv[1], seed, i);
    return 0;
}
