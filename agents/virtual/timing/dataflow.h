/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_DATAFLOW_H
#define VB_TIMING_DATAFLOW_H

#include "instruction.h"

/**
 * @file dataflow.h
 * How an instruction computes its destination, for the instructions that compilers use to compute addresses.
 */

/** Sets flow, rd, rn, rm, rm_shift, immediate and is_signed of `out`; others stay VB_FLOW_OPAQUE.
 * @param decoded data processing, with details */
void vb_dataflow_classify(const cs_insn *decoded, vb_instruction *out);

#endif
