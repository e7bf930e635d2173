/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_CONV_RGB_H
#define HF_ENGINE_CONV_RGB_H

#include "kernels.h"

/* Its expanded rows: hf_conv_rgb_position_pairs(). */
#define HF_CONV_RGB_POSITION_PAIR_VALUES 12U /* of a row: two positions, two columns each, three channels */
#define HF_CONV_RGB_ROW_REST             4U  /* values that the last window needs beyond its positions */

#if HF_ENGINE_SPECIAL_KERNELS
/** @return 0 if it is not for this layer, and has done nothing */
int hf_run_conv_rgb(const hf_op_context *context);
#endif

#endif
