/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_PEERS_H
#define ENGINE_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/** Cost of a model on an engine; 0 if not known or, for goals, if there is none. */
typedef struct engine_figures {
    uint64_t instructions; /**< executed in an inference on a Cortex-M4F, predicated-false ones included */
    uint64_t arena_bytes;  /**< activations and scratch memory */
} engine_figures;

#define ENGINE_PEERS 3

/** A measured model: the cost on other engines and the goals of this engine. */
typedef struct engine_model {
    const char *name; /**< its graph's */
    engine_figures peers[ENGINE_PEERS];
    engine_figures goal, stretch;
    uint32_t over_goal_percent; /**< image over weights and biases */
} engine_model;

/** @return NULL for a model without known figures or goals */
const engine_model *engine_model_find(const char *name);

/** The fewest instructions that a peer executes; 0 if none is known. */
uint64_t engine_model_fewest_instructions(const engine_model *model);

typedef struct engine_measured {
    const engine_model *model; /**< one with peers */
    int64_t macs;
    engine_figures figures;
} engine_measured;

/**
 * The table with the peers' columns.
 * @param engine_bytes   code and constants of this engine, all operators
 * @param firmware_bytes the same together with the bench firmware
 */
void engine_peers_render(const engine_measured *measured, size_t count, uint64_t engine_bytes,
                         uint64_t firmware_bytes, hf_buffer *out);

#endif
