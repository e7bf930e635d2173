/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_SPEC_MODELS_H
#define HF_SPEC_SPEC_MODELS_H

#include "spec_reader.h"

/**
 * @file spec_models.h
 * What the readers of the spec's list of models share. `item` is an item of that list, `index` its number.
 */

/** The spec being read. */
static inline hf_spec_owner *hf_spec_owner_of(const hf_reader *r)
{
    return r->user;
}

/** Appends a variation, whose item and position are filled in. */
void hf_spec_add_variation(hf_reader *r, const hf_yaml_node *item, uint32_t index,
                           const hf_spec_variation *variation);
/** Appends a family's variation if its graph can be built. @return false, with *error set, if it cannot */
bool hf_spec_add_built(hf_reader *r, const hf_yaml_node *item, uint32_t index, const hf_variation *variation,
                       hf_error *error);
/** Reports names that more than one variation has. */
void hf_spec_report_duplicates(hf_reader *r);

/** Files that match a pattern or are in a folder. */
typedef struct hf_spec_matches {
    const char **paths; /**< in the reader's pool, sorted */
    size_t count;
} hf_spec_matches;

/**
 * Finds the .tflite files of a folder, or those that match a pattern with *, ? or [.
 * @return false: `path` is neither; true: matches is set, empty after an error, which is reported
 */
bool hf_spec_match(hf_reader *r, const hf_yaml_node *value, const char *path, hf_spec_matches *matches);

/**
 * The name of a matched file: its own if it can be a variation's. Otherwise what a name cannot have is replaced, and a hash of
 * all of it makes the result unique; it depends on nothing else, so that every run finds the same name.
 * @param text without folder and extension @return in the pool, or text; NULL if memory is short
 */
const char *hf_spec_matched_name(hf_reader *r, const char *text);

/** Gives the variations of an item, from the first on, the file that its `weights` names, if it has that key. */
void hf_spec_bind_weights(hf_reader *r, const hf_yaml_node *item, uint32_t first);

/** Reads an item with `family`: a variation for every combination of its factors' values. */
void hf_spec_read_sweep(hf_reader *r, const hf_yaml_node *item, uint32_t index);

#endif
