/* SPDX-License-Identifier: Apache-2.0 */
/* What makes facts of one search worthless for another. Goals, budgets and the search space may change in the middle of one. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "datasets/dataset.h"
#include "state.h"

#define JOURNAL_VERSION 2

/* Content counts, not where it is: the search goes on from another working directory, too. What cannot be read has its path. */
static json_t *data_json(const char *path)
{
    char digest[HF_SHA256_HEX_SIZE];
    if (!path)
        return json_null();
    return json_string(hf_dataset_digest(path, digest, NULL) == HF_OK ? digest : path);
}

static json_t *file_json(const char *path)
{
    char digest[HF_SHA256_HEX_SIZE];
    uint64_t size = 0;
    if (!path)
        return json_null();
    return json_string(hf_sha256_file(path, digest, &size, NULL) == HF_OK ? digest : path);
}

char *hf_search_identity(const hf_optimize_options *options)
{
    const hf_spec *spec = options->spec;
    const hf_spec_training *t = &spec->training;
    if (spec->variation_count && spec->variations[0].training) /* with the paths of what it learns from */
        t = spec->variations[0].training;
    json_t *chips = json_array();
    for (uint32_t i = 0; i < options->selection->chip_count; i++)
        json_array_append_new(chips, json_string(options->selection->chips[i]->name));
    char *recipe = hf_training_recipe_text(t);
    json_t *training =
        json_pack("{s:o, s:o, s:s?, s:o, s:o, s:s?}", "data", data_json(t->data_path), "test",
                  data_json(t->test_path), "pixels", t->pixels, "teacher", file_json(t->teacher_path), "from",
                  file_json(t->from_path), "recipe", recipe);
    free(recipe);
    json_t *all =
        json_pack("{s:i, s:o, s:o, s:i, s:I, s:I}", "journal", JOURNAL_VERSION, "chips", chips, "training",
                  training, "objective", (int)options->objective, "ram",
                  (json_int_t)spec->constraints.ram_bytes, "rom", (json_int_t)spec->constraints.rom_bytes);
    char *text = all ? json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(all);
    return text;
}
