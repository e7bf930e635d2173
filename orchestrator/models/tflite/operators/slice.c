/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of tensors: slices, splits. */
#include <stdlib.h>

#include "operator.h"

enum {
    BUILTIN_STRIDED_SLICE = 45,
    BUILTIN_SPLIT = 49,
    BUILTIN_SLICE = 65,
    BUILTIN_UNPACK = 88,
    BUILTIN_SPLIT_V = 102
};
enum {
    OPTIONS_STRIDED_SLICE = 32,
    OPTIONS_SPLIT = 35,
    OPTIONS_SLICE = 48,
    OPTIONS_UNPACK = 64,
    OPTIONS_SPLIT_V = 79
};
enum { UNPACK_COUNT, UNPACK_AXIS }; /* UnpackOptions */
enum { SPLIT_NUM_SPLITS };          /* SplitOptions */
/* StridedSliceOptions */
enum {
    STRIDED_BEGIN_MASK,
    STRIDED_END_MASK,
    STRIDED_ELLIPSIS_MASK,
    STRIDED_NEW_AXIS_MASK,
    STRIDED_SHRINK_AXIS_MASK,
    STRIDED_OFFSET,
    STRIDED_FIELDS
};

/* ---- Reading ---- */

/* The part of a tensor that an operator takes: count[d] elements from begin[d] on, every stride[d]th. */
typedef struct subarray {
    uint32_t rank;
    int32_t shape[HF_TFLITE_MAX_RANK];
    int32_t begin[HF_TFLITE_MAX_RANK], count[HF_TFLITE_MAX_RANK], stride[HF_TFLITE_MAX_RANK];
} subarray;

static hf_status start(hf_tflite_op *op, uint32_t input, subarray *part)
{
    hf_tflite_tensor in;
    hf_status status = hf_tflite_tensor_read(op->tflite, op->inputs[input], "input", &in);
    if (status)
        return status;
    *part = (subarray){.rank = in.rank};
    for (uint32_t d = 0; d < in.rank; d++) {
        part->shape[d] = part->count[d] = in.shape[d];
        part->stride[d] = 1;
    }
    return HF_OK;
}

/* Along one dimension, of the shape that is left by the dimensions before. */
static hf_status take_dimension(hf_tflite_op *op, subarray *part, uint32_t d, int32_t *tensor)
{
    const hf_tflite_axis axis = hf_tflite_axis_of(op, part->shape, part->rank, d);
    hf_status status;
    if (part->stride[d] == 1) {
        status = hf_tflite_slice(op->tflite, *tensor, axis, part->begin[d], part->count[d], tensor);
    } else {
        int32_t *positions = malloc((size_t)part->count[d] * sizeof *positions);
        if (!positions)
            return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %d positions", part->count[d]);
        for (int32_t i = 0; i < part->count[d]; i++)
            positions[i] = part->begin[d] + i * part->stride[d];
        status = hf_tflite_take(op->tflite, *tensor, axis, positions, part->count[d], tensor);
        free(positions);
    }
    part->shape[d] = part->count[d];
    return status;
}

/* Makes the part output op->output_shape. A slice of channels alone is one node; so is a whole tensor. */
static hf_status add_part(hf_tflite_op *op, subarray *part)
{
    const uint32_t last = part->rank - 1;
    bool others = false;
    for (uint32_t d = 0; d < part->rank; d++) {
        if (part->count[d] < 1 || part->begin[d] < 0 || part->begin[d] >= part->shape[d])
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "takes %d values from %d on in dimension %u, which has %d",
                                  part->count[d], part->begin[d], d, part->shape[d]);
        if (op->output.rank == part->rank && op->output.shape[d] != part->count[d])
            return TFLITE_OP_FAIL(op, HF_EFORMAT,
                                  "takes %d values in dimension %u, but output (tensor %d) has %d",
                                  part->count[d], d, op->output.index, op->output.shape[d]);
        others = others || (d < last && part->count[d] != part->shape[d]) || part->stride[d] != 1;
    }
    if (!others && op->output_shape.channels == part->count[last] * op->value_bytes) {
        op->node.slice_begin = part->begin[last] * op->value_bytes;
        op->node.slice_count = part->count[last] * op->value_bytes;
        return hf_tflite_op_add(op, HF_OP_SLICE, NULL);
    }
    int32_t tensor = op->node.inputs[0];
    hf_status status = HF_OK;
    for (uint32_t d = 0; d < part->rank && !status; d++)
        if (part->count[d] != part->shape[d] || part->stride[d] != 1)
            status = take_dimension(op, part, d, &tensor);
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status normal_axis(hf_tflite_op *op, int32_t axis, uint32_t rank, uint32_t *out)
{
    if (axis < -(int32_t)rank || axis >= (int32_t)rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "axis %d, expected %d .. %d", axis, -(int32_t)rank,
                              (int32_t)rank - 1);
    *out = (uint32_t)(axis < 0 ? axis + (int32_t)rank : axis);
    return HF_OK;
}

/* Outputs that divide an axis, in order. @param unpack each takes one element and does not have the axis */
static hf_status add_parts(hf_tflite_op *op, uint32_t data, uint32_t axis, bool unpack)
{
    int32_t begin = 0;
    hf_status status;
    for (uint32_t i = 0; i < op->outputs.count; i++) {
        subarray part;
        if ((status = start(op, data, &part)) || (status = hf_tflite_op_output(op, i)) ||
            (status = hf_tflite_op_same_quant(op)))
            return status;
        const int32_t all = part.shape[axis];
        const int32_t count = unpack ? 1 : op->output.rank == part.rank ? op->output.shape[axis] : 0;
        const bool equal = op->builtin == BUILTIN_SPLIT;
        if (count < 1 || count > all - begin || (equal && (int64_t)count * op->outputs.count != all))
            return TFLITE_OP_FAIL(op, HF_EFORMAT,
                                  "output %u has %d of the input's %d elements along axis %u, "
                                  "expected %s",
                                  i, count, all, axis, equal ? "equal parts" : "no more than the input has");
        part.begin[axis] = begin;
        part.count[axis] = count;
        if (op->tflite->consumers[op->output.index] == HF_TFLITE_NO_CONSUMER)
            op->tflite->tensor_map[op->output.index] = HF_TFLITE_UNUSED;
        else if ((status = add_part(op, &part)))
            return status;
        begin += count;
        if (i + 1 == op->outputs.count && begin != all)
            return TFLITE_OP_FAIL(op, HF_EFORMAT,
                                  "outputs have %d elements in total along axis %u, the input "
                                  "%d, expected the same",
                                  begin, axis, all);
    }
    return HF_OK;
}

/* SPLIT (axis, tensor) into equal parts and SPLIT_V (tensor, sizes, axis): a slice for each output that an
 * operator reads. The outputs' shapes give the sizes. */
static hf_status read_split(hf_tflite_op *op)
{
    const uint32_t data = op->builtin == BUILTIN_SPLIT ? 1 : 0;
    int32_t value, rank;
    uint32_t count;
    uint32_t axis = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, data)) || (status = hf_tflite_op_rank(op, data, &rank)) ||
        (status = hf_tflite_op_ints(op, data == 1 ? 0 : 2, "axis", &value, 1, &count)) ||
        (status = normal_axis(op, value, (uint32_t)rank, &axis)))
        return status;
    return add_parts(op, data, axis, false);
}

static hf_status read_unpack(hf_tflite_op *op)
{
    int32_t rank;
    uint32_t axis = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_rank(op, 0, &rank)) ||
        (status = normal_axis(op, hf_flat_i32(&op->tflite->file, op->options, UNPACK_AXIS, 0), (uint32_t)rank,
                              &axis)))
        return status;
    return add_parts(op, 0, axis, true);
}

static hf_status read_slice(hf_tflite_op *op)
{
    subarray part;
    uint32_t begins = 0;
    uint32_t counts = 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)) || (status = start(op, 0, &part)) ||
        (status = hf_tflite_op_ints(op, 1, "begin", part.begin, HF_TFLITE_MAX_RANK, &begins)) ||
        (status = hf_tflite_op_ints(op, 2, "size", part.count, HF_TFLITE_MAX_RANK, &counts)))
        return status;
    if (begins != counts || begins != part.rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "begin has %u values and size %u, expected %u each", begins,
                              counts, part.rank);
    for (uint32_t d = 0; d < begins; d++) {
        if (part.begin[d] < 0 || part.begin[d] >= part.shape[d])
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "begins at %d in dimension %u, expected 0 .. %d",
                                  part.begin[d], d, part.shape[d] - 1);
        if (part.count[d] == -1) /* to the end */
            part.count[d] = part.shape[d] - part.begin[d];
        if (part.count[d] < 1 || part.count[d] > part.shape[d] - part.begin[d])
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "takes %d values from %d on in dimension %u, which has %d",
                                  part.count[d], part.begin[d], d, part.shape[d]);
    }
    return add_part(op, &part);
}

/* Python's rules: a bound that is masked or out of range is the end of the dimension, a negative bound counts
 * from the end. @param low, high the limits of a bound */
static int32_t strided_bound(int32_t value, int32_t size, bool masked, int32_t default_value, int32_t low,
                             int32_t high)
{
    if (masked)
        return default_value;
    int64_t bound = value < 0 ? (int64_t)value + size : value;
    return bound < low ? low : bound > high ? high : (int32_t)bound;
}

static hf_status check_strided_options(hf_tflite_op *op)
{
    static const char *const names[] = {[STRIDED_ELLIPSIS_MASK] = "ellipsis_mask",
                                        [STRIDED_NEW_AXIS_MASK] = "new_axis_mask",
                                        [STRIDED_OFFSET] = "offset"};
    for (uint32_t field = STRIDED_ELLIPSIS_MASK; field < STRIDED_FIELDS; field++) {
        if (field == STRIDED_SHRINK_AXIS_MASK)
            continue;
        const int32_t value = field == STRIDED_OFFSET ? hf_flat_u8(&op->tflite->file, op->options, field, 0)
                                                      : hf_flat_i32(&op->tflite->file, op->options, field, 0);
        if (value != 0)
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                                  "%s is set, expected only begin_mask, end_mask and shrink_axis_mask",
                                  names[field]);
    }
    return HF_OK;
}

static hf_status read_strided_slice(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    const int32_t index = op->inputs[0];
    if (index >= 0 && (uint32_t)index < tflite->tensors.count &&
        tflite->tensor_map[index] == HF_TFLITE_COMPUTED_SHAPE)
        return hf_tflite_op_computed_shape(op);
    subarray part;
    int32_t end[HF_TFLITE_MAX_RANK];
    uint32_t counts[3] = {0};
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)) || (status = check_strided_options(op)) ||
        (status = start(op, 0, &part)) ||
        (status = hf_tflite_op_ints(op, 1, "begin", part.begin, HF_TFLITE_MAX_RANK, &counts[0])) ||
        (status = hf_tflite_op_ints(op, 2, "end", end, HF_TFLITE_MAX_RANK, &counts[1])) ||
        (status = hf_tflite_op_ints(op, 3, "strides", part.stride, HF_TFLITE_MAX_RANK, &counts[2])))
        return status;
    if (counts[0] > part.rank || counts[1] != counts[0] || counts[2] != counts[0])
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "begin has %u values, end %u and strides %u, expected the same, at most %u",
                              counts[0], counts[1], counts[2], part.rank);
    const uint32_t begin_mask = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_BEGIN_MASK, 0);
    const uint32_t end_mask = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_END_MASK, 0);
    const uint32_t shrink = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_SHRINK_AXIS_MASK, 0);
    for (uint32_t d = 0; d < counts[0]; d++) {
        const int32_t size = part.shape[d];
        const int32_t step = part.stride[d];
        const bool down = step < 0;
        if (step == 0 || step == INT32_MIN)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "stride %d in dimension %u", step, d);
        part.begin[d] = strided_bound(part.begin[d], size, (begin_mask >> d) & 1, down ? size - 1 : 0,
                                      down ? -1 : 0, down ? size - 1 : size);
        const int32_t last = strided_bound(end[d], size, (end_mask >> d) & 1, down ? -1 : size, down ? -1 : 0,
                                           down ? size - 1 : size);
        const int32_t length = down ? part.begin[d] - last : last - part.begin[d];
        part.count[d] = length <= 0 ? 0 : (length - 1) / (down ? -step : step) + 1;
        if ((shrink >> d) & 1)
            part.count[d] = part.begin[d] >= 0 && part.begin[d] < size ? 1 : 0;
        if (part.count[d] <= 1)
            part.stride[d] = 1;
    }
    return add_part(op, &part);
}

/* ---- Writing: slices that divide a tensor into equal parts become one SPLIT ---- */

static size_t put_split_options(hf_flat_writer *flat, const hf_tflite_plan *plan,
                                const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "4");
    (void)plan;
    hf_flat_set_i32(flat, at, SPLIT_NUM_SPLITS, (int32_t)op->output_count);
    return at;
}

/* Finds the slice that is part number `part` if the input of `node` is divided into parts of its size.
 * @return the index, -1 if there is none or more than one */
static int32_t find_part(const hf_graph *graph, const hf_node *node, int32_t part)
{
    int32_t found = -1;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *other = &graph->nodes[n];
        if (other->op != HF_OP_SLICE || other->inputs[0] != node->inputs[0] ||
            other->slice_count != node->slice_count || other->slice_begin != part * node->slice_count)
            continue;
        if (found >= 0)
            return -1;
        found = n;
    }
    return found;
}

static bool divides_evenly(const hf_graph *graph, const hf_node *node, int32_t parts)
{
    if (parts < 2 || graph->tensors[node->inputs[0]].channels != parts * node->slice_count ||
        node->slice_begin % node->slice_count != 0)
        return false;
    for (int32_t part = 0; part < parts; part++)
        if (find_part(graph, node, part) < 0)
            return false;
    return true;
}

static hf_status plan_split(hf_tflite_planner *p, int32_t parts, hf_error *err)
{
    hf_tflite_plan *plan = p->plan;
    const int32_t from = hf_tflite_planner_input(p, 0);
    const uint32_t rank = hf_tflite_planner_rank(p, from);
    const int32_t axis = (int32_t)rank - 1;
    hf_buffer outputs = HF_BUFFER_INIT;
    for (int32_t part = 0; part < parts; part++) {
        const int32_t n = find_part(plan->graph, p->node, part);
        const hf_node *slice = &plan->graph->nodes[n];
        const int32_t output = hf_tflite_plan_add_activation(plan, slice->output, rank, slice->name);
        plan->file_tensors[slice->output] = output;
        plan->done[n] = true;
        hf_buffer_append(&outputs, &output, sizeof output);
    }
    hf_tflite_planner_set_operator(p, BUILTIN_SPLIT, 2, OPTIONS_SPLIT, put_split_options);
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(plan, p->node, "axis", &axis, 1, 0));
    hf_tflite_planner_add_input(p, from);
    const bool failed = outputs.failed;
    if (!failed)
        hf_tflite_plan_add_operator(plan, p->op, p->inputs, p->input_count,
                                    (const int32_t *)(void *)outputs.data, (uint32_t)parts);
    hf_buffer_free(&outputs);
    return failed ? HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d parts", p->node->name, parts) : HF_OK;
}

static hf_status plan_slice(hf_tflite_planner *p, hf_error *err)
{
    hf_tflite_plan *plan = p->plan;
    const hf_tensor *in = &plan->graph->tensors[p->node->inputs[0]];
    const int32_t parts = in->channels / p->node->slice_count;
    if (divides_evenly(plan->graph, p->node, parts))
        return plan_split(p, parts, err);
    static const int32_t strides[] = {1, 1, 1, 1};
    const uint32_t rank = hf_tflite_planner_rank(p, hf_tflite_planner_input(p, 0));
    int32_t begin[4] = {0};
    int32_t end[4] = {1, in->height, in->width, 0};
    begin[rank - 1] = p->node->slice_begin;
    end[rank - 1] = p->node->slice_begin + p->node->slice_count;
    hf_tflite_planner_set_operator(p, BUILTIN_STRIDED_SLICE, 2, OPTIONS_STRIDED_SLICE,
                                   hf_tflite_put_empty_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(plan, p->node, "begin", begin, rank, 1));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(plan, p->node, "end", end, rank, 1));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(plan, p->node, "strides", strides, rank, 1));
    hf_tflite_planner_finish(p, rank);
    return HF_OK;
}

static const hf_tflite_builtin builtins[] = {
    {.code = BUILTIN_STRIDED_SLICE,
     .name = "STRIDED_SLICE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_STRIDED_SLICE,
     .min_inputs = 4,
     .max_inputs = 4,
     .read = read_strided_slice},
    {.code = BUILTIN_SPLIT,
     .name = "SPLIT",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_SPLIT,
     .many_outputs = true,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_split},
    {.code = BUILTIN_SPLIT_V,
     .name = "SPLIT_V",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_SPLIT_V,
     .many_outputs = true,
     .min_inputs = 3,
     .max_inputs = 3,
     .read = read_split},
    {.code = BUILTIN_UNPACK,
     .name = "UNPACK",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_UNPACK,
     .many_outputs = true,
     .min_inputs = 1,
     .max_inputs = 1,
     .read = read_unpack},
    {.code = BUILTIN_SLICE,
     .name = "SLICE",
     .more_types = HF_TFLITE_MOVES,
     .options_type = OPTIONS_SLICE,
     .min_inputs = 3,
     .max_inputs = 3,
     .read = read_slice},
};

/* A part is a slice of the flat tensor. */
static hf_status plan_part(hf_tflite_planner *p, hf_error *err)
{
    const hf_tensor *in = &p->plan->graph->tensors[p->node->inputs[0]];
    const hf_tensor *out = &p->plan->graph->tensors[p->node->output];
    if (!hf_quant_same(in->quant, out->quant))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: a part with a quantisation of its own", p->node->name);
    if (hf_tensor_bytes(in) > HF_GRAPH_MAX_DIMENSION)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: a part of a tensor of more than %d bytes", p->node->name,
                       HF_GRAPH_MAX_DIMENSION);
    const int32_t begin[] = {0, p->node->part_offset};
    const int32_t size[] = {1, (int32_t)hf_tensor_bytes(out)};
    hf_tflite_planner_set_operator(p, BUILTIN_SLICE, 2, OPTIONS_SLICE, hf_tflite_put_empty_options);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_flat(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "begin", begin, 2, 1));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "size", size, 2, 1));
    hf_tflite_planner_finish_flat(p);
    return HF_OK;
}

static const hf_tflite_writer writers[] = {
    {HF_OP_PART, plan_part},
    {HF_OP_SLICE, plan_slice},
};

HF_TFLITE_OPERATOR(slice);
