/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RANDOM_VALUES16_H
#define RANDOM_VALUES16_H

#include "random_graph.h"

/* Graphs of one operator that has a state, 16-bit values or weights with a zero point. */

/** Whether random_values16() makes graphs of an operator. */
bool random_values16_makes(hf_op op);
/** A graph of one such operator, complete. */
hf_graph *random_values16(random_source *r, hf_op op, random_kind kind);

#endif
