/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SINGLE_OPERATORS_H
#define SINGLE_OPERATORS_H

#include "chips/chips.h"
#include "compile/work.h"

/**
 * @file single_operators.h
 * Operators that few models have, measured alone: random graphs of one operator, on the machine of a virtual board.
 */

/** Whether a kernel is fitted to operators measured alone, perhaps beside those of whole models. */
bool hf_measured_alone(hf_kernel kernel);

typedef void hf_operator_fn(void *user, const hf_op_work *work, double cycles);

/**
 * Measures `count` graphs of each operator whose kernel is measured alone.
 * @param firmware path of the bench firmware's binary for the chip
 * @param seed     of the graphs
 * @param each     called for each operator of such a kernel
 */
void hf_measure_operators(const hf_chip *chip, const char *firmware, uint32_t seed, int count,
                          hf_operator_fn *each, void *user);

#endif
