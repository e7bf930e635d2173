/* SPDX-License-Identifier: Apache-2.0 */
#include "score_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/limit_verdicts.h"
#include "scorecard/limit_checks.h"
#include "spec/spec.h"
#include "weights/weights.h"

/* A model that was named, and is not read yet. Strings are borrowed from the arguments or from the spec. */
typedef struct model {
    hf_source source;
    hf_limits limits;
    hf_objective objective;
} model;

typedef struct model_list {
    model *items;
    size_t count;
    hf_spec **specs; /* owned; at most one per argument */
    uint32_t spec_count;
} model_list;

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static hf_status add(model_list *all, const model *one, hf_error *err)
{
    model *grown = reallocarray(all->items, all->count + 1, sizeof *grown);
    if (!grown)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %zu models", all->count);
    all->items = grown;
    all->items[all->count++] = *one;
    return HF_OK;
}

static int64_t limit_of(int64_t given, int64_t of_spec)
{
    return given ? given : of_spec;
}

static hf_status add_spec(const hf_spec *spec, const hf_limits *given, model_list *all, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < spec->variation_count; i++) {
        const hf_spec_variation *variation = &spec->variations[i];
        const model one = {
            .source = hf_spec_source(spec, variation),
            .limits = {.ram_bytes = limit_of(given->ram_bytes, spec->constraints.ram_bytes),
                       .rom_bytes = limit_of(given->rom_bytes, spec->constraints.rom_bytes),
                       .macs = limit_of(given->macs, spec->constraints.macs)},
            .objective = spec->objective == HF_SPEC_OBJECTIVE_RAM ? HF_OBJECTIVE_RAM : HF_OBJECTIVE_TIME,
        };
        status = add(all, &one, err);
    }
    return status;
}

/* @return HF_EINVALID with an empty message when the mistakes were printed */
static hf_status read_spec(const char *path, const hf_limits *given, model_list *all, hf_error *err)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (!diagnostics)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    hf_spec *spec = NULL;
    hf_status status = hf_spec_load(path, &spec, diagnostics, err);
    if (hf_diagnostics_total(diagnostics)) {
        char *text = hf_diagnostics_render(diagnostics);
        fputs(text ? text : "", stderr);
        free(text);
        hf_error_clear(err);
        status = HF_EINVALID;
    }
    hf_diagnostics_free(diagnostics);
    all->specs[all->spec_count] = spec;
    all->spec_count += spec != NULL;
    return status == HF_OK && spec ? add_spec(spec, given, all, err) : status;
}

static hf_status read_argument(const char *argument, const hf_limits *given, model_list *all, hf_error *err)
{
    if (ends_in(argument, ".yaml") || ends_in(argument, ".yml"))
        return read_spec(argument, given, all, err);
    model one = {.limits = *given};
    hf_status status = hf_source_parse(argument, &one.source, err);
    return status == HF_OK ? add(all, &one, err) : status;
}

/* Whether a better plan of the memory may change what is said of the RAM limit. */
static bool is_open(const hf_scorecard *card, const hf_limits *limits, const hf_firmware_bounds *firmware)
{
    hf_scorecard_check checks[HF_SCORECARD_CHECKS];
    hf_scorecard_check_limits(card, limits, firmware, checks);
    return checks[0].verdict == HF_VERDICT_OPEN && !hf_scorecard_arena_is_exact(card);
}

static hf_status score_graph(const hf_analyze_request *request, const model *from, bool exact,
                             hf_graph *graph, hf_scorecard *card, hf_error *err)
{
    hf_image image = {0};
    hf_scorecard_options options = {.chips = request->chips,
                                    .chip_count = request->chip_count,
                                    .quick = !exact,
                                    .compile = {.objective = from->objective,
                                                .arena_limit_bytes = hf_arena_limit_bytes(
                                                    &from->limits, NULL, &request->firmware.most, 0)}};
    hf_status status = HF_OK;
    if (exact && !from->source.tflite_path)
        status = hf_weights_generate(graph, from->source.weights_seed, err);
    if (status == HF_OK && (exact || from->source.tflite_path)) {
        status = hf_compile_for(graph, &options.compile, &image, err);
        options.image = &image;
    }
    const char *family = from->source.tflite_path ? "tflite" : from->source.variation.family;
    if (status == HF_OK)
        status = hf_scorecard_make(graph, family, &options, card, err);
    if (status == HF_OK && options.quick && !options.image &&
        is_open(card, &from->limits, &request->firmware)) {
        hf_scorecard_free(card);
        options.quick = false;
        status = hf_scorecard_make(graph, family, &options, card, err);
    }
    hf_image_free(&image);
    return status;
}

static hf_status score(const hf_analyze_request *request, const model *from, bool exact, hf_candidate *scored,
                       hf_error *err)
{
    hf_graph *graph = NULL;
    hf_status status = hf_source_build(&from->source, &graph, err);
    if (status == HF_OK)
        status = score_graph(request, from, exact, graph, &scored->card, err);
    hf_graph_free(graph);
    if (status != HF_OK)
        return status;
    scored->limits = from->limits;
    scored->firmware = request->firmware;
    if (!request->keep_layers) {
        free(scored->card.layers);
        scored->card.layers = NULL;
    }
    return HF_OK;
}

static void model_list_free(model_list *all)
{
    for (uint32_t i = 0; i < all->spec_count; i++)
        hf_spec_free(all->specs[i]);
    free(all->specs);
    free(all->items);
}

/* What a person would call the model: the file, or the name. */
static const char *model_label(const model *from)
{
    return from->source.tflite_path ? from->source.tflite_path : from->source.name;
}

/* Input errors are the caller's even where a file is what they are about. */
static hf_exit fail(const char *argument, const hf_error *err)
{
    if (err->status == HF_OK) /* told already */
        return HF_EXIT_BAD_INPUT;
    fprintf(stderr, "hilfarm: %s%s%s\n", strstr(err->message, argument) ? "" : argument,
            strstr(err->message, argument) ? "" : ": ", err->message);
    return err->status == HF_ENOMEM ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
}

hf_exit hf_cli_analyze(const hf_analyze_request *request, hf_analyzed *out)
{
    model_list all = {.specs = calloc(request->argument_count + 1, sizeof(hf_spec *))};
    hf_exit exit_status = all.specs ? HF_EXIT_OK : HF_EXIT_FARM;
    for (uint32_t i = 0; all.specs && i < request->argument_count; i++) {
        hf_error err = {0};
        if (read_argument(request->arguments[i], &request->limits, &all, &err) != HF_OK)
            exit_status = fail(request->arguments[i], &err);
    }
    if (exit_status == HF_EXIT_OK) {
        bool exact = request->exact || all.count <= HF_ANALYZE_EXACT_UP_TO;
        out->items = calloc(all.count + 1, sizeof *out->items);
        if (!out->items)
            exit_status = HF_EXIT_FARM;
        for (size_t i = 0; out->items && i < all.count; i++) {
            hf_error err = {0};
            if (score(request, &all.items[i], exact, &out->items[out->count], &err) == HF_OK)
                out->count++;
            else
                exit_status = fail(model_label(&all.items[i]), &err);
        }
    }
    model_list_free(&all);
    return exit_status;
}

void hf_analyzed_free(hf_analyzed *models)
{
    for (size_t i = 0; i < models->count; i++)
        hf_scorecard_free(&models->items[i].card);
    free(models->items);
    *models = (hf_analyzed){0};
}
