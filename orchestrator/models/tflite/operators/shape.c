/* SPDX-License-Identifier: Apache-2.0 */
/* SHAPE computes the shape for a RESHAPE at run time. It adds no node. */
#include "operator.h"

enum { BUILTIN_SHAPE = 77, OPTIONS_SHAPE = 55 };

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_SHAPE,
     .name = "SHAPE",
     .options_type = OPTIONS_SHAPE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = hf_tflite_op_computed_shape},
};

HF_TFLITE_READ_ONLY_OPERATOR(shape);
