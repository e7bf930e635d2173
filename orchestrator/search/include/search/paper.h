/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SEARCH_PAPER_H
#define HF_SEARCH_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "families/families.h"

/**
 * @file paper.h
 * The strategy of Brockmann & Schlippe (2024), section 6.5.5, step by step: find a width multiplier at which exactly one limit
 * fails; if peak memory fails, take a smaller one; if model size fails, cut the layers that hold most parameters; then raise the width
 * multiplier as far as the limits allow. A pure function of the search space and of an analysis that the caller provides.
 */

/** What analysis says of a variation. */
typedef struct hf_paper_figures {
    int64_t rom_bytes, ram_bytes, macs, params;
    double shares
        [HF_FACTOR_COUNT]; /**< of all parameters: in layers whose channels or number the factor decides, 0 .. 1 */
} hf_paper_figures;

typedef struct hf_paper_limits {
    int64_t rom_bytes, ram_bytes, macs; /**< 0 = none */
} hf_paper_limits;

typedef struct hf_paper_problem {
    const hf_variation *space; /**< the search space, of any families */
    const char *const *names;
    uint32_t count;
    hf_paper_limits limits;
    bool own_beyond; /**< after the path: what the caller's own sizes allow beyond it */
    void *user;
    /**
     * @param own false: sizes as the limits of the path count them; true: as an engine of the caller's counts them
     */
    hf_status (*analyse)(void *user, uint32_t index, bool own, hf_paper_figures *out, hf_error *err);
} hf_paper_problem;

/** A variation that the strategy looked at. */
typedef struct hf_paper_step {
    uint32_t index; /**< in the space */
    bool own;       /**< by the caller's own sizes */
    bool meets;     /**< all limits */
    bool kept;      /**< a result: the best so far on its branch */
    hf_paper_figures figures;
    char *reason; /**< owned */
} hf_paper_step;

typedef struct hf_paper_path {
    hf_paper_step *steps; /**< owned */
    size_t count;
} hf_paper_path;

/**
 * Follows the strategy for each family of the space, in the order in which they appear.
 * @param out hf_paper_path_free(); written on HF_OK
 */
hf_status hf_paper_follow(const hf_paper_problem *problem, hf_paper_path *out, hf_error *err);
void hf_paper_path_free(hf_paper_path *path);

/**
 * Which factors decide the channels of a layer, or whether it is there.
 * @param layer its name in the graph
 * @param blocks of the network, for MobileNet v1: the number of its last block
 * @return a bit per hf_factor
 */
uint32_t hf_paper_factors_of_layer(const char *family, const char *layer, uint32_t blocks);

#endif
