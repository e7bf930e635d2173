/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/check_spec_files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "datasets/dataset.h"
#include "graph/ports.h"
#include "input_files.h"
#include "source/source.h"

/* ---- Data sets to train on ---- */

static void check_data_set(const hf_spec *spec, const char *key, const char *path,
                           hf_diagnostics *diagnostics)
{
    if (path && access(path, R_OK) != 0)
        hf_diagnostics_add(diagnostics, spec->path, spec->training.line, spec->training.column,
                           "train: %s: cannot read %s: %s", key, path, strerror(errno));
}

/* A file to learn from; one that the spec's own trainings make comes later. */
static void check_lesson(const hf_spec *spec, const hf_spec_variation *variation, const char *key,
                         const char *path, hf_diagnostics *diagnostics)
{
    if (!path || access(path, R_OK) == 0)
        return;
    const int why = errno;
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const char *made = spec->variations[i].training ? spec->variations[i].weights_path : NULL;
        if (made && strcmp(made, path) == 0)
            return;
    }
    hf_diagnostics_add(diagnostics, spec->path, variation->training->line, variation->training->column,
                       "train: %s: cannot read %s: %s", key, path, strerror(why));
}

static bool has_earlier(const hf_spec *spec, uint32_t index, const char *lesson)
{
    for (uint32_t i = 0; i < index; i++) {
        const hf_spec_training *t = spec->variations[i].training;
        if (t && ((t->teacher_path && strcmp(t->teacher_path, lesson) == 0) ||
                  (t->from_path && strcmp(t->from_path, lesson) == 0)))
            return true;
    }
    return false;
}

static void check_lessons(const hf_spec *spec, hf_diagnostics *diagnostics)
{
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const hf_spec_training *t = spec->variations[i].training;
        if (t && t->teacher_path && !has_earlier(spec, i, t->teacher_path))
            check_lesson(spec, &spec->variations[i], "teacher", t->teacher_path, diagnostics);
        if (t && t->from_path && !has_earlier(spec, i, t->from_path))
            check_lesson(spec, &spec->variations[i], "from", t->from_path, diagnostics);
    }
}

/* ---- Classes ---- */

/* The classes of a data set, read once for variations in a row. */
typedef struct known_classes {
    const char *path; /* NULL = none is known */
    uint32_t count;   /* 0 = it cannot be read, which is found elsewhere */
} known_classes;

static uint32_t classes_of(known_classes *known, const char *path)
{
    hf_dataset data = {0};
    if (known->path && strcmp(known->path, path) == 0)
        return known->count;
    *known = (known_classes){.path = path};
    if (hf_dataset_open(path, &data, NULL) == HF_OK)
        known->count = data.class_count;
    hf_dataset_free(&data);
    return known->count;
}

void hf_check_training_classes(const hf_spec *spec, hf_diagnostics *diagnostics)
{
    known_classes data = {0}, test = {0};
    uint32_t item = UINT32_MAX;
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        const hf_spec_training *t = v->training;
        const uint32_t classes = (uint32_t)v->variation.factors[HF_FACTOR_CLASSES];
        if (!t || v->kind != HF_SPEC_FAMILY || v->item == item)
            continue;
        const char *const paths[] = {t->data_path, t->test_path};
        for (int p = 0; p < 2; p++) {
            const uint32_t found = paths[p] ? classes_of(p ? &test : &data, paths[p]) : 0;
            if (!found || found == classes)
                continue;
            hf_diagnostics_add(diagnostics, spec->path, v->line, v->column,
                               "%s has %u classes, but the data set %s has %u", v->name, (unsigned)classes,
                               paths[p], (unsigned)found);
            item = v->item; /* once for an item of the spec */
            break;
        }
    }
}

/* ---- Files with inputs ---- */

static bool is_same_port(const hf_model_port *a, const hf_model_port *b)
{
    return a->kind == b->kind && strcmp(a->type, b->type) == 0 && a->height == b->height &&
           a->width == b->width && a->channels == b->channels && a->bytes == b->bytes;
}

/* Whether what fits one of the models fits the other. */
static bool has_same_ports(const hf_graph *a, const hf_graph *b)
{
    const int32_t count = hf_ports_count(a);
    if (count != hf_ports_count(b))
        return false;
    for (int32_t i = 0; i < count; i++) {
        const hf_model_port ports[2] = {hf_ports_get(a, i), hf_ports_get(b, i)};
        if (!is_same_port(&ports[0], &ports[1]))
            return false;
    }
    return true;
}

static hf_status check_inputs(const hf_spec *spec, const hf_spec_variation *variation, const hf_graph *graph,
                              hf_diagnostics *diagnostics, hf_error *err)
{
    for (uint32_t i = 0; i < spec->measure.input_count; i++) {
        hf_input_files files;
        hf_error error = {0};
        const hf_status status = hf_input_files_read(graph, &spec->measure.inputs[i], &files, &error);
        hf_input_files_free(&files);
        if (status == HF_ENOMEM)
            return hf_error_pass(err, &error);
        if (status != HF_OK)
            hf_diagnostics_add(diagnostics, spec->path, variation->line, variation->column, "%s: input: %s",
                               variation->name, error.message);
    }
    return HF_OK;
}

hf_status hf_check_spec_files(const hf_spec *spec, hf_diagnostics *diagnostics, hf_error *err)
{
    hf_status status = HF_OK;
    hf_graph *checked = NULL;
    check_data_set(spec, "data", spec->training.data_path, diagnostics);
    check_data_set(spec, "test", spec->training.test_path, diagnostics);
    check_lessons(spec, diagnostics);
    hf_check_training_classes(spec, diagnostics);
    for (uint32_t i = 0; status == HF_OK && spec->measure.input_count && i < spec->variation_count; i++) {
        const hf_source source = hf_spec_source(spec, &spec->variations[i]);
        hf_graph *graph = NULL;
        if (hf_source_load(&source, &graph, NULL) != HF_OK)
            continue;
        if (!checked || !has_same_ports(checked, graph))
            status = check_inputs(spec, &spec->variations[i], graph, diagnostics, err);
        hf_graph_free(checked);
        checked = graph;
    }
    hf_graph_free(checked);
    return status;
}
