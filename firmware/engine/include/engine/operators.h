/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_OPERATORS_H
#define HF_ENGINE_OPERATORS_H

#include <stdint.h>

/**
 * @file operators.h
 * The operators of a model image, one row each. Engine, compiler and memory planner get their facts about an
 * operator from its row. FORMAT.md describes its data.
 *
 * X(NAME, number, text, kernel, shape, data, bytes, order, traits)
 * - number: its number in the image
 * - text: its name in reports and wire records
 * - kernel: hf_run_<kernel>(), in the engine
 * - shape: the rule for its sizes and steps, shape_<shape>() in layout.c
 * - data: the kind of its data block. hf_<data>_data_ok() in the engine validates it, hf_pack_<data>() in the
 *   compiler writes it
 * - bytes: of the data block, apart from channel parameters and weights
 * - order: the order in which the kernel reads and writes, for the memory planner: order_<order>() in
 *   compile/overlap.c. compile/replay.c, which checks plans, has its own description of it
 * - traits: HF_TRAIT_*
 */
/* clang-format off */
#define HF_IMAGE_OP_MAP(X)                                                                                       \
    X(CONV2D,        0, "conv2d",           conv,         conv,    channels, 0,                       window,    \
      HF_TRAIT_WEIGHTS | HF_TRAIT_WINDOWS | HF_TRAIT_CHAINS | HF_TRAIT_ACTIVATION | HF_TRAIT_SPREADS)            \
    X(DEPTHWISE,     1, "depthwise_conv2d", depthwise,    windows, channels, 0,                       depthwise, \
      HF_TRAIT_WEIGHTS | HF_TRAIT_WINDOWS | HF_TRAIT_CHAINS | HF_TRAIT_ACTIVATION)                               \
    X(DENSE,         2, "dense",            dense,        dense,   channels, 0,                       apart,     \
      HF_TRAIT_WEIGHTS | HF_TRAIT_ACTIVATION)                                                                    \
    X(AVERAGE_POOL,  3, "average_pool2d",   average_pool, windows, no,       0,                       rows,      \
      HF_TRAIT_WINDOWS | HF_TRAIT_CHAINS | HF_TRAIT_ACTIVATION | HF_TRAIT_SAME_QUANT)                            \
    X(MAX_POOL,      4, "max_pool2d",       max_pool,     windows, no,       0,                       rows,      \
      HF_TRAIT_WINDOWS | HF_TRAIT_CHAINS | HF_TRAIT_ACTIVATION | HF_TRAIT_SAME_QUANT)                            \
    X(ADD,           5, "add",              add,          packed,  add,      sizeof(hf_add_data),     values,    \
      HF_TRAIT_PAIR | HF_TRAIT_CHAINS | HF_TRAIT_ACTIVATION)                                                     \
    X(SOFTMAX,       6, "softmax",          softmax,      packed,  softmax,  sizeof(hf_softmax_data), values, 0) \
    X(MUL,           7, "mul",              mul,          gate,    mul,      0,                       gate,      \
      HF_TRAIT_PAIR | HF_TRAIT_GATE | HF_TRAIT_CHAINS | HF_TRAIT_ACTIVATION)                                     \
    X(COPY,          8, "copy",             copy,         parts,   no,       0,                       copy,      \
      HF_TRAIT_CHAINS | HF_TRAIT_SAME_QUANT | HF_TRAIT_SPREADS)                                                  \
    X(TABLE,         9, "table",            table,        same,    table,    HF_TABLE_BYTES,          forwards,  \
      HF_TRAIT_CHAINS)                                                                                           \
    X(PAD,          10, "pad",              pad,          pad,     no,       0,                       pad,       \
      HF_TRAIT_SAME_QUANT)                                                                                       \
    X(MEAN,         11, "mean",             mean,         mean,    mean,     sizeof(hf_mean_data),    values, 0)
/* clang-format on */

/** Traits, bits of one byte. */
#define HF_TRAIT_WEIGHTS 1U /**< the data block is channel parameters and the operator's own weights */
#define HF_TRAIT_WINDOWS 2U /**< an output position is computed from a window of the input */
#define HF_TRAIT_CHAINS                                                                                      \
    4U                          /**< works row by row, so it may be part of a chain. Without windows an output
                                      row is computed from the same row of the inputs, except a gate */
#define HF_TRAIT_PAIR       8U  /**< reads a second input at extra_offset */
#define HF_TRAIT_GATE       16U /**< the second input may be 1 x 1 x C: `parts` is 2 then */
#define HF_TRAIT_SPREADS    32U /**< may leave space between channels: channel_step above 1 */
#define HF_TRAIT_ACTIVATION 64U /**< may have a fused activation */
#define HF_TRAIT_SAME_QUANT                                                                                  \
    128U /**< does not change values, so input and output have the same quantisation */

/* ---- Data blocks ---- */

/** Data of an add: TensorFlow Lite's scheme with both inputs shifted left by HF_ADD_LEFT_SHIFT first. */
typedef struct hf_add_data {
    int32_t multiplier[3]; /**< first input, second input, output */
    int32_t shift[3];      /**< -31 .. 0: to the right */
} hf_add_data;

#define HF_ADD_LEFT_SHIFT 20

#define HF_TABLE_BYTES 256U /* outputs for 0 .. 127, then for -128 .. -1 */

/** Data of a mean: zero point + (sum over all positions, + bias) * multiplier * 2^(shift - 31). */
typedef struct hf_mean_data {
    int32_t bias;       /**< input offset folded in, modulo 2^32 */
    int32_t multiplier; /**< >= 0 */
    int32_t shift;      /**< -31 .. 30, positive = left */
} hf_mean_data;

/** Data of a softmax. */
typedef struct hf_softmax_data {
    int32_t multiplier; /**< of (input - maximum), to a fixed-point number with 5 integer bits */
    int32_t left_shift; /**< 0 .. 30 */
    int32_t diff_min;   /**< differences below it count as probability 0; <= 0 */
} hf_softmax_data;

#define HF_SOFTMAX_INTEGER_BITS 5
#define HF_SOFTMAX_MAX_CHANNELS 4095 /* the sum of exponentials has 12 integer bits */

#endif
