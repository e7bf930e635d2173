/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/prepare.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "prepare_cache_use.h"
#include "prepare_steps.h"
#include "weights/weights.h"

static void keep_forecast(const hf_prepare_request *request, const hf_image_forecast *forecast,
                          hf_prepared *out)
{
    out->arena_bytes = forecast->arena_bytes;
    out->image_bytes = out->image_bytes_min = forecast->image_bytes_min;
    out->pruned = hf_prepare_fits_nowhere(request, out);
}

/* @param plan set on success; hf_image_plan_free() */
static hf_status plan(const hf_prepare_request *request, hf_prepared *out, hf_image_plan **plan,
                      hf_error *err)
{
    const hf_compile_options options = hf_prepare_compile_options(request, out->graph);
    hf_image_forecast forecast = {0};
    hf_status status = hf_prepare_analyze(request, out, err);
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
    bool fits = !hf_prepare_fits_nowhere(request, out);
    for (uint32_t i = 0; i < request->chip_count && fits; i++) {
        one.chips = &request->chips[i];
        one.firmwares = request->firmwares ? &request->firmwares[i] : NULL;
        fits = !hf_prepare_fits_nowhere(&one, out);
    }
    return !fits;
}

hf_status hf_prepare_analysis(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    *out = (hf_prepared){0};
    hf_image_forecast forecast = {0};
    hf_prepare_request analysed = *request;
    if (request->source.weights_path && access(request->source.weights_path, R_OK) != 0)
        analysed.source.weights_path = NULL; /* what cannot fit is not trained */
    hf_status status = hf_source_build(&analysed.source, &out->graph, err);
    if (status == HF_OK)
        status = hf_prepare_analyze(&analysed, out, err);
    if (status != HF_OK)
        return status;
    /* A quick plan gives an upper bound of the arena, which is enough for what fits everywhere. */
    const hf_compile_options options = hf_prepare_compile_options(request, out->graph);
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
    if (!hf_source_file(&request->source)) {
        *doing = "generating weights";
        status = hf_weights_generate(out->graph, request->source.weights_seed, err);
    }
    if (status == HF_OK) {
        *doing = "loading the inputs";
        status = hf_prepare_inputs(request, out, err);
    }
    if (status == HF_OK) {
        *doing = "compiling the image";
        status = hf_compile_planned(out->graph, plan, &out->image, err);
    }
    if (status != HF_OK)
        return status;
    out->image_bytes = out->image.size;
    hf_sha256_hex(out->image.bytes, out->image.size, out->image_sha256);
    out->pruned = hf_prepare_fits_nowhere(request, out); /* the image may be larger than its lower bound */
    if (out->pruned)
        return HF_OK;
    *doing = "computing the expected output";
    return hf_prepare_expected_output(out, err);
}

/* Without looking into the cache. */
static hf_status prepare(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
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
    hf_error_drop_name(&cause, request->source.name); /* whoever shows a result says whose it is */
    if (status == HF_EUNSUPPORTED && !out->graph)
        hf_error_context(&cause, HF_FAULT_JOB, "not supported");
    else if (status != HF_OK)
        hf_error_context(&cause, status == HF_ENOMEM ? HF_FAULT_FARM : HF_FAULT_JOB, "%s", doing);
    if (status != HF_OK && err && err->status == HF_OK)
        *err = cause;
    return status;
}

hf_status hf_prepare(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    *out = (hf_prepared){0};
    if (!request->cache)
        return prepare(request, out, err);
    const hf_prepare_place place = hf_prepare_recall(request, out);
    if (out->from_cache)
        return HF_OK;
    hf_status status = prepare(request, out, err);
    if (status == HF_OK)
        hf_prepare_keep(request, &place, out);
    return status;
}

hf_status hf_prepare_digest(const hf_prepare_request *request, char image_sha256[HF_SHA256_HEX_SIZE],
                            hf_error *err)
{
    hf_prepared made = {0};
    if (request->cache)
        (void)hf_prepare_recall(request, &made);
    hf_status status = HF_OK;
    if (made.image.bytes) {
        memcpy(image_sha256, made.image_sha256, sizeof made.image_sha256);
    } else {
        hf_prepared_free(&made);
        status = hf_source_load(&request->source, &made.graph, err);
        if (status == HF_OK) {
            const hf_compile_options options = hf_prepare_compile_options(request, made.graph);
            status = hf_compile_for(made.graph, &options, &made.image, err);
        }
        if (status == HF_OK)
            hf_sha256_hex(made.image.bytes, made.image.size, image_sha256);
        hf_error_context(err, HF_FAULT_JOB, "%s: compiling the image for comparison", request->source.name);
    }
    hf_prepared_free(&made);
    return status;
}
