/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_FORMAT_H
#define HF_ENGINE_FORMAT_H

#include <stdint.h>

#include "engine/operators.h"

/**
 * @file format.h
 * The bytes of a model image, for the compiler that writes it and the engine that executes it in place.
 * FORMAT.md explains them. Little-endian, like every processor this runs on.
 */

#define HF_IMAGE_MAGIC     0x4D494648U /* "HFIM" */
#define HF_IMAGE_VERSION   5U
#define HF_IMAGE_ALIGNMENT 4U /* of the image, of every data block, of scratch space */
/** The CRC covers everything from this offset on. */
#define HF_IMAGE_CRC_START 16U

/** Operators an image can hold: the rows of operators.h. */
typedef enum hf_image_op {
#define HF_IMAGE_OP_ENUM(name, number, ...) HF_IMAGE_OP_##name = (number),
    HF_IMAGE_OP_MAP(HF_IMAGE_OP_ENUM)
#undef HF_IMAGE_OP_ENUM
        HF_IMAGE_OP_COUNT
} hf_image_op;

/** How the parameters of an operator are stored: of those with weights and of mul. */
typedef enum hf_image_params {
    HF_PARAMS_COMPACT = 0, /**< hf_channel_compact, weights packed for the fast kernels */
    HF_PARAMS_WIDE = 1,    /**< hf_channel_wide: any int32 bias, any multiplier and shift */
} hf_image_params;

typedef struct hf_image_header {
    uint32_t magic;
    uint32_t version;
    uint32_t total_bytes; /**< header, records and data */
    uint32_t crc32;       /**< CRC-32/ISO-HDLC of bytes HF_IMAGE_CRC_START .. total_bytes - 1 */
    uint32_t op_count;
    uint32_t arena_bytes;
    uint32_t input_offset, input_bytes;   /**< in the arena */
    uint32_t output_offset, output_bytes; /**< in the arena */
} hf_image_header;

/**
 * One operator. Tensors are [H,W,C], C fastest, possibly spread out: position (y, x) of the input begins
 * (y * in_width + x) * in_step bytes behind the input's offset, and so for the output. Fields that an
 * operator does not use are 0; sizes, strides and steps of channels 1.
 */
typedef struct hf_op_record {
    uint8_t op;        /**< hf_image_op */
    uint8_t params;    /**< hf_image_params */
    uint8_t ring_rows; /**< 0: the output is a whole tensor. Otherwise the buffer holds this many rows, row y
                          at y % ring_rows, and the next operator takes them as they are made (a chain) */
    uint8_t parts;     /**< >= 1: groups of conv2d, parts of copy; mul: 2 if the second input is a gate of
                            1 x 1 x C; binary, binary_const: 1 + HF_REPEAT_*; others 1 */
    int8_t activation_min, activation_max;
    int8_t input_zero_point;
    union {
        int8_t second_zero_point; /**< add, mul, binary, binary_const: of the second input */
        uint8_t tile; /**< conv2d: pairs of positions whose windows are expanded together, with room for a
                         block of weights beside them; 0: one pair, no such room. depthwise: output rows of a
                         band, if more than little scratch space allows */
    };
    int8_t output_zero_point;
    uint8_t channel_step; /**< conv2d, copy: channel i of part g is byte i + g * n of an output position if
                             this is 1 (n channels per part), otherwise byte i * channel_step + g */
    uint16_t in_height, in_width, in_channels;
    uint16_t out_height, out_width, out_channels;
    uint8_t kernel_height, kernel_width;
    uint8_t stride_height, stride_width;
    uint8_t pad_top, pad_left;
    uint16_t in_step;       /**< bytes from one position of the input to the next, >= in_channels */
    uint16_t out_step;      /**< the same for the output; the bytes between belong to other tensors */
    uint32_t input_offset;  /**< in the arena */
    uint32_t output_offset; /**< in the arena */
    uint32_t
        extra_offset; /**< in the arena: scratch space; add, mul, binary: the second input, a whole tensor */
    uint32_t data_offset; /**< in the image: channel parameters, then weights */
} hf_op_record;

/** Operators in one chain, the last one included. */
#define HF_CHAIN_MAX 8

/** Per output channel, when every accumulator provably fits 24 bits and 1 <= right shift <= 23. */
typedef struct hf_channel_compact {
    int32_t multiplier; /**< 2^30 .. 2^31 - 1, or 0 */
    int32_t bias_shift; /**< bias (input offset folded in) * 256 + right shift - 1 */
} hf_channel_compact;

#define HF_COMPACT_SHIFT_MAX 22 /* of the stored value, right shift - 1 */

/** Per output channel, without such limits. */
typedef struct hf_channel_wide {
    int32_t bias;       /**< input offset folded in, modulo 2^32 */
    int32_t multiplier; /**< >= 0 */
    int32_t shift;      /**< -31 .. 30, positive = left */
} hf_channel_wide;

_Static_assert(sizeof(hf_image_header) == 40, "image layout");
_Static_assert(sizeof(hf_op_record) == 48, "image layout");
_Static_assert(sizeof(hf_channel_compact) == 8, "image layout");
_Static_assert(sizeof(hf_channel_wide) == 12, "image layout");

#endif
