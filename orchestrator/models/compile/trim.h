/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_TRIM_H
#define HF_COMPILE_TRIM_H

#include "lower.h"

/**
 * @file trim.h
 * Removes rows that no operator reads.
 */

/**
 * Removes rows at the bottom of a tensor that no window reaches; an unpadded convolution of stride 2 leaves
 * some. The operators are in the graph's order.
 */
hf_status hf_trim(hf_lowered *lowered, hf_error *err);

#endif
