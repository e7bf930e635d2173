/* SPDX-License-Identifier: Apache-2.0 */
/* The accumulators of operators with weights: 2-D and depthwise convolution, dense. A difference from the zero
 * point has 9 bits, so a product with a weight has 17 and the factors fit into 16: compilers turn sums of
 * such products into vector instructions. */
#include <stdlib.h>
#include <string.h>

#include "reference/node.h"

/* Rows of weights are padded with zeros to a multiple of this, so that loops over them have no remainder. */
#define ROW_VALUES 8

/* Unsigned, so that sums wrap at 32 bits as on the target. Signed overflow would be undefined. */
static uint32_t product(int16_t a, int16_t b)
{
    return (uint32_t)(a * b);
}

/* A row times one column, which is as long. @param count a multiple of ROW_VALUES */
static uint32_t dot(const int16_t *row, const int16_t *column, int64_t count)
{
    uint32_t sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += product(row[i], column[i]);
    return sum;
}

/* Four rows in succession times one column: faster, as the column is read only once. */
static void dot_four(const int16_t *rows, const int16_t *column, int64_t count, uint32_t sums[4])
{
    uint32_t a = 0, b = 0, c = 0, d = 0;
    for (int64_t i = 0; i < count; i++) {
        a += product(rows[i], column[i]);
        b += product(rows[count + i], column[i]);
        c += product(rows[2 * count + i], column[i]);
        d += product(rows[3 * count + i], column[i]);
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

static void subtract_zero_point(const int8_t *values, int64_t count, int32_t zero_point, int16_t *to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = (int16_t)(values[i] - zero_point);
}

/* Each output channel's weights as a row. */
static void widen_rows(const hf_node *node, int64_t rows, hf_accumulation *a)
{
    for (int64_t r = 0; r < rows; r++)
        subtract_zero_point(node->weights + r * a->row_values, a->row_values, 0,
                            a->weights + r * a->row_stride);
}

hf_status hf_accumulation_init(const hf_graph *graph, const hf_node *node, hf_accumulation *out,
                               hf_error *err)
{
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    hf_accumulation a = {.node = node, .in = in, .out = &graph->tensors[node->output]};
    hf_node_padding(graph, node, &a.top, &a.left);
    const int64_t count = hf_node_weight_count(graph, node);
    const int64_t rows = node->op == HF_OP_DEPTHWISE ? 1 : a.out->channels;
    a.groups = node->op == HF_OP_CONV2D ? node->groups : 1;
    a.row_values = count / rows;
    a.row_stride = (a.row_values + ROW_VALUES - 1) / ROW_VALUES * ROW_VALUES;
    a.weights = calloc((size_t)(rows * a.row_stride), sizeof *a.weights);
    a.columns = calloc((size_t)(a.groups * a.row_stride), sizeof *a.columns);
    if (!a.weights || !a.columns) {
        hf_accumulation_free(&a);
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %lld weights", node->name, (long long)count);
    }
    widen_rows(node, rows, &a);
    *out = a;
    return HF_OK;
}

void hf_accumulation_free(hf_accumulation *a)
{
    free(a->weights);
    free(a->columns);
    *a = (hf_accumulation){0};
}

/* The parts of the kernel that lie inside the input at an output position. */
static void windows_at(const hf_accumulation *a, int32_t y, int32_t x, hf_window *rows, hf_window *columns)
{
    const hf_node *node = a->node;
    *rows = hf_window_at(y, node->stride_height, a->top, node->kernel_height, a->in->height);
    *columns = hf_window_at(x, node->stride_width, a->left, node->kernel_width, a->in->width);
}

/* Gathers what a convolution reads at an output position, in the order of the weights: a column for each group.
 * Values outside the input are zeros. */
static void gather_columns(const hf_accumulation *a, const int8_t *input, int32_t y, int32_t x)
{
    const hf_node *node = a->node;
    const int32_t channels = a->in->channels;
    const int32_t group_channels = channels / a->groups;
    hf_window rows, columns;
    windows_at(a, y, x, &rows, &columns);
    const int32_t inside = columns.end - columns.begin;
    if (inside < node->kernel_width || rows.end - rows.begin < node->kernel_height)
        memset(a->columns, 0, (size_t)(a->groups * a->row_stride) * sizeof *a->columns);
    for (int32_t k = rows.begin; k < rows.end; k++) {
        const int64_t position = (int64_t)(rows.origin + k) * a->in->width + columns.origin + columns.begin;
        const int8_t *from = input + position * channels;
        const int64_t tap = (int64_t)k * node->kernel_width + columns.begin;
        /* Without groups, a row of the kernel is contiguous in the input. */
        if (a->groups == 1)
            subtract_zero_point(from, (int64_t)inside * channels, a->in->quant.zero_point,
                                a->columns + tap * channels);
        for (int32_t i = 0; a->groups > 1 && i < inside * a->groups; i++)
            subtract_zero_point(from + (int64_t)i * group_channels, group_channels, a->in->quant.zero_point,
                                a->columns + i % a->groups * a->row_stride +
                                    (tap + i / a->groups) * group_channels);
    }
}

/* Every row of weights times the column of its group. */
static void multiply_rows(const hf_accumulation *a, uint32_t *sums)
{
    const int32_t group_rows = a->out->channels / a->groups;
    for (int32_t g = 0; g < a->groups; g++) {
        const int16_t *column = a->columns + g * a->row_stride;
        const int16_t *rows = a->weights + (int64_t)g * group_rows * a->row_stride;
        int32_t r = 0;
        for (; r + 4 <= group_rows; r += 4)
            dot_four(rows + r * a->row_stride, column, a->row_stride, sums + r);
        for (; r < group_rows; r++)
            sums[r] = dot(rows + r * a->row_stride, column, a->row_stride);
        sums += group_rows;
    }
}

/* Adds one tap of a depthwise kernel to the sums of all channels. A product fits into 16 bits: its factors are
 * at most 128 and 255. */
static void add_tap(const int16_t *weights, const int8_t *values, int16_t zero_point, int32_t channels,
                    uint32_t *sums)
{
    for (int32_t c = 0; c < channels; c++)
        sums[c] += (uint32_t)(int16_t)(weights[c] * (int16_t)(values[c] - zero_point));
}

static void depthwise_sums(const hf_accumulation *a, const int8_t *input, int32_t y, int32_t x,
                           uint32_t *sums)
{
    const int32_t channels = a->in->channels;
    hf_window rows, columns;
    windows_at(a, y, x, &rows, &columns);
    memset(sums, 0, (size_t)channels * sizeof *sums);
    for (int32_t ky = rows.begin; ky < rows.end; ky++)
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
            const int64_t tap = (int64_t)ky * a->node->kernel_width + kx;
            const int64_t position = (int64_t)(rows.origin + ky) * a->in->width + columns.origin + kx;
            add_tap(a->weights + tap * channels, input + position * channels,
                    (int16_t)a->in->quant.zero_point, channels, sums);
        }
}

void hf_accumulation_sums(const hf_accumulation *a, const int8_t *input, int32_t y, int32_t x, uint32_t *sums)
{
    switch (a->node->op) {
    case HF_OP_CONV2D:
        gather_columns(a, input, y, x);
        multiply_rows(a, sums);
        break;
    case HF_OP_DEPTHWISE:
        depthwise_sums(a, input, y, x, sums);
        break;
    default: /* dense: the whole input at once */
        subtract_zero_point(input, a->row_values, a->in->quant.zero_point, a->columns);
        multiply_rows(a, sums);
        break;
    }
}
