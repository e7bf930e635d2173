/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters over the last inputs. The state moves by one time step, every filter adds the newest value, and a unit sums its
 * filters over time. Neither input may overlap the output.
 */
#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

int hf_svdf_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_svdf_data *d = (const hf_svdf_data *)(const void *)data;
    (void)r;
    return hf_scale_ok(d->multiplier[0], d->shift[0], 30) && hf_scale_ok(d->multiplier[1], d->shift[1], 30) &&
           d->state_min <= d->state_max && d->state_min >= INT16_MIN && d->state_max <= INT16_MAX;
}

static int32_t newest(const hf_svdf_data *d, int32_t sum)
{
    const int32_t value = hf_multiply_quantized(sum, d->multiplier[0], d->shift[0]);
    return value < d->state_min ? d->state_min : value > d->state_max ? d->state_max : value;
}

void hf_run_svdf(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_svdf_data *d = (const hf_svdf_data *)(const void *)c->data;
    const uint32_t units = hf_svdf_units(r);
    const uint32_t filters = units * r->kernel_width;
    const uint32_t bytes = 2U * r->kernel_height; /* of a filter's state */
    const int32_t *offsets = (const int32_t *)(const void *)(c->data + sizeof *d);
    const int32_t *biases = offsets + filters;
    const uint8_t *times = (const uint8_t *)(biases + units);
    const int8_t *weights = (const int8_t *)times + (size_t)filters * bytes;
    const int8_t *before = c->extra;
    int8_t *state = c->output;
    int8_t *out = c->output + (size_t)filters * bytes;
    for (uint32_t u = 0; u < units; u++) {
        int32_t sum = *biases++;
        for (uint32_t i = 0; i < r->kernel_width; i++) {
            hf_copy(state, before + 2, bytes - 2);
            hf_store16(state + bytes - 2, newest(d, hf_dot8(weights, c->input, r->in_channels, *offsets++)));
            sum = hf_dot16(times, (const uint8_t *)state, r->kernel_height, sum);
            before += bytes;
            state += bytes;
            times += bytes;
            weights += r->in_channels;
        }
        *out++ = hf_requantize_wide(sum, d->multiplier[1], d->shift[1], r->output_zero_point);
    }
}

#endif
