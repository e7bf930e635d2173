/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"

/* Replaces each value by its table entry, forwards. */
HF_SPECIAL_LOOP static void look_up(const uint8_t *table, const int8_t *input, int8_t *out, size_t count)
{
    for (; count >= 4; count -= 4, input += 4, out += 4) {
        const uint32_t in = hf_load32(input);
        hf_store32(out, (uint32_t)table[in & 0xFF] | (uint32_t)table[in >> 8 & 0xFF] << 8 |
                            (uint32_t)table[in >> 16 & 0xFF] << 16 | (uint32_t)table[in >> 24] << 24);
    }
    for (; count > 0; count--)
        *out++ = (int8_t)table[(uint8_t)*input++];
}

void hf_run_table(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        const int8_t *from = hf_input_row(c, y);
        int8_t *to = hf_output_row(c, y);
        if (r->in_step == r->in_channels && r->out_step == r->out_channels) {
            look_up(c->data, from, to, (size_t)r->out_width * r->out_channels);
            continue;
        }
        for (uint32_t left = r->out_width; left > 0; left--, from += r->in_step, to += r->out_step)
            look_up(c->data, from, to, r->out_channels);
    }
}
