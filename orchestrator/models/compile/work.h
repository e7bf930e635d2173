/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_WORK_TERMS_H
#define HF_COMPILE_WORK_TERMS_H

#include "compile/work.h"
#include "engine/format.h"
#include "lower.h"

/**
 * @file work.h
 * How the work of one operator is counted.
 */

/** An operator as the engine executes it. */
typedef struct hf_work_case {
    const hf_op_record *record;
    uint32_t in_rows; /**< rows that its input buffer holds */
    uint32_t calls;   /**< of its kernel: 1, or in a chain one for each output row */
    uint32_t rows;    /**< output rows of a call */
    bool is_relu;     /**< output values begin at the zero point, -128: rounding is simpler */
} hf_work_case;

/** @param terms zeroed */
void hf_work_conv(const hf_work_case *c, hf_op_work *out);
void hf_work_depthwise(const hf_work_case *c, hf_op_work *out);

/** Of operators whose records are complete. */
hf_status hf_work_of(const hf_graph *graph, const hf_lowered *lowered, hf_work *out, hf_error *err);

#endif
