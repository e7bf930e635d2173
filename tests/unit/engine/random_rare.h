/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RANDOM_RARE_H
#define RANDOM_RARE_H

#include "random_graph.h"

/* The parts of random graphs that only rarer operators need. */

/** Attributes of a node, which depend on its first input's shape. @param out_channels changed for a part */
void random_rare_attributes(random_source *r, hf_node *node, const hf_tensor *in, int32_t *out_channels);
/** Whether the output has the first input's quantisation. */
bool random_rare_keeps_quantisation(const hf_node *node);
/** Constants, and what an operator prescribes of the quantisation of its output and of its other inputs. */
void random_rare_quantise(random_source *r, hf_graph *graph, hf_node *node, random_kind kind);

#endif
