/* SPDX-License-Identifier: Apache-2.0 */
/* An item with `family`: crosses its lists of factors and adds a variation for each combination. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "spec_models.h"

#define BUILDS_REPORTED   3 /* reported failures to build per item; further ones are only counted */
#define FIRST_FACTOR      3 /* after family, weights and train */
#define FAMILY_FIELDS_MAX (HF_FACTOR_COUNT + FIRST_FACTOR)

/* The values of one factor. */
typedef struct axis {
    const double *values;
    hf_factor factor;
    uint32_t count;
} axis;

/* Whether the family accepts this value: checks a variation that is valid in all other factors. */
static bool is_accepted(const hf_family *family, hf_factor factor, double value, hf_error *error)
{
    hf_variation probe = {.family = family->name};
    for (uint32_t i = 0; i < family->range_count; i++) {
        const hf_factor_range *range = &family->ranges[i];
        if (!range->optional || range->factor == factor) {
            probe.factors[range->factor] = range->factor == factor ? value : range->min;
            probe.set |= UINT32_C(1) << range->factor;
        }
    }
    return hf_variation_check(&probe, error) == HF_OK;
}

/* Reads one value of a factor into values[*count]; reports and skips an invalid or repeated one. */
static void read_value(hf_reader *r, const hf_family *family, hf_factor factor, const hf_yaml_node *value,
                       double *values, uint32_t *count)
{
    const char *name = hf_factor_name(factor);
    if (!hf_is_scalar(r, name, value, "a number or a list of numbers"))
        return;
    double number;
    hf_error error = {0};
    if (!value->plain || !hf_parse_number(value->text, &number)) {
        HF_READER_ERROR(r, value, "%s: %s, expected a number or a list of numbers", name, HF_SHOW(value));
        return;
    }
    if (!is_accepted(family, factor, number, &error)) {
        HF_READER_ERROR(r, value, "%s", error.message);
        return;
    }
    for (uint32_t i = 0; i < *count; i++) {
        if (values[i] == number) {
            HF_READER_ERROR(r, value, "%s: %s appears twice in the list", name, HF_SHOW(value));
            return;
        }
    }
    values[(*count)++] = number;
}

static bool read_axis(hf_reader *r, const hf_family *family, hf_factor factor, const hf_yaml_node *value,
                      axis *out)
{
    bool list = value->kind == HF_NODE_LIST;
    const char *name = hf_factor_name(factor);
    if (list && (!value->count || value->count > HF_SPEC_MAX_VARIATIONS)) {
        HF_READER_ERROR(r, value, "%s: a list of %u values, expected 1 to %d", name, value->count,
                        HF_SPEC_MAX_VARIATIONS);
        return false;
    }
    uint32_t capacity = list ? value->count : 1;
    double *values = hf_pool_alloc(r->pool, capacity * sizeof *values);
    if (!values)
        return false;
    uint32_t count = 0;
    for (const hf_yaml_node *item = list ? value->first : value; item; item = list ? item->next : NULL)
        read_value(r, family, factor, item, values, &count);
    *out = (axis){.factor = factor, .values = values, .count = count};
    return count == capacity;
}

/* Adds every combination of the axes; the last axis varies fastest. */
static void cross(hf_reader *r, const hf_yaml_node *item, uint32_t index, const hf_family *family,
                  const axis *axes, uint32_t axis_count)
{
    uint64_t total = 1;
    for (uint32_t i = 0; i < axis_count; i++) /* none is empty */
        total = total > UINT64_MAX / axes[i].count ? UINT64_MAX : total * axes[i].count;
    if (total > HF_SPEC_MAX_VARIATIONS) {
        HF_READER_ERROR(r, item,
                        "%s%" PRIu64 " variations when these factors are crossed, expected at most %d",
                        total == UINT64_MAX ? "more than " : "", total, HF_SPEC_MAX_VARIATIONS);
        return;
    }
    hf_spec_owner *owner = hf_spec_owner_of(r);
    uint32_t unbuildable = 0;
    for (uint64_t number = 0; number < total && !r->pool->failed; number++) {
        if (owner->excess) { /* the rest is only counted: building takes time */
            owner->excess += total - number;
            break;
        }
        hf_variation variation = {.family = family->name};
        uint64_t rest = number;
        for (uint32_t i = axis_count; i-- > 0; rest /= axes[i].count) {
            variation.factors[axes[i].factor] = axes[i].values[rest % axes[i].count];
            variation.set |= UINT32_C(1) << axes[i].factor;
        }
        hf_error error = {0};
        if (!hf_spec_add_built(r, item, index, &variation, &error) && unbuildable++ < BUILDS_REPORTED)
            HF_READER_ERROR(r, item, "%s", error.message);
    }
    if (unbuildable > BUILDS_REPORTED)
        HF_READER_ERROR(r, item, "%u more variations of this item cannot be built",
                        unbuildable - BUILDS_REPORTED);
}

/* The valid keys of an item with `family`: that key, its weights, its training and the factors of the family, or all factors if the
 * family is unknown. */
static uint32_t family_fields(const hf_family *family, hf_field fields[FAMILY_FIELDS_MAX])
{
    uint32_t count = 0;
    fields[count++] = (hf_field){.name = "family"};
    fields[count++] = (hf_field){.name = "weights"};
    fields[count++] = (hf_field){.name = "train"};
    if (family)
        for (uint32_t i = 0; i < family->range_count && count < FAMILY_FIELDS_MAX; i++)
            fields[count++] = (hf_field){.name = hf_factor_name(family->ranges[i].factor)};
    else
        for (uint32_t i = 0; i < HF_FACTOR_COUNT; i++)
            fields[count++] = (hf_field){.name = hf_factor_name((hf_factor)i)};
    return count;
}

static const hf_family *find_family(hf_reader *r, const hf_yaml_node *value)
{
    if (!hf_is_scalar(r, "family", value, "the name of a family"))
        return NULL;
    const hf_family *family = hf_family_find(value->text);
    if (family)
        return family;
    char known[256] = "";
    hf_suggestion suggestion = {.word = value->text};
    for (uint32_t i = 0; hf_family_at(i); i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", hf_family_at(i)->name);
        hf_suggest(&suggestion, hf_family_at(i)->name);
    }
    if (suggestion.best)
        HF_READER_ERROR(r, value, "unknown family %s, did you mean \"%s\"?", HF_SHOW(value), suggestion.best);
    else
        HF_READER_ERROR(r, value, "unknown family %s, expected one of: %s", HF_SHOW(value), known);
    return NULL;
}

void hf_spec_read_sweep(hf_reader *r, const hf_yaml_node *item, uint32_t index)
{
    const hf_family *family = find_family(r, hf_map_get(item, "family"));
    hf_field fields[FAMILY_FIELDS_MAX];
    uint32_t field_count = family_fields(family, fields);
    axis axes[HF_FACTOR_COUNT];
    uint32_t axis_count = 0;
    bool good = family != NULL;
    for (const hf_yaml_node *value = item->first; value; value = value->next) {
        uint32_t i = 0;
        while (i < field_count && strcmp(fields[i].name, value->key->text) != 0)
            i++;
        if (i == field_count) {
            hf_unknown_key(r, family ? family->name : "a model", value->key, fields, field_count);
            good = false;
        } else if (i >= FIRST_FACTOR && family) {
            axis read = {0};
            good &= read_axis(r, family, family->ranges[i - FIRST_FACTOR].factor, value, &read);
            axes[axis_count++] = read;
        }
    }
    for (uint32_t i = 0; family && i < family->range_count; i++) {
        const char *name = hf_factor_name(family->ranges[i].factor);
        if (!family->ranges[i].optional && hf_is_missing(item, name, fields, field_count)) {
            HF_READER_ERROR(r, item, "%s has no \"%s\", expected a number or a list of numbers", family->name,
                            name);
            good = false;
        }
    }
    const uint32_t before = hf_spec_owner_of(r)->spec.variation_count;
    if (good)
        cross(r, item, index, family, axes, axis_count);
    if (good)
        hf_spec_bind_weights(r, item, before);
}
