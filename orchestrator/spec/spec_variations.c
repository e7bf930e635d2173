/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a spec's variations: growing it, and finding names that appear twice. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spec_models.h"

void hf_spec_add_variation(hf_reader *r, const hf_yaml_node *item, uint32_t index,
                           const hf_spec_variation *variation)
{
    hf_spec_owner *owner = hf_spec_owner_of(r);
    hf_spec *spec = &owner->spec;
    if (spec->variation_count == HF_SPEC_MAX_VARIATIONS) {
        if (!owner->excess++)
            owner->excess_item = item;
        return;
    }
    if (spec->variation_count == owner->variation_capacity) {
        uint32_t capacity = owner->variation_capacity ? 2 * owner->variation_capacity : 16;
        hf_spec_variation *grown = hf_pool_alloc(r->pool, capacity * sizeof *grown);
        if (!grown)
            return;
        if (spec->variation_count)
            memcpy(grown, spec->variations, spec->variation_count * sizeof *grown);
        spec->variations = grown;
        owner->variation_capacity = capacity;
    }
    hf_spec_variation *added = &spec->variations[spec->variation_count++];
    *added = *variation;
    added->item = index;
    added->line = item->line;
    added->column = item->column;
}

bool hf_spec_add_built(hf_reader *r, const hf_yaml_node *item, uint32_t index, const hf_variation *variation,
                       hf_error *error)
{
    char name[HF_VARIATION_NAME_SIZE];
    hf_graph *graph = NULL;
    hf_status status = hf_variation_name(variation, name, error);
    if (status == HF_OK)
        status = hf_variation_build(variation, &graph, error);
    hf_graph_free(graph);
    if (status == HF_ENOMEM)
        r->pool->failed = true;
    if (status != HF_OK)
        return status == HF_ENOMEM;
    hf_spec_variation made = {.kind = HF_SPEC_FAMILY,
                              .accuracy_percent = NAN,
                              .name = hf_pool_copy(r->pool, name, strlen(name)),
                              .variation = *variation};
    if (made.name)
        hf_spec_add_variation(r, item, index, &made);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const hf_spec_variation *x = *(const hf_spec_variation *const *)a;
    const hf_spec_variation *y = *(const hf_spec_variation *const *)b;
    int order = strcmp(x->name, y->name);
    return order ? order : x < y ? -1 : x > y;
}

void hf_spec_report_duplicates(hf_reader *r)
{
    const hf_spec *spec = &hf_spec_owner_of(r)->spec;
    const hf_spec_variation **sorted =
        malloc((spec->variation_count + 1) * sizeof(const hf_spec_variation *));
    if (!sorted) {
        r->pool->failed = true;
        return;
    }
    for (uint32_t i = 0; i < spec->variation_count; i++)
        sorted[i] = &spec->variations[i];
    qsort(sorted, spec->variation_count, sizeof(const hf_spec_variation *), compare_names);
    for (uint32_t i = 1, first = 0; i < spec->variation_count; i++) {
        if (strcmp(sorted[i]->name, sorted[first]->name) != 0) {
            first = i;
            continue;
        }
        hf_diagnostics_add(r->diagnostics, r->file, sorted[i]->line, sorted[i]->column,
                           "the variation \"%s\" appears twice, first on line %u", sorted[i]->name,
                           sorted[first]->line);
    }
    free(sorted);
}
