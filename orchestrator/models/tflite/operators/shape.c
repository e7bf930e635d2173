/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that compute the shape for a RESHAPE at run time. They add no node. */
#include "operator.h"

enum { BUILTIN_SHAPE = 77, BUILTIN_PACK = 83 };
enum { OPTIONS_SHAPE = 55, OPTIONS_PACK = 59 };

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_SHAPE,
     .name = "SHAPE",
     .options_type = OPTIONS_SHAPE,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = hf_tflite_op_computed_shape},
    {.code = BUILTIN_PACK,
     .name = "PACK",
     .options_type = OPTIONS_PACK,
     .min_inputs = 1,
     .max_inputs = HF_TFLITE_MAX_INPUTS,
     .read = hf_tflite_op_computed_shape},
};

HF_TFLITE_READ_ONLY_OPERATOR(shape);
