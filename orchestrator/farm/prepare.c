/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/prepare.h"

#include <stdlib.h>

#include "base/file.h"
#include "checksum/crc.h"
#include "evaluate/evaluate.h"
#include "reference/reference.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pruning.h"
#include "scorecard/scorecard.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

static hf_status load_graph(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    if (request->variation)
        return hf_variation_build(request->variation, &out->graph, err);
    return hf_tflite_load(request->name, request->tflite_path, &out->graph, err);
}

static hf_status load_input(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    out->input_bytes = (size_t)hf_tensor_bytes(&out->graph->tensors[out->graph->input]);
    out->input_from_seed = request->input_path == NULL;
    if (request->input_path) {
        size_t size = 0;
        hf_status status =
            hf_file_read(request->input_path, HF_GRAPH_MAX_TENSOR_BYTES, &out->input, &size, err);
        if (status == HF_OK && size != out->input_bytes)
            status = HF_FAIL(err, HF_EINVALID, "%s has %zu bytes, but the input tensor of %s has %zu",
                             request->input_path, size, request->name, out->input_bytes);
        if (status != HF_OK)
            return status;
    } else {
        out->input = malloc(out->input_bytes);
        if (!out->input)
            return HF_FAIL(err, HF_ENOMEM, "no memory for the input of %s", request->name);
        hf_input_generate(request->input_seed, (int8_t *)out->input, out->input_bytes);
    }
    out->input_crc32 = hf_crc32(0, out->input, out->input_bytes);
    return HF_OK;
}

static hf_status digest_layers(hf_prepared *out, int8_t *const *outputs, hf_error *err)
{
    int64_t most_bytes = 1;
    for (uint32_t i = 0; i < out->image.op_count; i++) {
        const int64_t bytes = hf_image_op_bytes(out->graph, &out->image, i);
        most_bytes = bytes > most_bytes ? bytes : most_bytes;
    }
    out->layer_crc32 = calloc((size_t)out->image.op_count + 1, sizeof *out->layer_crc32);
    int8_t *expected = malloc((size_t)most_bytes);
    for (uint32_t i = 0; out->layer_crc32 && expected && i < out->image.op_count; i++) {
        hf_image_op_expect(out->graph, &out->image, i, outputs, expected);
        out->layer_crc32[i] = hf_crc32(0, expected, (size_t)hf_image_op_bytes(out->graph, &out->image, i));
    }
    hf_status status = HF_OK;
    if (!out->layer_crc32 || !expected)
        status = HF_FAIL(err, HF_ENOMEM, "no memory for %u layer digests", out->image.op_count);
    free(expected);
    return status;
}

/* What the board must answer, layer by layer, by the interpreter that knows nothing of images or plans. */
static hf_status work_out_answers(hf_prepared *out, hf_error *err)
{
    const hf_graph *graph = out->graph;
    hf_reference reference = {0};
    hf_status status = hf_reference_run(graph, (const int8_t *)out->input, &reference, err);
    if (status != HF_OK)
        return status;
    status = digest_layers(out, reference.outputs, err);
    const hf_tensor *output = &graph->tensors[graph->output];
    out->output_crc32 = hf_crc32(0, reference.outputs[output->producer], (size_t)hf_tensor_bytes(output));
    hf_reference_free(&reference);
    return status;
}

static bool fits_nowhere(const hf_prepare_request *request, const hf_prepared *out)
{
    char why[HF_CANNOT_FIT_SIZE];
    const int64_t arena = out->arena_bytes, image = (int64_t)out->image_bytes, macs = out->analysis.macs;
    if (!request->chip_count)
        return hf_cannot_fit(&request->limits, NULL, NULL, arena, image, macs, why);
    for (uint32_t i = 0; i < request->chip_count; i++)
        if (!hf_cannot_fit(&request->limits, request->chips[i],
                           request->firmwares ? &request->firmwares[i] : NULL, arena, image, macs, why))
            return false;
    return true;
}

/* One image is for all chips: it is to fit wherever a smaller one would. */
static hf_compile_options compile_options(const hf_prepare_request *request, const hf_graph *graph)
{
    hf_compile_options options = {.objective = request->objective,
                                  .arena_limit_bytes = hf_arena_limit_bytes(&request->limits, NULL, NULL, 0)};
    for (uint32_t i = 0; i < request->chip_count; i++) {
        const uint32_t limit = hf_arena_limit_bytes(&request->limits, request->chips[i],
                                                    request->firmwares ? &request->firmwares[i] : NULL,
                                                    hf_tensor_bytes(&graph->tensors[graph->input]));
        if (options.arena_limit_bytes == 0 || limit < options.arena_limit_bytes)
            options.arena_limit_bytes = limit;
    }
    return options;
}

static hf_status analyse(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    const hf_compile_options options = compile_options(request, out->graph);
    hf_image_forecast forecast = {0};
    hf_status status = hf_analyze(out->graph, &out->analysis, err);
    if (status == HF_OK)
        status = hf_forecast(out->graph, &options, false, &forecast, err);
    out->arena_bytes = forecast.arena_bytes;
    out->image_bytes = forecast.image_bytes_min;
    out->pruned = status == HF_OK && fits_nowhere(request, out);
    return status;
}

static void take_estimate(const hf_estimate *estimate, const char *of, hf_prepared *out)
{
    if (!estimate->has_value)
        return;
    out->has_accuracy = true;
    out->accuracy_percent = 100 * estimate->value;
    out->accuracy_low_percent = estimate->has_interval ? 100 * estimate->low : out->accuracy_percent;
    out->accuracy_high_percent = estimate->has_interval ? 100 * estimate->high : out->accuracy_percent;
    out->accuracy_of = of;
}

/* Scores the data set with the engine that runs on the boards, compiled for the host. */
static hf_status score(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    hf_prepared copy = {0}; /* the evaluation takes a graph over; ours is still needed */
    hf_evaluated_model model = {0};
    hf_dataset dataset = {0};
    hf_evaluation evaluation = {0};
    const hf_evaluate_options options = {.reading = {.pixels = {.factor = 1.0 / 255}}};
    hf_status status = load_graph(request, &copy, err);
    if (status == HF_OK && request->variation)
        status = hf_weights_generate(copy.graph, request->weight_seed, err);
    if (status == HF_OK)
        status = hf_dataset_open(request->data_path, &dataset, err);
    if (status == HF_OK) {
        status = hf_evaluated_model_take(request->name, copy.graph, &model, err);
        copy.graph = NULL;
    }
    if (status == HF_OK)
        status = hf_evaluate(&model, &dataset, &options, &evaluation, err);
    if (status == HF_OK && evaluation.unreadable)
        status = HF_FAIL(err, HF_EINVALID, "%u samples of %s cannot be read, the first: %s",
                         evaluation.unreadable, request->data_path, evaluation.messages[0]);
    if (status == HF_OK && evaluation.kind == HF_EVALUATION_CLASSES)
        take_estimate(&evaluation.top1, "top-1", out);
    else if (status == HF_OK)
        take_estimate(&evaluation.auc, "AUC", out);
    hf_evaluation_free(&evaluation);
    hf_evaluated_model_free(&model);
    hf_dataset_free(&dataset);
    hf_graph_free(copy.graph);
    return status;
}

hf_status hf_prepare_survey(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    *out = (hf_prepared){0};
    hf_status status = load_graph(request, out, err);
    return status == HF_OK ? analyse(request, out, err) : status;
}

hf_status hf_prepare(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    *out = (hf_prepared){0};
    hf_error cause = {0};
    const char *doing = "building the network";
    hf_status status = load_graph(request, out, &cause);
    if (status == HF_OK) {
        doing = "analysing it";
        status = analyse(request, out, &cause);
    }
    if (status == HF_OK && out->pruned)
        return HF_OK;
    if (status == HF_OK && request->variation) {
        doing = "giving it weights";
        status = hf_weights_generate(out->graph, request->weight_seed, &cause);
    }
    if (status == HF_OK) {
        doing = "loading its input";
        status = load_input(request, out, &cause);
    }
    if (status == HF_OK) {
        doing = "compiling its image";
        const hf_compile_options options = compile_options(request, out->graph);
        status = hf_compile_for(out->graph, &options, &out->image, &cause);
    }
    if (status == HF_OK) {
        out->image_bytes = out->image.size;
        out->pruned = fits_nowhere(request, out); /* the image may have come out larger than it had to */
    }
    if (status == HF_OK && !out->pruned) {
        doing = "running the reference";
        hf_sha256_hex(out->image.bytes, out->image.size, out->image_sha256);
        status = work_out_answers(out, &cause);
    }
    if (status == HF_OK && !out->pruned && request->data_path) {
        doing = "scoring its data set";
        status = score(request, out, &cause);
    }
    if (status != HF_OK) {
        hf_error_context(&cause, status == HF_ENOMEM ? HF_FAULT_FARM : HF_FAULT_JOB, "%s: %s", request->name,
                         doing);
        if (err && err->status == HF_OK)
            *err = cause;
    }
    return status;
}

hf_status hf_prepare_digest(const hf_prepare_request *request, char image_sha256[65], hf_error *err)
{
    hf_prepared made = {0};
    hf_status status = load_graph(request, &made, err);
    if (status == HF_OK && request->variation)
        status = hf_weights_generate(made.graph, request->weight_seed, err);
    if (status == HF_OK) {
        const hf_compile_options options = compile_options(request, made.graph);
        status = hf_compile_for(made.graph, &options, &made.image, err);
    }
    if (status == HF_OK)
        hf_sha256_hex(made.image.bytes, made.image.size, image_sha256);
    hf_error_context(err, HF_FAULT_JOB, "%s: making its image again", request->name);
    hf_prepared_free(&made);
    return status;
}

void hf_prepared_free(hf_prepared *prepared)
{
    if (!prepared)
        return;
    hf_graph_free(prepared->graph);
    hf_analysis_free(&prepared->analysis);
    hf_image_free(&prepared->image);
    free(prepared->input);
    free(prepared->layer_crc32);
    *prepared = (hf_prepared){0};
}
