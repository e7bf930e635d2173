/* SPDX-License-Identifier: Apache-2.0 */
/* Slices along channels. */
#include "operator.h"

enum { BUILTIN_STRIDED_SLICE = 45, BUILTIN_SPLIT = 49, BUILTIN_SLICE = 65, BUILTIN_SPLIT_V = 102 };
enum { OPTIONS_STRIDED_SLICE = 32, OPTIONS_SPLIT = 35, OPTIONS_SLICE = 48, OPTIONS_SPLIT_V = 79 };
enum { SPLIT_NUM_SPLITS }; /* SplitOptions */
/* StridedSliceOptions */
enum {
    STRIDED_BEGIN_MASK,
    STRIDED_END_MASK,
    STRIDED_ELLIPSIS_MASK,
    STRIDED_NEW_AXIS_MASK,
    STRIDED_SHRINK_AXIS_MASK,
    STRIDED_FIELDS
};

/* ---- Reading ---- */

static hf_status check_split_axis(hf_tflite_op *op, uint32_t data, uint32_t axis_input)
{
    int32_t axis, rank;
    uint32_t count;
    hf_status status;
    if ((status = hf_tflite_op_rank(op, data, &rank)) ||
        (status = hf_tflite_op_ints(op, axis_input, "axis", &axis, 1, &count)))
        return status;
    if (axis != rank - 1 && axis != -1)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "axis %d, expected %d (channels)", axis, rank - 1);
    return HF_OK;
}

/* SPLIT (axis, tensor) into equal parts and SPLIT_V (tensor, sizes, axis): a slice for each output that an
 * operator reads. The outputs' shapes give the sizes. */
static hf_status read_split(hf_tflite_op *op)
{
    const bool equal = op->builtin == BUILTIN_SPLIT;
    const uint32_t data = equal ? 1 : 0;
    hf_status status;
    if ((status = hf_tflite_op_input(op, data)) || (status = check_split_axis(op, data, equal ? 0 : 2)))
        return status;
    const int32_t channels = hf_tflite_op_in(op)->channels;
    int32_t begin = 0;
    for (uint32_t i = 0; i < op->outputs.count; i++) {
        if ((status = hf_tflite_op_output(op, i)) || (status = hf_tflite_op_same_quant(op)))
            return status;
        const int32_t count = op->output_shape.channels;
        if (count > channels - begin || (equal && (int64_t)count * op->outputs.count != channels))
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "output %u has %d of the input's %d channels, expected %s",
                                  i, count, channels, equal ? "equal parts" : "no more than the input has");
        op->node.slice_begin = begin;
        op->node.slice_count = count;
        if (op->tflite->consumers[op->output.index] == HF_TFLITE_NO_CONSUMER)
            op->tflite->tensor_map[op->output.index] = HF_TFLITE_UNUSED;
        else if ((status = hf_tflite_op_add(op, HF_OP_SLICE, NULL)))
            return status;
        begin += count;
    }
    if (begin != channels)
        return TFLITE_OP_FAIL(op, HF_EFORMAT,
                              "outputs have %d channels in total, the input %d, expected the same", begin,
                              channels);
    return HF_OK;
}

/* Adds the slice of count[d] elements from begin[d] in each dimension d. Only channels may be sliced: it must
 * contain all elements of the other dimensions. */
static hf_status add_slice(hf_tflite_op *op, const int32_t *begin, const int32_t *count, uint32_t rank)
{
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &in)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    if (in.rank != rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "begin has %u values, expected %u, one per dimension", rank,
                              in.rank);
    for (uint32_t d = 0; d + 1 < rank; d++)
        if (begin[d] != 0 || count[d] != in.shape[d])
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                                  "slices dimension %u, expected only dimension %u (channels)", d, rank - 1);
    op->node.slice_begin = begin[rank - 1];
    op->node.slice_count = count[rank - 1];
    return hf_tflite_op_add(op, HF_OP_SLICE, NULL);
}

static hf_status read_slice(hf_tflite_op *op)
{
    int32_t begin[4], count[4];
    uint32_t begins = 0;
    uint32_t counts = 0;
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_ints(op, 1, "begin", begin, 4, &begins)) ||
        (status = hf_tflite_op_ints(op, 2, "size", count, 4, &counts)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &in)))
        return status;
    if (begins != counts || begins != in.rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "begin has %u values and size %u, expected %u each", begins,
                              counts, in.rank);
    for (uint32_t d = 0; d < begins; d++) {
        if (begin[d] < 0 || begin[d] >= in.shape[d])
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "begins at %d in dimension %u, expected 0 .. %d", begin[d],
                                  d, in.shape[d] - 1);
        if (count[d] == -1) /* to the end */
            count[d] = in.shape[d] - begin[d];
    }
    return add_slice(op, begin, count, begins);
}

/* Python's rules: a bound that is masked or out of range is the end of the dimension, a negative bound counts
 * from the end. */
static int32_t strided_bound(int32_t value, int32_t size, bool masked, int32_t default_value)
{
    if (masked)
        return default_value;
    int64_t bound = value < 0 ? (int64_t)value + size : value;
    return bound < 0 ? 0 : bound > size ? size : (int32_t)bound;
}

static hf_status check_strided_options(hf_tflite_op *op)
{
    for (uint32_t field = STRIDED_ELLIPSIS_MASK; field < STRIDED_FIELDS; field++)
        if (hf_flat_i32(&op->tflite->file, op->options, field, 0) != 0)
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%s is set, expected only begin_mask and end_mask",
                                  field == STRIDED_ELLIPSIS_MASK   ? "ellipsis_mask"
                                  : field == STRIDED_NEW_AXIS_MASK ? "new_axis_mask"
                                                                   : "shrink_axis_mask");
    return HF_OK;
}

static hf_status read_strided_slice(hf_tflite_op *op)
{
    hf_tflite *tflite = op->tflite;
    const int32_t index = op->inputs[0];
    if (index >= 0 && (uint32_t)index < tflite->tensors.count &&
        tflite->tensor_map[index] == HF_TFLITE_COMPUTED_SHAPE)
        return hf_tflite_op_computed_shape(op);
    int32_t begin[4], end[4], strides[4];
    uint32_t counts[3] = {0};
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = check_strided_options(op)) ||
        (status = hf_tflite_op_ints(op, 1, "begin", begin, 4, &counts[0])) ||
        (status = hf_tflite_op_ints(op, 2, "end", end, 4, &counts[1])) ||
        (status = hf_tflite_op_ints(op, 3, "strides", strides, 4, &counts[2])) ||
        (status = hf_tflite_tensor_read(tflite, index, "input 0", &in)))
        return status;
    if (counts[0] != in.rank || counts[1] != in.rank || counts[2] != in.rank)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "begin has %u values, end %u and strides %u, expected %u each", counts[0],
                              counts[1], counts[2], in.rank);
    const uint32_t begin_mask = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_BEGIN_MASK, 0);
    const uint32_t end_mask = (uint32_t)hf_flat_i32(&tflite->file, op->options, STRIDED_END_MASK, 0);
    for (uint32_t d = 0; d < in.rank; d++) {
        if (strides[d] != 1)
            return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "stride %d in dimension %u, expected 1", strides[d],
                                  d);
        begin[d] = strided_bound(begin[d], in.shape[d], (begin_mask >> d) & 1, 0);
        end[d] = strided_bound(end[d], in.shape[d], (end_mask >> d) & 1, in.shape[d]);
        end[d] -= begin[d]; /* end is the count from here on */
    }
    return add_slice(op, begin, end, in.rank);
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
        plan->split[n] = true;
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
     .options_type = OPTIONS_STRIDED_SLICE,
     .min_inputs = 4,
     .max_inputs = 4,
     .read = read_strided_slice},
    {.code = BUILTIN_SPLIT,
     .name = "SPLIT",
     .options_type = OPTIONS_SPLIT,
     .many_outputs = true,
     .min_inputs = 2,
     .max_inputs = 2,
     .read = read_split},
    {.code = BUILTIN_SPLIT_V,
     .name = "SPLIT_V",
     .options_type = OPTIONS_SPLIT_V,
     .many_outputs = true,
     .min_inputs = 3,
     .max_inputs = 3,
     .read = read_split},
    {.code = BUILTIN_SLICE,
     .name = "SLICE",
     .options_type = OPTIONS_SLICE,
     .min_inputs = 3,
     .max_inputs = 3,
     .read = read_slice},
};

static const hf_tflite_writer writers[] = {
    {HF_OP_SLICE, plan_slice},
};

HF_TFLITE_OPERATOR(slice);
