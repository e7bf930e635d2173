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
#define HF_IMAGE_OP_COMMON_MAP(X)                                                                                \
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
#define HF_IMAGE_OP_RARE_MAP(X)                                                                                  \
    X(BINARY,       12, "binary",           binary,       binary,  binary,   sizeof(hf_binary_data),  binary,    \
      HF_TRAIT_PAIR | HF_TRAIT_ACTIVATION)                                                                       \
    X(BINARY_CONST, 13, "binary_const",     binary_const, binary,  operand,  sizeof(hf_binary_data),  values,    \
      HF_TRAIT_ACTIVATION)                                                                                       \
    X(MOVE,         14, "move",             move,         move,    move,     sizeof(hf_move_data),    apart,     \
      HF_TRAIT_SAME_QUANT)                                                                                       \
    X(TAKE,         15, "take",             take,         take,    take,     0,                       apart,     \
      HF_TRAIT_SAME_QUANT)                                                                                       \
    X(REDUCE,       16, "reduce",           reduce,       reduce,  reduce,   sizeof(hf_reduce_data),  apart, 0)  \
    X(RESIZE,       17, "resize_bilinear",  resize,       take,    resize,   sizeof(hf_resize_data),  apart,     \
      HF_TRAIT_SAME_QUANT)                                                                                       \
    X(LSTM,         18, "lstm",             lstm,         lstm,    lstm,     sizeof(hf_lstm_data),    apart,     \
      HF_TRAIT_PAIR)                                                                                             \
    X(SVDF,         19, "svdf",             svdf,         svdf,    svdf,     sizeof(hf_svdf_data),    apart,     \
      HF_TRAIT_PAIR)                                                                                             \
    X(LOG_SOFTMAX,  20, "log_softmax",      log_softmax,  packed,  log_softmax, sizeof(hf_log_softmax_data), values, 0) \
    X(ARG,          21, "arg_max",          arg,          arg,     arg,      sizeof(hf_arg_data),     apart, 0)  \
    X(CONV_GENERAL, 22, "conv2d_general",   general,      general, general,  sizeof(hf_general_data), apart, 0)  \
    X(BINARY16,     23, "binary16",         binary16,     binary16, binary16, sizeof(hf_binary16_data), binary,  \
      HF_TRAIT_PAIR)                                                                                             \
    X(BINARY16_CONST, 24, "binary16_const", binary16_const, binary16, operand16, sizeof(hf_binary16_data), values, 0) \
    X(FUNCTION16,   25, "function16",       function16,   function16, function16, sizeof(hf_function16_data), convert, 0) \
    X(POOL16,       26, "pool16",           pool16,       pool16,  pool16,   sizeof(hf_pool16_data),  apart, 0)  \
    X(SOFTMAX16,    27, "softmax16",        softmax16,    packed,  softmax16, sizeof(hf_softmax16_data), values, 0) \
    X(REDUCE16,     28, "reduce16",         reduce16,     reduce,  reduce16, sizeof(hf_reduce_data),  apart, 0)
/* clang-format on */

/* Operators of the second map are rare. The smaller build of the engine does not have them. */
#if defined(HF_ENGINE_SMALL)
#define HF_IMAGE_OP_MAP(X) HF_IMAGE_OP_COMMON_MAP(X)
#else
#define HF_IMAGE_OP_MAP(X) HF_IMAGE_OP_COMMON_MAP(X) HF_IMAGE_OP_RARE_MAP(X)
#endif
#define HF_IMAGE_OP_FIRST_RARE 12

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
    int32_t left_shift; /**< 0 .. 31 */
    int32_t diff_min;   /**< differences below it count as probability 0; <= 0 */
} hf_softmax_data;

#define HF_SOFTMAX_INTEGER_BITS 5
#define HF_SOFTMAX_MAX_CHANNELS 4095 /* the sum of exponentials has 12 integer bits */

/* Functions of a binary and of a binary_const. */
enum {
    HF_BINARY_KIND_ADD,
    HF_BINARY_KIND_SUB,
    HF_BINARY_KIND_MUL,
    HF_BINARY_KIND_MAXIMUM,
    HF_BINARY_KIND_MINIMUM,
    HF_BINARY_KIND_DIV,
    HF_BINARY_KIND_SQUARED_DIFFERENCE,
    HF_BINARY_KIND_PRELU,
    HF_BINARY_KIND_COUNT
};

/** Data of a binary and, before the constant operand, of a binary_const. */
typedef struct hf_binary_data {
    int32_t multiplier[3]; /**< left operand, right operand, output */
    int32_t shift[3];      /**< -31 .. 14: positive = left */
    uint8_t function;      /**< HF_BINARY_KIND_* */
    uint8_t reversed;      /**< the record's second operand is the function's left one */
    uint8_t unused[2];
} hf_binary_data;

#define HF_SQUARE_LEFT_SHIFT 7

/* Dimensions along which a second operand has size 1 and is repeated: bits of the record's parts - 1. */
#define HF_REPEAT_HEIGHT   1U
#define HF_REPEAT_WIDTH    2U
#define HF_REPEAT_CHANNELS 4U

/** Data of a move: output value (i, j, k, l), counted by rows, is input value i * step[0] + j * step[1] + ... */
typedef struct hf_move_data {
    uint32_t count[4]; /**< their product is the number of values */
    uint32_t step[4];
} hf_move_data;

/* Functions of a reduce. */
enum { HF_REDUCE_KIND_SUM, HF_REDUCE_KIND_MAXIMUM, HF_REDUCE_KIND_MINIMUM, HF_REDUCE_KIND_COUNT };

/** Data of a reduce: a sum is rescaled as a mean's. */
typedef struct hf_reduce_data {
    int32_t multiplier; /**< >= 0 */
    int32_t shift;      /**< -31 .. 30, positive = left */
    uint32_t function;  /**< HF_REDUCE_KIND_* */
} hf_reduce_data;

/** Data of a resize_bilinear: the position of output row y is y * step[0] + first[0], in units of 2^-10; the same
 * for columns. */
typedef struct hf_resize_data {
    int32_t step[2];
    int32_t first[2];
} hf_resize_data;

#define HF_RESIZE_BITS 10

/* The gates of an lstm, in the order of its data. */
enum { HF_LSTM_KIND_INPUT, HF_LSTM_KIND_FORGET, HF_LSTM_KIND_CELL, HF_LSTM_KIND_OUTPUT, HF_LSTM_KINDS };

typedef struct hf_lstm_factor {
    int32_t multiplier; /**< >= 0 */
    int32_t shift;      /**< -31 .. 14, of the sums of 16-bit values -31 .. 7; positive = left */
} hf_lstm_factor;

/** Data of an lstm, before biases and weights. */
typedef struct hf_lstm_data {
    hf_lstm_factor gate[HF_LSTM_KINDS][2]; /**< of the sums over inputs and over the hidden state */
    hf_lstm_factor forget, update,
        output; /**< of products: forget gate x cell, input gate x cell gate, output gate
                                              x tanh */
    int32_t tanh_multiplier, tanh_shift; /**< of the cell state: 0 .. 3 * 2^12; 0 .. 15 to the right */
    int32_t clip;                        /**< of the cell state; 0: none */
} hf_lstm_data;

/** Data of an svdf, before offsets [filters] (the input's zero point folded in), biases [units], time weights
 * [filters][memory], 16 bits each, and weights [filters][inputs], 8 bits each. */
typedef struct hf_svdf_data {
    int32_t multiplier[2]; /**< of the sums over inputs and over time, >= 0 */
    int32_t shift[2];      /**< -31 .. 30, positive = left */
    int32_t state_min, state_max;
} hf_svdf_data;

/** Data of a log_softmax. */
typedef struct hf_log_softmax_data {
    hf_softmax_data exponent;
    int32_t back_multiplier, back_shift; /**< from fixed point to differences of inputs; >= 0; -31 .. 0 */
} hf_log_softmax_data;

/** Data of an arg_max. */
typedef struct hf_arg_data {
    uint32_t smallest; /**< 1: of the smallest value */
} hf_arg_data;

/* Forms of a conv2d_general, bits of the record's tile. */
#define HF_GENERAL_16_BITS 1U /**< values of 16 bits, else 8 */
#define HF_GENERAL_DEPTHWISE                                                                                 \
    2U /**< each output channel reads one input channel; else the record has groups */
#define HF_GENERAL_TRANSPOSED 4U
#define HF_GENERAL_LONG       8U /**< accumulators of 64 bits */

/** Data of a conv2d_general, before channels and weights [outputs][kernel height][kernel width][inputs / groups]. */
typedef struct hf_general_data {
    int32_t min, max; /**< of the output */
    int32_t weight_zero_point;
} hf_general_data;

/** Parameters of an output channel of a conv2d_general. */
typedef struct hf_general_channel {
    uint32_t bias_low; /**< the bias as two halves, for alignment */
    int32_t bias_high;
    int32_t multiplier; /**< >= 0 */
    int32_t shift;      /**< -31 .. 30, of long sums -31 .. 7; positive = left */
} hf_general_channel;

/** Data of a binary16 and, before the constant operand, of a binary16_const. */
typedef struct hf_binary16_data {
    int32_t multiplier[3]; /**< left operand, right operand, output; >= 0 */
    int32_t shift[3];      /**< -31 .. 0 */
    int32_t min, max;
    uint8_t function;   /**< HF_BINARY_KIND_*, but not div or prelu */
    uint8_t reversed;   /**< the record's second operand is the function's left one */
    uint8_t left_shift; /**< of both operands of a sum, 0 .. 15 */
    uint8_t unused;
} hf_binary16_data;

/* Functions of a function16. */
enum {
    HF_FUNCTION16_KIND_RESCALE,
    HF_FUNCTION16_KIND_LEAKY_RELU,
    HF_FUNCTION16_KIND_LOGISTIC,
    HF_FUNCTION16_KIND_TANH,
    HF_FUNCTION16_KIND_COUNT
};

/** Data of a function16. */
typedef struct hf_function16_data {
    int32_t multiplier[2]; /**< for values below zero, and others; a sigmoid's steps: the first, 0 .. 32767 */
    int32_t shift[2];      /**< -31 .. 14, positive = left; a sigmoid's: 0 .. 30 to the right */
    int32_t min, max;
    uint8_t function; /**< HF_FUNCTION16_KIND_* */
    uint8_t unused[3];
} hf_function16_data;

/** What a pool16 computes: of 16-bit values, or of bytes the average that rounds halves up. */
enum { HF_POOL16_AVERAGE, HF_POOL16_LARGEST, HF_POOL16_AVERAGE_OF_BYTES, HF_POOL16_KINDS };

/** Data of a pool16. */
typedef struct hf_pool16_data {
    int32_t min, max;
    uint32_t kind; /**< HF_POOL16_* */
} hf_pool16_data;

#define HF_SOFTMAX16_ENTRIES 513 /* of a table of 512 linear pieces */

/** Data of a softmax16. */
typedef struct hf_softmax16_data {
    int32_t multiplier,
        shift; /**< of differences, to steps of 10 / 65535; >= 0; -31 .. 14, positive = left */
    int16_t exponential[HF_SOFTMAX16_ENTRIES]; /**< of -10 .. 0 */
    int16_t reciprocal[HF_SOFTMAX16_ENTRIES];  /**< 1 / (1 + x), x = 0 .. 1 */
} hf_softmax16_data;

#endif
