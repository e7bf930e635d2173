/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_FIXED_EXP_H
#define HF_GRAPH_FIXED_EXP_H

#include "graph/fixed_point.h"

/**
 * @file fixed_exp.h
 * Exponential, logistic function and hyperbolic tangent of 32-bit fixed-point numbers, as gemmlowp defines them.
 * Qn stands for n integer bits and 31 - n fraction bits.
 */

/** exp(a) in Q0. @param a a Q`integer_bits` value <= 0 @param integer_bits 0 .. 5 */
int32_t hf_exp_of_negative(int32_t a, int32_t integer_bits);
/** 1 / (1 + a) in Q0. @param a a Q0 value >= 0 */
int32_t hf_reciprocal_of_one_plus(int32_t a);
/** 1 / (1 + exp(-a)) in Q0. @param a a Q`integer_bits` value @param integer_bits 0 .. 5 */
int32_t hf_fixed_logistic(int32_t a, int32_t integer_bits);
/** tanh(a) in Q0. @param a a Q`integer_bits` value @param integer_bits 0 .. 4 */
int32_t hf_fixed_tanh(int32_t a, int32_t integer_bits);

/**
 * The part of a reciprocal that the division by a positive integer needs.
 * @param value >= 1
 * @param shift receives s: 1 / value = result * 2^(-31 - s), result a Q0 value of at least 1/2
 */
int32_t hf_reciprocal(int32_t value, int32_t *shift);

#endif
