/* SPDX-License-Identifier: Apache-2.0 */
/* Dimensions in another order: TRANSPOSE, SPACE_TO_DEPTH, DEPTH_TO_SPACE. */
#include <string.h>

#include "operator.h"

enum { BUILTIN_DEPTH_TO_SPACE = 5, BUILTIN_SPACE_TO_DEPTH = 26 };
enum { OPTIONS_TRANSPOSE = 26, OPTIONS_SPACE_TO_DEPTH = 19, OPTIONS_DEPTH_TO_SPACE = 94 };
enum { BLOCK_SIZE }; /* SpaceToDepthOptions, DepthToSpaceOptions */

/* Dimensions of which the output's are a permutation: output dimension d is dimension order[d]. */
typedef struct permutation {
    uint32_t rank;
    int32_t size[HF_TFLITE_MAX_RANK + 1],
        order[HF_TFLITE_MAX_RANK + 1]; /* the last is that of a value's bytes */
} permutation;

static void remove_dimension(permutation *p, int32_t dimension)
{
    uint32_t kept = 0;
    for (uint32_t d = 0; d < p->rank; d++)
        if (p->order[d] != dimension)
            p->order[kept++] = p->order[d] - (p->order[d] > dimension);
    for (uint32_t d = (uint32_t)dimension; d + 1 < p->rank; d++)
        p->size[d] = p->size[d + 1];
    p->rank--;
}

/* Dimensions of size 1 vanish, and those that stay neighbours become one. */
static void simplify(permutation *p)
{
    for (int32_t d = (int32_t)p->rank - 1; d >= 0; d--)
        if (p->size[d] == 1 && p->rank > 1)
            remove_dimension(p, d);
    for (uint32_t d = 0; d + 1 < p->rank;) {
        const int32_t first = p->order[d];
        if (p->order[d + 1] != first + 1) {
            d++;
            continue;
        }
        p->size[first] *= p->size[first + 1];
        remove_dimension(p, first + 1);
    }
}

/* Appends the permutation. Its output has the shape [height, width, what remains]. */
static hf_status permute(hf_tflite *tflite, int32_t tensor, permutation *p, int32_t value_bytes,
                         int64_t height, int64_t width, int32_t *out)
{
    const int64_t bytes = hf_tensor_bytes(&tflite->graph->tensors[tensor]);
    p->size[p->rank] = value_bytes;
    p->order[p->rank] = (int32_t)p->rank;
    p->rank++;
    simplify(p);
    if (p->rank == 1)
        return hf_tflite_reshape(tflite, tensor, height, width, bytes / (height * width), out);
    if (p->rank > HF_NODE_MAX_DIMENSIONS)
        return TFLITE_FAIL(tflite, HF_EUNSUPPORTED, "reorders %u dimensions, at most %d are supported",
                           p->rank, HF_NODE_MAX_DIMENSIONS);
    hf_node node = {.inputs = {tensor},
                    .input_count = 1,
                    .kernel_height = (int32_t)height,
                    .kernel_width = (int32_t)width};
    const int32_t missing = HF_NODE_MAX_DIMENSIONS - (int32_t)p->rank;
    for (int32_t d = 0; d < HF_NODE_MAX_DIMENSIONS; d++) {
        node.dimensions[d] = d < missing ? 1 : p->size[d - missing];
        node.order[d] = d < missing ? d : p->order[d - missing] + missing;
    }
    return hf_tflite_append(tflite, &node, HF_OP_TRANSPOSE, 0, out);
}

hf_status hf_tflite_transpose(hf_tflite *tflite, int32_t tensor, const int32_t *shape, const int32_t *order,
                              uint32_t rank, int32_t value_bytes, int64_t height, int64_t width, int32_t *out)
{
    permutation p = {.rank = rank};
    memcpy(p.size, shape, rank * sizeof *shape);
    memcpy(p.order, order, rank * sizeof *order);
    if (height > HF_GRAPH_MAX_DIMENSION || width > HF_GRAPH_MAX_DIMENSION)
        return TFLITE_FAIL(tflite, HF_ELIMIT, "an array of %lldx%lld, at most %d are supported each way",
                           (long long)height, (long long)width, HF_GRAPH_MAX_DIMENSION);
    return permute(tflite, tensor, &p, value_bytes, height, width, out);
}

static hf_status add_permutation(hf_tflite_op *op, permutation *p)
{
    int32_t tensor = -1;
    hf_status status = permute(op->tflite, op->node.inputs[0], p, op->value_bytes, op->output_shape.height,
                               op->output_shape.width, &tensor);
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status start(hf_tflite_op *op, hf_tflite_tensor *in)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    return hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", in);
}

static hf_status read_transpose(hf_tflite_op *op)
{
    const int32_t index = op->inputs[0];
    if (index >= 0 && (uint32_t)index < op->tflite->tensors.count && op->tflite->views[index].groups > 0)
        return hf_tflite_op_swap_view(op);
    hf_tflite_tensor in;
    permutation p;
    uint32_t seen = 0;
    hf_status status;
    if ((status = start(op, &in)) ||
        (status = hf_tflite_op_ints(op, 1, "permutation", p.order, HF_TFLITE_MAX_RANK, &p.rank)))
        return status;
    for (uint32_t d = 0; d < p.rank; d++) {
        p.order[d] += p.order[d] < 0 ? (int32_t)p.rank : 0;
        seen |= p.order[d] >= 0 && p.order[d] < (int32_t)p.rank ? 1U << p.order[d] : 0;
    }
    if (p.rank != in.rank || seen != (1U << p.rank) - 1)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "its second input is not a permutation of %u dimensions",
                              in.rank);
    for (uint32_t d = 0; d < p.rank; d++)
        if (op->output.rank != in.rank || op->output.shape[d] != in.shape[p.order[d]])
            return TFLITE_OP_FAIL(op, HF_EFORMAT,
                                  "output (tensor %d) does not have the input's dimensions in the new order",
                                  op->output.index);
    memcpy(p.size, in.shape, sizeof in.shape);
    return add_permutation(op, &p);
}

/* [H/b, b, W/b, b*C] to [H/b, W/b, b, b*C], or back. */
static hf_status read_space(hf_tflite_op *op)
{
    hf_tflite_tensor in;
    const int32_t block = hf_flat_i32(&op->tflite->file, op->options, BLOCK_SIZE, 0);
    const bool to_depth = op->builtin == BUILTIN_SPACE_TO_DEPTH;
    hf_status status = start(op, &in);
    if (status)
        return status;
    const hf_tensor *deep = to_depth ? &op->output_shape : hf_tflite_op_in(op);
    const int32_t channels = deep->channels / op->value_bytes;
    if (block < 1 || block > 255 || channels % (block * block) != 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "block size %d does not fit %d channels", block, channels);
    permutation p = {.rank = 4, .order = {0, 2, 1, 3}};
    const int32_t row = channels / block;
    const int32_t sizes[] = {deep->height, to_depth ? block : deep->width, to_depth ? deep->width : block,
                             row};
    memcpy(p.size, sizes, sizeof sizes);
    return add_permutation(op, &p);
}

static hf_status plan_transpose(hf_tflite_planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    for (int d = 0; d < 4; d++)
        if (node->dimensions[d] > HF_GRAPH_MAX_DIMENSION)
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: a dimension of more than %d values", node->name,
                           HF_GRAPH_MAX_DIMENSION);
    const hf_quant quant = p->plan->graph->tensors[node->output].quant;
    hf_tflite_planned_tensor from = {.type = TYPE_INT8, .rank = 4, .quant = quant};
    hf_tflite_planned_tensor to = from;
    memcpy(from.shape, node->dimensions, sizeof node->dimensions);
    for (int d = 0; d < 4; d++)
        to.shape[d] = node->dimensions[node->order[d]];
    const int32_t first = hf_tflite_plan_add_tensor(p->plan, &from);
    hf_tflite_plan_add_reshape(p->plan, node, hf_tflite_planner_input(p, 0), first);
    const int32_t second = hf_tflite_plan_add_tensor(p->plan, &to);
    hf_tflite_planner_set_operator(p, BUILTIN_TRANSPOSE, 2, OPTIONS_TRANSPOSE, hf_tflite_put_empty_options);
    hf_tflite_planner_add_input(p, first);
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, node, "order", node->order, 4, 1));
    hf_tflite_plan_add_operator(p->plan, p->op, p->inputs, p->input_count, &second, 1);
    const int32_t last = hf_tflite_plan_add_activation(p->plan, node->output, 4, node->name);
    hf_tflite_plan_add_reshape(p->plan, node, second, last);
    p->plan->file_tensors[node->output] = last;
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_TRANSPOSE,
     .name = "TRANSPOSE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_TRANSPOSE,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_transpose},
    {.code = BUILTIN_SPACE_TO_DEPTH,
     .name = "SPACE_TO_DEPTH",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_SPACE_TO_DEPTH,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_space},
    {.code = BUILTIN_DEPTH_TO_SPACE,
     .name = "DEPTH_TO_SPACE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_DEPTH_TO_SPACE,
     .options_required = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_space},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_TRANSPOSE, plan_transpose},
};

HF_TFLITE_OPERATOR(transpose);
