/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/layout.h"
#include "plan.h"

/* Which bytes of the arena an operator has written so far, to catch a read that comes too late. */
typedef struct replay {
    const hf_lowered_op *op;
    const hf_op_record *record;
    int32_t use;      /* which of the operator's inputs is watched */
    uint8_t *written; /* one per arena byte */
    int64_t input, output;
    bool late_read;
} replay;

static void read_input(replay *r, int64_t first, int64_t bytes)
{
    if (bytes > 0 && memchr(r->written + r->input + first, 1, (size_t)bytes))
        r->late_read = true;
}

static void write_output(replay *r, int64_t first, int64_t bytes)
{
    memset(r->written + r->output + first, 1, (size_t)bytes);
}

static void read_window(replay *r, int64_t position)
{
    const hf_op_record *op = r->record;
    int64_t top = position / op->out_width * op->stride_height - op->pad_top;
    int64_t left = position % op->out_width * op->stride_width - op->pad_left;
    int64_t right = left + op->kernel_width < op->in_width ? left + op->kernel_width : op->in_width;
    int64_t bottom = top + op->kernel_height < op->in_height ? top + op->kernel_height : op->in_height;
    left = left > 0 ? left : 0;
    for (int64_t y = top > 0 ? top : 0; y < bottom; y++)
        read_input(r, (y * op->in_width + left) * op->in_channels, (right - left) * op->in_channels);
}

/* Two windows are copied, then their outputs are written. */
static void replay_conv(replay *r)
{
    const hf_op_record *op = r->record;
    int64_t positions = (int64_t)op->out_height * op->out_width;
    for (int64_t p = 0; p < positions; p += 2) {
        int64_t count = positions - p < 2 ? 1 : 2;
        for (int64_t w = 0; w < count; w++)
            read_window(r, p + w);
        write_output(r, p * op->out_channels, count * op->out_channels);
    }
}

/* Four channels at a time, in bands of output rows; the input rows a band needs are copied just before it, each
 * row once. */
static void replay_depthwise(replay *r)
{
    const hf_op_record *op = r->record;
    const int64_t channels = op->in_channels;
    const int64_t band = hf_depthwise_band_rows(op);
    for (int64_t c = 0; c < channels; c += 4) {
        int64_t group = channels - c < 4 ? channels - c : 4;
        int64_t taken = 0;
        for (int64_t y = 0; y < op->out_height; y += band) {
            int64_t last = y + band < op->out_height ? y + band : op->out_height;
            int64_t top = y * op->stride_height - op->pad_top;
            int64_t end = (last - 1) * op->stride_height - op->pad_top + op->kernel_height;
            end = end < op->in_height ? end : op->in_height;
            for (taken = taken > top ? taken : top; taken < end; taken++)
                for (int64_t x = 0; x < op->in_width; x++)
                    read_input(r, (taken * op->in_width + x) * channels + c, group);
            for (int64_t x = y * op->out_width; x < last * op->out_width; x++)
                write_output(r, x * channels + c, group);
        }
    }
}

/* Windows are read where they are; all of a window's values, then its outputs, up to four channels at a
 * time. */
static void replay_pool(replay *r)
{
    const hf_op_record *op = r->record;
    const int64_t positions = (int64_t)op->out_height * op->out_width;
    const int64_t channels = op->in_channels;
    for (int64_t p = 0; p < positions; p++) {
        int64_t top = p / op->out_width * op->stride_height - op->pad_top;
        int64_t left = p % op->out_width * op->stride_width - op->pad_left;
        for (int64_t c = 0; c < channels; c += 4) {
            int64_t group = channels - c < 4 ? channels - c : 4;
            for (int64_t y = top > 0 ? top : 0; y < top + op->kernel_height && y < op->in_height; y++)
                for (int64_t x = left > 0 ? left : 0; x < left + op->kernel_width && x < op->in_width; x++)
                    read_input(r, (y * op->in_width + x) * channels + c, group);
            write_output(r, p * channels + c, group);
        }
    }
}

/* The same of a window that is the whole input. */
static void replay_mean(replay *r)
{
    const int64_t channels = r->record->in_channels;
    const int64_t positions = (int64_t)r->record->in_height * r->record->in_width;
    for (int64_t c = 0; c < channels; c += 4) {
        int64_t group = channels - c < 4 ? channels - c : 4;
        for (int64_t p = 0; p < positions; p++)
            read_input(r, p * channels + c, group);
        write_output(r, c, group);
    }
}

/* Value by value; a mul's gate is read anew at each position. */
static void replay_elements(replay *r)
{
    const hf_op_record *op = r->record;
    int64_t bytes = (int64_t)op->out_height * op->out_width * op->out_channels;
    int64_t period = bytes;
    if (op->op == HF_IMAGE_OP_MUL && r->use == 1)
        period = (int64_t)op->kernel_height * op->kernel_width * op->in_channels;
    for (int64_t i = 0; i < bytes; i++) {
        read_input(r, i % period, 1);
        write_output(r, i, 1);
    }
}

/* Runs of values copied forwards; `read` says whether they come from the watched input. */
static void replay_copy(replay *r, bool read, int64_t from, int64_t to, int64_t bytes)
{
    for (int64_t i = 0; i < bytes; i++) {
        if (read)
            read_input(r, from + i, 1);
        write_output(r, to + i, 1);
    }
}

static void replay_concat(replay *r)
{
    const hf_op_record *op = r->record;
    const int64_t positions = (int64_t)op->out_height * op->out_width;
    int64_t to = 0;
    for (int64_t p = 0; p < positions; p++)
        for (int32_t i = 0; i < r->op->input_count; i++) {
            const int64_t channels = r->op->parts[i].channels;
            replay_copy(r, i == r->use, p * channels, to, channels);
            to += channels;
        }
}

static void replay_slice(replay *r)
{
    const hf_op_record *op = r->record;
    const int64_t positions = (int64_t)op->out_height * op->out_width;
    for (int64_t p = 0; p < positions; p++)
        replay_copy(r, true, p * op->in_channels + op->first_channel, p * op->out_channels, op->out_channels);
}

/* A position is copied to scratch, then written. */
static void replay_shuffle(replay *r)
{
    const int64_t channels = r->record->in_channels;
    const int64_t positions = (int64_t)r->record->out_height * r->record->out_width;
    for (int64_t p = 0; p < positions; p++) {
        read_input(r, p * channels, channels);
        write_output(r, p * channels, channels);
    }
}

static void replay_pad(replay *r)
{
    const hf_op_record *op = r->record;
    const int64_t in_row = (int64_t)op->in_width * op->in_channels;
    const int64_t out_row = (int64_t)op->out_width * op->out_channels;
    const int64_t left = (int64_t)op->pad_left * op->in_channels;
    write_output(r, 0, op->pad_top * out_row);
    for (int64_t y = 0; y < op->in_height; y++) {
        const int64_t row = (y + op->pad_top) * out_row;
        write_output(r, row, left);
        replay_copy(r, true, y * in_row, row + left, in_row);
        write_output(r, row + left + in_row, out_row - left - in_row);
    }
}

/* Softmax: a row's first pass must not see values that the row before replaced; in the second, each value is
 * read again when it is replaced. */
static void replay_rows(replay *r)
{
    int64_t channels = r->record->out_channels;
    int64_t rows = (int64_t)r->record->out_height * r->record->out_width;
    for (int64_t row = 0; row < rows; row++) {
        read_input(r, row * channels, channels);
        for (int64_t c = 0; c < channels; c++) {
            read_input(r, row * channels + c, 1);
            write_output(r, row * channels + c, 1);
        }
    }
}

/* @return whether the kernel may run with its output over this input as planned */
static bool survives(replay *r)
{
    switch ((hf_image_op)r->record->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
        replay_conv(r);
        break;
    case HF_IMAGE_OP_DEPTHWISE:
        replay_depthwise(r);
        break;
    case HF_IMAGE_OP_AVERAGE_POOL:
    case HF_IMAGE_OP_MAX_POOL:
        replay_pool(r);
        break;
    case HF_IMAGE_OP_ADD:
    case HF_IMAGE_OP_MUL:
    case HF_IMAGE_OP_TABLE:
        replay_elements(r);
        break;
    case HF_IMAGE_OP_SOFTMAX:
        replay_rows(r);
        break;
    case HF_IMAGE_OP_CONCAT:
        replay_concat(r);
        break;
    case HF_IMAGE_OP_SLICE:
        replay_slice(r);
        break;
    case HF_IMAGE_OP_CHANNEL_SHUFFLE:
        replay_shuffle(r);
        break;
    case HF_IMAGE_OP_PAD:
        replay_pad(r);
        break;
    case HF_IMAGE_OP_MEAN:
        replay_mean(r);
        break;
    case HF_IMAGE_OP_COUNT:
        return false;
    }
    return !r->late_read;
}

static bool overlapping(const hf_plan_buffer *a, const hf_plan_buffer *b)
{
    return a->bytes > 0 && b->bytes > 0 && a->offset < b->offset + b->bytes &&
           b->offset < a->offset + a->bytes;
}

static bool alive(const hf_plan_buffer *buffer, int32_t op)
{
    return buffer->bytes > 0 && buffer->first <= op && op <= buffer->last;
}

/* Whether the output may lie over `tensor` as planned: an input, of no use later, in each of its uses. */
static bool hand_over_survives(const hf_lowered_op *op, const hf_plan *plan, int32_t tensor, int32_t at,
                               uint8_t *written)
{
    const hf_plan_buffer *theirs = &plan->buffers[tensor];
    bool used = false;
    for (int32_t i = 0; i < op->input_count; i++) {
        if (op->inputs[i] != tensor)
            continue;
        used = true;
        memset(written, 0, plan->arena_bytes);
        replay r = {op, &op->record, i, written, theirs->offset, plan->buffers[op->output].offset, false};
        if (theirs->last != at || !survives(&r))
            return false;
    }
    return used;
}

/* One operator: every pair of live buffers, that is of the output and scratch with all others. Pairs that
 * were both alive before were checked when the later one came to life. */
static hf_status check_op(const hf_lowered *l, const hf_plan *plan, int32_t at, uint8_t *written,
                          hf_error *err)
{
    const hf_lowered_op *op = &l->ops[at];
    const int32_t fresh[2] = {op->output, plan->tensor_count + at};
    for (int32_t f = 0; f < 2; f++) {
        const hf_plan_buffer *mine = &plan->buffers[fresh[f]];
        for (int32_t other = 0; other < plan->buffer_count; other++) {
            const hf_plan_buffer *theirs = &plan->buffers[other];
            if (other == fresh[f] || !alive(theirs, at) || !overlapping(mine, theirs))
                continue;
            bool fine = f == 0 && hand_over_survives(op, plan, other, at, written);
            if (!fine)
                return HF_FAIL(err, HF_EMISMATCH,
                               "memory plan: operator %d would destroy live data: buffer %d at %lld + %lld "
                               "over buffer %d at %lld + %lld",
                               at, fresh[f], (long long)mine->offset, (long long)mine->bytes, other,
                               (long long)theirs->offset, (long long)theirs->bytes);
        }
    }
    return HF_OK;
}

hf_status hf_plan_check(const hf_lowered *l, const hf_plan *plan, hf_error *err)
{
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const hf_plan_buffer *b = &plan->buffers[i];
        if (b->offset < 0 || b->offset + b->bytes > plan->arena_bytes || b->offset % HF_IMAGE_ALIGNMENT != 0)
            return HF_FAIL(err, HF_EMISMATCH,
                           "memory plan: buffer %d at %lld + %lld is misaligned or outside the arena of %u "
                           "bytes",
                           i, (long long)b->offset, (long long)b->bytes, plan->arena_bytes);
    }
    uint8_t *written = malloc((size_t)plan->arena_bytes + 1);
    if (!written)
        return HF_FAIL(err, HF_ENOMEM, "no memory to check a plan of %u bytes", plan->arena_bytes);
    hf_status status = HF_OK;
    for (int32_t i = 0; i < l->op_count && !status; i++)
        status = check_op(l, plan, i, written, err);
    free(written);
    return status;
}
