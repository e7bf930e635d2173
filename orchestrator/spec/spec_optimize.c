/* SPDX-License-Identifier: Apache-2.0 */
/* The spec's `optimize` section. */
#include <stdio.h>
#include <string.h>

#include "spec_models.h"

#define COUNT_OF(a)     (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define MAX_PATH_LENGTH 4000
#define MAX_BUDGET_MS   (UINT64_C(30) * 86400000)
#define MAX_EPOCHS      1000000000
#define DEFAULT_FOLDER  "optimized"

static void read_strategy(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char *const words[] = {"search", "paper"};
    int number = 0;
    if (hf_read_word(r, field, value, words, 2, "search or paper", &number))
        *(hf_spec_strategy *)at = (hf_spec_strategy)number;
}

static void read_goal(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char *const words[] = {"accuracy", "latency", "front"};
    int number = 0;
    if (hf_read_word(r, field, value, words, 3, "accuracy, latency or front", &number))
        *(hf_spec_goal *)at = (hf_spec_goal)number;
}

static void read_rom(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char *const words[] = {"image", "tflite"};
    int number = 0;
    if (hf_read_word(r, field, value, words, 2, "image or tflite", &number))
        *(hf_spec_rom *)at = (hf_spec_rom)number;
}

#define WEIGHT(member)                                                                                       \
    {                                                                                                        \
        .name = #member, .read = hf_read_real, .offset = offsetof(hf_spec_weights, member),                  \
        .max = UINT64_C(1000000000)                                                                          \
    }
static const hf_field weight_fields[] = {WEIGHT(accuracy), WEIGHT(latency), WEIGHT(rom), WEIGHT(ram)};

static void read_weights(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec_weights *weights = at;
    *weights = (hf_spec_weights){0};
    hf_read_fields(r, field->name, value, weight_fields, COUNT_OF(weight_fields), weights);
}

#define FIELD(member) offsetof(hf_spec_optimization, member)
static const hf_field fields[] = {
    {.name = "strategy", .read = read_strategy, .offset = FIELD(strategy)},
    {.name = "objective", .read = read_goal, .offset = FIELD(goal)},
    {.name = "weights", .read = read_weights, .offset = FIELD(weights)},
    {.name = "folder", .read = hf_read_path, .offset = FIELD(folder), .min = 1, .max = MAX_PATH_LENGTH},
    {.name = "budget",
     .read = hf_read_duration_64,
     .offset = FIELD(budget_ms),
     .min = 1000,
     .max = MAX_BUDGET_MS},
    {.name = "epochs", .read = hf_read_u32, .offset = FIELD(budget_epochs), .min = 1, .max = MAX_EPOCHS},
    {.name = "seed", .read = hf_read_u32, .offset = FIELD(seed), .max = UINT32_MAX},
    {.name = "first_rung", .read = hf_read_u32, .offset = FIELD(first_rung_epochs), .min = 3, .max = 1000},
    {.name = "growth", .read = hf_read_u32, .offset = FIELD(growth), .min = 2, .max = 10},
    {.name = "candidates", .read = hf_read_u32, .offset = FIELD(candidates), .min = 2, .max = 1000},
    {.name = "winners", .read = hf_read_u32, .offset = FIELD(winners), .min = 1, .max = 100},
    {.name = "rom", .read = read_rom, .offset = FIELD(rom)},
};

void hf_read_optimization(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec_optimization *optimization = &((hf_spec *)at)->optimization;
    optimization->given = true;
    optimization->line = value->line;
    optimization->column = value->column;
    hf_read_fields(r, field->name, value, fields, COUNT_OF(fields), optimization);
}

/* ---- What depends on other sections ---- */

static void check_limits(hf_reader *r, const hf_yaml_node *constraints)
{
    static const char *const keys[] = {"latency", "accuracy"};
    for (int i = 0; i < 2; i++) {
        const hf_yaml_node *value = hf_map_get(constraints, keys[i]);
        if (value)
            HF_READER_ERROR(r, value->key,
                            "constraints.%s: only \"optimize\" checks it, expected a section \"optimize\"",
                            keys[i]);
    }
}

static void check_models(hf_reader *r, const hf_spec *spec)
{
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        if (v->kind == HF_SPEC_FAMILY && (!v->weights_name || v->training))
            continue;
        hf_diagnostics_add(r->diagnostics, r->file, v->line, v->column,
                           "models: %s is a file with weights, expected only variations of families: "
                           "\"optimize\" trains them",
                           v->name);
        return;
    }
}

/* Recipes of items. Without equal ones, candidates cannot be compared. */
static void check_recipes(hf_reader *r, const hf_spec *spec)
{
    const hf_spec_training *section = &spec->training;
    for (uint32_t i = 0; section->data_path && i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        if (v->training && v->training->line == section->line && v->training->column == section->column)
            continue;
        hf_diagnostics_add(
            r->diagnostics, r->file, v->line, v->column,
            "models: %s has a \"train\" of its own, expected none: \"optimize\" trains all variations "
            "by the section \"train\"",
            v->name);
        return;
    }
}

/* A teacher must be there before the search begins. */
static void check_teachers(hf_reader *r, const hf_spec *spec)
{
    const hf_spec_training *t = &spec->training;
    const char *const words[] = {t->teacher_path, t->from_path};
    for (uint32_t i = 0; t->data_path && i < spec->variation_count; i++)
        for (int w = 0; w < 2; w++)
            if (words[w] && strcmp(words[w], spec->variations[i].name) == 0) {
                hf_diagnostics_add(
                    r->diagnostics, r->file, t->line, t->column,
                    "train: %s: %s is one of the variations that are compared, expected a trained "
                    ".tflite file",
                    w ? "from" : "teacher", words[w]);
                return;
            }
}

/* Keys that would be ignored. */
static void check_keys(hf_reader *r, const hf_spec_optimization *o, const hf_yaml_node *section)
{
    static const char *const of_search[] = {"objective",  "weights", "epochs",     "seed",
                                            "first_rung", "growth",  "candidates", "winners"};
    const bool is_paper = o->strategy == HF_SPEC_STRATEGY_PAPER;
    for (uint32_t i = 0; is_paper && i < COUNT_OF(of_search); i++) {
        const hf_yaml_node *value = hf_map_get(section, of_search[i]);
        if (value)
            HF_READER_ERROR(r, value->key,
                            "optimize: %s is for \"strategy: search\", and the strategy is paper",
                            of_search[i]);
    }
    const hf_yaml_node *rom = hf_map_get(section, "rom"), *weights = hf_map_get(section, "weights");
    if (rom && !is_paper)
        HF_READER_ERROR(r, rom->key, "optimize: rom is for \"strategy: paper\", and the strategy is search");
    if (weights && !is_paper && o->goal != HF_SPEC_GOAL_FRONT)
        HF_READER_ERROR(r, weights->key,
                        "optimize: weights are for \"objective: front\", and the objective is %s",
                        o->goal == HF_SPEC_GOAL_LATENCY ? "latency" : "accuracy");
}

/* Two specs beside each other do not share a folder. */
static void set_default_folder(hf_reader *r, hf_spec *spec)
{
    char folder[sizeof DEFAULT_FOLDER + 1 + HF_SPEC_NAME_MAX];
    if (!spec->optimization.given || spec->optimization.folder || !spec->name)
        return;
    snprintf(folder, sizeof folder, DEFAULT_FOLDER "/%.*s", HF_SPEC_NAME_MAX, spec->name);
    spec->optimization.folder = hf_pool_path(r->pool, r->file, folder);
}

void hf_spec_check_optimization(hf_reader *r, const hf_yaml_node *root)
{
    hf_spec *spec = &hf_spec_owner_of(r)->spec;
    const hf_spec_optimization *o = &spec->optimization;
    const hf_spec_training *t = &spec->training;
    const hf_yaml_node *section = hf_map_get(root, "optimize"),
                       *constraints = hf_map_get(root, "constraints");
    if (!o->given || !section) {
        if (constraints && constraints->kind == HF_NODE_MAP)
            check_limits(r, constraints);
        return;
    }
    set_default_folder(r, spec);
    check_models(r, spec);
    check_recipes(r, spec);
    check_teachers(r, spec);
    if (section->kind == HF_NODE_MAP)
        check_keys(r, o, section);
    if (o->strategy == HF_SPEC_STRATEGY_SEARCH && !t->data_path && !hf_map_get(root, "train"))
        HF_READER_ERROR(r, section, "optimize: a search trains, expected a section \"train\"");
    if (t->data_path && t->budget_ms)
        hf_diagnostics_add(
            r->diagnostics, r->file, t->line, t->column,
            "train: trainings of a search are compared after equal numbers of epochs, expected "
            "\"epochs\" instead of \"budget\"");
    else if (t->data_path && t->epochs < o->first_rung_epochs)
        HF_READER_ERROR(r, section, "optimize: first_rung has %u epochs, but a whole training has %u",
                        (unsigned)o->first_rung_epochs, (unsigned)t->epochs);
    if (t->data_path && t->validation_share <= 0)
        hf_diagnostics_add(r->diagnostics, r->file, t->line, t->column,
                           "train: a search compares candidates by validation samples, expected "
                           "\"validation\" above 0");
    if (o->goal == HF_SPEC_GOAL_LATENCY && o->accuracy_floor_percent <= 0)
        HF_READER_ERROR(r, section,
                        "optimize: the fastest variation is the smallest one, expected \"accuracy\" in "
                        "\"constraints\"");
    const hf_spec_weights *w = &o->weights;
    if (o->goal == HF_SPEC_GOAL_FRONT && !(w->accuracy > 0 && w->latency + w->rom + w->ram > 0))
        HF_READER_ERROR(r, section,
                        "optimize: a front needs weights above 0 for accuracy and for another figure");
}
