/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TILED_CASE_H
#define TILED_CASE_H

#include "engine_case.h"
#include "random_graph.h"

/** As engine_case_open(), but with random tiles instead of those that the compiler chose. */
void tiled_case_open(engine_case *c, const hf_graph *graph, random_source *random);

#endif
