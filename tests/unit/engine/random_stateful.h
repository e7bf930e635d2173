/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RANDOM_STATEFUL_H
#define RANDOM_STATEFUL_H

#include "random_graph.h"

/* Models with states, which have ports as the .tflite reader makes them. */

/** An operator that keeps a state, HF_OP_LSTM or HF_OP_SVDF. */
hf_graph *random_stateful(random_source *r, hf_op op, random_kind kind);
/** One or two variables of 8 or 16 bits, with and without initial values. What is read is added to the model's input, or is its
 * output. */
hf_graph *random_variables(random_source *r);

/** A model of one operator as a .tflite file has it, with usual numbers. @param op HF_OP_COUNT: random_variables() */
hf_graph *random_model(random_source *r, hf_op op);

#endif
