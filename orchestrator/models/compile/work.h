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
    const hf_node *node;  /**< whose output it computes */
    const uint8_t *data;  /**< the record's, in the image; NULL if there is no image yet */
    uint32_t in_rows;     /**< rows that its input buffer holds */
    uint32_t calls;       /**< of its kernel: 1, or in a chain one for each output row */
    uint32_t rows;        /**< output rows of a call */
    uint64_t chain_bytes; /**< in flash, that its chain reads for a row; 0 if it is in none */
    bool is_relu;         /**< output values begin at the zero point, -128: rounding is simpler */
} hf_work_case;

/** @param terms zeroed */
void hf_work_conv(const hf_work_case *c, hf_op_work *out);
void hf_work_depthwise(const hf_work_case *c, hf_op_work *out);
/** Of pad, and of all operators that have no other function here. */
void hf_work_rare(const hf_work_case *c, hf_op_work *out);

/** value / of, without the rest. */
static inline uint32_t hf_work_whole(uint32_t value, uint32_t of)
{
    return value / of;
}
/** Taps of all outputs of a line that lie inside its `inputs`. @param transposed of a transposed convolution */
double hf_work_taps_inside(uint32_t outputs, uint32_t stride, uint32_t pad_before, uint32_t kernel,
                           uint32_t inputs, bool transposed);
/** How much, 0 .. 1, of so many bytes in flash a Cortex-M7's data cache has lost when they are read again from the first on. */
double hf_work_lost(uint64_t bytes);
/** Cycles, of a Cortex-M4, that loads or stores of words lose on average at addresses `offset` + i * `step` off word
 * boundaries. */
double hf_work_misaligned(uint32_t offset, uint32_t step);

/** Of operators whose records are complete. */
hf_status hf_work_of(const hf_graph *graph, const hf_lowered *lowered, hf_work *out, hf_error *err);

#endif
