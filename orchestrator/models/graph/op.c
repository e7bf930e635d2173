/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of operators, from the table in operators.h; sizes of tensors. */
#include "graph/graph.h"

typedef struct op_row {
    const char *name;
    int32_t min_inputs, max_inputs;
    uint32_t traits;
} op_row;

static const op_row rows[HF_OP_COUNT] = {
#define OP_ROW(name, text, min_inputs, max_inputs, shape, calibration, reference, lowering, image, traits)   \
    {text, min_inputs, max_inputs, traits},
    HF_OP_MAP(OP_ROW)
#undef OP_ROW
};

static const op_row *row_of(hf_op op)
{
    static const op_row unknown = {.name = "unknown operator", .min_inputs = 1, .max_inputs = 1};
    return (unsigned)op < HF_OP_COUNT ? &rows[op] : &unknown;
}

const char *hf_op_name(hf_op op)
{
    return row_of(op)->name;
}

bool hf_op_has(hf_op op, uint32_t trait)
{
    return (row_of(op)->traits & trait) != 0;
}

int32_t hf_op_min_inputs(hf_op op)
{
    return row_of(op)->min_inputs;
}

int32_t hf_op_max_inputs(hf_op op)
{
    return row_of(op)->max_inputs;
}

bool hf_op_is_pair(hf_op op)
{
    return row_of(op)->min_inputs == 2 && row_of(op)->max_inputs == 2;
}

int64_t hf_tensor_bytes(const hf_tensor *tensor)
{
    return (int64_t)tensor->height * tensor->width * tensor->channels;
}
