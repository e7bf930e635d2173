/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/check_spec_files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "farm/check_spec_classes.h"
#include "graph/ports.h"
#include "input_files.h"
#include "source/source.h"

/* ---- Files to learn from ---- */

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
    hf_status status = hf_check_spec_classes(spec, true, diagnostics, err);
    hf_graph *checked = NULL;
    if (status == HF_OK)
        check_lessons(spec, diagnostics);
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
