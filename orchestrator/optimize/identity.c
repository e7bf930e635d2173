/* SPDX-License-Identifier: Apache-2.0 */
/* What makes facts of one search worthless for another. Goals, budgets and the search space may change in the middle of one. */
#include <jansson.h>
#include <stdlib.h>

#include "state.h"

#define JOURNAL_VERSION 2

char *hf_search_identity(const hf_optimize_options *options)
{
    const hf_spec *spec = options->spec;
    const hf_spec_training *t = &spec->training;
    json_t *chips = json_array();
    for (uint32_t i = 0; i < options->selection->chip_count; i++)
        json_array_append_new(chips, json_string(options->selection->chips[i]->name));
    char *recipe = hf_training_recipe_text(t);
    json_t *training =
        json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "data", t->data_path, "test", t->test_path,
                  "pixels", t->pixels, "teacher", t->teacher_path, "from", t->from_path, "recipe", recipe);
    free(recipe);
    json_t *all =
        json_pack("{s:i, s:o, s:o, s:i, s:I, s:I}", "journal", JOURNAL_VERSION, "chips", chips, "training",
                  training, "objective", (int)options->objective, "ram",
                  (json_int_t)spec->constraints.ram_bytes, "rom", (json_int_t)spec->constraints.rom_bytes);
    char *text = all ? json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(all);
    return text;
}
