/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "graph/graph.h"
#include "peers.h"
#include "reference/reference.h"
#include "source/source.h"
#include "target.h"
#include "weights/weights.h"

/*
 * engine_bench HARNESS.bin [-l | -c | -p BYTES] [MODEL.tflite|VARIATION ...]
 * Executed instructions per inference on a Cortex-M4, arena and image bytes, one line per model; -l adds a
 * line per layer; -c prints metric,value,unit,goal,better instead, -p a table with the figures of other
 * engines, to which BYTES are the firmware's code and constants. Without models: the rows of the paper's
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

typedef enum format { TABLE, TABLE_WITH_LAYERS, METRICS, PEERS } format;

#define PEERS_MODELS_MAX 8

/* What to print, and what is collected for the end. */
typedef struct output {
    format how;
    uint64_t engine_bytes, firmware_bytes;
    engine_measured measured[PEERS_MODELS_MAX];
    size_t measured_count;
} output;

static void metric(const char *model, const char *what, double value, const char *unit, uint64_t goal)
{
    printf("%s_%s,%.10g,%s,", model, what, value, unit);
    if (goal > 0)
        printf("%llu", (unsigned long long)goal);
    printf(",lower\n");
}

static void print_metrics(const char *name, const engine_figures *figures, size_t image_bytes,
                          double over_percent)
{
    static const engine_model unknown;
    const engine_model *model = engine_model_find(name);
    if (!model)
        model = &unknown;
    metric(name, "instructions", (double)figures->instructions, "", model->goal.instructions);
    const uint64_t best = engine_model_fewest_instructions(model);
    if (best)
        metric(name, "instructions_of_best_peer", (double)figures->instructions / (double)best, "ratio", 0);
    metric(name, "arena", (double)figures->arena_bytes, "B", model->goal.arena_bytes);
    metric(name, "image", (double)image_bytes, "B", 0);
    metric(name, "image_over_weights", over_percent, "%", model->over_goal_percent);
}

static void keep_for_peers(output *out, const char *name, int64_t macs, const engine_figures *figures)
{
    const engine_model *model = engine_model_find(name);
    if (model && engine_model_fewest_instructions(model) && out->measured_count < PEERS_MODELS_MAX)
        out->measured[out->measured_count++] = (engine_measured){model, macs, *figures};
}

static hf_status load(const char *name, hf_graph **graph, hf_error *err)
{
    hf_source source;
    hf_status status = hf_source_parse(name, &source, err);
    return status ? status : hf_source_load(&source, graph, err);
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

static void print_layers(const hf_graph *graph, const hf_image *image, const engine_target_result *result)
{
    for (uint32_t i = 0; i < result->layer_count; i++) {
        const hf_image_op_output *made = &image->ops[i];
        const hf_node *node = &graph->nodes[made->node];
        const int64_t macs = hf_node_macs(graph, node);
        char name[64];
        if (made->channels == graph->tensors[node->output].channels)
            snprintf(name, sizeof name, "%s", node->name);
        else
            snprintf(name, sizeof name, "%s[%d..%d]", node->name, made->first_channel,
                     made->first_channel + made->channels - 1);
        printf("  %-38s %10lld %12llu %6.3f\n", name, (long long)macs,
               (unsigned long long)result->layers[i].instructions,
               macs ? (double)result->layers[i].instructions / (double)macs : 0.0);
    }
}

static hf_status measure(engine_target *target, const hf_graph *graph, const hf_image *image,
                         const hf_model *model, const int8_t *input, output *out, hf_error *err)
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
    const engine_figures figures = {result.instructions, model->arena_bytes};
    if (out->how == METRICS)
        print_metrics(graph->name, &figures, image->size, over);
    else if (out->how == PEERS)
        keep_for_peers(out, graph->name, macs, &figures);
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
    if (status || out->how != TABLE_WITH_LAYERS)
        return status;
    status = engine_target_run(target, &job, &result, err);
    if (status)
        return status;
    print_layers(graph, image, &result);
    engine_target_result_free(&result);
    return HF_OK;
}

static hf_status bench(engine_target *target, const char *name, output *out, hf_error *err)
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
        status = measure(target, graph, &image, &model, input, out, err);
    }
    free(input);
    hf_image_free(&image);
    hf_graph_free(graph);
    return status;
}

static hf_status print_peers(const output *out, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    engine_peers_render(out->measured, out->measured_count, out->engine_bytes, out->firmware_bytes, &text);
    hf_status status = text.failed ? HF_FAIL(err, HF_ENOMEM, "no memory for the table") : HF_OK;
    if (!status)
        fputs(hf_buffer_text(&text), stdout);
    hf_buffer_free(&text);
    return status;
}

/* @return index of the first model; 0: wrong arguments */
static int parse(int argc, char **argv, output *out)
{
    static const struct {
        const char *option;
        format how;
    } formats[] = {{"-l", TABLE_WITH_LAYERS}, {"-c", METRICS}, {"-p", PEERS}};
    for (size_t i = 0; argc > 2 && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(argv[2], formats[i].option) == 0)
            out->how = formats[i].how;
    struct stat harness;
    if (argc < 2 || stat(argv[1], &harness) != 0)
        return 0;
    out->engine_bytes = (uint64_t)harness.st_size;
    if (out->how != PEERS)
        return 2 + (out->how != TABLE);
    char *end = NULL;
    out->firmware_bytes = argc > 3 ? strtoull(argv[3], &end, 10) : 0;
    return end && !*end && out->firmware_bytes ? 4 : 0;
}

int main(int argc, char **argv)
{
    hf_error err = {0};
    engine_target *target = NULL;
    output out = {0};
    const int first = parse(argc, argv, &out);
    if (!first) {
        fprintf(stderr, "usage: engine_bench HARNESS.bin [-l | -c | -p FIRMWARE_BYTES] "
                        "[MODEL.tflite|VARIATION ...]\n");
        return 2;
    }
    hf_status status = engine_target_new(argv[1], &target, &err);
    if (out.how == TABLE || out.how == TABLE_WITH_LAYERS)
        printf("%-42s %10s %12s %6s %8s %8s %7s %6s\n", "model", "MACs", "instructions", "/MAC", "arena",
               "image", "over", "stack");
    for (int i = first; i < argc && !status; i++)
        status = bench(target, argv[i], &out, &err);
    for (size_t i = 0; first == argc && i < sizeof published / sizeof *published && !status; i++)
        status = bench(target, published[i], &out, &err);
    if (!status && out.how == PEERS)
        status = print_peers(&out, &err);
    engine_target_free(target);
    if (status)
        fprintf(stderr, "engine_bench: %s\n", err.message);
    return status ? 1 : 0;
}
