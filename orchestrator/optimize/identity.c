/* SPDX-License-Identifier: Apache-2.0 */
/* What makes facts of one search worthless for another. Goals, budgets and the search space may change in the middle of one. */
#include <jansson.h>

#include "state.h"

char *hf_search_identity(const hf_optimize_options *options)
{
    const hf_spec *spec = options->spec;
    const hf_spec_training *t = &spec->training;
    const hf_spec_optimization *o = &spec->optimization;
    json_t *chips = json_array();
    for (uint32_t i = 0; i < options->selection->chip_count; i++)
        json_array_append_new(chips, json_string(options->selection->chips[i]->name));
    json_t *training = json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:i, s:f, s:i, s:f, s:f, s:f, s:b, s:i, s:b, s:i}", "data",
        t->data_path ? t->data_path : "", "test", t->test_path ? t->test_path : "", "pixels",
        t->pixels ? t->pixels : "", "epochs", (int)t->epochs, "seed", (int)t->seed, "batch", (int)t->batch,
        "learning_rate", t->learning_rate, "schedule", (int)t->schedule, "weight_decay", t->weight_decay,
        "label_smoothing", t->label_smoothing, "validation", t->validation_share, "flip", (int)t->flip,
        "crop", (int)t->crop, "class_weights", (int)t->class_weights, "qat", (int)t->qat_epochs);
    json_t *all = json_pack("{s:o, s:o, s:i, s:i, s:i, s:I, s:I}", "chips", chips, "training", training,
                            "first_rung", (int)o->first_rung_epochs, "growth", (int)o->growth, "objective",
                            (int)options->objective, "ram", (json_int_t)spec->constraints.ram_bytes, "rom",
                            (json_int_t)spec->constraints.rom_bytes);
    char *text = all ? json_dumps(all, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(all);
    return text;
}
