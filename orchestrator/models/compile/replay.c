/* SPDX-License-Identifier: Apache-2.0 */
#include "replay.h"

#include "engine/layout.h"

void hf_shadow_read(hf_shadow *s, int64_t address, uint64_t first_tag, int64_t bytes)
{
    if (s->wrong_address >= 0)
        return;
    for (int64_t i = 0; i < bytes; i++)
        if (address + i < 0 || address + i >= s->bytes || s->tags[address + i] != first_tag + (uint64_t)i) {
            s->wrong_address = address + i > 0 ? address + i : 0;
            s->wrong_tag = first_tag + (uint64_t)i;
            return;
        }
}

void hf_shadow_write(hf_shadow *s, int64_t address, uint64_t first_tag, int64_t bytes)
{
    if (bytes > 0 && (address < 0 || address + bytes > s->bytes)) {
        if (s->wrong_address < 0) {
            s->wrong_address = address > 0 ? address : 0;
            s->wrong_tag = first_tag;
        }
        return;
    }
    for (int64_t i = 0; i < bytes; i++)
        s->tags[address + i] = first_tag + (uint64_t)i;
}

/* A kernel's call while it is replayed. */
typedef struct replay {
    hf_shadow *shadow;
    const hf_call *call;
    const hf_op_record *r;
} replay;

/* Reads `bytes` values from channel c of position (y, x) on; they may extend over contiguous positions. */
static void read_input(const replay *k, int64_t y, int64_t x, int64_t c, int64_t bytes)
{
    const hf_stream *in = &k->call->input;
    const int64_t width = k->r->in_width;
    const int64_t step = k->r->in_step;
    hf_shadow_read(k->shadow, in->address + ((y % in->rows) * width + x) * step + c,
                   hf_shadow_tag(in->tensor, in->first_byte + (y * width + x) * step + c), bytes);
}

/* Writes `bytes` bytes from offset `from` of position (y, x) on. */
static void write_bytes(const replay *k, int64_t y, int64_t x, int64_t from, int64_t bytes)
{
    const hf_stream *out = &k->call->output;
    const int64_t width = k->r->out_width;
    const int64_t step = k->r->out_step;
    hf_shadow_write(k->shadow, out->address + ((y % out->rows) * width + x) * step + from,
                    hf_shadow_tag(out->tensor, out->first_byte + (y * width + x) * step + from), bytes);
}

/* All channels of a position, each in the place that channel_step gives it. */
static void write_position(const replay *k, int64_t y, int64_t x)
{
    const hf_op_record *r = k->r;
    if (r->channel_step == 1) {
        write_bytes(k, y, x, 0, r->out_channels);
        return;
    }
    for (int64_t i = 0; i < r->out_channels / r->parts; i++)
        write_bytes(k, y, x, i * r->channel_step, r->parts);
}

static void read_window(const replay *k, int64_t y, int64_t x)
{
    const hf_op_record *r = k->r;
    const int64_t top = y * r->stride_height - r->pad_top;
    const int64_t left = x * r->stride_width - r->pad_left;
    for (int64_t row = top > 0 ? top : 0; row < top + r->kernel_height && row < r->in_height; row++)
        for (int64_t column = left > 0 ? left : 0; column < left + r->kernel_width && column < r->in_width;
             column++)
            read_input(k, row, column, 0, r->in_channels);
}

/* All windows of a tile are copied before its outputs are written. */
static void replay_conv(const replay *k)
{
    const int64_t width = k->r->out_width;
    const int64_t end = k->call->end_row * width;
    const int64_t tile = k->r->tile ? 2 * (int64_t)k->r->tile : 2;
    for (int64_t p = k->call->first_row * width; p < end; p += tile) {
        for (int64_t q = p; q < p + tile && q < end; q++)
            read_window(k, q / width, q % width);
        for (int64_t q = p; q < p + tile && q < end; q++)
            write_position(k, q / width, q % width);
    }
}

/* The whole input is read again for every output channel. */
static void replay_dense(const replay *k)
{
    const hf_op_record *r = k->r;
    for (int64_t o = 0; o < r->out_channels; o++) {
        read_input(k, 0, 0, 0, r->in_channels);
        write_bytes(k, 0, 0, o, 1);
    }
}

/* Four channels at a time, in bands of output rows. The input rows that a band needs are copied just before
 * it, each row once. */
static void replay_depthwise(const replay *k)
{
    const hf_op_record *r = k->r;
    const int64_t band = hf_depthwise_band_rows(r);
    for (int64_t c = 0; c < r->in_channels; c += 4) {
        const int64_t group = r->in_channels - c < 4 ? r->in_channels - c : 4;
        int64_t copied = 0;
        for (int64_t y = k->call->first_row; y < k->call->end_row; y += band) {
            const int64_t last = y + band < k->call->end_row ? y + band : k->call->end_row;
            const int64_t top = y * r->stride_height - r->pad_top;
            const int64_t end = (last - 1) * r->stride_height - r->pad_top + r->kernel_height;
            for (copied = copied > top ? copied : top; copied < end && copied < r->in_height; copied++)
                for (int64_t x = 0; x < r->in_width; x++)
                    read_input(k, copied, x, c, group);
            for (int64_t row = y; row < last; row++)
                for (int64_t x = 0; x < r->out_width; x++)
                    write_bytes(k, row, x, c, group);
        }
    }
}

/* Windows are read in place, up to four channels at a time: all values of a window, then its outputs are
 * written. */
static void replay_pool(const replay *k)
{
    const hf_op_record *r = k->r;
    for (int64_t y = k->call->first_row; y < k->call->end_row; y++)
        for (int64_t x = 0; x < r->out_width; x++)
            for (int64_t c = 0; c < r->in_channels; c += 4) {
                const int64_t group = r->in_channels - c < 4 ? r->in_channels - c : 4;
                const int64_t top = y * r->stride_height - r->pad_top;
                const int64_t left = x * r->stride_width - r->pad_left;
                for (int64_t i = top > 0 ? top : 0; i < top + r->kernel_height && i < r->in_height; i++)
                    for (int64_t j = left > 0 ? left : 0; j < left + r->kernel_width && j < r->in_width; j++)
                        read_input(k, i, j, c, group);
                write_bytes(k, y, x, c, group);
            }
}

/* The same with one window, the whole input. */
static void replay_mean(const replay *k)
{
    const hf_op_record *r = k->r;
    for (int64_t c = 0; c < r->in_channels; c += 4) {
        const int64_t group = r->in_channels - c < 4 ? r->in_channels - c : 4;
        for (int64_t y = 0; y < r->in_height; y++)
            for (int64_t x = 0; x < r->in_width; x++)
                read_input(k, y, x, c, group);
        write_bytes(k, 0, 0, c, group);
    }
}

/* Value by value. A mul's gate is read again at each position. */
static void replay_elements(const replay *k)
{
    const hf_op_record *r = k->r;
    const hf_stream *second = &k->call->second;
    const bool pair = r->op == HF_IMAGE_OP_ADD || r->op == HF_IMAGE_OP_MUL;
    for (int64_t y = k->call->first_row; y < k->call->end_row; y++)
        for (int64_t x = 0; x < r->out_width; x++)
            for (int64_t c = 0; c < r->out_channels; c++) {
                int64_t value = (y * r->in_width + x) * r->in_channels + c;
                if (r->op == HF_IMAGE_OP_MUL && r->parts == 2)
                    value = c;
                read_input(k, y, x, c, 1);
                if (pair)
                    hf_shadow_read(k->shadow, second->address + value,
                                   hf_shadow_tag(second->tensor, second->first_byte + value), 1);
                write_bytes(k, y, x, c, 1);
            }
}

/* Positions in ascending order; the channels of each in descending order if they are strided. */
static void replay_copy(const replay *k)
{
    const hf_op_record *r = k->r;
    const int64_t per_part = r->in_channels / r->parts;
    for (int64_t y = k->call->first_row; y < k->call->end_row; y++)
        for (int64_t x = 0; x < r->out_width; x++) {
            if (r->channel_step == 1)
                for (int64_t c = 0; c < r->in_channels; c++) {
                    read_input(k, y, x, c, 1);
                    write_bytes(k, y, x, c, 1);
                }
            else
                for (int64_t c = r->in_channels - 1; c >= 0; c--) {
                    read_input(k, y, x, c, 1);
                    write_bytes(k, y, x, c % per_part * r->channel_step + c / per_part, 1);
                }
        }
}

static void replay_pad(const replay *k)
{
    const hf_op_record *r = k->r;
    for (int64_t y = 0; y < r->out_height; y++)
        for (int64_t x = 0; x < r->out_width; x++) {
            const int64_t row = y - r->pad_top;
            const int64_t column = x - r->pad_left;
            const bool inside = row >= 0 && row < r->in_height && column >= 0 && column < r->in_width;
            for (int64_t c = 0; c < r->out_channels; c++) {
                if (inside)
                    read_input(k, row, column, c, 1);
                write_bytes(k, y, x, c, 1);
            }
        }
}

/* Two passes per position: the first reads all values, the second reads each value again and overwrites it.
 * The first pass must not see outputs of the position before. */
static void replay_softmax(const replay *k)
{
    const hf_op_record *r = k->r;
    for (int64_t y = 0; y < r->out_height; y++)
        for (int64_t x = 0; x < r->out_width; x++) {
            read_input(k, y, x, 0, r->in_channels);
            for (int64_t c = 0; c < r->in_channels; c++) {
                read_input(k, y, x, c, 1);
                write_bytes(k, y, x, c, 1);
            }
        }
}

/* A binary's second operand, a tensor, is read again along the dimensions in which it has size 1. */
static void replay_binary(const replay *k)
{
    const hf_op_record *r = k->r;
    const hf_stream *second = &k->call->second;
    const bool wide = r->op == HF_IMAGE_OP_BINARY16 || r->op == HF_IMAGE_OP_BINARY16_CONST;
    const int64_t channels = (r->parts - 1) & 4 ? (wide ? 2 : 1) : r->in_channels;
    const int64_t columns = (r->parts - 1) & 2 ? 1 : r->in_width;
    const int64_t rows = (r->parts - 1) & 1 ? 1 : r->in_height;
    for (int64_t y = k->call->first_row; y < k->call->end_row; y++)
        for (int64_t x = 0; x < r->out_width; x++)
            for (int64_t c = 0; c < r->out_channels; c++) {
                const int64_t value = (y % rows * columns + x % columns) * channels + c % channels;
                read_input(k, y, x, c, 1);
                if (r->op == HF_IMAGE_OP_BINARY || r->op == HF_IMAGE_OP_BINARY16)
                    hf_shadow_read(k->shadow, second->address + value,
                                   hf_shadow_tag(second->tensor, second->first_byte + value), 1);
                write_bytes(k, y, x, c, 1);
            }
}

/* Value by value, of other widths than the results. */
static void replay_convert(const replay *k)
{
    const hf_op_record *r = k->r;
    const int64_t from = r->out_channels < r->in_channels ? 2 : 1;
    const int64_t to = r->out_channels > r->in_channels ? 2 : 1;
    for (int64_t y = 0; y < r->out_height; y++)
        for (int64_t x = 0; x < r->out_width; x++)
            for (int64_t c = 0; c * to < r->out_channels; c++) {
                read_input(k, y, x, c * from, from);
                write_bytes(k, y, x, c * to, to);
            }
}

/* In any order: the whole input must still be there after the last write. */
static void replay_apart(const replay *k)
{
    const hf_op_record *r = k->r;
    read_input(k, 0, 0, 0, (int64_t)r->in_height * r->in_width * r->in_channels);
    for (int64_t y = 0; y < r->out_height; y++)
        for (int64_t x = 0; x < r->out_width; x++)
            write_bytes(k, y, x, 0, r->out_channels);
    read_input(k, 0, 0, 0, (int64_t)r->in_height * r->in_width * r->in_channels);
}

/* Both inputs must still be there after the last write. */
static void replay_two_apart(const replay *k)
{
    const hf_stream *state = &k->call->second;
    const int64_t bytes = (int64_t)hf_record_second_bytes(k->r);
    replay_apart(k);
    hf_shadow_read(k->shadow, state->address, hf_shadow_tag(state->tensor, state->first_byte), bytes);
}

static void replay_kernel(const replay *k)
{
    switch ((hf_image_op)k->r->op) {
    case HF_IMAGE_OP_CONV2D:
        replay_conv(k);
        break;
    case HF_IMAGE_OP_DENSE:
        replay_dense(k);
        break;
    case HF_IMAGE_OP_DEPTHWISE:
        replay_depthwise(k);
        break;
    case HF_IMAGE_OP_AVERAGE_POOL:
    case HF_IMAGE_OP_MAX_POOL:
        replay_pool(k);
        break;
    case HF_IMAGE_OP_ADD:
    case HF_IMAGE_OP_MUL:
    case HF_IMAGE_OP_TABLE:
        replay_elements(k);
        break;
    case HF_IMAGE_OP_SOFTMAX:
    case HF_IMAGE_OP_LOG_SOFTMAX:
    case HF_IMAGE_OP_SOFTMAX16:
        replay_softmax(k);
        break;
    case HF_IMAGE_OP_COPY:
        replay_copy(k);
        break;
    case HF_IMAGE_OP_PAD:
        replay_pad(k);
        break;
    case HF_IMAGE_OP_MEAN:
        replay_mean(k);
        break;
    case HF_IMAGE_OP_BINARY:
    case HF_IMAGE_OP_BINARY_CONST:
    case HF_IMAGE_OP_BINARY16:
    case HF_IMAGE_OP_BINARY16_CONST:
        replay_binary(k);
        break;
    case HF_IMAGE_OP_FUNCTION16:
        replay_convert(k);
        break;
    case HF_IMAGE_OP_MOVE:
    case HF_IMAGE_OP_TAKE:
    case HF_IMAGE_OP_REDUCE:
    case HF_IMAGE_OP_RESIZE:
    case HF_IMAGE_OP_ARG:
    case HF_IMAGE_OP_CONV_GENERAL:
    case HF_IMAGE_OP_POOL16:
    case HF_IMAGE_OP_REDUCE16:
        replay_apart(k);
        break;
    case HF_IMAGE_OP_LSTM:
    case HF_IMAGE_OP_SVDF:
        replay_two_apart(k);
        break;
    case HF_IMAGE_OP_COUNT:
        break;
    }
}

void hf_replay(hf_shadow *shadow, const hf_call *call)
{
    const replay k = {shadow, call, call->record};
    const int64_t scratch_bytes = (int64_t)hf_record_scratch_bytes(call->record);
    const uint64_t scratch = hf_shadow_tag(call->scratch_owner, 0);
    /* Nothing that the kernel reads or writes may overlap its scratch space. */
    hf_shadow_write(shadow, call->scratch_address, scratch, scratch_bytes);
    replay_kernel(&k);
    hf_shadow_read(shadow, call->scratch_address, scratch, scratch_bytes);
}
