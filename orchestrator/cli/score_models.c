/* SPDX-License-Identifier: Apache-2.0 */
#include "score_models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farm/prepare.h"
#include "input_files.h"

/* A model that is not read yet. Strings are borrowed from the arguments or from the spec. */
typedef struct model {
    hf_source source;
    hf_limits limits;
    hf_objective objective;
    double accuracy_percent; /* as given in the spec; NAN = not given */
} model;

typedef struct model_list {
    model *items;
    size_t count;
    hf_spec **specs; /* owned; at most one per argument */
    uint32_t spec_count;
} model_list;

static hf_exit out_of_memory(void)
{
    fputs("hilfarm: out of memory\n", stderr);
    return HF_EXIT_FARM;
}

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

/* A limit from the command line overrides the spec's. */
static int64_t limit_of(int64_t given, int64_t of_spec)
{
    return given ? given : of_spec;
}

static hf_status add_spec(const hf_spec *spec, const hf_limits *given, model_list *all, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < spec->variation_count; i++) {
        const hf_spec_variation *variation = &spec->variations[i];
        model one = {
            .source = hf_spec_source(spec, variation),
            .limits = {.ram_bytes = limit_of(given->ram_bytes, spec->constraints.ram_bytes),
                       .rom_bytes = limit_of(given->rom_bytes, spec->constraints.rom_bytes),
                       .macs = limit_of(given->macs, spec->constraints.macs)},
            .objective = hf_prepare_objective(spec),
            .accuracy_percent = variation->accuracy_percent,
        };
        one.source.weights_path =
            NULL; /* scorecards do not depend on weights, which may not be trained yet */
        status = add(all, &one, err);
    }
    return status;
}

/* Prints a failure to do with what the user named. @return the exit status */
static hf_exit fail(const char *label, const hf_error *err)
{
    const bool named = strstr(err->message, label) != NULL;
    fprintf(stderr, "hilfarm: %s%s%s\n", named ? "" : label, named ? "" : ": ", err->message);
    return err->status == HF_ENOMEM ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
}

static hf_exit read_argument(const char *argument, const hf_limits *given, model_list *all)
{
    hf_error err = {0};
    hf_status status;
    if (ends_in(argument, ".yaml") || ends_in(argument, ".yml")) {
        hf_spec *spec = NULL;
        hf_exit exit_status = hf_cli_load_spec(argument, &spec);
        if (exit_status != HF_EXIT_OK)
            return exit_status;
        all->specs[all->spec_count++] = spec;
        status = add_spec(spec, given, all, &err);
    } else {
        model one = {.limits = *given, .accuracy_percent = NAN};
        status = hf_source_parse(argument, &one.source, &err);
        if (status == HF_OK)
            status = add(all, &one, &err);
    }
    return status == HF_OK ? HF_EXIT_OK : fail(argument, &err);
}

static void model_list_free(model_list *all)
{
    for (uint32_t i = 0; i < all->spec_count; i++)
        hf_spec_free(all->specs[i]);
    free(all->specs);
    free(all->items);
}

/* The file or the name, as the user gave it. */
static const char *model_label(const model *from)
{
    return from->source.tflite_path ? from->source.tflite_path : from->source.name;
}

static hf_exit score_all(const hf_score_request *request, const model_list *all, hf_scored_models *out)
{
    hf_score_settings settings = request->settings;
    settings.exact = settings.exact || all->count <= HF_SCORE_EXACT_UP_TO;
    hf_exit exit_status = HF_EXIT_OK;
    out->items = calloc(all->count + 1, sizeof *out->items);
    if (!out->items)
        return out_of_memory();
    for (size_t i = 0; i < all->count; i++) {
        hf_error err = {0};
        const model *from = &all->items[i];
        if (hf_score_source(&settings, &from->source, &from->limits, from->objective, &out->items[out->count],
                            &err) == HF_OK) {
            hf_scorecard *card = &out->items[out->count++].card;
            card->has_accuracy = !isnan(from->accuracy_percent);
            card->accuracy_percent = card->has_accuracy ? from->accuracy_percent : 0;
        } else {
            hf_error_drop_name(&err, from->source.name); /* its file's name, or the name itself, follows */
            exit_status = fail(model_label(from), &err);
        }
    }
    return exit_status;
}

hf_exit hf_cli_score_models(const hf_score_request *request, hf_scored_models *out)
{
    model_list all = {.specs = calloc(request->argument_count + 1, sizeof(hf_spec *))};
    if (!all.specs)
        return out_of_memory();
    hf_exit exit_status = HF_EXIT_OK;
    for (uint32_t i = 0; i < request->argument_count; i++) {
        hf_exit read = read_argument(request->arguments[i], &request->limits, &all);
        exit_status = read == HF_EXIT_OK ? exit_status : read;
    }
    const hf_exit scored = score_all(request, &all, out);
    exit_status = scored == HF_EXIT_OK ? exit_status : scored;
    model_list_free(&all);
    return exit_status;
}

void hf_scored_models_free(hf_scored_models *models)
{
    for (size_t i = 0; i < models->count; i++)
        hf_scorecard_free(&models->items[i].card);
    free(models->items);
    *models = (hf_scored_models){0};
}
