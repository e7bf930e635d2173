/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_ORDER_H
#define HF_COMPILE_ORDER_H

#include "lower.h"

/**
 * Where the graph branches, operators could be executed in another order: takes one whose peak of live bytes
 * is small, found by moving runs of operators as long as that helps. Deterministic.
 */
hf_status hf_order(hf_lowered *lowered, hf_error *err);

#endif
