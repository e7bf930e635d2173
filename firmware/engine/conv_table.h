/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_CONV_TABLE_H
#define HF_ENGINE_CONV_TABLE_H

#include "kernels.h"

#if HF_ENGINE_SPECIAL_KERNELS
/** @return 0 if it is not for this layer, and has done nothing */
int hf_run_conv_table(const hf_op_context *context);
#endif

#endif
