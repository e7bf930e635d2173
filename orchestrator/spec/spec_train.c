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
#define DEFAULT_BATCH   64
#define DEFAULT_RATE    0.1
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
     .synonyms = "dataset data_set train_data training_data train",
     .read = hf_read_path,
     .offset = FIELD(data_path),
     .min = 1,
     .max = MAX_PATH_LENGTH,
     .required = true},
    {.name = "test",
     .synonyms = "test_data test_set testset eval",
     .read = hf_read_path,
     .offset = FIELD(test_name),
     .min = 1,
     .max = MAX_PATH_LENGTH},
    {.name = "models",
     .synonyms = "output out dir folder",
     .read = hf_read_path,
     .offset = FIELD(models_dir),
     .min = 1,
     .max = MAX_PATH_LENGTH},
    {.name = "pixels",
     .synonyms = "pixel_range range normalize normalization",
     .read = read_pixels,
     .offset = FIELD(pixels),
     .min = 1,
     .max = 200},
    {.name = "epochs",
     .synonyms = "ep num_epochs n_epochs max_epochs",
     .read = hf_read_u32,
     .offset = FIELD(epochs),
     .min = 1,
     .max = 100000},
    {.name = "budget",
     .synonyms = "time time_limit max_time duration",
     .read = hf_read_duration_64,
     .offset = FIELD(budget_ms),
     .min = 1000,
     .max = MAX_BUDGET_MS},
    {.name = "seed",
     .synonyms = "random_seed random_state",
     .read = hf_read_u32,
     .offset = FIELD(seed),
     .max = UINT32_MAX},
    {.name = "batch",
     .synonyms = "bs batch_size minibatch",
     .read = hf_read_u32,
     .offset = FIELD(batch),
     .min = 1,
     .max = 4096},
    {.name = "learning_rate",
     .synonyms = "lr rate eta step_size",
     .read = hf_read_real,
     .offset = FIELD(learning_rate),
     .min = 1,
     .max = 10000000},
    {.name = "schedule",
     .synonyms = "scheduler lr_schedule lr_scheduler",
     .read = read_schedule,
     .offset = FIELD(schedule)},
    {.name = "weight_decay",
     .synonyms = "wd decay l2",
     .read = hf_read_real,
     .offset = FIELD(weight_decay),
     .max = 1000000},
    {.name = "label_smoothing",
     .synonyms = "ls smoothing smooth",
     .read = hf_read_real,
     .offset = FIELD(label_smoothing),
     .max = 900000},
    {.name = "validation",
     .synonyms = "val valid val_split validation_split validation_share",
     .read = hf_read_real,
     .offset = FIELD(validation_share),
     .max = 500000},
    {.name = "augment", .synonyms = "aug augmentation augmentations transforms", .read = read_augment},
    {.name = "class_weights",
     .synonyms = "class_weight balance balanced",
     .read = hf_read_bool,
     .offset = FIELD(class_weights)},
    {.name = "quantize",
     .synonyms = "quantise quantization quantisation quant qat",
     .read = read_quantize,
     .offset = FIELD(qat_epochs)},
    {.name = "teacher",
     .synonyms = "distill distillation kd",
     .read = hf_read_text,
     .offset = FIELD(teacher_path),
     .min = 1,
     .max = MAX_PATH_LENGTH},
    {.name = "teacher_share",
     .synonyms = "distill_share distillation_share",
     .read = hf_read_real,
     .offset = FIELD(teacher_share),
     .max = 1000000},
    {.name = "temperature",
     .synonyms = "tau t",
     .read = hf_read_real,
     .offset = FIELD(temperature),
     .min = 1000000,
     .max = 100000000},
    {.name = "from",
     .synonyms = "init pretrained transfer finetune",
     .read = hf_read_text,
     .offset = FIELD(from_path),
     .min = 1,
     .max = MAX_PATH_LENGTH},
};

static const hf_spec_training defaults = {.seed = 1,
                                          .batch = DEFAULT_BATCH,
                                          .weight_decay = 0.0001,
                                          .validation_share = 0.05,
                                          .teacher_share = 0.5,
                                          .temperature = 4};

/* @param out set before: what the keys that are not there stand for */
static void read_recipe(hf_reader *r, const hf_yaml_node *value, bool has_data, hf_spec_training *out)
{
    hf_field item_fields[COUNT_OF(fields)];
    memcpy(item_fields, fields, sizeof fields);
    item_fields[0].required = !has_data;
    hf_read_fields(r, "train", value, item_fields, COUNT_OF(fields), out);
    if (value->kind != HF_NODE_MAP)
        return;
    if (!out->epochs && !out->budget_ms)
        out->epochs = DEFAULT_EPOCHS;
    out->has_learning_rate |= hf_map_get(value, "learning_rate") != NULL;
    if (!out->has_learning_rate) /* with the usual rate, small batches can leave a narrow network without gradients */
        out->learning_rate = DEFAULT_RATE * fmin(1, sqrt((double)out->batch / DEFAULT_BATCH));
    if (!out->models_dir)
        out->models_dir = hf_pool_path(r->pool, r->file, "trained");
    const hf_yaml_node *test = hf_map_get(value, "test");
    if (test && test->kind == HF_NODE_SCALAR && out->test_name)
        out->test_path = hf_spec_file_path(r, "test", value, test->text);
    out->line = value->key ? value->key->line : value->line;
    out->column = value->key ? value->key->column : value->column;
}

void hf_read_training(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    (void)field;
    hf_spec_training training = defaults;
    read_recipe(r, value, false, &training);
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

/* What an item's own `train` says: its keys take the place of those of the section. @return NULL = it is not trained */
static const hf_spec_training *recipe_of_item(hf_reader *r, const hf_yaml_node *item)
{
    const hf_spec_training *section = &hf_spec_owner_of(r)->spec.training;
    const hf_yaml_node *value = item && item->kind == HF_NODE_MAP ? hf_map_get(item, "train") : NULL;
    bool is_trained = true;
    if (!value)
        return section->data_path ? section : NULL;
    if (value->kind == HF_NODE_SCALAR) {
        const hf_field field = {.name = "train"};
        hf_read_bool(r, &field, value, &is_trained);
        if (is_trained && !section->data_path)
            HF_READER_ERROR(r, value,
                            "train: expected a mapping with \"data\", as the spec has no section \"train\"");
        return is_trained && section->data_path ? section : NULL;
    }
    hf_spec_training *own = hf_pool_alloc(r->pool, sizeof *own);
    if (!own)
        return NULL;
    *own = section->data_path ? *section : defaults;
    read_recipe(r, value, section->data_path != NULL, own);
    return own->data_path && own->models_dir ? own : NULL;
}

/* Gives a variation the file that its recipe makes, and the test set. */
static void bind_recipe(hf_reader *r, hf_spec_variation *v, const hf_spec_training *recipe)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s.tflite", recipe->models_dir, v->name) >= (int)sizeof path)
        return;
    v->training = recipe;
    v->weights_name = hf_pool_copy(r->pool, path, strlen(path));
    v->weights_path = v->weights_name ? in_tree(r, v->weights_name) : NULL;
    if (v->data_path || !isnan(v->accuracy_percent))
        return;
    v->data_path = recipe->test_path;
    v->data_name = recipe->test_name;
    v->pixels = recipe->pixels;
}

void hf_spec_bind_trained(hf_reader *r, const hf_yaml_node *models)
{
    hf_spec *spec = &hf_spec_owner_of(r)->spec;
    const hf_yaml_node *item = models && models->kind == HF_NODE_LIST ? models->first : NULL;
    uint32_t index = 0, first = 0;
    for (; item; item = item->next, index++) {
        const uint32_t begin = first;
        while (first < spec->variation_count && spec->variations[first].item == index)
            first++;
        const hf_spec_training *recipe = recipe_of_item(r, item);
        for (uint32_t i = begin; recipe && i < first; i++)
            if (spec->variations[i].kind == HF_SPEC_FAMILY && !spec->variations[i].weights_path)
                bind_recipe(r, &spec->variations[i], recipe);
    }
    hf_spec_bind_teachers(r);
}
