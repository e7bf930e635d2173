/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_TRANSCRIPTS_H
#define HF_REPORT_TRANSCRIPTS_H

#include "base/buffer.h"
#include "base/error.h"
#include "report/rows.h"

/**
 * @file transcripts.h
 * The transcripts of a run: what OpenOCD and the serial line said in an attempt that failed, or when a board could not
 * be brought up. Which there are, choosing one, and showing it on a terminal.
 */

/** A failure of a run, with what its transcript belongs to, but without its text. */
typedef struct hf_transcript_row {
    int64_t id;  /**< in the store */
    char *model; /**< name of the variation; NULL: the board could not be brought up */
    char *chip;  /**< of the variation, or else of the board */
    char *board_id;
    int64_t at_ms; /**< wall clock, Unix milliseconds */
    char *fault;
    char *message;
    int32_t number; /**< of the attempt; without a model, of the failures to start this board, from 1 */
    bool stored;    /**< the store has its transcript */
} hf_transcript_row;

extern const hf_row_type hf_transcript_row_type;

/** Which transcripts are meant. */
typedef struct hf_transcript_choice {
    const char *model; /**< NULL = those of all variations, and of boards that could not be brought up */
    const char *chip;  /**< NULL = of any */
    const char *board; /**< NULL = of any */
    int32_t attempt;   /**< number; 0 = of all. Without a model it is that of a failure to bring up a board */
} hf_transcript_choice;

/** Whether a row is among those that are meant. */
bool hf_transcript_is_chosen(const hf_transcript_choice *choice, const hf_transcript_row *row);

/**
 * Finds the one transcript that is meant. What is missing is explained: what there is instead, and what was probably meant.
 * @param report the run, with results and attempts; no transcripts are needed
 * @param row    set on HF_OK: one of `rows`, whose transcript is stored
 * @return HF_ENOTFOUND; HF_EINVALID if several are meant
 */
hf_status hf_transcript_choose(const hf_report *report, const hf_transcript_row *rows, size_t count,
                               const hf_transcript_choice *choice, const hf_transcript_row **row,
                               hf_error *err);

/**
 * Appends a list of the transcripts that are meant and stored.
 * @return HF_ENOTFOUND if there are none, with the reason: the choice fits nothing, or they were deleted. A run in
 * which nothing failed is no failure, but a line that says so.
 */
hf_status hf_transcripts_render(const hf_report *report, const hf_transcript_row *rows, size_t count,
                                const hf_transcript_choice *choice, hf_buffer *out, hf_error *err);

/** Appends a transcript for a terminal: what it belongs to, the failure, and the text. Control characters, and bytes that
 * are not UTF-8, are shown as \\xNN. @param text of the transcript */
void hf_transcript_render(const hf_transcript_row *row, const char *text, hf_buffer *out);

#endif
