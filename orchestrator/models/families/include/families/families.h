/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FAMILIES_FAMILIES_H
#define HF_FAMILIES_FAMILIES_H

#include "graph/graph.h"

/**
 * @file families.h
 * Model families, their scaling factors, and names in the paper's convention:
 * <family>_<alpha>_<resolution>_c<channels>_o<classes>[_<variation>].
 */

/** Scaling factors. Optional ones that are not set take the family's default when the graph is built. */
typedef enum hf_factor {
    HF_FACTOR_ALPHA,      /**< width multiplier */
    HF_FACTOR_RESOLUTION, /**< input height and width */
    HF_FACTOR_CHANNELS,   /**< input channels, 1 or 3 */
    HF_FACTOR_CLASSES,    /**< output classes */
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

/** Classifier heads. Names end in ".GAP", ".MV1" or ".MV3" unless the head is the family's default. */
typedef enum hf_head {
    HF_HEAD_DEFAULT, /**< the family's default; never part of a name */
    HF_HEAD_GAP,     /**< conv 1x1 with bias to the classes, global average pool, softmax */
    HF_HEAD_MV1,     /**< global average pool, dense with bias, softmax */
    HF_HEAD_MV3,     /**< global average pool, conv 1x1 to `l` and to the classes without bias, softmax */
    HF_HEAD_COUNT
} hf_head;

/** The head's code in names: "GAP", "MV1" or "MV3"; "" for HF_HEAD_DEFAULT. */
const char *hf_head_name(hf_head head);

/** A model of a family: its factors and classifier head. */
typedef struct hf_variation {
    const char *family; /**< name of the family, a static string */
    double factors[HF_FACTOR_COUNT];
    uint32_t set; /**< bit per factor that is set explicitly; the first four always are */
    hf_head head;
} hf_variation;

/** The values that a family permits for a factor. */
typedef struct hf_factor_range {
    double min, max;
    hf_factor factor;
    bool integer;
    bool optional;        /**< need not be in a name */
    const double *values; /**< permitted values in ascending order; NULL = all from min to max */
    uint32_t value_count;
} hf_factor_range;

/** A model family. */
typedef struct hf_family {
    const char *name;
    const hf_factor_range *ranges;
    uint32_t range_count;
    /** Builds the graph, without weights, with the defaults of optional factors that are not set.
     * @param name of the graph
     * @param out receives the graph, to be freed with hf_graph_free() */
    hf_status (*build)(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err);
    hf_head default_head;
    uint32_t heads; /**< bit per hf_head that it can have, including the default */
} hf_family;

/** @return the family, NULL if there is none of that name or the name is NULL */
const hf_family *hf_family_find(const char *name);
/** @return the i-th family, NULL past the last */
const hf_family *hf_family_at(uint32_t index);

#define HF_VARIATION_NAME_SIZE 96
/** Parses a name in the paper's convention and checks the variation. Errors name the wrong part and what was
 * expected: HF_EINVALID. */
hf_status hf_variation_parse(const char *name, hf_variation *out, hf_error *err);
/** Writes the canonical name of a valid variation. @param name HF_VARIATION_NAME_SIZE bytes */
hf_status hf_variation_name(const hf_variation *variation, char *name, hf_error *err);
/** Checks that the family has the head and permits the value of each factor. @return HF_EINVALID if not */
hf_status hf_variation_check(const hf_variation *variation, hf_error *err);
/** Checks a variation and builds its graph, without weights. @param out to be freed with hf_graph_free() */
hf_status hf_variation_build(const hf_variation *variation, hf_graph **out, hf_error *err);

#endif
