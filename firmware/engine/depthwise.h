/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_DEPTHWISE_H
#define HF_ENGINE_DEPTHWISE_H

#include "depthwise_kernels.h"
#include "engine/kernel_choice.h"
#include "engine/layout.h"

/*
 * Depthwise convolution processes a group of four channels at a time. Input rows are copied from [W,C] to a ring
 * of padded rows in scratch; rows above and below the input are stored there like any other. So a channel is
 * prepared once for all output rows that the rows in the ring allow, a band.
 */

#define HF_DEPTHWISE_WORD_PAIRS 12U /* of taps, on the stack */

/* State of the kernel for words. */
typedef struct depthwise_words {
    hf_depthwise_words_taps pairs[HF_DEPTHWISE_WORD_PAIRS];
    hf_depthwise_words run;
    uint32_t placed; /* slot that `pairs` are set up for */
} depthwise_words;

/* State of the kernel for 3x3 by words. */
typedef struct depthwise_3x3 {
    hf_depthwise_3x3_words run;
    hf_channel_compact channels[HF_DEPTHWISE_GROUP]; /* of a group whose parameters are stored otherwise */
    int8_t weights[9 * HF_DEPTHWISE_GROUP];          /* of a layer of fewer than four channels */
} depthwise_3x3;

typedef struct depthwise {
    const hf_op_context *context;
    int16_t
        *ring; /* [slots][HF_DEPTHWISE_GROUP][row_values]; row y of the padded input is in slot y % slots */
    uint32_t row_values;
    uint32_t slots;
    uint32_t band;     /* output rows computed from one filling of the ring */
    uint32_t channel;  /* the group's first */
    uint32_t group;    /* channels in it */
    uint32_t in_front; /* channels before them that are read together with them */
    int is_blank;      /* padding in the ring is filled with the zero point */
    int is_whole;      /* the ring has a slot for every row, so padding persists */
    uint32_t taps;
    int by_words; /* each column is a word of four channels */
#if HF_ENGINE_SPECIAL_KERNELS
    depthwise_words *words; /* or NULL: not by words */
    depthwise_3x3 *by_3x3;  /* or NULL: not 3x3 by words */
    int is_small;           /* groups can be computed as small maps */
    int was_small;          /* the previous group was */
#endif
#if defined(__ARM_FEATURE_DSP)
    hf_depthwise_intake intake;
    hf_depthwise_run run; /* of hf_depthwise_3x3() */
    hf_channel_compact narrow[HF_DEPTHWISE_GROUP];
#endif
} depthwise;

/** Columns of a padded row. The kernels for stride 1 compute two outputs at a time. */
uint32_t hf_depthwise_row_values(const hf_op_record *record);
/** Whether the layer is one for hf_depthwise_six(). */
int hf_depthwise_goes_by_six(const hf_op_record *record);
/** The slots that a band of output rows needs ... */
static inline uint32_t hf_depthwise_band_slots(const hf_op_record *r, uint32_t band)
{
    return (band - 1) * r->stride_height + r->kernel_height;
}
/** ... and their bytes, as int16. */
uint64_t hf_depthwise_ring_bytes(const hf_op_record *record, uint32_t band);

/** Fills slots with the input's zero point. */
void hf_depthwise_blank(const depthwise *d, uint32_t slot, uint32_t count);
/** Copies rows `y` to before `end` of the padded input into the ring. */
void hf_depthwise_take_rows(depthwise *d, uint32_t y, uint32_t end);

const int8_t *hf_depthwise_weights(const depthwise *d, uint32_t channel);
/** Output rows y .. of the group from int16 rows. */
void hf_depthwise_make_rows(depthwise *d, uint32_t y, uint32_t rows);

#if defined(__ARM_FEATURE_DSP)
/** A channel's parameters; in a layer with wide parameters few channels need them. @return NULL if they do */
const hf_channel_compact *hf_depthwise_narrow(depthwise *d, uint32_t c);
void hf_depthwise_prepare_intake(depthwise *d);
void hf_depthwise_prepare_3x3(depthwise *d);
#endif

#if HF_ENGINE_SPECIAL_KERNELS
/** One output row of a 3x3 layer with compact parameters and at least four channels. @param row_words of a padded row */
void hf_depthwise_run_row(const hf_op_context *context, uint32_t row_words);
/** All channels of a layer that is one row. */
void hf_depthwise_run_line(depthwise *d);
/** Fills the columns beside the input, in all slots of columns that are words. */
void hf_depthwise_blank_sides(const depthwise *d);
/** Whether the group's columns can be words; prepares its parameters. */
int hf_depthwise_take_word_channels(depthwise *d);
/** Output rows y .. of the group from columns that are words. */
void hf_depthwise_make_rows_by_words(const depthwise *d, uint32_t y, uint32_t rows);
/** What all groups of a layer have in common. */
void hf_depthwise_prepare_words(const depthwise *d, depthwise_words *words);
void hf_depthwise_prepare_3x3_words(const depthwise *d, depthwise_3x3 *by);
#endif

#endif
