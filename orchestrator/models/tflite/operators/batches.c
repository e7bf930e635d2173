/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND of one image, as converters put them around a dilated convolution. If a convolution
 * is all that is between them, it reads the padded image with its weights spread, and the batches never exist. Otherwise each
 * is a permutation of the image's rows and columns; convolutions along the width take the batches as rows.
 */
#include <string.h>

#include "operator.h"

enum { BUILTIN_BATCH_TO_SPACE = 37, BUILTIN_SPACE_TO_BATCH = 38 };
enum { OPTIONS_BATCH_TO_SPACE = 24, OPTIONS_SPACE_TO_BATCH = 25 };
enum { BUILTIN_CONV_2D = 3, BUILTIN_DEPTHWISE_CONV_2D = 4 };

/* An image of height and width in blocks. */
typedef struct blocks {
    int32_t block[2];      /* its size along height and width; 1: not divided */
    int32_t borders[2][2]; /* along each: before and after, of padding or cropping */
    int32_t height, width; /* of the image, with its borders */
    int32_t channels;
} blocks;

static hf_status read_blocks(hf_tflite_op *op, blocks *b)
{
    int32_t sizes[2], borders[4];
    uint32_t size_count = 0, border_count = 0;
    hf_tflite_tensor in;
    hf_status status;
    if ((status = hf_tflite_op_input(op, 0)) || (status = hf_tflite_op_output(op, 0)) ||
        (status = hf_tflite_op_same_quant(op)) ||
        (status = hf_tflite_tensor_read(op->tflite, op->inputs[0], "input 0", &in)) ||
        (status = hf_tflite_op_ints(op, 1, "block shape", sizes, 2, &size_count)) ||
        (status = hf_tflite_op_ints(op, 2, "borders", borders, 4, &border_count)))
        return status;
    /* [batch, width, channels] or [batch, height, width, channels] */
    if (in.rank != size_count + 2 || op->output.rank != in.rank || border_count != 2 * size_count)
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "%u dimensions and %u block sizes, expected 3 and 1 or 4 and 2", in.rank,
                              size_count);
    *b = (blocks){.block = {1, 1}, .channels = in.shape[in.rank - 1]};
    for (uint32_t d = 0; d < size_count; d++) {
        const uint32_t to = d + 2 - size_count;
        const int32_t before = borders[(size_t)2 * d];
        const int32_t after = borders[(size_t)2 * d + 1];
        b->block[to] = sizes[d];
        b->borders[to][0] = before;
        b->borders[to][1] = after;
        if (sizes[d] < 1 || sizes[d] > UINT8_MAX || before < 0 || after < 0 ||
            before > HF_GRAPH_MAX_DIMENSION || after > HF_GRAPH_MAX_DIMENSION)
            return TFLITE_OP_FAIL(op, HF_EFORMAT, "block size %d with borders of %d and %d", sizes[d], before,
                                  after);
    }
    const hf_tflite_tensor *image = op->builtin == BUILTIN_SPACE_TO_BATCH ? &in : &op->output;
    const hf_tflite_tensor *batches = image == &in ? &op->output : &in;
    if (image->shape[0] != 1 || batches->shape[0] != b->block[0] * b->block[1])
        return TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                              "batches of %d and %d with blocks of %dx%d, expected 1 and %d", image->shape[0],
                              batches->shape[0], b->block[0], b->block[1], b->block[0] * b->block[1]);
    b->height = (in.rank == 4 ? image->shape[1] : 1) + b->borders[0][0] + b->borders[0][1];
    b->width = image->shape[in.rank - 2] + b->borders[1][0] + b->borders[1][1];
    if ((int64_t)b->height * b->width > HF_GRAPH_MAX_TENSOR_BYTES / b->channels)
        return TFLITE_OP_FAIL(op, HF_ELIMIT, "%dx%dx%d values, at most %d are supported", b->height, b->width,
                              b->channels, HF_GRAPH_MAX_TENSOR_BYTES);
    if (b->height % b->block[0] != 0 || b->width % b->block[1] != 0)
        return TFLITE_OP_FAIL(op, HF_EFORMAT, "%dx%d positions do not divide into blocks of %dx%d", b->height,
                              b->width, b->block[0], b->block[1]);
    return HF_OK;
}

/* Columns, then rows: of every block's first, then of every block's second and so on; or back. */
static hf_status exchange(hf_tflite_op *op, const blocks *b, bool back, int32_t *tensor)
{
    const int32_t rows = b->height / b->block[0];
    const int32_t columns = b->width / b->block[1];
    static const int32_t column_order[] = {2, 0, 1, 3}, column_back[] = {1, 2, 0, 3};
    static const int32_t row_order[] = {2, 0, 1, 3}, row_back[] = {1, 2, 0, 3};
    /* [rows of all blocks, columns, column in its block, channels] to [column in its block, rows ..., columns, channels] */
    const int32_t by_column[] = {b->height, columns, b->block[1], b->channels};
    const int32_t from_column[] = {b->block[1], b->height, columns, b->channels};
    /* [column in its block, rows, row in its block, a row] to [row in its block, column in its block, rows, a row] */
    const int32_t by_row[] = {b->block[1], rows, b->block[0], columns * b->channels};
    const int32_t from_row[] = {b->block[0], b->block[1], rows, columns * b->channels};
    hf_status status;
    if (!back) {
        if ((status = hf_tflite_transpose(op->tflite, *tensor, by_column, column_order, 4, op->value_bytes,
                                          (int64_t)b->block[1] * b->height, columns, tensor)))
            return status;
        return hf_tflite_transpose(op->tflite, *tensor, by_row, row_order, 4, op->value_bytes,
                                   (int64_t)b->block[0] * b->block[1] * rows, columns, tensor);
    }
    if ((status = hf_tflite_transpose(op->tflite, *tensor, from_row, row_back, 4, op->value_bytes,
                                      (int64_t)b->block[1] * b->height, columns, tensor)))
        return status;
    return hf_tflite_transpose(op->tflite, *tensor, from_column, column_back, 4, op->value_bytes, b->height,
                               b->width, tensor);
}

/* The only operator that reads a tensor, and its output. @return its code, -1: none, or several */
static hf_status reader_of(hf_tflite *tflite, int32_t tensor, int32_t *builtin, int32_t *output)
{
    *builtin = -1;
    if (tensor < 0 || (uint32_t)tensor >= tflite->tensors.count || tflite->consumers[tensor] < 0)
        return HF_OK;
    hf_flat_table table =
        hf_flat_table_at(&tflite->file, tflite->operators, (uint32_t)tflite->consumers[tensor]);
    hf_status status = hf_tflite_builtin_code(tflite, table, builtin);
    if (status)
        return status;
    hf_flat_vector inputs = hf_flat_subvector(&tflite->file, table, OPERATOR_INPUTS, 4);
    hf_flat_vector outputs = hf_flat_subvector(&tflite->file, table, OPERATOR_OUTPUTS, 4);
    if (inputs.count < 1 || outputs.count < 1 || hf_flat_i32_at(&tflite->file, inputs, 0) != tensor)
        *builtin = -1;
    *output = hf_flat_i32_at(&tflite->file, outputs, 0);
    return hf_tflite_check(tflite);
}

static hf_status is_around_convolution(hf_tflite_op *op, bool *out)
{
    int32_t builtin = -1, middle = -1, last = -1;
    hf_status status = reader_of(op->tflite, op->output.index, &builtin, &middle);
    *out = builtin == BUILTIN_CONV_2D || builtin == BUILTIN_DEPTHWISE_CONV_2D;
    if (!status && *out)
        status = reader_of(op->tflite, middle, &builtin, &last);
    *out = *out && builtin == BUILTIN_BATCH_TO_SPACE;
    return status;
}

static hf_status read_space_to_batch(hf_tflite_op *op)
{
    blocks b;
    bool spreads = false;
    hf_tflite *tflite = op->tflite;
    hf_status status = read_blocks(op, &b);
    if (status || (status = is_around_convolution(op, &spreads)))
        return status;
    int32_t tensor = op->node.inputs[0];
    int32_t shape[] = {b.height - b.borders[0][0] - b.borders[0][1],
                       b.width - b.borders[1][0] - b.borders[1][1], b.channels};
    for (uint32_t d = 0; d < 2 && !status; d++)
        if (b.borders[d][0] + b.borders[d][1] > 0) {
            status = hf_tflite_pad_axis(op, shape, 3, d, b.borders[d][0], b.borders[d][1], &tensor);
        }
    if (status || (status = hf_tflite_reshape(tflite, tensor, b.height, b.width,
                                              (int64_t)b.channels * op->value_bytes, &tensor)))
        return status;
    if (spreads) {
        tflite->spreads[op->output.index] = (hf_tflite_spread){b.block[0], b.block[1]};
        tflite->tensor_map[op->output.index] = tensor;
        return HF_OK;
    }
    status = exchange(op, &b, false, &tensor);
    return status ? status : hf_tflite_op_alias(op, tensor);
}

static hf_status read_batch_to_space(hf_tflite_op *op)
{
    blocks b;
    hf_tflite *tflite = op->tflite;
    hf_status status = read_blocks(op, &b);
    if (status)
        return status;
    int32_t tensor = op->node.inputs[0];
    const hf_tflite_spread spread = tflite->spreads[op->inputs[0]];
    const hf_tensor *in = hf_tflite_op_in(op);
    if (spread.height == 0)
        status = exchange(op, &b, true, &tensor);
    else if (spread.height != b.block[0] || spread.width != b.block[1] || in->height != b.height ||
             in->width != b.width)
        status = TFLITE_OP_FAIL(op, HF_EUNSUPPORTED,
                                "blocks of %dx%d, expected those of the SPACE_TO_BATCH_ND, %dx%d", b.block[0],
                                b.block[1], spread.height, spread.width);
    int32_t shape[] = {b.height, b.width, b.channels};
    for (uint32_t d = 0; d < 2 && !status; d++) {
        const int32_t count = shape[d] - b.borders[d][0] - b.borders[d][1];
        if (count < shape[d])
            status = hf_tflite_slice(tflite, tensor, hf_tflite_axis_of(op, shape, 3, d), b.borders[d][0],
                                     count, &tensor);
        shape[d] = count;
    }
    return status ? status : hf_tflite_op_alias(op, tensor);
}

#define BLOCKS(builtin, text, reader)                                                                        \
    {                                                                                                        \
        .code = BUILTIN_##builtin, .name = (text), .options_type = OPTIONS_##builtin, .min_inputs = 3,       \
        .max_inputs = 3, .more_types = HF_TFLITE_MOVES, .read = (reader)                                     \
    }

static const hf_tflite_builtin builtins[] = {
    BLOCKS(SPACE_TO_BATCH, "SPACE_TO_BATCH_ND", read_space_to_batch),
    BLOCKS(BATCH_TO_SPACE, "BATCH_TO_SPACE_ND", read_batch_to_space),
};

HF_TFLITE_READ_ONLY_OPERATOR(batches);
