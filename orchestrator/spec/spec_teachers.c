/* SPDX-License-Identifier: Apache-2.0 */
/* What trainings learn from: `teacher` and `from` of recipes name a trained variation of the spec, or a file. */
#include <string.h>

#include "spec_models.h"

#define NONE UINT32_MAX

/* The variations that others learn from, and how far the search for circles has come. */
typedef struct lesson {
    uint32_t sources[2]; /* NONE = it learns from a file, or from nothing */
    enum { NEW, UNDER_WAY, CHECKED } state;
} lesson;

static uint32_t find_trained(const hf_spec *spec, const char *name)
{
    for (uint32_t i = 0; i < spec->variation_count; i++)
        if (spec->variations[i].training && strcmp(spec->variations[i].name, name) == 0)
            return i;
    return NONE;
}

static void report(hf_reader *r, const hf_spec_training *recipe, const char *what, const char *name)
{
    hf_diagnostics_add(r->diagnostics, r->file, recipe->line, recipe->column, "train: %s %s", name, what);
}

/* The file that a word of the spec stands for. A variation does not learn from itself: so one of those with a recipe can teach the others.
 * @param source set to the variation that makes it, or NONE
 * @return in the pool; NULL = none, or a mistake, which is reported */
static const char *resolve(hf_reader *r, uint32_t of, const char *word, uint32_t *source)
{
    const hf_spec *spec = &hf_spec_owner_of(r)->spec;
    *source = NONE;
    if (!word)
        return NULL;
    const uint32_t found = find_trained(spec, word);
    if (found == of)
        return NULL;
    *source = found;
    if (found != NONE)
        return spec->variations[found].weights_path;
    const size_t length = strlen(word);
    if (length > 7 && strcmp(word + length - 7, ".tflite") == 0)
        return hf_pool_path(r->pool, r->file, word);
    report(r, spec->variations[of].training,
           "is neither a variation that this spec trains nor a .tflite file", word);
    return NULL;
}

/* @return false: a variation learns from itself over others */
static bool has_no_circle(lesson *lessons, uint32_t from)
{
    lesson *at = &lessons[from];
    if (at->state != NEW)
        return at->state == CHECKED;
    at->state = UNDER_WAY;
    for (int i = 0; i < 2; i++)
        if (at->sources[i] != NONE && !has_no_circle(lessons, at->sources[i]))
            return false;
    at->state = CHECKED;
    return true;
}

void hf_spec_bind_teachers(hf_reader *r)
{
    hf_spec *spec = &hf_spec_owner_of(r)->spec;
    lesson *lessons = hf_pool_alloc(r->pool, (spec->variation_count + 1) * sizeof *lessons);
    for (uint32_t i = 0; lessons && i < spec->variation_count; i++) {
        hf_spec_variation *v = &spec->variations[i];
        const hf_spec_training *recipe = v->training;
        lessons[i] = (lesson){.sources = {NONE, NONE}};
        if (!recipe || (!recipe->teacher_path && !recipe->from_path))
            continue;
        hf_spec_training *own = hf_pool_alloc(r->pool, sizeof *own);
        if (!own)
            return;
        *own = *recipe;
        own->teacher_path = resolve(r, i, recipe->teacher_path, &lessons[i].sources[0]);
        own->from_path = resolve(r, i, recipe->from_path, &lessons[i].sources[1]);
        v->training = own;
    }
    for (uint32_t i = 0; lessons && i < spec->variation_count; i++)
        if (!has_no_circle(lessons, i)) {
            report(r, spec->variations[i].training, "learns from a model that learns from it",
                   spec->variations[i].name);
            return;
        }
}
