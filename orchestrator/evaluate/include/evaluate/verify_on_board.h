/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_VERIFY_ON_BOARD_H
#define HF_EVALUATE_VERIFY_ON_BOARD_H

#include "board/board.h"
#include "evaluate/evaluate.h"

/**
 * @file verify_on_board.h
 * Samples sent to a board over serial: its outputs must be those of the host, byte for byte.
 */

typedef struct hf_on_board_request {
    const hf_evaluated_model *model;
    const hf_dataset *dataset;
    hf_sample_reading reading; /**< `input` is filled in from the model */
    const uint32_t *samples;   /**< indices into the data set, those that can be read */
    uint32_t sample_count;
    uint32_t wanted; /**< of them, evenly spread; at most sample_count are taken */
    const hf_board_config *board;
    const hf_board_options *options;
    uint64_t wait_ms; /**< how long to wait for the board while somebody else uses it; 0 = not at all */
    void (*waiting)(void *user, const char *who); /**< as of hf_board_open_waiting(); NULL = none */
    void *waiting_user;
    void (*progress)(void *user, uint32_t done, uint32_t of); /**< NULL = none */
    void *progress_user;
} hf_on_board_request;

typedef struct hf_on_board_result {
    char board[64], chip[32];
    bool modelled; /**< a virtual board */
    uint32_t asked;
    uint32_t equal;
    uint32_t different;       /**< the board computed something else than the reference */
    uint32_t failed;          /**< no answer after three attempts */
    uint64_t latency_mean_ns; /**< of the equal ones; 0 = none */
    char message[512];        /**< the first difference or failure; "" = none */
} hf_on_board_result;

/** Attempts per sample before it counts as failed; a difference is never tried again. */
#define HF_ON_BOARD_ATTEMPTS 3

/**
 * Opens the board, runs the samples, closes it. Of a sample with several windows the first is sent. The
 * expected output is the reference interpreter's, which must be the host engine's too.
 * @return HF_OK also when outputs differed (see the counts); an error when the board cannot be used, a file
 * cannot be read any more, or the host's own two answers differ
 */
hf_status hf_on_board(const hf_on_board_request *request, hf_on_board_result *out, hf_error *err);

#endif
