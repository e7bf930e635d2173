/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_ENGINE_H
#define HF_ENGINE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/format.h"

/**
 * @file engine.h
 * Executes a model image (../../FORMAT.md) in place. No heap, no I/O, no global state; compiles for the
 * target and for the host, and both give the same bytes.
 */

#define HF_ENGINE_STATUS_MAP(X)                                                                              \
    X(OK, 0, "ok")                                                                                           \
    X(NO_IMAGE, 1, "no image (magic not found)")                                                             \
    X(VERSION, 2, "image format version not supported")                                                      \
    X(TRUNCATED, 3, "image longer than the space it is in")                                                  \
    X(CHECKSUM, 4, "image CRC-32 wrong")                                                                     \
    X(STRUCTURE, 5, "image structure invalid")                                                               \
    X(OPERATOR, 6, "operator not supported")                                                                 \
    X(ARENA, 7, "arena too small or misaligned")

typedef enum hf_engine_status {
#define HF_ENGINE_STATUS_ENUM(name, value, text) HF_ENGINE_##name = (value),
    HF_ENGINE_STATUS_MAP(HF_ENGINE_STATUS_ENUM)
#undef HF_ENGINE_STATUS_ENUM
} hf_engine_status;

const char *hf_engine_status_text(hf_engine_status status);

#define HF_ARENA_ALIGNMENT 16U

/** A validated image. Plain data; points into the image, which must stay in place and unchanged. */
typedef struct hf_model {
    const uint8_t *image; /**< 4-byte aligned at least */
    uint32_t image_bytes;
    uint32_t crc32; /**< of the image, as checked */
    uint32_t op_count;
    uint32_t
        arena_bytes; /**< what hf_model_run() needs: all activations and scratch, the input tensor included */
    uint32_t input_offset; /**< of the input tensor in the arena */
    uint32_t input_bytes;
    uint32_t output_offset; /**< of the output tensor in the arena, once a run is over */
    uint32_t output_bytes;
} hf_model;

/**
 * Validates an image completely: magic, version, length, CRC-32, every operator's bounds against image and
 * arena. So hf_model_run() on a validated image cannot leave either, whatever the bytes are.
 * @param image      4-byte aligned
 * @param room_bytes bytes readable at `image`
 * @param model      written only on HF_ENGINE_OK
 */
hf_engine_status hf_model_open(hf_model *model, const void *image, uint32_t room_bytes);

/**
 * The argument of a layer callback. Most operators compute all their rows at once. Operators in a chain compute
 * them one by one, in order, interleaved with each other, with one event per row.
 */
typedef struct hf_layer_event {
    uint32_t index;      /**< operator's position, 0 .. op_count - 1 */
    const char *op_name; /**< static string, as in format.h ("conv2d") */
    const hf_op_record *record;
    const int8_t
        *output; /**< NULL before the layer, then where row first_row begins; valid during the callback */
    uint32_t first_row,
        end_row; /**< output rows computed; end_row == record->out_height: the layer is complete */
} hf_layer_event;

/**
 * CRC-32 of the rows of an event, in [H,W,C] order whatever their layout in memory.
 * @param crc32 0 for the first rows of an operator, then the last call's result
 */
uint32_t hf_layer_crc32(const hf_layer_event *event, uint32_t crc32);

/** Optional callbacks around each layer; either may be NULL. */
typedef struct hf_layer_hooks {
    void (*before)(void *user, const hf_layer_event *event);
    void (*after)(void *user, const hf_layer_event *event);
    void *user;
} hf_layer_hooks;

/**
 * Runs one inference. The caller has put the input tensor (int8, [H,W,C], C fastest) at arena + input_offset;
 * the output tensor is at arena + output_offset afterwards. The input is not preserved.
 * @param arena HF_ARENA_ALIGNMENT-aligned, at least model->arena_bytes
 * @param hooks NULL for none
 */
hf_engine_status hf_model_run(const hf_model *model, void *arena, uint32_t arena_bytes,
                              const hf_layer_hooks *hooks);

#endif
