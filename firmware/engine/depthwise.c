/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"

#include "dsp.h"
#include "kernels.h"
#include "requant.h"

/*
 * Depthwise convolution, four channels at a time: input rows are turned from [W,C] to one padded row of int16
 * per channel in scratch, where neighbouring columns are neighbours, and stay there in a ring of rows. Rows
 * above and below the input are written there like others. So what a kernel needs of a channel, it prepares
 * once for all the output rows that the ring's rows make, a band.
 */

#define WORD_PAIRS      12U /* of taps, on the stack */
#define BAND_BYTES      1568U /* of scratch, if a kernel's rows need no more: a map of 12 x 12 with its border */
#define SMALL_MAP_BYTES 1792U /* for hf_depthwise_small_map(): up to 26 rows of five or six columns */

/* For groups that go by words. */
typedef struct depthwise_words {
    hf_depthwise_words_taps pairs[WORD_PAIRS];
    hf_depthwise_words run;
    uint32_t placed; /* slot for which the taps are placed */
} depthwise_words;

/* For 3x3 kernels. */
typedef struct depthwise_3x3 {
    hf_depthwise_3x3_words run;
    hf_channel_compact channels[HF_DEPTHWISE_GROUP]; /* of a group whose parameters are not so stored */
    int8_t weights[9 * HF_DEPTHWISE_GROUP];          /* of a layer of fewer channels than a group */
} depthwise_3x3;

typedef struct depthwise {
    const hf_op_context *context;
    int16_t
        *ring; /* [slots][HF_DEPTHWISE_GROUP][row_values]; row y of the padded input is in slot y % slots */
    uint32_t row_values;
    uint32_t slots;
    uint32_t band;     /* output rows that a ring's rows make */
    uint32_t channel;  /* the group's first */
    uint32_t group;    /* channels in it */
    uint32_t in_front; /* channels before them that are taken in with them */
    int is_blank;      /* what of the ring no input row fills */
    int is_whole;      /* the ring has a slot for every row, so that padding stays */
    uint32_t taps;
    int words_pay; /* if a group can go by words */
    int by_words;  /* of a group of four channels, a column is a word */
#if HF_ENGINE_SPECIAL_KERNELS
    depthwise_words *words; /* NULL: no group does */
    depthwise_3x3 *by_3x3;  /* NULL: the kernel is not */
    int is_small;           /* groups can go as small maps */
    int was_small;          /* and the one before did */
#endif
#if defined(__ARM_FEATURE_DSP)
    hf_depthwise_intake intake;
    hf_depthwise_run run; /* of the kernel for 3x3 */
    hf_channel_compact narrow[HF_DEPTHWISE_GROUP];
#endif
} depthwise;

/* Columns of a padded row. The kernels for stride 1 make two outputs at a time. */
static uint32_t row_values(const hf_op_record *r)
{
    uint32_t last = (uint32_t)(r->out_width - 1) * r->stride_width;
    uint32_t windows = (r->stride_width == 1 ? last | 1U : last) + r->kernel_width;
    uint32_t interior = (uint32_t)r->pad_left + r->in_width;
    return ((windows > interior ? windows : interior) + 1U) & ~1U;
}

/* Words of two weights that hf_depthwise_six() takes of a kernel row, for even outputs. */
static uint32_t row_words(const hf_op_record *r)
{
    return r->stride_width == 1 ? r->kernel_width / 2U + 1 : (r->kernel_width + 1U) / 2;
}

/* What hf_depthwise_six() is for, and hf_depthwise_3x3() is not. */
static int goes_by_six(const hf_op_record *r)
{
    if (r->stride_width > 2 || (r->kernel_width == 3 && r->kernel_height == 3))
        return 0;
    return r->kernel_height * row_words(r) <= HF_DEPTHWISE_WORDS;
}

/* Bytes behind the ring's last row that kernels by sixes read. */
static uint32_t tail_bytes(const hf_op_record *r)
{
    const uint32_t words = row_words(r) + (r->stride_width == 1 ? 2 : 5);
    const uint32_t end = (r->out_width - 1U) / 6 * 6 * r->stride_width + 2 * words;
    const uint32_t columns = row_values(r);
    const int by_six =
        goes_by_six(r) || (r->kernel_width == 3 && r->kernel_height == 3 && r->stride_width == 1);
    return by_six && end > columns ? (end - columns) * (uint32_t)sizeof(int16_t) : 0;
}

/* What hf_depthwise_small_map() is for. */
static int is_small_map(const hf_op_record *r)
{
    return r->kernel_height == 3 && r->kernel_width == 3 && r->stride_height == 1 && r->stride_width == 1 &&
           r->pad_top == 1 && r->pad_left == 1 && r->in_height == r->out_height &&
           r->in_width == r->out_width && r->out_width <= HF_DEPTHWISE_SMALL_WIDTH && r->out_height > 1 &&
           r->in_channels >= HF_DEPTHWISE_GROUP && r->ring_rows == 0;
}

/* As few bands as scratch allows, of as few rows as make no more bands. */
static uint32_t band_rows_of(const hf_op_record *r)
{
    const uint32_t fit = (is_small_map(r) ? SMALL_MAP_BYTES : BAND_BYTES) /
                         (uint32_t)(HF_DEPTHWISE_GROUP * sizeof(int16_t)) / row_values(r);
    if (r->ring_rows > 0 || fit < r->kernel_height) /* with a ring, rows are asked for one by one */
        return 1;
    const uint32_t most = (fit - r->kernel_height) / r->stride_height + 1;
    const uint32_t bands = (r->out_height + most - 1) / most;
    return (r->out_height + bands - 1) / bands;
}

static uint32_t band_slots(const hf_op_record *r, uint32_t band)
{
    return (band - 1) * r->stride_height + r->kernel_height;
}

static uint64_t ring_bytes(const hf_op_record *r, uint32_t band)
{
    return (uint64_t)(HF_DEPTHWISE_GROUP * sizeof(int16_t)) * row_values(r) * band_slots(r, band) +
           tail_bytes(r);
}

/* A tensor of one column is one of one row. */
static hf_op_record lying(const hf_op_record *r)
{
    hf_op_record row = *r;
    row.in_height = row.out_height = row.kernel_height = row.stride_height = 1;
    row.pad_top = 0;
    row.in_width = r->in_height;
    row.out_width = r->out_height;
    row.kernel_width = r->kernel_height;
    row.stride_width = r->stride_height;
    row.pad_left = r->pad_top;
    return row;
}

/* One column, which goes as a row if the row is not too long. */
static int is_column(const hf_op_record *r)
{
    if (r->in_width != 1 || r->out_width != 1 || r->kernel_width != 1 || r->ring_rows > 0)
        return 0;
    const hf_op_record row = lying(r);
    return ring_bytes(&row, 1) <= BAND_BYTES;
}

uint32_t hf_depthwise_band_rows(const hf_op_record *r)
{
    return is_column(r) ? r->out_height : band_rows_of(r);
}

uint64_t hf_depthwise_scratch_bytes(const hf_op_record *r)
{
    if (!is_column(r))
        return ring_bytes(r, band_rows_of(r));
    const hf_op_record row = lying(r);
    const uint64_t as_row = ring_bytes(&row, 1);
    const uint64_t by_rows = ring_bytes(r, 1); /* at the end of a chain */
    return as_row > by_rows ? as_row : by_rows;
}

#if HF_ENGINE_SPECIAL_KERNELS

HF_SPECIAL_LOOP static void blank_words(const depthwise *d, uint32_t *to, uint32_t words)
{
    const uint32_t zeros = (uint8_t)d->context->record->input_zero_point * 0x01010101U;
    for (; words > 0; words--)
        *to++ = zeros;
}

/* The columns beside the input, of all slots. */
static void blank_sides(const depthwise *d)
{
    const hf_op_record *r = d->context->record;
    const uint32_t right = r->pad_left + r->in_width;
    uint32_t *row = (uint32_t *)(void *)d->ring;
    for (uint32_t slot = d->slots; slot > 0; slot--, row += d->row_values) {
        blank_words(d, row, r->pad_left);
        blank_words(d, row + right, d->row_values - right);
    }
}

#endif

/* Slots are multiples of four words; half as large, and as many, if columns are words. */
static void blank(const depthwise *d, uint32_t slot, uint32_t count)
{
#if HF_ENGINE_SPECIAL_KERNELS
    if (d->by_words) {
        blank_words(d, (uint32_t *)(void *)d->ring + (size_t)slot * d->row_values, count * d->row_values);
        return;
    }
#endif
    const uint32_t zeros = (uint16_t)d->context->record->input_zero_point * 0x10001U;
    uint32_t *to = (uint32_t *)(void *)d->ring + (size_t)slot * 2 * d->row_values;
    for (uint32_t left = count * d->row_values / 2; left > 0; left--, to += 4) {
        to[0] = zeros;
        to[1] = zeros;
        to[2] = zeros;
        to[3] = zeros;
    }
}

/* int16 of a slot. */
static uint32_t slot_values(const depthwise *d)
{
    return (d->by_words ? 2 : HF_DEPTHWISE_GROUP) * d->row_values;
}

#if HF_ENGINE_SPECIAL_KERNELS

/* Of fewer channels than a column has room for: nothing is read behind them. */
HF_SPECIAL_LOOP static void take_narrow_words(const depthwise *d, uint32_t *to, const int8_t *from,
                                              uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    for (; rows > 0; rows--, to += d->row_values - r->in_width)
        for (uint32_t left = r->in_width; left > 0; left--, from += r->in_step) {
            uint32_t column = (uint8_t)from[0];
            if (r->in_channels > 1)
                column |= (uint32_t)(uint8_t)from[1] << 8;
            if (r->in_channels > 2)
                column |= (uint32_t)(uint8_t)from[2] << 16;
            *to++ = column;
        }
}

HF_SPECIAL_LOOP static void take_words(const depthwise *d, uint32_t *to, const int8_t *from, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_step;
    to += r->pad_left;
    if (r->in_channels < HF_DEPTHWISE_GROUP) {
        take_narrow_words(d, to, from, rows);
        return;
    }
    for (; rows > 0; rows--, to += d->row_values, from += r->in_width * step)
        hf_depthwise_take_words(to, from, step, r->in_width);
}

#endif

/* Consecutive rows `y` .. of the input, to consecutive slots. */
static void take_rows(depthwise *d, int16_t *to, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_step;
    const int8_t *from = hf_input_row(d->context, y) + d->channel - d->in_front;
#if HF_ENGINE_SPECIAL_KERNELS
    if (d->by_words) {
        take_words(d, (uint32_t *)(void *)to, from, rows);
        return;
    }
#endif
#if defined(__ARM_FEATURE_DSP)
    if (d->group + d->in_front == HF_DEPTHWISE_GROUP) {
        d->intake.to = to + (r->pad_left & ~1U);
        d->intake.from = from;
        d->intake.rows = rows;
        hf_depthwise_take(&d->intake);
        return;
    }
#endif
    to += r->pad_left;
    for (; rows > 0; rows--, to += HF_DEPTHWISE_GROUP * d->row_values - r->in_width)
        for (uint32_t x = r->in_width; x > 0; x--, from += step, to++)
            for (uint32_t c = 0; c < d->in_front + d->group; c++)
                to[(size_t)c * d->row_values] = (int16_t)(int32_t)from[c];
}

/* Rows `y` to before `end` of the padded input. */
static void take_padded_rows(depthwise *d, uint32_t y, uint32_t end)
{
    const hf_op_record *r = d->context->record;
    while (y < end) {
        const uint32_t slot = y % d->slots;
        const uint32_t row = y - r->pad_top;
        uint32_t rows = 1;
        if (row < r->in_height) {
            rows = end - y < d->slots - slot ? end - y : d->slots - slot;
            rows = rows < r->in_height - row ? rows : r->in_height - row;
            if (d->context->in_rows < r->in_height) /* a ring */
                rows = 1;
            take_rows(d, d->ring + (size_t)slot * slot_values(d), row, rows);
        } else if (!d->is_whole || !d->is_blank) {
            blank(d, slot, 1);
        }
        y += rows;
    }
}

static const int8_t *channel_weights(const depthwise *d, uint32_t channel)
{
    const hf_op_record *r = d->context->record;
    const size_t bytes =
        r->params == HF_PARAMS_COMPACT ? sizeof(hf_channel_compact) : sizeof(hf_channel_wide);
    return (const int8_t *)d->context->data + bytes * r->out_channels + (size_t)d->taps * channel;
}

static const int16_t *channel_rows(const depthwise *d, uint32_t c)
{
    return d->ring + (size_t)(d->in_front + c) * d->row_values;
}

/* Any kernel, stride and parameters. */
static void any_rows(const depthwise *d, uint32_t c, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const hf_channel_wide v = hf_channel_at(d->context, d->channel + c);
    const uint32_t slot_values = HF_DEPTHWISE_GROUP * d->row_values;
    int8_t *out = hf_output_row(d->context, y) + d->channel + c;
    for (uint32_t top = y * r->stride_height; rows > 0; rows--, top += r->stride_height) {
        const int16_t *at = channel_rows(d, c);
        for (uint32_t x = r->out_width; x > 0; x--, at += r->stride_width, out += r->out_step) {
            const int8_t *weights = channel_weights(d, d->channel + c);
            uint32_t sum = (uint32_t)v.bias;
            for (uint32_t k = top; k < top + r->kernel_height; k++) {
                const int16_t *tap = at + (size_t)(k % d->slots) * slot_values;
                for (uint32_t i = r->kernel_width; i > 0; i--)
                    sum += (uint32_t)(*tap++ * *weights++);
            }
            *out = hf_requantize_wide((int32_t)sum, v.multiplier, v.shift, r->output_zero_point);
        }
    }
}

#if defined(__ARM_FEATURE_DSP)

/* In a layer with wide parameters few channels need them: the others go through the fast kernels too.
 * @return the channel's parameters; NULL if they are too wide */
static const hf_channel_compact *narrow(depthwise *d, uint32_t c)
{
    if (d->context->record->params == HF_PARAMS_COMPACT)
        return (const hf_channel_compact *)(const void *)d->context->data + d->channel + c;
    const int32_t reach = (int32_t)d->taps << 14; /* of the sum without bias */
    const hf_channel_wide wide = hf_channel_at(d->context, d->channel + c);
    const int32_t shift = -wide.shift - 1;
    if (shift < 0 || shift > HF_COMPACT_SHIFT_MAX || wide.bias >= (1 << 23) - reach ||
        wide.bias < reach - (1 << 23))
        return NULL;
    d->narrow[c] = (hf_channel_compact){wide.multiplier, wide.bias * 256 + shift};
    return &d->narrow[c];
}

static void prepare_intake(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_intake *intake = &d->intake;
    const uint32_t odd = r->pad_left % 2; /* the first pair begins with padding */
    const uint32_t left = r->in_width - 1U + odd;
    intake->channel_bytes = d->row_values * (uint32_t)sizeof *d->ring;
    intake->pairs = left / 2;
    intake->zeros = (uint8_t)r->input_zero_point * 0x01010101U;
    intake->step = r->in_step;
    intake->first = odd ? 0 : intake->step;
    intake->last = left % 2 ? (int32_t)((r->in_width - 1U) * intake->step) : -1;
    intake->to_advance = HF_DEPTHWISE_GROUP * intake->channel_bytes - 4 * (intake->pairs + 1);
    intake->from_advance = r->in_width * intake->step;
}

static void prepare_run(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_run *run = &d->run;
    run->channel_bytes = d->row_values * (uint32_t)sizeof *d->ring;
    run->out_step = r->out_step;
    run->last_out = (r->out_width - 1U) * run->out_step;
    run->out_row = r->out_width * run->out_step;
    run->zero_half = 2 * r->output_zero_point + 1;
    run->width = r->out_width;
    run->rest = (r->out_width - 1U) % 6 + 1;
    run->row_advance = HF_DEPTHWISE_GROUP * run->channel_bytes * r->stride_height;
    const int is_relu = run->zero_half == -255;
    if (r->stride_width == 2) {
        run->kind = is_relu ? HF_DEPTHWISE_RELU_SECOND : HF_DEPTHWISE_SECOND;
        run->row_advance -= 4U * r->out_width;
    } else {
        run->kind = is_relu ? HF_DEPTHWISE_RELU_SIX : HF_DEPTHWISE_SIX;
        run->row_advance -= (r->out_width + 5U) / 6 * 12;
    }
    if (r->out_width == 1 && r->stride_width == 2)
        run->kind = HF_DEPTHWISE_SECOND; /* the other begins with two outputs */
}

/* 3x3, channels c to before c + count. As many output rows at a time as no row of the kernel comes to the
 * ring's end in between. */
static void rows_3x3(depthwise *d, const hf_channel_compact *channels, uint32_t c, uint32_t count, uint32_t y,
                     uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_run *run = &d->run;
    while (rows > 0) {
        uint32_t slot = y * r->stride_height % d->slots;
        run->height = rows;
        for (uint32_t k = 0; k < 3; k++) {
            const uint32_t fit = (d->slots - 1 - slot) / r->stride_height + 1;
            run->height = run->height < fit ? run->height : fit;
            run->rows[k] = channel_rows(d, c) + (size_t)slot * HF_DEPTHWISE_GROUP * d->row_values;
            slot = slot + 1 == d->slots ? 0 : slot + 1;
        }
        run->out = hf_output_row(d->context, y) + d->channel + c;
        run->weights = channel_weights(d, d->channel + c);
        run->channels = channels;
        run->channel_count = count;
        hf_depthwise_3x3(run);
        y += run->height;
        rows -= run->height;
    }
}

#if HF_ENGINE_SPECIAL_KERNELS

/* Whether so many outputs take less time by words than by sixes, whose set-up takes long: by cycles of a
 * group of four channels on a Cortex-M4. */
static int words_pay(const hf_op_record *r, uint32_t outputs)
{
    const uint32_t taps = (uint32_t)r->kernel_height * r->kernel_width;
    if (!goes_by_six(r) || (taps + 1) / 2 > WORD_PAIRS)
        return 0;
    return outputs * (5 + 5 * taps) < 1300 + 20 * taps;
}

/* Doubled weights of the group's channels, two taps to a word. */
HF_SPECIAL_LOOP static void spread_for_words(const depthwise *d, hf_depthwise_words_taps *pairs)
{
    for (uint32_t i = d->in_front; i < HF_DEPTHWISE_GROUP; i++) {
        const int8_t *weights = channel_weights(d, d->channel + i - d->in_front);
        hf_depthwise_words_taps *pair = pairs;
        uint32_t left = d->taps;
        for (; left >= 2; left -= 2, pair++, weights += 2)
            pair->weights[i] = hf_pkhbt(2U * (uint32_t)weights[0], 2U * (uint32_t)weights[1]);
        if (left > 0)
            pair->weights[i] = 2U * (uint32_t)weights[0] & 0xFFFFU;
    }
}

/* Where the taps of a window are whose first row is in a slot. */
HF_SPECIAL_LOOP static void place_taps(const depthwise *d, uint32_t slot, hf_depthwise_words_taps *pairs)
{
    const hf_op_record *r = d->context->record;
    const uint32_t row_bytes = d->row_values * (uint32_t)sizeof(uint32_t);
    uint32_t row = 0;
    uint32_t tap = 0;
    for (uint32_t k = r->kernel_height; k > 0; k--) {
        for (uint32_t x = 0; x < r->kernel_width; x++, tap++)
            pairs[tap / 2].column[tap % 2] = row + 4 * x;
        row += row_bytes;
        if (++slot == d->slots) {
            slot = 0;
            row -= d->slots * row_bytes;
        }
    }
    if (tap % 2)
        pairs[tap / 2].column[1] = 0; /* with weights 0 */
}

static void rows_by_words(const depthwise *d, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_words *run = &d->words->run;
    const uint32_t whole = d->slots - r->kernel_height; /* last slot from which no window comes to the end */
    spread_for_words(d, d->words->pairs);
    run->out = hf_output_row(d->context, y) + d->channel;
    run->skipped = 8 * d->in_front;
    run->stored = d->group;
    for (uint32_t slot = y * r->stride_height % d->slots; rows > 0; rows--) {
        const uint32_t as = slot < whole ? whole : slot;
        if (as != d->words->placed)
            place_taps(d, as, d->words->pairs);
        d->words->placed = as;
        run->window = (const int8_t *)d->ring + (size_t)slot * d->row_values * sizeof(uint32_t);
        run->window_end = run->window + (size_t)r->out_width * run->advance - (d->group < HF_DEPTHWISE_GROUP);
        hf_depthwise_by_words(run);
        slot = (slot + r->stride_height) % d->slots;
    }
}

/* The group's channels, if they can go by words. What those before it are does not matter. */
static int take_channels(depthwise *d)
{
    const int32_t zero_half = 2 * d->context->record->output_zero_point + 1;
    if (!d->words || d->group + d->in_front < HF_DEPTHWISE_GROUP)
        return 0;
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_compact *channel = narrow(d, c);
        if (!channel)
            return 0;
        const int32_t shift = channel->bias_shift & 0xFF;
        d->words->run.channels[d->in_front + c] = (hf_depthwise_words_channel){
            channel->multiplier, shift, zero_half * (1 << shift), channel->bias_shift >> 7};
    }
    return 1;
}

/* The group's channels for a 3x3 kernel, if all have narrow parameters. What those before them are does not
 * matter, but they are there. */
static int take_3x3_channels(depthwise *d)
{
    depthwise_3x3 *by = d->by_3x3;
    hf_depthwise_3x3_words *run = &by->run;
    run->skipped = 8 * d->in_front;
    run->stored = d->group;
    run->outputs = d->context->record->out_width;
    if (d->group < HF_DEPTHWISE_GROUP)
        run->outputs -= 1 << 30;
    run->weights = channel_weights(d, d->channel - d->in_front);
    run->channels = (const hf_channel_compact *)(const void *)d->context->data + d->channel - d->in_front;
    const int has_four = d->in_front + d->group == HF_DEPTHWISE_GROUP;
    if (!has_four) {
        run->weights = by->weights;
        hf_copy(by->weights, channel_weights(d, 0), (size_t)9 * d->group);
    }
    if (has_four && d->context->record->params == HF_PARAMS_COMPACT)
        return 1;
    run->channels = by->channels;
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_compact *channel = narrow(d, c);
        if (!channel)
            return 0;
        by->channels[d->in_front + c] = *channel;
    }
    return 1;
}

/* As many output rows at a time as no row of the kernel comes to the ring's end in between. */
static void rows_by_3x3_words(const depthwise *d, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_3x3_words *run = &d->by_3x3->run;
    while (rows > 0) {
        uint32_t slot = y * r->stride_height % d->slots;
        run->height = rows;
        for (uint32_t k = 0; k < 3; k++) {
            const uint32_t fit =
                r->stride_height == 1 ? d->slots - slot : (d->slots - 1 - slot) / r->stride_height + 1;
            run->height = run->height < fit ? run->height : fit;
            run->rows[k] = (const uint32_t *)(const void *)d->ring + (size_t)slot * d->row_values;
            slot = slot + 1 == d->slots ? 0 : slot + 1;
        }
        run->out = hf_output_row(d->context, y) + d->channel;
        hf_depthwise_by_3x3_words(run);
        y += run->height;
        rows -= run->height;
    }
}

/* The words that hf_depthwise_six() takes. @return behind them */
__attribute__((optimize("O2"))) static uint32_t *spread_weights(const hf_op_record *r, const int8_t *weights,
                                                                uint32_t *to)
{
    const uint32_t twice = r->stride_width == 1;
    for (uint32_t row = r->kernel_height; row > 0; row--) {
        uint32_t before = 0;
        uint32_t left = r->kernel_width;
        for (; left > 1; left -= 2, weights += 2) {
            const uint32_t a = 2U * (uint32_t)weights[0];
            *to++ = hf_pkhbt(a, 2U * (uint32_t)weights[1]);
            if (twice)
                *to++ = hf_pkhbt(before, a);
            before = 2U * (uint32_t)weights[1];
        }
        if (left == 0 && !twice)
            continue;
        const uint32_t a = left > 0 ? 2U * (uint32_t)*weights++ : 0;
        *to++ = a & 0xFFFFU;
        if (twice)
            *to++ = hf_pkhbt(before, a);
    }
    return to;
}

__attribute__((noinline)) static void rows_by_six(const depthwise *d, const hf_channel_compact *channel,
                                                  uint32_t c, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const uint32_t slot_values = HF_DEPTHWISE_GROUP * d->row_values;
    uint32_t weights[2 * HF_DEPTHWISE_WORDS];
    hf_depthwise_row row; /* filled in piece by piece: to clear it first would take long */
    row.ring_end = d->ring + (size_t)d->slots * slot_values;
    row.ring_bytes = d->slots * slot_values * (uint32_t)sizeof *d->ring;
    row.slot_bytes = slot_values * (uint32_t)sizeof *d->ring;
    row.weights = weights;
    row.weights_end = spread_weights(r, channel_weights(d, d->channel + c), weights);
    row.row_weights = row_words(r) * (r->stride_width == 1 ? 8 : 4);
    row.out = hf_output_row(d->context, y) + d->channel + c;
    row.out_step = r->out_step;
    row.outputs = r->out_width;
    row.multiplier = channel->multiplier;
    row.shift = channel->bias_shift;
    row.zero = (2 * r->output_zero_point + 1) * (1 << (channel->bias_shift & 31));
    row.bias = channel->bias_shift >> 7; /* the shift below it is < 128 */
    row.stride = r->stride_width;
    uint32_t slot = y * r->stride_height % d->slots;
    for (; rows > 0; rows--, row.out += (size_t)r->out_width * r->out_step) {
        row.row = channel_rows(d, c) + (size_t)slot * slot_values;
        hf_depthwise_six(&row);
        slot = (slot + r->stride_height) % d->slots;
    }
}

#else

/* Left to any_rows(). */
static void rows_by_six(const depthwise *d, const hf_channel_compact *channel, uint32_t c, uint32_t y,
                        uint32_t rows)
{
    (void)channel;
    any_rows(d, c, y, rows);
}

#endif
#endif

static void band_rows(depthwise *d, uint32_t y, uint32_t rows)
{
#if HF_ENGINE_SPECIAL_KERNELS
    if (d->by_words) {
        if (d->by_3x3)
            rows_by_3x3_words(d, y, rows);
        else
            rows_by_words(d, y, rows);
        return;
    }
#endif
#if defined(__ARM_FEATURE_DSP)
    const hf_op_record *r = d->context->record;
    const int by_six = goes_by_six(r);
    const int is_3x3 = !by_six && r->stride_width <= 2 && r->kernel_width == 3 && r->kernel_height == 3;
    if (is_3x3 && r->params == HF_PARAMS_COMPACT) {
        rows_3x3(d, narrow(d, 0), 0, d->group, y, rows);
        return;
    }
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_compact *channel = by_six || is_3x3 ? narrow(d, c) : NULL;
        if (!channel)
            any_rows(d, c, y, rows);
        else if (by_six)
            rows_by_six(d, channel, c, y, rows);
        else
            rows_3x3(d, channel, c, 1, y, rows);
    }
#else
    for (uint32_t c = 0; c < d->group; c++)
        any_rows(d, c, y, rows);
#endif
}

#if HF_ENGINE_SPECIAL_KERNELS

/* The group's channels as a small map, if all have narrow parameters. */
static int run_small_group(depthwise *d, int is_blank)
{
    const hf_op_context *c = d->context;
    const hf_op_record *r = c->record;
    const hf_channel_compact *channels = narrow(d, 0);
    for (uint32_t i = 0; i < d->group && r->params == HF_PARAMS_WIDE; i++) {
        if (!narrow(d, i))
            return 0;
        channels = d->narrow;
    }
    if (!is_blank && r->in_width + 2U <= HF_DEPTHWISE_SMALL_WIDTH) {
        uint32_t *word = (uint32_t *)(void *)d->ring;
        for (uint32_t words = HF_DEPTHWISE_GROUP * r->in_height * HF_DEPTHWISE_SMALL_WIDTH / 2; words > 0;
             words--)
            *word++ = (uint16_t)r->input_zero_point * 0x10001U;
    }
    const hf_depthwise_small map = {
        .planes = d->ring,
        .input = c->input + d->channel - d->in_front,
        .in_step = r->in_step,
        .width = r->in_width,
        .height = r->in_height,
        .out = c->output + d->channel,
        .out_step = r->out_step,
        .weights = channel_weights(d, d->channel),
        .channels = channels,
        .skipped = d->in_front,
        .stored = d->group,
        .zero_half = 2 * r->output_zero_point + 1,
        .input_zero = r->input_zero_point,
    };
    hf_depthwise_small_map(&map);
    return 1;
}

#endif

static void run_group(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    uint32_t taken = 0; /* rows of the padded input */
    const uint32_t last = d->context->end_row;
    for (uint32_t y = d->context->first_row; y < last; y += d->band) {
        uint32_t rows = last - y < d->band ? last - y : d->band;
        uint32_t top = y * r->stride_height;
        uint32_t end = top + (rows - 1) * r->stride_height + r->kernel_height;
        take_padded_rows(d, taken > top ? taken : top, end);
        taken = end;
        band_rows(d, y, rows);
    }
}

static void run_groups(depthwise *d)
{
    const uint32_t channels = d->context->record->in_channels;
    for (; d->channel < channels; d->channel += d->group) {
        const uint32_t left = channels - d->channel;
        d->group = left < HF_DEPTHWISE_GROUP ? left : HF_DEPTHWISE_GROUP;
        /* What is taken in of channels that are done already does not matter. */
        d->in_front = d->channel > 0 ? HF_DEPTHWISE_GROUP - d->group : 0;
        d->is_blank = d->channel > 0;
#if HF_ENGINE_SPECIAL_KERNELS
        if (d->is_small) {
            const int was_small = d->was_small;
            d->was_small = run_small_group(d, was_small);
            if (d->was_small)
                continue;
            d->is_blank &= !was_small;
        }
        const int by_words = d->by_words;
        d->by_words = d->by_3x3 ? take_3x3_channels(d) : take_channels(d);
        d->is_blank &= d->by_words == by_words;
        if (!d->is_blank && d->by_words)
            blank_sides(d);
        else
#endif
            if (!d->is_blank)
            blank(d, 0, d->slots);
        run_group(d);
    }
}

#if HF_ENGINE_SPECIAL_KERNELS

__attribute__((noinline)) static void run_by_words(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    depthwise_words words; /* filled in piece by piece: to clear it first would take long */
    words.placed = UINT32_MAX;
    words.run.out_step = r->out_step;
    words.run.advance = 4U * r->stride_width;
    words.run.taps = words.pairs;
    words.run.taps_end = words.pairs + (d->taps + 1) / 2;
    d->words = &words;
    run_groups(d);
}

__attribute__((noinline)) static void run_3x3(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    depthwise_3x3 by; /* filled in piece by piece */
    const uint32_t twos = (r->out_width + 1U) / 2;
    by.run.zero_half = 2 * r->output_zero_point + 1;
    by.run.out_step = r->out_step;
    by.run.row_advance = 4 * d->row_values * r->stride_height - 16 * twos;
    by.run.out_row = r->out_width * r->out_step;
    d->by_3x3 = &by;
    run_groups(d);
}

#endif

static void run_rows(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const uint32_t all = band_slots(r, context->end_row - context->first_row);
    const uint32_t band = context->in_rows < r->in_height && r->in_width == 1 ? 1 : band_rows_of(r);
    depthwise d = {
        .context = context,
        .ring = context->extra,
        .row_values = row_values(r),
        .slots = band_slots(r, band),
        .band = band,
        .taps = (uint32_t)r->kernel_height * r->kernel_width,
    };
    d.is_whole = d.slots >= all;
    if (d.is_whole)
        d.slots = all;
    if (d.slots == 0) /* no validated kernel is empty */
        return;
#if defined(__ARM_FEATURE_DSP)
    prepare_intake(&d);
    prepare_run(&d);
#endif
#if HF_ENGINE_SPECIAL_KERNELS
    d.is_small =
        is_small_map(r) && d.band == r->out_height && all == d.slots && context->in_rows == r->in_height &&
        (uint64_t)2 * HF_DEPTHWISE_SMALL_WIDTH * HF_DEPTHWISE_GROUP * r->in_height <= ring_bytes(r, band);
    if (r->kernel_width == 3 && r->kernel_height == 3 && r->stride_width == 2) {
        run_3x3(&d);
        return;
    }
    const uint32_t rows = context->end_row - context->first_row;
    if (words_pay(r, r->out_width * (d.band < rows ? d.band : rows))) {
        run_by_words(&d);
        return;
    }
#endif
    run_groups(&d);
}

void hf_run_depthwise(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const int all =
        context->end_row - context->first_row == r->out_height && context->in_rows == r->in_height;
    if (!all || !is_column(r)) {
        run_rows(context);
        return;
    }
    const hf_op_record row = lying(r);
    hf_op_context as_row = *context;
    as_row.record = &row;
    as_row.in_rows = 1;
    as_row.end_row = 1;
    run_rows(&as_row);
}
