/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "spec_reader.h"
#include "tflite/tflite.h"

#define MAX_PATH_LENGTH   4000
#define BUILDS_REPORTED   3 /* variations of one item that cannot be built; the others are only counted */
#define FAMILY_KEY        0
#define FAMILY_FIELDS_MAX (HF_FACTOR_COUNT + 1)

/* One factor's values in an item of the list. */
typedef struct axis {
    const double *values;
    hf_factor factor;
    uint32_t count;
} axis;

static hf_spec_owner *owner_of(const hf_reader *r)
{
    return r->user;
}

/* ---- The list of variations ---- */

static void add_variation(hf_reader *r, const hf_yaml_node *item, uint32_t index,
                          const hf_spec_variation *variation)
{
    hf_spec_owner *owner = owner_of(r);
    hf_spec *spec = &owner->spec;
    if (spec->variation_count == HF_SPEC_MAX_VARIATIONS) {
        if (!owner->too_many)
            HF_READER_ERROR(r, item, "more than %d variations in all, expected fewer",
                            HF_SPEC_MAX_VARIATIONS);
        owner->too_many = true;
        return;
    }
    if (spec->variation_count == owner->variation_reserve) {
        uint32_t reserve = owner->variation_reserve ? 2 * owner->variation_reserve : 16;
        hf_spec_variation *grown = hf_pool_alloc(r->pool, reserve * sizeof *grown);
        if (!grown)
            return;
        if (spec->variation_count)
            memcpy(grown, spec->variations, spec->variation_count * sizeof *grown);
        spec->variations = grown;
        owner->variation_reserve = reserve;
    }
    hf_spec_variation *added = &spec->variations[spec->variation_count++];
    *added = *variation;
    added->item = index;
    added->line = item->line;
    added->column = item->column;
}

/* Adds a family's variation if its graph can be built; else says why in *error. */
static bool add_built(hf_reader *r, const hf_yaml_node *item, uint32_t index, const hf_variation *variation,
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
        add_variation(r, item, index, &made);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const hf_spec_variation *x = *(const hf_spec_variation *const *)a;
    const hf_spec_variation *y = *(const hf_spec_variation *const *)b;
    int order = strcmp(x->name, y->name);
    return order ? order : x < y ? -1 : x > y;
}

static void report_duplicates(hf_reader *r)
{
    const hf_spec *spec = &owner_of(r)->spec;
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
                           "the variation \"%s\" is there twice, first in line %u, expected once",
                           sorted[i]->name, sorted[first]->line);
    }
    free(sorted);
}

/* ---- family: ... ---- */

/* Whether the family takes this value, by its own rules: tried out on a variation that is fine otherwise. */
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

static bool parse_number(const char *text, double *out)
{
    if (!*text || text[strspn(text, "+-.0123456789eE")])
        return false;
    char *end;
    *out = strtod(text, &end);
    return !*end && isfinite(*out);
}

/* Reads one value of a factor into values[*count]; a wrong or repeated one is reported and left out. */
static void read_value(hf_reader *r, const hf_family *family, hf_factor factor, const hf_yaml_node *value,
                       double *values, uint32_t *count)
{
    const char *name = hf_factor_name(factor);
    if (!hf_is_scalar(r, name, value, "a number or a list of numbers"))
        return;
    double number;
    hf_error error = {0};
    if (!value->plain || !parse_number(value->text, &number)) {
        HF_READER_ERROR(r, value, "%s: %s, expected a number or a list of numbers", name, HF_SHOW(value));
        return;
    }
    if (!is_accepted(family, factor, number, &error)) {
        HF_READER_ERROR(r, value, "%s", error.message);
        return;
    }
    for (uint32_t i = 0; i < *count; i++) {
        if (values[i] == number) {
            HF_READER_ERROR(r, value, "%s: %s is in the list twice, expected once", name, HF_SHOW(value));
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
    uint32_t reserve = list ? value->count : 1;
    double *values = hf_pool_alloc(r->pool, reserve * sizeof *values);
    if (!values)
        return false;
    uint32_t count = 0;
    for (const hf_yaml_node *item = list ? value->first : value; item; item = list ? item->next : NULL)
        read_value(r, family, factor, item, values, &count);
    *out = (axis){.factor = factor, .values = values, .count = count};
    return count == reserve;
}

/* Every combination of the axes, the last one varying fastest. */
static void cross(hf_reader *r, const hf_yaml_node *item, uint32_t index, const hf_family *family,
                  const axis *axes, uint32_t axis_count)
{
    uint64_t total = 1;
    for (uint32_t i = 0; i < axis_count && total <= HF_SPEC_MAX_VARIATIONS; i++)
        total *= axes[i].count;
    if (total > HF_SPEC_MAX_VARIATIONS) {
        HF_READER_ERROR(r, item, "more than %d variations when these factors are crossed, expected fewer",
                        HF_SPEC_MAX_VARIATIONS);
        return;
    }
    uint32_t unbuildable = 0;
    for (uint64_t number = 0; number < total && !r->pool->failed && !owner_of(r)->too_many; number++) {
        hf_variation variation = {.family = family->name};
        uint64_t rest = number;
        for (uint32_t i = axis_count; i-- > 0; rest /= axes[i].count) {
            variation.factors[axes[i].factor] = axes[i].values[rest % axes[i].count];
            variation.set |= UINT32_C(1) << axes[i].factor;
        }
        hf_error error = {0};
        if (!add_built(r, item, index, &variation, &error) && unbuildable++ < BUILDS_REPORTED)
            HF_READER_ERROR(r, item, "%s", error.message);
    }
    if (unbuildable > BUILDS_REPORTED)
        HF_READER_ERROR(r, item, "%u more variations of this item cannot be built",
                        unbuildable - BUILDS_REPORTED);
}

/* The keys an item with `family` may have: it, and the family's factors (any factor while that is unknown).
 */
static uint32_t family_fields(const hf_family *family, hf_field fields[FAMILY_FIELDS_MAX])
{
    uint32_t count = 0;
    fields[count++] = (hf_field){.name = "family"};
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
    if (!hf_is_scalar(r, "family", value, "a family's name"))
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

static void read_family(hf_reader *r, const hf_yaml_node *item, uint32_t index)
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
        } else if (i != FAMILY_KEY && family) {
            axis read = {0};
            good &= read_axis(r, family, family->ranges[i - 1].factor, value, &read);
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
    if (good)
        cross(r, item, index, family, axes, axis_count);
}

/* ---- what is said of one model beside its name or file ---- */

/* (double) "85.4 %", the sign optional above 1 % */
static void read_percent(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char expected[] = "a percentage from 0 to 100 such as \"85.4 %\"";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    char number[32];
    size_t length = strcspn(value->text, " %");
    const char *rest = value->text + length + strspn(value->text + length, " ");
    double percent = 0;
    bool good = length < sizeof number && (!*rest || strcmp(rest, "%") == 0);
    if (good) {
        memcpy(number, value->text, length);
        number[length] = '\0';
        good = parse_number(number, &percent) && percent >= 0 && percent <= 100;
    }
    /* 0.85 is how training frameworks print 85 %, and a model of 0.85 % is not worth measuring. */
    if (good && !*rest && percent > 0 && percent <= 1)
        HF_READER_ERROR(r, value,
                        "%s: %s, did you mean \"%.10g %%\"? expected %s, with its sign if below 1 %%",
                        field->name, HF_SHOW(value), 100 * percent, expected);
    else if (good)
        *(double *)at = percent;
    else
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
}

/* An item of one model: which, and what is known or to be found out of its accuracy. */
typedef struct single {
    const char *name;
    const char *tflite;
    const char *data;
    double accuracy_percent; /* NAN = not given */
} single;

#define SINGLE_ACCURACY                                                                                      \
    {.name = "accuracy", .read = read_percent, .offset = offsetof(single, accuracy_percent)},                \
    {                                                                                                        \
        .name = "data", .read = hf_read_text, .offset = offsetof(single, data), .min = 1,                    \
        .max = MAX_PATH_LENGTH                                                                               \
    }
#define SINGLE_FIELDS 4

static const hf_field named_fields[] = {
    {.name = "name",
     .read = hf_read_text,
     .offset = offsetof(single, name),
     .min = 1,
     .max = HF_VARIATION_NAME_SIZE - 1,
     .required = true},
    SINGLE_ACCURACY,
};

/* Takes over accuracy and data; both at once contradict each other. */
static void note_accuracy(hf_reader *r, const hf_yaml_node *item, const single *given,
                          hf_spec_variation *made)
{
    made->accuracy_percent = given->accuracy_percent;
    made->data_path = given->data ? hf_pool_path(r->pool, r->file, given->data) : NULL;
    if (given->data && !isnan(given->accuracy_percent))
        HF_READER_ERROR(r, item, "a model with both \"accuracy\" and \"data\", expected one of them");
    if (made->data_path && owner_of(r)->look_at_files && access(made->data_path, R_OK) != 0)
        HF_READER_ERROR(r, hf_map_get(item, "data"), "data: cannot read %s: %s", made->data_path,
                        strerror(errno));
}

/* ---- name: ... ---- */

static void read_named(hf_reader *r, const hf_yaml_node *item, const hf_yaml_node *value, const single *given,
                       uint32_t index)
{
    hf_variation variation;
    hf_error error = {0};
    uint32_t before = owner_of(r)->spec.variation_count;
    if (hf_variation_parse(given->name, &variation, &error) != HF_OK ||
        !add_built(r, item, index, &variation, &error))
        HF_READER_ERROR(r, value, "%s", error.message);
    else if (owner_of(r)->spec.variation_count > before)
        note_accuracy(r, item, given, &owner_of(r)->spec.variations[before]);
}

/* ---- tflite: ... ---- */

/* Reads the file as the farm will, so that a bad one is reported here and not in the middle of a run. */
static void try_file(hf_reader *r, const hf_yaml_node *value, const hf_spec_variation *variation)
{
    hf_graph *graph = NULL;
    hf_error error = {0};
    hf_status status = hf_tflite_load(variation->name, variation->path, &graph, &error);
    hf_graph_free(graph);
    if (status == HF_ENOMEM)
        r->pool->failed = true;
    else if (status != HF_OK)
        HF_READER_ERROR(r, value, "tflite: %s", error.message);
}

static const hf_field tflite_fields[] = {
    {.name = "tflite",
     .read = hf_read_text,
     .offset = offsetof(single, tflite),
     .min = 1,
     .max = MAX_PATH_LENGTH,
     .required = true},
    {.name = "name",
     .read = hf_read_text,
     .offset = offsetof(single, name),
     .min = 1,
     .max = HF_VARIATION_NAME_SIZE - 1},
    SINGLE_ACCURACY,
};

static void read_tflite(hf_reader *r, const hf_yaml_node *item, uint32_t index)
{
    single given = {.accuracy_percent = NAN};
    hf_read_fields(r, "a model", item, tflite_fields, SINGLE_FIELDS, &given);
    const char *path = given.tflite ? hf_pool_path(r->pool, r->file, given.tflite) : NULL;
    if (!path)
        return;
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    if (length > 7 && strcmp(base + length - 7, ".tflite") == 0)
        length -= 7;
    const hf_yaml_node *at = hf_map_get(item, given.name ? "name" : "tflite");
    hf_spec_variation made = {.kind = HF_SPEC_TFLITE,
                              .name = given.name ? given.name : hf_pool_copy(r->pool, base, length),
                              .path = path};
    if (!made.name)
        return;
    if (!hf_is_name(made.name) || strlen(made.name) >= HF_VARIATION_NAME_SIZE) {
        HF_READER_ERROR(r, at,
                        "\"%s\" is no good as a variation's name, expected a \"name\" of at most %d letters, "
                        "digits, '_', '-' and '.', beginning with a letter or digit",
                        made.name, HF_VARIATION_NAME_SIZE - 1);
        return;
    }
    if (owner_of(r)->look_at_files)
        try_file(r, hf_map_get(item, "tflite"), &made);
    note_accuracy(r, item, &given, &made);
    add_variation(r, item, index, &made);
}

/* ---- models: [...] ---- */

static const hf_field model_kinds[] = {{.name = "family"}, {.name = "name"}, {.name = "tflite"}};

static void read_item(hf_reader *r, const hf_yaml_node *item, uint32_t index)
{
    const char *expected = "a family with its factors, a name or a .tflite file";
    single given = {.accuracy_percent = NAN};
    if (item->kind == HF_NODE_SCALAR) {
        given.name = item->text;
        if (hf_is_scalar(r, "name", item, "a name such as mobilenetv1_0.25_96_c3_o2"))
            read_named(r, item, item, &given, index);
    } else if (item->kind == HF_NODE_LIST) {
        HF_READER_ERROR(r, item, "a model: %s, expected %s", HF_SHOW(item), expected);
    } else if (item->kind == HF_NODE_MAP) {
        const hf_yaml_node *family = hf_map_get(item, "family");
        const hf_yaml_node *tflite = hf_map_get(item, "tflite");
        const hf_yaml_node *name = hf_map_get(item, "name");
        if (family && tflite) {
            HF_READER_ERROR(r, item, "a model with both \"family\" and \"tflite\", expected one of them");
        } else if (family) {
            read_family(r, item, index);
        } else if (tflite) {
            read_tflite(r, item, index);
        } else if (name) {
            hf_read_fields(r, "a model", item, named_fields, SINGLE_FIELDS - 1, &given);
            if (given.name)
                read_named(r, item, name, &given, index);
        } else {
            HF_READER_ERROR(r, item, "a model without \"family\", \"name\" or \"tflite\", expected %s",
                            expected);
            for (const hf_yaml_node *value = item->first; value; value = value->next)
                hf_unknown_key(r, "a model", value->key, model_kinds, 3);
        }
    }
}

void hf_read_models(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    (void)at; /* the whole spec: owner_of(r) */
    if (value->kind == HF_NODE_BAD)
        return;
    if (value->kind != HF_NODE_LIST || !value->count) {
        HF_READER_ERROR(r, value, "%s: %s, expected a list with at least one model", field->name,
                        value->kind == HF_NODE_LIST ? "an empty list" : HF_SHOW(value));
        return;
    }
    uint32_t index = 0;
    for (const hf_yaml_node *item = value->first; item && !r->pool->failed; item = item->next)
        read_item(r, item, index++);
    report_duplicates(r);
}
