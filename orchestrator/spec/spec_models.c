/* SPDX-License-Identifier: Apache-2.0 */
/* The spec's list of models, and items that are one model: a name or a .tflite file. */
#include "spec_models.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "datasets/picture.h"
#include "tflite/tflite.h"

#define MAX_PATH_LENGTH 4000

/* ---- accuracy and data set of a single model ---- */

void hf_read_percent(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
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
        good = hf_parse_number(number, &percent) && percent >= 0 && percent <= 100;
    }
    /* Training frameworks print 85 % as 0.85, and a model of 0.85 % is not worth measuring. */
    if (good && !*rest && percent > 0 && percent <= 1)
        HF_READER_ERROR(r, value,
                        "%s: %s, did you mean \"%.10g %%\"? expected %s, with the %% sign if below 1 %%",
                        field->name, HF_SHOW(value), 100 * percent, expected);
    else if (good)
        *(double *)at = percent;
    else
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
}

/* An item that is a single model, and its accuracy or the data set to measure it with. */
typedef struct single {
    const char *name;
    const char *tflite;
    const char *data;
    const char *pixels;
    const char *weights;     /* read by hf_spec_bind_weights() */
    double accuracy_percent; /* NAN = not given */
} single;

#define SINGLE_ACCURACY                                                                                      \
    {.name = "accuracy", .read = hf_read_percent, .offset = offsetof(single, accuracy_percent)},             \
        {.name = "data",                                                                                     \
         .read = hf_read_text,                                                                               \
         .offset = offsetof(single, data),                                                                   \
         .min = 1,                                                                                           \
         .max = MAX_PATH_LENGTH},                                                                            \
    {                                                                                                        \
        .name = "pixels", .read = hf_read_text, .offset = offsetof(single, pixels), .min = 1, .max = 200     \
    }

/* hf_spec_bind_trained() reads it when the spec's section is known. */
static void read_later(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    (void)r, (void)field, (void)value, (void)at;
}

static const hf_field named_fields[] = {
    {.name = "name",
     .read = hf_read_text,
     .offset = offsetof(single, name),
     .min = 1,
     .max = HF_VARIATION_NAME_SIZE - 1,
     .required = true},
    SINGLE_ACCURACY,
    {.name = "weights",
     .read = hf_read_text,
     .offset = offsetof(single, weights),
     .min = 1,
     .max = MAX_PATH_LENGTH},
    {.name = "train", .read = read_later},
};

/* Stores the accuracy or the data set; giving both is contradictory. */
static void note_accuracy(hf_reader *r, const hf_yaml_node *item, const single *given,
                          hf_spec_variation *made)
{
    hf_error error = {0};
    hf_pixel_range range;
    const hf_yaml_node *pixels = hf_map_get(item, "pixels");
    made->accuracy_percent = given->accuracy_percent;
    made->pixels = given->pixels;
    if (given->pixels && hf_pixels_parse(given->pixels, &range, &error) != HF_OK)
        HF_READER_ERROR(r, pixels, "pixels: %s, %s", HF_SHOW(pixels), error.message);
    if (pixels && !given->data)
        HF_READER_ERROR(r, pixels, "\"pixels\" without \"data\", whose pixels it describes");
    const hf_yaml_node *data = hf_map_get(item, "data");
    made->data_path = given->data ? hf_spec_file_path(r, "data", data, given->data) : NULL;
    made->data_name = given->data ? hf_pool_path(r->pool, r->file, given->data) : NULL;
    if (given->data && !isnan(given->accuracy_percent))
        HF_READER_ERROR(r, item, "a model with both \"accuracy\" and \"data\", expected one of them");
    if (made->data_path && hf_spec_owner_of(r)->open_files && access(made->data_path, R_OK) != 0)
        HF_READER_ERROR(r, data, "data: cannot read %s: %s", made->data_name, strerror(errno));
}

/* ---- name: ... ---- */

static void read_named(hf_reader *r, const hf_yaml_node *item, const hf_yaml_node *value, const single *given,
                       uint32_t index)
{
    hf_variation variation;
    hf_error error = {0};
    uint32_t before = hf_spec_owner_of(r)->spec.variation_count;
    if (hf_variation_parse(given->name, &variation, &error) != HF_OK ||
        !hf_spec_add_built(r, item, index, &variation, &error))
        HF_READER_ERROR(r, value, "%s", error.message);
    else if (hf_spec_owner_of(r)->spec.variation_count > before) {
        note_accuracy(r, item, given, &hf_spec_owner_of(r)->spec.variations[before]);
        hf_spec_bind_weights(r, item, before);
    }
}

/* ---- tflite: ... ---- */

/* Whether a file that cannot be used is a failed row of the results, and no mistake in the spec: one with something
 * unsupported, and one that nobody named and that is damaged or cannot be read, such as a link to nowhere, unless the spec says otherwise. */
static bool fails_later(hf_reader *r, hf_status status, bool matched)
{
    return !hf_spec_owner_of(r)->spec.stop_on_unsupported && (status == HF_EUNSUPPORTED || matched);
}

/* Reads the file as the farm will later, so that an invalid one is reported before the run starts.
 * @param matched a pattern matches it; false = the spec names it */
static void try_file(hf_reader *r, const hf_yaml_node *value, const hf_spec_variation *variation,
                     bool matched)
{
    hf_graph *graph = NULL;
    hf_error error = {0};
    hf_status status = hf_tflite_load(variation->name, variation->path, &graph, &error);
    hf_graph_free(graph);
    if (status == HF_ENOMEM)
        r->pool->failed = true;
    else if (status != HF_OK && !fails_later(r, status, matched))
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

/* Adds the model of one file. @param given its name and accuracy; without `tflite`, a pattern matches it */
static void add_file(hf_reader *r, const hf_yaml_node *item, uint32_t index, const single *given,
                     const char *path)
{
    const hf_yaml_node *value = hf_map_get(item, "tflite");
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    if (length > 7 && strcmp(base + length - 7, ".tflite") == 0)
        length -= 7;
    const hf_yaml_node *at = hf_map_get(item, given->name ? "name" : "tflite");
    hf_spec_variation made = {.kind = HF_SPEC_TFLITE,
                              .name = given->name ? given->name : hf_pool_copy(r->pool, base, length),
                              .path = path};
    if (made.name && !given->tflite) /* a pattern matches it */
        made.name = hf_spec_matched_name(r, made.name);
    if (!made.name)
        return;
    if (!hf_is_name(made.name) || strlen(made.name) >= HF_VARIATION_NAME_SIZE) {
        HF_READER_ERROR(
            r, at,
            "\"%s\" cannot be used as a variation name, expected a \"name\" of at most %d letters, "
            "digits, '_', '-' and '.', beginning with a letter or digit",
            made.name, HF_VARIATION_NAME_SIZE - 1);
        return;
    }
    if (hf_spec_owner_of(r)->open_files)
        try_file(r, value, &made, !given->tflite);
    note_accuracy(r, item, given, &made);
    hf_spec_add_variation(r, item, index, &made);
}

static void read_tflite(hf_reader *r, const hf_yaml_node *item, uint32_t index)
{
    single given = {.accuracy_percent = NAN};
    hf_read_fields(r, "a model", item, tflite_fields, sizeof tflite_fields / sizeof *tflite_fields, &given);
    const hf_yaml_node *value = hf_map_get(item, "tflite");
    const char *path = given.tflite ? hf_spec_file_path(r, "tflite", value, given.tflite) : NULL;
    if (!path)
        return;
    hf_spec_matches matches = {0};
    if (!hf_spec_match(r, value, path, &matches)) {
        add_file(r, item, index, &given, path);
        return;
    }
    if (given.name || given.data || given.pixels || !isnan(given.accuracy_percent))
        HF_READER_ERROR(
            r, item,
            "tflite: several files with one \"name\", \"accuracy\", \"data\" or \"pixels\", expected an "
            "item for each of them");
    for (size_t i = 0; i < matches.count; i++)
        add_file(r, item, index, &(single){.accuracy_percent = NAN}, matches.paths[i]);
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
            hf_spec_read_sweep(r, item, index);
        } else if (tflite) {
            read_tflite(r, item, index);
        } else if (name) {
            hf_read_fields(r, "a model", item, named_fields, sizeof named_fields / sizeof *named_fields,
                           &given);
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
    (void)at; /* the whole spec: hf_spec_owner_of(r) */
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
    const hf_spec_owner *owner = hf_spec_owner_of(r);
    if (owner->excess)
        HF_READER_ERROR(r, owner->excess_item, "%" PRIu64 " variations in total, expected at most %d",
                        HF_SPEC_MAX_VARIATIONS + owner->excess, HF_SPEC_MAX_VARIATIONS);
    hf_spec_report_duplicates(r);
}
