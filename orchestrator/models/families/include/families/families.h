/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FAMILIES_FAMILIES_H
#define HF_FAMILIES_FAMILIES_H

#include "graph/graph.h"

/**
 * @file families.h
 * Model families, their scaling factors, and names in the paper's convention:
 * <family>_<alpha>_<resolution>_c<channels>_o<classes>[_<variation>].
 */

/** Scaling factors; a factor that the name leaves out has its `set` bit clear and its default value. */
typedef enum hf_factor {
    HF_FACTOR_ALPHA,      /**< width multiplier */
    HF_FACTOR_RESOLUTION, /**< input height and width */
    HF_FACTOR_CHANNELS,   /**< input channels, 1 or 3 */
    HF_FACTOR_CLASSES,
    HF_FACTOR_L,
    HF_FACTOR_LL,
    HF_FACTOR_PL,
    HF_FACTOR_B,
    HF_FACTOR_T,
    HF_FACTOR_SE,
    HF_FACTOR_G,
    HF_FACTOR_F,
    HF_FACTOR_COUNT
} hf_factor;

/** The factor's code in names and specs: "alpha", "resolution", "channels", "classes", "l", "ll", ... */
const char *hf_factor_name(hf_factor factor);

/** Classifier heads, in names a trailing ".GAP", ".MV1" or ".MV3" where it is not the family's own. */
typedef enum hf_head {
    HF_HEAD_DEFAULT, /**< the family's own; never written in a name */
    HF_HEAD_GAP,     /**< conv 1x1 +bias to the classes, whose maps are averaged; softmax */
    HF_HEAD_MV1,     /**< global average pool, dense +bias, softmax */
    HF_HEAD_MV3,     /**< global average pool, conv 1x1 to `l`, conv 1x1 to the classes, no biases; softmax */
    HF_HEAD_COUNT
} hf_head;

/** The head's code in names: "GAP", "MV1", "MV3"; "" for the default. */
const char *hf_head_name(hf_head head);

typedef struct hf_variation {
    const char *family; /**< static string, the family's name */
    double factors[HF_FACTOR_COUNT];
    uint32_t set; /**< bit per factor given explicitly; the first four always are */
    hf_head head;
} hf_variation;

/** What a factor of a family may be. */
typedef struct hf_factor_range {
    double min, max;
    hf_factor factor;
    bool integer;
    bool optional;        /**< may be left out of a name */
    const double *values; /**< the only values there are, ascending, from min to max; NULL = any in between */
    uint32_t value_count;
} hf_factor_range;

typedef struct hf_family {
    const char *name;
    const hf_factor_range *ranges;
    uint32_t range_count;
    /** Fills in defaults of optional factors that are not set, then builds the graph (no weights).
     * @param name of the graph */
    hf_status (*build)(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err);
    hf_head own_head;
    uint32_t heads; /**< bit per hf_head that it can have, its own among them */
} hf_family;

const hf_family *hf_family_find(const char *name);
/** @return the i-th family, NULL past the last */
const hf_family *hf_family_at(uint32_t index);

#define HF_VARIATION_NAME_SIZE 96
/** Parses a name in the paper's convention; errors say which part is wrong and what was expected. */
hf_status hf_variation_parse(const char *name, hf_variation *out, hf_error *err);
/** The canonical name. @param name HF_VARIATION_NAME_SIZE bytes */
hf_status hf_variation_name(const hf_variation *variation, char *name, hf_error *err);
/** Checks every factor against the family's ranges, and the head. */
hf_status hf_variation_check(const hf_variation *variation, hf_error *err);
hf_status hf_variation_build(const hf_variation *variation, hf_graph **out, hf_error *err);

#endif
