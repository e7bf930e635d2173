/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_ORDER_H
#define HF_COMPILE_ORDER_H

#include "lower.h"

/**
 * @file order.h
 * The order in which operators are executed.
 */

/**
 * Where the graph branches, reorders operators to lower the peak of live bytes: moves runs of operators as
 * long as that helps. Deterministic.
 */
hf_status hf_order(hf_lowered *lowered, hf_error *err);

#endif
