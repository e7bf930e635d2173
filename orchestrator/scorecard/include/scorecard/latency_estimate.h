/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_LATENCY_ESTIMATE_H
#define HF_SCORECARD_LATENCY_ESTIMATE_H

#include "chips/chips.h"
#include "graph/graph.h"

/**
 * @file latency_estimate.h
 * Estimates the cycles of an operator: a weighted sum of what it has to do. The coefficients of each chip and class of
 * operators are fitted to measurements (orchestrator/scorecard/LATENCY.md), so far of virtual boards.
 */

/** Classes of operators that the engine executes with the same code. */
#define HF_COST_CLASS_MAP(X)                                                                                 \
    X(POINTWISE, "pointwise") /* 1x1 convolution, one group */                                               \
    X(CONV, "convolution")    /* any other kernel, one group */                                              \
    X(GROUPED, "grouped")     /* convolution of several groups */                                            \
    X(DEPTHWISE, "depthwise") /* up to 3x3 */                                                                \
    X(DEPTHWISE_LARGE, "large depthwise")                                                                    \
    X(DENSE, "dense")                                                                                        \
    X(AVERAGE_POOL, "average_pool")                                                                          \
    X(MAX_POOL, "max_pool")                                                                                  \
    X(MEAN, "mean")                                                                                          \
    X(ADD, "add")                                                                                            \
    X(MUL, "mul")                                                                                            \
    X(COPY, "copy") /* concat, slice, pad */                                                                 \
    X(SHUFFLE, "shuffle")                                                                                    \
    X(TABLE, "table") /* hard-swish, relu, a constant added or multiplied */                                 \
    X(SOFTMAX, "softmax")

typedef enum hf_cost_class {
#define HF_COST_CLASS_ENUM(name, text) HF_COST_##name,
    HF_COST_CLASS_MAP(HF_COST_CLASS_ENUM)
#undef HF_COST_CLASS_ENUM
        HF_COST_CLASS_COUNT,
    HF_COST_FREE = HF_COST_CLASS_COUNT /**< nothing is executed: reshape, folded into the next operator */
} hf_cost_class;

/** "pointwise"; static. */
const char *hf_cost_class_name(hf_cost_class cost_class);

/** The terms of an operator's time; coefficients are cycles per unit of a term. */
enum {
    HF_COST_FIXED,      /**< constant per operator */
    HF_COST_WORK,       /**< multiply-accumulates, or window values of a pool */
    HF_COST_WINDOWS,    /**< values copied into windows: output positions x values of a window */
    HF_COST_OUTPUTS,    /**< output values */
    HF_COST_PARAMETERS, /**< bytes of parameters, which are read from flash */
    HF_COST_ROWS,       /**< output rows x channels */
    HF_COST_LEFT_OVER,  /**< part of the work on channels that do not fill a group of four, which kernels
                           process one by one */
    HF_COST_TERMS
};

/** The class of a node and its terms. */
hf_cost_class hf_cost_terms(const hf_graph *graph, const hf_node *node, double terms[HF_COST_TERMS]);

/** Whether a chip has coefficients. */
bool hf_cost_knows(const hf_chip *chip);
/** Estimated cycles of a node on a chip; 0 for nodes that cost nothing, and for chips without coefficients. */
double hf_cost_cycles(const hf_chip *chip, const hf_graph *graph, const hf_node *node);

/** One chip's coefficients, cycles per unit of each term. */
typedef struct hf_cost_table {
    const char *chip;
    double cycles[HF_COST_CLASS_COUNT][HF_COST_TERMS];
} hf_cost_table;

/** Fitted, see LATENCY.md; ends with a NULL chip. */
extern const hf_cost_table hf_cost_tables[];

#endif
