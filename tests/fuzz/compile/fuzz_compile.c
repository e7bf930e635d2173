/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer harness for the image compiler: models that the .tflite reader accepts. What is compiled must be a valid image,
 * and the engine must compute with it what the reference interpreter does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "engine/engine.h"
#include "graph/analysis.h"
#include "graph/graph.h"
#include "reference/reference.h"
#include "tflite/tflite.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MOST_WORK  2000000 /* larger models take too long */
#define MOST_BYTES (1 << 20)

static void require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static int is_small(const hf_graph *graph)
{
    int64_t bytes = hf_tensor_bytes(&graph->tensors[graph->input]);
    int64_t work = 0;
    for (int32_t n = 0; n < graph->node_count; n++) {
        bytes += hf_tensor_bytes(&graph->tensors[graph->nodes[n].output]);
        work += hf_node_macs(graph, &graph->nodes[n]);
    }
    return bytes <= MOST_BYTES && work <= MOST_WORK && graph->node_count <= 64;
}

/* Any bytes, but always the same. */
static void fill(int8_t *input, size_t bytes)
{
    uint32_t state = 1;
    for (size_t i = 0; i < bytes; i++) {
        state = state * 1664525U + 1013904223U;
        input[i] = (int8_t)(uint8_t)(state >> 24);
    }
}

static void check_output(const hf_graph *graph, const hf_model *model)
{
    const size_t arena_bytes = ((size_t)model->arena_bytes + 63) / 64 * 64;
    uint8_t *arena = aligned_alloc(64, arena_bytes);
    int8_t *input = malloc(model->input_bytes);
    hf_reference reference;
    hf_error err;
    hf_error_clear(&err);
    require(arena && input, "no memory");
    fill(input, model->input_bytes);
    require(hf_reference_run(graph, input, &reference, &err) == HF_OK, "the reference interpreter fails");
    memcpy(arena + model->input_offset, input, model->input_bytes);
    require(hf_model_run(model, arena, model->arena_bytes, NULL) == HF_ENGINE_OK, "the engine fails");
    require(memcmp(arena + model->output_offset, reference.outputs[graph->tensors[graph->output].producer],
                   model->output_bytes) == 0,
            "outputs differ");
    hf_reference_free(&reference);
    free(input);
    free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hf_graph *graph = NULL;
    hf_image image = {0};
    hf_error err;
    hf_error_clear(&err);
    if (hf_tflite_read("fuzz", bytes, size, &graph, &err))
        return 0;
    hf_error_clear(&err);
    if (is_small(graph)) {
        const hf_status status = hf_compile(graph, &image, &err);
        require(status != HF_EMISMATCH, err.message);
        if (status == HF_OK) {
            hf_model model;
            require(hf_model_open(&model, image.bytes, (uint32_t)image.size) == HF_ENGINE_OK,
                    "the image is not valid");
            check_output(graph, &model);
            hf_image_free(&image);
        }
    }
    hf_graph_free(graph);
    return 0;
}
