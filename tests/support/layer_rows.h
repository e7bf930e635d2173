/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LAYER_ROWS_H
#define LAYER_ROWS_H

#include <stddef.h>
#include <string.h>

#include "engine/format.h"

/** Bytes of one output row without padding between its values. */
static inline size_t layer_row_bytes(const hf_op_record *r)
{
    return (size_t)r->out_width * r->out_channels;
}

/** Bytes from one output row in memory to the next. */
static inline size_t layer_row_pitch(const hf_op_record *r)
{
    return (size_t)r->out_width * r->out_step;
}

/** Copies output rows from their layout in memory to [rows][W][C]. @param to row_count * layer_row_bytes() */
static inline void layer_rows_copy(const hf_op_record *r, const int8_t *rows, uint32_t row_count, int8_t *to)
{
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    for (size_t left = (size_t)row_count * r->out_width; left > 0; left--, rows += r->out_step) {
        if (r->channel_step == 1) {
            memcpy(to, rows, r->out_channels);
            to += r->out_channels;
            continue;
        }
        for (uint32_t g = 0; g < r->parts; g++)
            for (uint32_t i = 0; i < channels; i++)
                *to++ = rows[(size_t)i * r->channel_step + g];
    }
}

#endif
