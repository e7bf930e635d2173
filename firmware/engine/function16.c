/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one value of 16 bits, or of 8 bits with a result of 16. */
#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"
#include "sigmoid.h"

#if !defined(HF_ENGINE_SMALL)

static int is_sigmoid(const hf_function16_data *d)
{
    return d->function == HF_FUNCTION16_KIND_LOGISTIC || d->function == HF_FUNCTION16_KIND_TANH;
}

int hf_function16_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_function16_data *d = (const hf_function16_data *)(const void *)data;
    const int32_t limit = r->out_channels < r->in_channels ? INT8_MIN : INT16_MIN;
    if (d->function >= HF_FUNCTION16_KIND_COUNT || d->min > d->max || d->min < limit || d->max > -limit - 1)
        return 0;
    if (is_sigmoid(d))
        return d->multiplier[0] >= 0 && d->multiplier[0] <= INT16_MAX && d->shift[0] >= 0 &&
               d->shift[0] <= 30 && r->in_channels == r->out_channels;
    return hf_scale_ok(d->multiplier[0], d->shift[0], 14) && hf_scale_ok(d->multiplier[1], d->shift[1], 14);
}

static int32_t value_of(const hf_function16_data *d, int32_t x)
{
    if (!is_sigmoid(d)) {
        const int i = x >= 0;
        return hf_multiply_quantized(x, d->multiplier[i], d->shift[i]);
    }
    const int64_t round = d->shift[0] > 0 ? INT64_C(1) << (d->shift[0] - 1) : 0;
    const int32_t steps = (int32_t)(((int64_t)x * d->multiplier[0] + round) >> d->shift[0]);
    return d->function == HF_FUNCTION16_KIND_LOGISTIC ? hf_sigmoid16(steps) : hf_tanh16(steps);
}

void hf_run_function16(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_function16_data *d = (const hf_function16_data *)(const void *)c->data;
    const int in_wide = r->in_channels >= r->out_channels;
    const int out_wide = r->out_channels >= r->in_channels;
    const size_t values =
        (size_t)r->in_height * r->in_width * (in_wide ? r->in_channels / 2U : r->in_channels);
    const int8_t *in = c->input;
    int8_t *out = c->output;
    for (size_t i = 0; i < values; i++) {
        const int32_t x = (in_wide ? hf_load16(in) : *in) - r->input_zero_point;
        int32_t value = value_of(d, x) + r->output_zero_point;
        value = value < d->min ? d->min : value > d->max ? d->max : value;
        in += in_wide ? 2 : 1;
        if (out_wide)
            hf_store16(out, value);
        else
            *out = (int8_t)value;
        out += out_wide ? 2 : 1;
    }
}

#endif
