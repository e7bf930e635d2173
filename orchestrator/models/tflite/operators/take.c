/* SPDX-License-Identifier: Apache-2.0 */
/* Elements in another order, or several times, along axes: gather, reverse, tile, broadcast, mirrored borders; and
 * resizing. */
#include <stdlib.h>
#include <string.h>

#include "graph/resize.h"
#include "operator.h"

enum {
    BUILTIN_RESIZE_BILINEAR = 23,
    BUILTIN_GATHER = 36,
    BUILTIN_TILE = 69,
    BUILTIN_RESIZE_NEAREST = 97,
    BUILTIN_MIRROR_PAD = 100,
    BUILTIN_REVERSE = 105,
    BUILTIN_BROADCAST_TO = 130
};
enum {
    OPTIONS_RESIZE_BILINEAR = 15,
    OPTIONS_GATHER = 23,
    OPTIONS_TILE = 51,
    OPTIONS_RESIZE_NEAREST = 74,
    OPTIONS_MIRROR_PAD = 77,
    OPTIONS_REVERSE = 81,
    OPTIONS_BROADCAST_TO = 99
};
enum { GATHER_AXIS, GATHER_BATCH_DIMS };    /* GatherOptions */
enum { MIRROR_MODE };                       /* MirrorPadOptions: 0 REFLECT, 1 SYMMETRIC */
enum { NEAREST_ALIGN, NEAREST_HALF_PIXEL }; /* ResizeNearestNeighborOptions */
enum {
    BILINEAR_ALIGN = 2,
    BILINEAR_HALF_PIXEL
}; /* ResizeBilinearOptions; two deprecated fields come first */

static hf_status start(hf_tflite_op *op, hf_tflite_tensor *in)
{
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)))
        return status;
    return hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", in);
}

/* The input element for element i along an axis. */
typedef int32_t position_of(int32_t i, int32_t size, int32_t argument);

/* Takes `count` elements along axis d; `shape` is what earlier axes have left. */
static hf_status take(hf_tflite_op *op, hf_tflite_tensor *shape, uint32_t d, int32_t count,
                      position_of *position, int32_t argument, int32_t *tensor)
{
    if (count < 1 || count > HF_GRAPH_MAX_DIMENSION)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%d elements along axis %u, expected 1 .. %d", count, d,
                              HF_GRAPH_MAX_DIMENSION);
    int32_t *positions = malloc((size_t)count * sizeof *positions);
    if (!positions)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %d positions", count);
    for (int32_t i = 0; i < count; i++)
        positions[i] = position(i, shape->shape[d], argument);
    const hf_tflite_axis axis = hf_tflite_axis_of(op, shape->shape, shape->rank, d);
    hf_status status = hf_tflite_take(op->tflite, *tensor, axis, positions, count, tensor);
    free(positions);
    shape->shape[d] = count;
    return status;
}

static int32_t repeated(int32_t i, int32_t size, int32_t argument)
{
    (void)argument;
    return i % size;
}

static int32_t backwards(int32_t i, int32_t size, int32_t argument)
{
    (void)argument;
    return size - 1 - i;
}

/* @param argument elements before, and whether the border element is repeated, in the lowest bit */
static int32_t mirrored(int32_t i, int32_t size, int32_t argument)
{
    const int32_t border = argument & 1;
    int32_t at = i - (argument >> 1);
    if (at < 0)
        at = -at - border;
    return at < size ? at : 2 * (size - 1) - at + border;
}

static hf_status read_gather(hf_tflite_op *op)
{
    hf_tflite_tensor in, indices;
    hf_flat_file *file = &op->tflite->file;
    int32_t axis = hf_flat_i32(file, op->options, GATHER_AXIS, 0);
    hf_status status;
    if ((status = start(op, &in)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[1], "indices", &indices)))
        return status;
    if (hf_flat_i32(file, op->options, GATHER_BATCH_DIMS, 0) != 0)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "batch_dims is set, expected 0");
    if (axis < -(int32_t)in.rank || axis >= (int32_t)in.rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "axis %d of %u dimensions", axis, in.rank);
    axis += axis < 0 ? (int32_t)in.rank : 0;
    const uint32_t count = indices.data.count / 4;
    if (indices.type != TYPE_INT32 || count < 1 || count > HF_GRAPH_MAX_DIMENSION)
        return TENSOR_FAIL(op->tflite, &indices, HF_EUNSUPPORTED,
                           "expected constant int32 values, at most %d", HF_GRAPH_MAX_DIMENSION);
    int32_t *positions = malloc(count * sizeof *positions);
    if (!positions)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %u positions", count);
    const hf_flat_vector data = {.at = indices.data.at, .count = count, .present = true};
    for (uint32_t i = 0; i < count && !status; i++) {
        positions[i] = hf_flat_i32_at(file, data, i);
        if (positions[i] < 0 || positions[i] >= in.shape[axis])
            status = TENSOR_FAIL(op->tflite, &indices, HF_EFORMAT, "index %d, expected 0 .. %d", positions[i],
                                 in.shape[axis] - 1);
    }
    int32_t tensor = op->node.inputs[0];
    if (!status)
        status = hf_tflite_take(op->tflite, tensor, hf_tflite_axis_of(op, in.shape, in.rank, (uint32_t)axis),
                                positions, (int32_t)count, &tensor);
    free(positions);
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status read_reverse(hf_tflite_op *op)
{
    hf_tflite_tensor in;
    int32_t axes[HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    hf_status status;
    if ((status = start(op, &in)) ||
        (status = hf_tflite_op_ints(op, 1, "axes", axes, HF_TFLITE_MAX_RANK, &count)))
        return status;
    int32_t tensor = op->node.inputs[0];
    for (uint32_t i = 0; i < count && !status; i++) {
        const int32_t axis = axes[i] < 0 ? axes[i] + (int32_t)in.rank : axes[i];
        if (axis < 0 || axis >= (int32_t)in.rank)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "axis %d of %u dimensions", axes[i], in.rank);
        status = take(op, &in, (uint32_t)axis, in.shape[axis], backwards, 0, &tensor);
    }
    return status ? status : hf_tflite_op_alias(op, tensor);
}

/* TILE and BROADCAST_TO: the output's shape says how often. */
static hf_status read_tile(hf_tflite_op *op)
{
    hf_tflite_tensor in;
    hf_status status = start(op, &in);
    if (status)
        return status;
    int32_t tensor = op->node.inputs[0];
    const hf_tflite_tensor *out = &op->output;
    if (in.rank != out->rank)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED, "%u dimensions become %u, expected the same number",
                              in.rank, out->rank);
    for (uint32_t d = 0; d < in.rank && !status; d++) {
        if (out->shape[d] % in.shape[d] != 0 ||
            (op->builtin == BUILTIN_BROADCAST_TO && in.shape[d] != 1 && in.shape[d] != out->shape[d]))
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "dimension %u of size %d becomes %d", d, in.shape[d],
                                  out->shape[d]);
        if (out->shape[d] != in.shape[d])
            status = take(op, &in, d, out->shape[d], repeated, 0, &tensor);
    }
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status read_mirror_pad(hf_tflite_op *op)
{
    hf_tflite_tensor in;
    int32_t pads[2 * HF_TFLITE_MAX_RANK];
    uint32_t count = 0;
    hf_status status;
    if ((status = start(op, &in)) ||
        (status = hf_tflite_op_ints(op, 1, "paddings", pads, 2 * HF_TFLITE_MAX_RANK, &count)))
        return status;
    if (count != 2 * in.rank)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%u padding values for %u dimensions", count, in.rank);
    const int32_t symmetric = hf_flat_u8(&op->tflite->file, op->options, MIRROR_MODE, 0) == 1;
    int32_t tensor = op->node.inputs[0];
    for (size_t d = 0; d < in.rank && !status; d++) {
        const int32_t most = in.shape[d] - 1 + symmetric;
        if (pads[2 * d] < 0 || pads[2 * d + 1] < 0 || pads[2 * d] > most || pads[2 * d + 1] > most)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "pads dimension %zu by %d and %d, at most %d are possible",
                                  d, pads[2 * d], pads[2 * d + 1], most);
        if (pads[2 * d] + pads[2 * d + 1] > 0)
            status = take(op, &in, (uint32_t)d, in.shape[d] + pads[2 * d] + pads[2 * d + 1], mirrored,
                          pads[2 * d] * 2 + symmetric, &tensor);
    }
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status read_resize(hf_tflite_op *op)
{
    hf_tflite_tensor in;
    hf_flat_file *file = &op->tflite->file;
    const bool nearest = op->builtin == BUILTIN_RESIZE_NEAREST;
    hf_status status = start(op, &in);
    if (status)
        return status;
    if (in.rank != 4 || in.shape[0] != 1)
        return TENSOR_FAIL(op->tflite, &in, HF_EUNSUPPORTED,
                           "%u dimensions and batch size %d, expected 4 and 1", in.rank,
                           in.rank ? in.shape[0] : 0);
    op->node.align_corners = hf_flat_u8(file, op->options, nearest ? NEAREST_ALIGN : BILINEAR_ALIGN, 0) != 0;
    op->node.half_pixel_centers =
        hf_flat_u8(file, op->options, nearest ? NEAREST_HALF_PIXEL : BILINEAR_HALF_PIXEL, 0) != 0;
    op->node.kernel_height = op->output_shape.height;
    op->node.kernel_width = op->output_shape.width;
    if (!nearest && op->node.align_corners && op->node.half_pixel_centers)
        return TFLITE_OP_FAIL(op, HF_EFORMAT,
                              "align_corners and half_pixel_centers are both set, expected one at most");
    if (!nearest)
        return hf_tflite_op_add(op, HF_OP_RESIZE_BILINEAR, NULL);
    const int32_t height = op->output_shape.height;
    const int32_t width = op->output_shape.width;
    int32_t *positions = malloc(((size_t)height + (size_t)width) * sizeof *positions);
    if (!positions)
        return TFLITE_OP_FAIL(op, HF_ENOMEM, "no memory for %d positions", height + width);
    for (int32_t y = 0; y < height; y++)
        positions[y] = hf_resize_nearest(&op->node, in.shape[1], height, y);
    for (int32_t x = 0; x < width; x++)
        positions[height + x] = hf_resize_nearest(&op->node, in.shape[2], width, x);
    status = hf_tflite_op_add(op, HF_OP_TAKE, NULL);
    if (!status)
        status = hf_tflite_positions(op->tflite, positions, positions + height);
    free(positions);
    return status;
}

/* ---- Writing: a take as two gathers, of rows and of columns ---- */

static size_t put_gather(hf_flat_writer *flat, const hf_tflite_plan *plan,
                         const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "4");
    (void)plan;
    hf_flat_set_i32(flat, at, GATHER_AXIS, op->axis);
    return at;
}

static hf_status plan_take(hf_tflite_planner *p, hf_error *err)
{
    const hf_node *node = p->node;
    const hf_tensor *in = &p->plan->graph->tensors[node->inputs[0]];
    const hf_tensor *out = &p->plan->graph->tensors[node->output];
    if (!node->positions)
        return HF_FAIL(err, HF_EINVALID, "%s: its positions are missing", node->name);
    hf_tflite_planned_tensor rows = {
        .type = TYPE_INT8, .rank = 4, .shape = {1, out->height, in->width, in->channels}, .quant = in->quant};
    hf_tflite_planned_tensor indices = {
        .type = TYPE_INT32, .rank = 1, .shape = {out->height}, .bias = node->positions};
    hf_tflite_planner_set_operator(p, BUILTIN_GATHER, 2, OPTIONS_GATHER, put_gather);
    p->op.axis = 1;
    const int32_t from = hf_tflite_planner_input_4d(p, 0);
    const int32_t first = hf_tflite_plan_add_tensor(p->plan, &indices);
    const int32_t middle = hf_tflite_plan_add_tensor(p->plan, &rows);
    hf_tflite_plan_add_operator(p->plan, p->op, (int32_t[]){from, first}, 2, &middle, 1);
    indices.shape[0] = out->width;
    indices.bias = node->positions + out->height;
    p->op.axis = 2;
    hf_tflite_planner_add_input(p, middle);
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_tensor(p->plan, &indices));
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

static size_t put_bilinear(hf_flat_writer *flat, const hf_tflite_plan *plan,
                           const hf_tflite_planned_operator *op)
{
    size_t at = hf_flat_put_table(flat, "--11");
    (void)plan;
    hf_flat_set_u8(flat, at, BILINEAR_ALIGN, op->node->align_corners);
    hf_flat_set_u8(flat, at, BILINEAR_HALF_PIXEL, op->node->half_pixel_centers);
    return at;
}

static hf_status plan_resize(hf_tflite_planner *p, hf_error *err)
{
    const hf_tensor *out = &p->plan->graph->tensors[p->node->output];
    const int32_t size[] = {out->height, out->width};
    (void)err;
    hf_tflite_planner_set_operator(p, BUILTIN_RESIZE_BILINEAR, 3, OPTIONS_RESIZE_BILINEAR, put_bilinear);
    hf_tflite_planner_add_input(p, hf_tflite_planner_input_4d(p, 0));
    hf_tflite_planner_add_input(p, hf_tflite_plan_add_ints(p->plan, p->node, "size", size, 2, 1));
    hf_tflite_planner_finish(p, 4);
    return HF_OK;
}

#define TWO_INPUTS(builtin, text, reader)                                                                    \
    {                                                                                                        \
        .code = BUILTIN_##builtin, .name = (text), .options_type = OPTIONS_##builtin, .min_inputs = 2,       \
        .max_inputs = 2, .more_types = HF_TFLITE_MOVES, .read = (reader)                                     \
    }

static const hf_tflite_builtin builtins[] = {
    TWO_INPUTS(GATHER, "GATHER", read_gather),
    TWO_INPUTS(REVERSE, "REVERSE_V2", read_reverse),
    TWO_INPUTS(TILE, "TILE", read_tile),
    TWO_INPUTS(BROADCAST_TO, "BROADCAST_TO", read_tile),
    TWO_INPUTS(MIRROR_PAD, "MIRROR_PAD", read_mirror_pad),
    TWO_INPUTS(RESIZE_NEAREST, "RESIZE_NEAREST_NEIGHBOR", read_resize),
    TWO_INPUTS(RESIZE_BILINEAR, "RESIZE_BILINEAR", read_resize),
};

static const hf_tflite_writer writers[] = {
    {HF_OP_TAKE, plan_take},
    {HF_OP_RESIZE_BILINEAR, plan_resize},
};

HF_TFLITE_OPERATOR(take);
