/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_EMIT_H
#define HF_COMPILE_EMIT_H

#include "compile/compile.h"
#include "plan.h"

/**
 * @file emit.h
 * Writes a planned graph as a model image (firmware/engine/FORMAT.md).
 */

/**
 * Fills in the records' offsets and writes the image.
 * @param plan from hf_plan_make(); not checked
 * @param out owned by the caller; hf_image_free()
 * Errors: HF_ELIMIT if the image is too large, HF_EMISMATCH if the engine rejects it, HF_ENOMEM, and those of
 * hf_pack_data().
 */
hf_status hf_emit(const hf_graph *graph, hf_lowered *lowered, const hf_plan *plan, hf_image *out,
                  hf_error *err);

#endif
