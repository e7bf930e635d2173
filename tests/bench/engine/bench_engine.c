/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/engine.h"
#include "models/compile.h"
#include "models/models.h"
#include "target.h"

/*
 * engine_bench HARNESS.bin [-l | -c] [MODEL.tflite|VARIATION ...]
 * Executed instructions per inference on a Cortex-M4, arena and image bytes, one line per model; -l adds a
 * line per layer; -c prints metric,value,unit,goal,better instead. Without models: the rows of the paper's
 * tables. Outputs are checked against the reference interpreter.
 */

static const char *const published[] = {
    "mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3",
    "mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128",
    "mobilenetv1_0.25_96_c3_o2",
    "shufflenetv1_0.25_96_c3_o2_g1",
    "mobilenetv2_0.25_96_c3_o2_t5l256",
    "shufflenetv2_0.1_96_c3_o2_l128",
    "mobilenetv1_0.25_96_c3_o2_l3",
    "mobilenetv1_0.3_96_c3_o2_l5ll32pl256",
};

typedef enum format { TABLE, TABLE_WITH_LAYERS, METRICS } format;

/* What the engine is to reach, where a model has a goal; 0 for none. */
typedef struct goals {
    const char *model;
    uint32_t instructions, arena_bytes, over_percent;
} goals;

static const goals wanted[] = {
    {"vww_96_int8.tflite", 11000000, 40000, 6},
    {"kws_ref_model.tflite", 4000000, 0, 0},
    {"mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", 0, 102400, 0},
};

static void metric(const char *model, const char *what, double value, const char *unit, uint32_t goal)
{
    printf("%s_%s,%.10g,%s,", model, what, value, unit);
    if (goal > 0)
        printf("%u", goal);
    printf(",lower\n");
}

static void print_metrics(const char *model, uint64_t instructions, uint32_t arena_bytes, size_t image_bytes,
                          double over_percent)
{
    goals goal = {0};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strcmp(wanted[i].model, model) == 0)
            goal = wanted[i];
    metric(model, "instructions", (double)instructions, "", goal.instructions);
    metric(model, "arena", arena_bytes, "B", goal.arena_bytes);
    metric(model, "image", (double)image_bytes, "B", 0);
    metric(model, "image_over_weights", over_percent, "%", goal.over_percent);
}

static hf_status load(const char *name, hf_graph **graph, hf_error *err)
{
    size_t length = strlen(name);
    if (length < 7 || strcmp(name + length - 7, ".tflite") != 0) {
        hf_variation variation;
        hf_status status = hf_variation_parse(name, &variation, err);
        if (!status)
            status = hf_variation_build(&variation, graph, err);
        return status ? status : hf_weights_generate(*graph, 1, err);
    }
    uint8_t *bytes;
    size_t size;
    hf_status status = hf_file_read(name, HF_TFLITE_MAX_BYTES, &bytes, &size, err);
    if (status)
        return status;
    const char *base = strrchr(name, '/');
    status = hf_tflite_read(base ? base + 1 : name, bytes, size, graph, err);
    free(bytes);
    return status;
}

static int64_t parameter_bytes(const hf_graph *graph)
{
    int64_t bytes = 0;
    for (int32_t n = 0; n < graph->node_count; n++) {
        bytes += hf_node_weight_count(graph, &graph->nodes[n]);
        if (graph->nodes[n].bias)
            bytes += 4 * (int64_t)hf_node_output_channels(graph, &graph->nodes[n]);
    }
    return bytes;
}

static hf_status measure(engine_target *target, const hf_graph *graph, const hf_image *image,
                         const hf_model *model, const int8_t *input, format how, hf_error *err)
{
    engine_target_job job = {image->bytes,
                             image->size,
                             model->arena_bytes,
                             model->input_offset,
                             model->input_bytes,
                             model->output_offset,
                             model->output_bytes,
                             input,
                             0};
    engine_target_result result;
    hf_reference reference;
    hf_status status = engine_target_run(target, &job, &result, err);
    if (status)
        return status;
    status = hf_reference_run(graph, input, &reference, err);
    if (status) {
        engine_target_result_free(&result);
        return status;
    }
    int64_t macs = 0;
    for (int32_t n = 0; n < graph->node_count; n++)
        macs += hf_node_macs(graph, &graph->nodes[n]);
    int64_t parameters = parameter_bytes(graph);
    const double over = 100.0 * (double)image->size / (double)parameters - 100.0;
    if (how == METRICS)
        print_metrics(graph->name, result.instructions, model->arena_bytes, image->size, over);
    else
        printf("%-42s %10lld %12llu %6.3f %8u %8zu %+6.2f%% %6llu\n", graph->name, (long long)macs,
               (unsigned long long)result.instructions, (double)result.instructions / (double)macs,
               model->arena_bytes, image->size, over, (unsigned long long)result.stack_bytes);
    if (memcmp(result.output, reference.outputs[graph->tensors[graph->output].producer],
               model->output_bytes) != 0)
        status = HF_FAIL(err, HF_EMISMATCH, "%s: output differs from the reference", graph->name);
    hf_reference_free(&reference);
    engine_target_result_free(&result);
    job.with_hooks = 1;
    if (status || how != TABLE_WITH_LAYERS)
        return status;
    status = engine_target_run(target, &job, &result, err);
    for (uint32_t i = 0; !status && i < result.layer_count; i++) {
        const hf_node *node = &graph->nodes[image->ops[i].node];
        int64_t layer_macs = hf_node_macs(graph, node);
        printf("  %-38s %10lld %12llu %6.3f\n", node->name, (long long)layer_macs,
               (unsigned long long)result.layers[i].instructions,
               layer_macs ? (double)result.layers[i].instructions / (double)layer_macs : 0.0);
    }
    if (!status)
        engine_target_result_free(&result);
    return status;
}

static hf_status bench(engine_target *target, const char *name, format how, hf_error *err)
{
    hf_graph *graph = NULL;
    hf_image image = {0};
    hf_model model;
    hf_status status = load(name, &graph, err);
    if (!status)
        status = hf_compile(graph, &image, err);
    if (!status && hf_model_open(&model, image.bytes, (uint32_t)image.size) != HF_ENGINE_OK)
        status = HF_FAIL(err, HF_EMISMATCH, "%s: the engine rejects its image", name);
    int8_t *input = status ? NULL : malloc(model.input_bytes);
    if (input) {
        hf_input_generate(1, input, model.input_bytes);
        status = measure(target, graph, &image, &model, input, how, err);
    }
    free(input);
    hf_image_free(&image);
    hf_graph_free(graph);
    return status;
}

int main(int argc, char **argv)
{
    hf_error err = {0};
    engine_target *target = NULL;
    if (argc < 2) {
        fprintf(stderr, "usage: engine_bench HARNESS.bin [-l | -c] [MODEL.tflite|VARIATION ...]\n");
        return 2;
    }
    hf_status status = engine_target_new(argv[1], &target, &err);
    int first = 2;
    format how = TABLE;
    if (argc > 2 && strcmp(argv[2], "-l") == 0)
        how = TABLE_WITH_LAYERS;
    if (argc > 2 && strcmp(argv[2], "-c") == 0)
        how = METRICS;
    first += how != TABLE;
    if (how != METRICS)
        printf("%-42s %10s %12s %6s %8s %8s %7s %6s\n", "model", "MACs", "instructions", "/MAC", "arena",
               "image", "over", "stack");
    for (int i = first; i < argc && !status; i++)
        status = bench(target, argv[i], how, &err);
    for (size_t i = 0; first == argc && i < sizeof published / sizeof *published && !status; i++)
        status = bench(target, published[i], how, &err);
    engine_target_free(target);
    if (status)
        fprintf(stderr, "engine_bench: %s\n", err.message);
    return status ? 1 : 0;
}
