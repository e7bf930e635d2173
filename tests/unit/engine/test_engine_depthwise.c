/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine/layout.h"
#include "kernels.h"
#include "random_graph.h"

/* Views and chains: the depthwise kernel on spread-out tensors, all rows at once and row by row through
 * rings, against a plain loop. */

#define CASES 400

typedef struct layer_data {
    hf_op_record record;
    hf_channel_wide channels[12];
    int8_t weights[12 * 49];
} layer_data;

static void random_layer(random_source *r, layer_data *l)
{
    const uint16_t channels = (uint16_t)random_between(r, 1, 12);
    *l = (layer_data){.record = {.op = HF_IMAGE_OP_DEPTHWISE,
                                 .params = HF_PARAMS_WIDE,
                                 .parts = 1,
                                 .channel_step = 1,
                                 .activation_min = INT8_MIN,
                                 .activation_max = INT8_MAX,
                                 .input_zero_point = (int8_t)random_next(r),
                                 .output_zero_point = (int8_t)random_next(r),
                                 .in_height = (uint16_t)random_between(r, 1, 24),
                                 .in_width = (uint16_t)random_between(r, 1, 60),
                                 .in_channels = channels,
                                 .out_channels = channels,
                                 .kernel_height = (uint8_t)random_between(r, 1, 7),
                                 .kernel_width = (uint8_t)random_between(r, 1, 7),
                                 .stride_height = (uint8_t)random_between(r, 1, 3),
                                 .stride_width = (uint8_t)random_between(r, 1, 3),
                                 .in_step = (uint16_t)(channels + random_between(r, 0, 5)),
                                 .out_step = (uint16_t)(channels + random_between(r, 0, 5))}};
    hf_op_record *op = &l->record;
    op->pad_top = (uint8_t)random_between(r, 0, op->kernel_height - 1);
    op->pad_left = (uint8_t)random_between(r, 0, op->kernel_width - 1);
    op->out_height =
        (uint16_t)random_between(r, 1, (op->in_height + op->pad_top - 1) / op->stride_height + 1);
    op->out_width = (uint16_t)random_between(r, 1, (op->in_width + op->pad_left - 1) / op->stride_width + 1);
    for (size_t i = 0; i < sizeof l->weights; i++)
        l->weights[i] = (int8_t)random_next(r);
    for (size_t c = 0; c < channels; c++)
        l->channels[c] =
            (hf_channel_wide){random_between(r, -9999, 9999), 1518500250, -random_between(r, 5, 9)};
    assert_true(hf_record_geometry_ok(op));
}

/* One output as the format defines it, except where two roundings differ from one. */
static double expected(const layer_data *l, const int8_t *input, int32_t y, int32_t x, int32_t c)
{
    const hf_op_record *op = &l->record;
    int32_t sum = l->channels[c].bias;
    for (int32_t i = 0; i < op->kernel_height; i++)
        for (int32_t j = 0; j < op->kernel_width; j++) {
            const int32_t row = y * op->stride_height - op->pad_top + i;
            const int32_t column = x * op->stride_width - op->pad_left + j;
            int32_t value = +op->input_zero_point;
            if (row >= 0 && row < op->in_height && column >= 0 && column < op->in_width)
                value = +input[(row * op->in_width + column) * op->in_step + c];
            sum += value * l->weights[(c * op->kernel_height + i) * op->kernel_width + j];
        }
    double value = sum * (1518500250.0 / 2147483648.0) / (1 << -l->channels[c].shift) + op->output_zero_point;
    return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value;
}

static void check_output(const layer_data *l, const int8_t *input, const int8_t *row, int32_t y)
{
    const hf_op_record *op = &l->record;
    for (int32_t x = 0; x < op->out_width; x++)
        for (int32_t c = 0; c < op->out_step; c++) {
            const int8_t got = row[x * op->out_step + c];
            const double want = c < op->out_channels ? expected(l, input, y, x, c) : 99;
            if (got < want - 0.52 || got > want + 0.52)
                fail_msg("row %d, column %d, byte %d: %d instead of %f", y, x, c, got, want);
        }
}

static uint8_t *data_block(const layer_data *l)
{
    const size_t channels = l->record.out_channels;
    const size_t bytes = (size_t)hf_record_data_bytes(&l->record);
    uint8_t *data = malloc(bytes);
    assert_non_null(data);
    memcpy(data, l->channels, channels * sizeof *l->channels);
    memcpy(data + channels * sizeof *l->channels, l->weights, bytes - channels * sizeof *l->channels);
    return data;
}

static int8_t *filled(size_t bytes)
{
    int8_t *block = malloc(bytes);
    assert_non_null(block);
    memset(block, 99, bytes);
    return block;
}

static void whole_tensors(void **state)
{
    (void)state;
    random_source r = {5};
    for (int i = 0; i < CASES; i++) {
        layer_data l;
        random_layer(&r, &l);
        const size_t out_row = (size_t)l.record.out_width * l.record.out_step;
        const size_t in_bytes = (size_t)l.record.in_height * l.record.in_width * l.record.in_step;
        int8_t *input = filled(in_bytes), *output = filled(out_row * l.record.out_height);
        int8_t *scratch = filled((size_t)hf_record_scratch_bytes(&l.record));
        uint8_t *data = data_block(&l);
        random_input(&r, input, in_bytes);
        hf_run_depthwise(&(hf_op_context){.record = &l.record,
                                          .data = data,
                                          .input = input,
                                          .output = output,
                                          .extra = scratch,
                                          .in_rows = l.record.in_height,
                                          .end_row = l.record.out_height});
        for (int32_t y = 0; y < l.record.out_height; y++)
            check_output(&l, input, output + (size_t)y * out_row, y);
        free(input), free(output), free(scratch), free(data);
    }
}

/* The input's ring holds only the rows of a window. */
static void rows_of_rings(void **state)
{
    (void)state;
    random_source r = {6};
    for (int i = 0; i < CASES; i++) {
        layer_data l;
        random_layer(&r, &l);
        hf_op_record *op = &l.record;
        op->ring_rows = (uint8_t)random_between(&r, 0, 3);
        const uint32_t in_rows = op->kernel_height < op->in_height ? op->kernel_height : op->in_height;
        const size_t in_row = (size_t)op->in_width * op->in_step;
        const size_t out_row = (size_t)op->out_width * op->out_step;
        int8_t *input = filled(in_row * op->in_height), *ring = filled(in_row * in_rows);
        int8_t *output = filled(out_row * (op->ring_rows ? op->ring_rows : op->out_height));
        int8_t *scratch = filled((size_t)hf_record_scratch_bytes(op));
        uint8_t *data = data_block(&l);
        random_input(&r, input, in_row * op->in_height);
        uint32_t rows = 0;
        for (uint32_t y = 0; y < op->out_height; y++) {
            for (const uint32_t needed = hf_record_rows_needed(op, y); rows < needed; rows++)
                memcpy(ring + (rows % in_rows) * in_row, input + rows * in_row, in_row);
            const hf_op_context context = {.record = op,
                                           .data = data,
                                           .input = ring,
                                           .output = output,
                                           .extra = scratch,
                                           .in_rows = in_rows,
                                           .first_row = y,
                                           .end_row = y + 1};
            hf_run_depthwise(&context);
            check_output(&l, input, hf_output_row(&context, y), (int32_t)y);
        }
        free(input), free(ring), free(output), free(scratch), free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_tensors),
        cmocka_unit_test(rows_of_rings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
