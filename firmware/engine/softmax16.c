/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax of 16-bit values with two tables of 512 linear pieces: the exponential and the reciprocal. */
#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

int hf_softmax16_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_softmax16_data *d = (const hf_softmax16_data *)(const void *)data;
    return hf_scale_ok(d->multiplier, d->shift, 14) && r->in_channels % 2 == 0;
}

/* Interpolates; the range of 16 bits is that of the table. */
static int32_t look_up(const int16_t *table, int32_t value)
{
    const int32_t limited = value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value;
    const int16_t *entry = table + 256 + (limited >> 7);
    const int16_t slope = (int16_t)(entry[1] - entry[0]);
    return (int16_t)(entry[0] + ((slope * (limited & 0x7F) + 64) >> 7));
}

static void softmax_row(const hf_softmax16_data *d, uint32_t count, const int8_t *in, int8_t *out)
{
    int32_t largest = INT16_MIN;
    uint32_t sum = 0;
    for (uint32_t c = 0; c < count; c++)
        largest = hf_load16(in + 2 * (size_t)c) > largest ? hf_load16(in + 2 * (size_t)c) : largest;
    for (uint32_t c = 0; c < count; c++) {
        const int32_t difference = hf_load16(in + 2 * (size_t)c) - largest;
        const int32_t scaled = hf_multiply_quantized(difference, d->multiplier, d->shift);
        const int32_t share =
            look_up(d->exponential, scaled > INT32_MAX - INT16_MAX ? INT32_MAX : scaled + INT16_MAX);
        hf_store16(out + 2 * (size_t)c, share);
        sum += (uint32_t)share;
    }
    /* sum = (1 + x) * 2^bits. The table's range is that of x. */
    const int32_t zeros = sum == 0 ? 31 : sum >> 31 ? 1 : __builtin_clz(sum);
    const int64_t normal = (int64_t)(((uint64_t)sum << (zeros - 1)) + (1U << 13)) >> 14;
    const int32_t scale = look_up(d->reciprocal, (int32_t)(normal - (1 << 15) - (1 << 16)));
    const int32_t shift = 31 - zeros;
    const int64_t round = shift > 0 ? INT64_C(1) << (shift - 1) : 0;
    for (uint32_t c = 0; c < count; c++, out += 2) {
        const int64_t value = ((int64_t)hf_load16(out) * scale + round) >> shift;
        hf_store16(out, value < 0 ? 0 : value > INT16_MAX ? INT16_MAX : (int32_t)value);
    }
}

void hf_run_softmax16(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const int8_t *in = c->input;
    int8_t *out = c->output;
    for (uint32_t rows = (uint32_t)r->in_height * r->in_width; rows > 0; rows--) {
        softmax_row((const hf_softmax16_data *)(const void *)c->data, r->in_channels / 2U, in, out);
        in += r->in_channels;
        out += r->in_channels;
    }
}

#endif
