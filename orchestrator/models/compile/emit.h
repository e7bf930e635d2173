/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_EMIT_H
#define HF_COMPILE_EMIT_H

#include "compile/compile.h"
#include "plan.h"

/**
 * @file emit.h
 * Writing a planned graph as a model image (firmware/engine/FORMAT.md).
 */

/**
 * Writes the image; fills in the records' offsets first. Errors: the image is too large or the engine rejects
 * it.
 * @param plan what hf_plan_make() made; not checked
 */
hf_status hf_emit(const hf_graph *graph, hf_lowered *lowered, const hf_plan *plan, hf_image *out,
                  hf_error *err);

#endif
