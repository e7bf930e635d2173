/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_CASE_H
#define ENGINE_CASE_H

#include "compile/compile.h"
#include "engine/engine.h"
#include "graph/graph.h"
#include "reference/reference.h"

/** A compiled model with a guarded arena of exactly the size the image asks for. Failures fail the test. */
typedef struct engine_case {
    hf_image image;
    hf_model model;
    uint8_t *arena;   /**< HF_ARENA_ALIGNMENT-aligned, guards around it */
    uint8_t *storage; /**< the allocation that contains the arena */
} engine_case;

void engine_case_open(engine_case *c, const hf_graph *graph);
/** @param image owned by the case from now on */
void engine_case_open_image(engine_case *c, const hf_image *image);
/** Puts the input into the arena, runs, checks the guards. */
void engine_case_run(engine_case *c, const int8_t *input, const hf_layer_hooks *hooks);
const int8_t *engine_case_output(const engine_case *c);
void engine_case_close(engine_case *c);

/** Runs reference and engine on the input and compares every operator's output byte for byte. */
void engine_case_compare(const hf_graph *graph, engine_case *c, const int8_t *input);

/** The output of operator `op` according to the reference. @param size receives its bytes @return owned by the
 * caller */
int8_t *engine_case_expect(const hf_graph *graph, const hf_image *image, const hf_reference *reference,
                           uint32_t op, size_t *size);

#endif
