/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/prepare.h"

#include <stdlib.h>

#include "base/file.h"
#include "checksum/crc.h"
#include "prepare_steps.h"
#include "scorecard/limit_checks.h"
#include "scorecard/pruning.h"
#include "scorecard/scorecard.h"
#include "weights/weights.h"

static hf_status load_input(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    out->input_bytes = (size_t)hf_tensor_bytes(&out->graph->tensors[out->graph->input]);
    out->input_from_seed = request->input_path == NULL;
    if (request->input_path) {
        size_t size = 0;
        hf_status status =
            hf_file_read(request->input_path, HF_GRAPH_MAX_TENSOR_BYTES, &out->input, &size, err);
        if (status == HF_OK && size != out->input_bytes)
            status = HF_FAIL(err, HF_EINVALID,
                             "%s has %zu bytes, expected %zu, the size of the input tensor of %s",
                             request->input_path, size, out->input_bytes, request->source.name);
        if (status != HF_OK)
            return status;
    } else {
        out->input = malloc(out->input_bytes);
        if (!out->input)
            return HF_FAIL(err, HF_ENOMEM, "no memory for the input of %s", request->source.name);
        hf_input_generate(request->input_seed, (int8_t *)out->input, out->input_bytes);
    }
    out->input_crc32 = hf_crc32(0, out->input, out->input_bytes);
    return HF_OK;
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

/* One image serves all chips: the tightest limit counts. */
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

static void keep_forecast(const hf_prepare_request *request, const hf_image_forecast *forecast,
                          hf_prepared *out)
{
    out->arena_bytes = forecast->arena_bytes;
    out->image_bytes = forecast->image_bytes_min;
    out->pruned = fits_nowhere(request, out);
}

/* @param plan NULL unless the variation can fit */
static hf_status plan(const hf_prepare_request *request, hf_prepared *out, hf_image_plan **plan,
                      hf_error *err)
{
    const hf_compile_options options = compile_options(request, out->graph);
    hf_image_forecast forecast = {0};
    hf_status status = hf_analyze(out->graph, &out->analysis, err);
    if (status == HF_OK)
        status = hf_image_plan_make(out->graph, &options, plan, &forecast, err);
    if (status == HF_OK)
        keep_forecast(request, &forecast, out);
    return status;
}

static hf_status score(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    hf_graph *copy = NULL; /* the evaluation takes over a graph; ours is still needed */
    hf_status status = hf_source_load(&request->source, &copy, err);
    return status == HF_OK ? hf_prepare_accuracy(request, copy, out, err) : status;
}

/* Whether an image as forecast may be too large for one of the chips. */
static bool may_not_fit(const hf_prepare_request *request, const hf_prepared *out)
{
    hf_prepare_request one = *request;
    one.chip_count = 1;
    bool fits = !fits_nowhere(request, out);
    for (uint32_t i = 0; i < request->chip_count && fits; i++) {
        one.chips = &request->chips[i];
        one.firmwares = request->firmwares ? &request->firmwares[i] : NULL;
        fits = !fits_nowhere(&one, out);
    }
    return !fits;
}

hf_status hf_prepare_analysis(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    *out = (hf_prepared){0};
    hf_image_forecast forecast = {0};
    hf_status status = hf_source_build(&request->source, &out->graph, err);
    if (status == HF_OK)
        status = hf_analyze(out->graph, &out->analysis, err);
    if (status != HF_OK)
        return status;
    /* A quick plan gives an upper bound of the arena, which is enough for what fits everywhere. */
    const hf_compile_options options = compile_options(request, out->graph);
    status = hf_forecast(out->graph, &options, true, &forecast, err);
    if (status == HF_OK)
        keep_forecast(request, &forecast, out);
    if (status == HF_OK && forecast.arena_bytes_min < forecast.arena_bytes && may_not_fit(request, out)) {
        status = hf_forecast(out->graph, &options, false, &forecast, err);
        if (status == HF_OK)
            keep_forecast(request, &forecast, out);
    }
    return status;
}

/* Weights, image and expected output. */
static hf_status make_image(const hf_prepare_request *request, const hf_image_plan *plan, hf_prepared *out,
                            const char **doing, hf_error *err)
{
    hf_status status = HF_OK;
    if (!request->source.tflite_path) {
        *doing = "generating weights";
        status = hf_weights_generate(out->graph, request->source.weights_seed, err);
    }
    if (status == HF_OK) {
        *doing = "loading the input";
        status = load_input(request, out, err);
    }
    if (status == HF_OK) {
        *doing = "compiling the image";
        status = hf_compile_planned(out->graph, plan, &out->image, err);
    }
    if (status != HF_OK)
        return status;
    out->image_bytes = out->image.size;
    out->pruned = fits_nowhere(request, out); /* the image may be larger than its lower bound */
    if (out->pruned)
        return HF_OK;
    *doing = "computing the expected output";
    hf_sha256_hex(out->image.bytes, out->image.size, out->image_sha256);
    return hf_prepare_expected_output(out, err);
}

hf_status hf_prepare(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    *out = (hf_prepared){0};
    hf_error cause = {0};
    hf_image_plan *image_plan = NULL;
    const char *doing = "building the network";
    hf_status status = hf_source_build(&request->source, &out->graph, &cause);
    if (status == HF_OK) {
        doing = "analysing the network";
        status = plan(request, out, &image_plan, &cause);
    }
    if (status == HF_OK && !out->pruned)
        status = make_image(request, image_plan, out, &doing, &cause);
    hf_image_plan_free(image_plan);
    if (status == HF_OK && !out->pruned && request->data_path) {
        doing = "scoring the data set";
        status = score(request, out, &cause);
    }
    if (status != HF_OK) {
        hf_error_context(&cause, status == HF_ENOMEM ? HF_FAULT_FARM : HF_FAULT_JOB, "%s: %s",
                         request->source.name, doing);
        if (err && err->status == HF_OK)
            *err = cause;
    }
    return status;
}

hf_status hf_prepare_digest(const hf_prepare_request *request, char image_sha256[65], hf_error *err)
{
    hf_prepared made = {0};
    hf_status status = hf_source_load(&request->source, &made.graph, err);
    if (status == HF_OK) {
        const hf_compile_options options = compile_options(request, made.graph);
        status = hf_compile_for(made.graph, &options, &made.image, err);
    }
    if (status == HF_OK)
        hf_sha256_hex(made.image.bytes, made.image.size, image_sha256);
    hf_error_context(err, HF_FAULT_JOB, "%s: compiling the image for comparison", request->source.name);
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
