/* SPDX-License-Identifier: Apache-2.0 */
/* Whether models have the classes of the data sets that they are trained on and scored with. */
#include <stdlib.h>
#include <string.h>

#include "evaluate/evaluate.h"
#include "farm/check_spec_classes.h"
#include "graph/graph.h"
#include "source/source.h"

/* A data set of the spec, opened once. */
typedef struct known_set {
    const char *path;
    hf_dataset dataset;
    hf_error error; /* why it cannot be opened */
    bool is_reported;
} known_set;

typedef struct check {
    const hf_spec *spec;
    hf_diagnostics *diagnostics;
    known_set *sets; /* owned */
    uint32_t count;
} check;

/* A model, as far as a data set has to fit it. */
typedef struct model {
    const hf_spec_variation *variation;
    uint64_t inputs, outputs; /* values; 0 = not known yet */
} model;

static known_set *find_set(check *c, const char *path)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->sets[i].path, path) == 0)
            return &c->sets[i];
    known_set *grown = reallocarray(c->sets, c->count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    c->sets = grown;
    known_set *added = &grown[c->count++];
    *added = (known_set){.path = path};
    (void)hf_dataset_open_labels(path, &added->dataset, &added->error); /* `error` tells */
    return added;
}

static void clear(check *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        hf_dataset_free(&c->sets[i].dataset);
    free(c->sets);
}

/* Trained weights do not change the shapes, and may not be there yet. @return false: the model cannot be loaded, which a run reports */
static bool find_shapes(const check *c, model *of)
{
    hf_graph *graph = NULL;
    hf_source source = hf_spec_source(c->spec, of->variation);
    source.weights_path = NULL;
    if (of->outputs)
        return true;
    if (hf_source_build(&source, &graph, NULL) != HF_OK)
        return false;
    of->inputs = (uint64_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    of->outputs = (uint64_t)hf_tensor_bytes(&graph->tensors[graph->output]);
    hf_graph_free(graph);
    return true;
}

/* @param key "data" or "train: test" @return HF_ENOMEM, or HF_OK also after a mistake */
static hf_status check_set(check *c, model *of, const char *key, const char *path, bool is_for_training,
                           hf_error *err)
{
    known_set *set = path ? find_set(c, path) : NULL;
    const hf_spec_variation *v = of->variation;
    hf_evaluation_kind kind;
    hf_error error = {0};
    if (!path)
        return HF_OK;
    if (!set || set->error.status == HF_ENOMEM)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to check %s", path);
    if (set->error.status != HF_OK) { /* for a model that is only scored, the run says so */
        if (is_for_training && !set->is_reported)
            hf_diagnostics_add(c->diagnostics, c->spec->path, v->training->line, v->training->column,
                               "%s: %s", key, set->error.message);
        set->is_reported |= is_for_training;
        return HF_OK;
    }
    if (find_shapes(c, of) &&
        hf_evaluation_choose_kind(v->name, of->inputs, of->outputs, &set->dataset, &kind, &error) != HF_OK)
        hf_diagnostics_add(c->diagnostics, c->spec->path, v->line, v->column, "%s: %s: %s", key, path,
                           error.message);
    return HF_OK;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_data(const hf_spec_training *a, const hf_spec_training *b)
{
    return a == b ||
           (a && b && same_text(a->data_path, b->data_path) && same_text(a->test_path, b->test_path));
}

/* Whether nothing is left to say of a variation: one of the same item with as many classes was checked. */
static bool is_like(const hf_spec_variation *a, const hf_spec_variation *b)
{
    return a->kind == HF_SPEC_FAMILY && b->kind == HF_SPEC_FAMILY && a->item == b->item &&
           same_data(a->training, b->training) && same_text(a->data_path, b->data_path) &&
           a->variation.factors[HF_FACTOR_CLASSES] == b->variation.factors[HF_FACTOR_CLASSES];
}

hf_status hf_check_spec_classes(const hf_spec *spec, bool trains, hf_diagnostics *diagnostics, hf_error *err)
{
    check c = {.spec = spec, .diagnostics = diagnostics};
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        const hf_spec_training *training = trains ? v->training : NULL;
        const uint32_t before = hf_diagnostics_total(diagnostics);
        model of = {.variation = v};
        if (i > 0 && is_like(v, &spec->variations[i - 1]))
            continue;
        if (training)
            status = check_set(&c, &of, "train: data", training->data_path, true, err);
        if (status == HF_OK && training && hf_diagnostics_total(diagnostics) == before)
            status = check_set(&c, &of, "train: test", training->test_path, true, err);
        if (status == HF_OK && v->data_path && !(training && same_text(v->data_path, training->test_path)))
            status = check_set(&c, &of, "data", v->data_path, false, err);
    }
    clear(&c);
    return status;
}
