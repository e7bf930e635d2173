/* SPDX-License-Identifier: Apache-2.0 */
/* The spec's `train` section. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "datasets/picture.h"
#include "spec_models.h"

#define COUNT_OF(a)     (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define MAX_PATH_LENGTH 4000
#define MAX_BUDGET_MS   (UINT64_C(30) * 86400000)
#define DEFAULT_EPOCHS  10
#define DEFAULT_CROP    2
#define DEFAULT_QAT     1

/* ---- Values ---- */

static void read_schedule(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char *const words[] = {"cosine", "linear", "constant"};
    int number = 0;
    if (hf_read_word(r, field, value, words, 3, "cosine, linear or constant", &number))
        *(hf_spec_schedule *)at = (hf_spec_schedule)number;
}

/* (uint32_t) epochs of quantisation-aware training */
static void read_quantize(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const char *const words[] = {"after", "qat"};
    int number = 0;
    if (hf_read_word(r, field, value, words, 2, "after or qat", &number))
        *(uint32_t *)at = number == 1 ? DEFAULT_QAT : 0;
}

static void read_augment(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec_training *training = at;
    hf_texts texts = {0};
    hf_read_texts(r, field->name, value, 32, &texts);
    for (uint32_t i = 0; i < texts.count; i++)
        if (strcmp(texts.texts[i], "flip") == 0)
            training->flip = true;
        else if (strcmp(texts.texts[i], "crop") == 0)
            training->crop = DEFAULT_CROP;
        else
            HF_READER_ERROR(r, value, "augment: \"%s\", expected flip or crop", texts.texts[i]);
}

/* (const char *) */
static void read_pixels(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_pixel_range range;
    hf_error error = {0};
    const char *text = NULL;
    hf_read_text(r, field, value, &text);
    if (text && hf_pixels_parse(text, &range, &error) != HF_OK)
        HF_READER_ERROR(r, value, "pixels: %s, %s", HF_SHOW(value), error.message);
    else if (text)
        *(const char **)at = text;
}

void hf_read_path(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *name = NULL;
    hf_read_text(r, field, value, &name);
    if (name)
        *(const char **)at = hf_pool_path(r->pool, r->file, name);
}

#define FIELD(member) offsetof(hf_spec_training, member)
static const hf_field fields[] = {
    {.name = "data",
     .read = hf_read_path,
     .offset = FIELD(data_path),
     .min = 1,
     .max = MAX_PATH_LENGTH,
     .required = true},
    {.name = "test", .read = hf_read_path, .offset = FIELD(test_name), .min = 1, .max = MAX_PATH_LENGTH},
    {.name = "models", .read = hf_read_path, .offset = FIELD(models_dir), .min = 1, .max = MAX_PATH_LENGTH},
    {.name = "pixels", .read = read_pixels, .offset = FIELD(pixels), .min = 1, .max = 200},
    {.name = "epochs", .read = hf_read_u32, .offset = FIELD(epochs), .min = 1, .max = 100000},
    {.name = "budget",
     .read = hf_read_duration_64,
     .offset = FIELD(budget_ms),
     .min = 1000,
     .max = MAX_BUDGET_MS},
    {.name = "seed", .read = hf_read_u32, .offset = FIELD(seed), .max = UINT32_MAX},
    {.name = "batch", .read = hf_read_u32, .offset = FIELD(batch), .min = 1, .max = 4096},
    {.name = "learning_rate",
     .read = hf_read_real,
     .offset = FIELD(learning_rate),
     .min = 1,
     .max = 10000000},
    {.name = "schedule", .read = read_schedule, .offset = FIELD(schedule)},
    {.name = "weight_decay", .read = hf_read_real, .offset = FIELD(weight_decay), .max = 1000000},
    {.name = "label_smoothing", .read = hf_read_real, .offset = FIELD(label_smoothing), .max = 900000},
    {.name = "validation", .read = hf_read_real, .offset = FIELD(validation_share), .max = 500000},
    {.name = "augment", .read = read_augment},
    {.name = "class_weights", .read = hf_read_bool, .offset = FIELD(class_weights)},
    {.name = "quantize", .read = read_quantize, .offset = FIELD(qat_epochs)},
};

void hf_read_training(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_spec_training training = {.seed = 1,
                                 .batch = 64,
                                 .learning_rate = 0.1,
                                 .weight_decay = 0.0001,
                                 .label_smoothing = 0,
                                 .validation_share = 0.05};
    hf_read_fields(r, field->name, value, fields, COUNT_OF(fields), &training);
    if (!training.epochs && !training.budget_ms)
        training.epochs = DEFAULT_EPOCHS;
    if (!training.models_dir)
        training.models_dir = hf_pool_path(r->pool, r->file, "trained");
    if (training.test_name)
        training.test_path = hf_spec_file_path(r, "test", value, hf_map_get(value, "test")->text);
    training.line = value->key ? value->key->line : value->line;
    training.column = value->key ? value->key->column : value->column;
    *(hf_spec_training *)at = training;
}

/* ---- Files that training makes ---- */

/* As hf_spec_file_path(), for a path that is relative to the working directory already. */
static const char *in_tree(hf_reader *r, const char *path)
{
    const hf_spec_owner *owner = hf_spec_owner_of(r);
    char place[PATH_MAX];
    if (!owner->tree)
        return path;
    if (hf_path_in_tree(owner->tree, path, place, sizeof place, NULL) != HF_OK)
        return NULL;
    return hf_pool_copy(r->pool, place, strlen(place));
}

void hf_spec_bind_trained(hf_reader *r)
{
    hf_spec *spec = &hf_spec_owner_of(r)->spec;
    const hf_spec_training *training = &spec->training;
    for (uint32_t i = 0; training->data_path && training->models_dir && i < spec->variation_count; i++) {
        hf_spec_variation *v = &spec->variations[i];
        char path[PATH_MAX];
        if (v->kind != HF_SPEC_FAMILY || v->weights_path ||
            snprintf(path, sizeof path, "%s/%s.tflite", training->models_dir, v->name) >= (int)sizeof path)
            continue;
        v->training = training;
        v->weights_name = hf_pool_copy(r->pool, path, strlen(path));
        v->weights_path = v->weights_name ? in_tree(r, v->weights_name) : NULL;
        if (v->data_path || !isnan(v->accuracy_percent))
            continue;
        v->data_path = training->test_path;
        v->data_name = training->test_name;
        v->pixels = training->pixels;
    }
}
