/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_WORK_H
#define HF_COMPILE_WORK_H

#include "compile/compile.h"

/**
 * @file work.h
 * What the operators of an image have to do, by the kernels, chains and tiles that the compiler chose: counts of the pieces
 * that a kernel's time consists of. Cycles per piece depend on the chip (scorecard/latency_estimate.h).
 */

/** Kernels whose time has the same pieces, with their names. */
#define HF_KERNEL_MAP(X)                                                                                     \
    X(CONV, "convolution")                                                                                   \
    X(CONV_RGB, "rgb convolution")                                                                           \
    X(CONV_ROWS, "convolution by rows")                                                                      \
    X(CONV_TABLE, "convolution by tables")                                                                   \
    X(DEPTHWISE_SMALL, "depthwise, small map")                                                               \
    X(DEPTHWISE_3X3, "depthwise 3x3")                                                                        \
    X(DEPTHWISE_3X3_ROW, "depthwise 3x3, row of a chain")                                                    \
    X(DEPTHWISE_3X3_WORDS, "depthwise 3x3, stride 2")                                                        \
    X(DEPTHWISE_LINE, "depthwise, one row")                                                                  \
    X(DEPTHWISE_WORDS, "depthwise by words")                                                                 \
    X(DEPTHWISE_SIX, "depthwise by six")                                                                     \
    X(DEPTHWISE_ANY, "depthwise, any")                                                                       \
    X(DENSE, "dense")                                                                                        \
    X(AVERAGE_POOL, "average_pool")                                                                          \
    X(MAX_POOL, "max_pool")                                                                                  \
    X(MEAN, "mean")                                                                                          \
    X(ADD, "add")                                                                                            \
    X(MUL, "mul")                                                                                            \
    X(COPY, "copy")                                                                                          \
    X(TABLE, "table")                                                                                        \
    X(SOFTMAX, "softmax")                                                                                    \
    X(PAD, "pad")                                                                                            \
    X(MOVE, "move")                                                                                          \
    X(TAKE, "take")                                                                                          \
    X(BINARY, "binary")                                                                                      \
    X(REDUCE, "reduce")                                                                                      \
    X(RESIZE, "resize")                                                                                      \
    X(LSTM, "lstm")                                                                                          \
    X(SVDF, "svdf")                                                                                          \
    X(LOG_SOFTMAX, "log_softmax")                                                                            \
    X(ARG, "arg")                                                                                            \
    X(CONV_GENERAL, "general convolution") /* transposed, 16 bits, weights with a zero point */              \
    X(BINARY16, "binary, 16 bits")                                                                           \
    X(FUNCTION16, "function, 16 bits")                                                                       \
    X(POOL16, "pool, 16 bits")                                                                               \
    X(SOFTMAX16, "softmax, 16 bits")                                                                         \
    X(REDUCE16, "reduce, 16 bits")                                                                           \
    X(RARE, "rare") /* operators without terms of their own */

typedef enum hf_kernel {
#define HF_KERNEL_ENUM(name, text) HF_KERNEL_##name,
    HF_KERNEL_MAP(HF_KERNEL_ENUM)
#undef HF_KERNEL_ENUM
        HF_KERNEL_COUNT
} hf_kernel;

/** "convolution"; static. */
const char *hf_kernel_name(hf_kernel kernel);

enum { HF_WORK_TERMS = 32 };

/** An operator. */
typedef struct hf_op_work {
    int32_t node; /**< of the graph, whose output it computes, or part of it */
    hf_kernel kernel;
    double terms[HF_WORK_TERMS]; /**< counts; work_*.c says of what. Unused ones are 0 */
} hf_op_work;

/** In the order of execution. */
typedef struct hf_work {
    hf_op_work *ops; /**< owned */
    uint32_t count;
} hf_work;

/** Of a compiled image. @param out hf_work_free(); written on HF_OK only. Errors: HF_ENOMEM */
hf_status hf_image_work(const hf_graph *graph, const hf_image *image, hf_work *out, hf_error *err);
/**
 * hf_forecast(), and the work of the image that it forecasts. A quick forecast's work is an estimate: a better plan may have
 * other chains and tiles.
 * @param work NULL, or hf_work_free(); written on HF_OK only
 */
hf_status hf_forecast_work(const hf_graph *graph, const hf_compile_options *options, bool quick,
                           hf_image_forecast *out, hf_work *work, hf_error *err);
void hf_work_free(hf_work *work);

#endif
