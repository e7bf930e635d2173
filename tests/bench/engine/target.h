/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_TARGET_H
#define ENGINE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** The engine as built for a Cortex-M4, on an emulated bare core. */
typedef struct engine_target engine_target;

/** @param binary path of the harness's raw binary */
hf_status engine_target_new(const char *binary, engine_target **out, hf_error *err);
void engine_target_free(engine_target *target);

#define ENGINE_TARGET_MAX_LAYERS 256

typedef struct engine_target_layer {
    uint64_t instructions;
    uint8_t *output; /**< owned by the result */
    uint32_t output_bytes;
} engine_target_layer;

typedef struct engine_target_result {
    uint64_t instructions; /**< of the inference, hooks included if there are any */
    uint64_t stack_bytes;  /**< below the caller, written */
    uint32_t layer_count;  /**< 0 without hooks */
    engine_target_layer layers[ENGINE_TARGET_MAX_LAYERS];
    uint8_t *output; /**< owned */
} engine_target_result;

/**
 * One inference from a clean core. Every executed instruction is counted, predicated-false ones included.
 * @param input_offset, output_offset in the arena
 */
typedef struct engine_target_job {
    const uint8_t *image;
    size_t image_bytes;
    uint32_t arena_bytes;
    uint32_t input_offset, input_bytes;
    uint32_t output_offset, output_bytes;
    const int8_t *input;
    int with_hooks;
} engine_target_job;

hf_status engine_target_run(engine_target *target, const engine_target_job *job, engine_target_result *out,
                            hf_error *err);
void engine_target_result_free(engine_target_result *result);

#endif
