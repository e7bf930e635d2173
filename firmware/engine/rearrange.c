/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that rearrange a tensor: move, which changes the order of dimensions, and take, which picks rows and
 * columns. Neither works in place. */
#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"

#if !defined(HF_ENGINE_SMALL)

int hf_move_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_move_data *move = (const hf_move_data *)(const void *)data;
    const uint64_t bytes = hf_record_input_span(r);
    uint64_t values = 1, last = 0;
    for (int d = 0; d < 4; d++) {
        if (move->count[d] < 1 || move->count[d] > bytes || move->step[d] > bytes)
            return 0;
        values *= move->count[d];
        last += (uint64_t)(move->count[d] - 1) * move->step[d];
        if (values > bytes || last >= bytes)
            return 0;
    }
    return values == bytes;
}

void hf_run_move(const hf_op_context *c)
{
    const hf_move_data *move = (const hf_move_data *)(const void *)c->data;
    const uint32_t *count = move->count;
    const uint32_t *step = move->step;
    int8_t *out = c->output;
    for (uint32_t i = 0; i < count[0]; i++)
        for (uint32_t j = 0; j < count[1]; j++)
            for (uint32_t k = 0; k < count[2]; k++) {
                const int8_t *from =
                    c->input + (size_t)i * step[0] + (size_t)j * step[1] + (size_t)k * step[2];
                if (step[3] == 1) {
                    out = hf_copy(out, from, count[3]);
                    continue;
                }
                for (uint32_t l = count[3]; l > 0; l--, from += step[3])
                    *out++ = *from;
            }
}

int hf_take_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const uint16_t *positions = (const uint16_t *)(const void *)data;
    for (uint32_t y = 0; y < r->out_height; y++)
        if (positions[y] >= r->in_height)
            return 0;
    for (uint32_t x = 0; x < r->out_width; x++)
        if (positions[r->out_height + x] >= r->in_width)
            return 0;
    return 1;
}

void hf_run_take(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint16_t *rows = (const uint16_t *)(const void *)c->data;
    const uint16_t *columns = rows + r->out_height;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->out_height; y++) {
        const int8_t *row = hf_input_row(c, rows[y]);
        for (uint32_t x = 0; x < r->out_width; x++)
            out = hf_copy(out, row + (size_t)columns[x] * r->in_channels, r->in_channels);
    }
}

#endif
