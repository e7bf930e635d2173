/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_ORDER_H
#define HF_COMPILE_ORDER_H

#include "lower.h"

/**
 * @file order.h
 * Chooses the order in which operators are executed.
 */

/**
 * Reorders the operators of a branching graph to lower its peak of live bytes: a local search that moves
 * short sequences of operators as long as that helps. Deterministic. Errors: HF_ENOMEM.
 */
hf_status hf_order(hf_lowered *lowered, hf_error *err);

#endif
