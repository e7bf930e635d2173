/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_GENERATED_H
#define HF_TEST_GENERATED_H

#include "hf_test.h"

#include "families/families.h"
#include "graph/graph.h"
#include "weights/weights.h"

/** The graph of a variation, with seeded weights; fails the test if it cannot be built. */
static inline hf_graph *generate(const hf_variation *variation, uint32_t seed)
{
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_variation_build(variation, &graph, &err) || hf_weights_generate(graph, seed, &err))
        fail_msg("%s", err.message);
    return graph;
}

/** The same for a variation given by name. */
static inline hf_graph *generate_name(const char *name, uint32_t seed)
{
    hf_variation variation;
    assert_int_equal(hf_variation_parse(name, &variation, NULL), HF_OK);
    return generate(&variation, seed);
}

#endif
