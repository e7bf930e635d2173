/* SPDX-License-Identifier: Apache-2.0 */
/* Operators and tensors by themselves. */
#include "graph/graph.h"

static const char *const op_names[HF_OP_COUNT] = {
#define OP_NAME(name, text) text,
    HF_OP_MAP(OP_NAME)
#undef OP_NAME
};

const char *hf_op_name(hf_op op)
{
    return (unsigned)op < HF_OP_COUNT ? op_names[op] : "unknown operator";
}

int64_t hf_tensor_bytes(const hf_tensor *tensor)
{
    return (int64_t)tensor->height * tensor->width * tensor->channels;
}
