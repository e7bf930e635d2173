/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_EVALUATE_VERIFY_ON_BOARD_H
#define HF_EVALUATE_VERIFY_ON_BOARD_H

#include "evaluate/evaluate.h"
#include "worker/worker.h"

/**
 * @file verify_on_board.h
 * Runs samples on a board and checks that its outputs equal those of the host, byte for byte.
 */

typedef struct hf_on_board_request {
    const hf_evaluated_model *model;
    const hf_dataset *dataset;
    hf_sample_reading reading; /**< `input` is filled in from the model */
    const uint32_t *samples;   /**< indices into the data set of the readable samples */
    uint32_t sample_count;
    uint32_t wanted;          /**< samples to run, spread evenly; at most sample_count */
    const char *board, *chip; /**< id, and name of its chip */
    bool modelled;            /**< it is a virtual board */
    const hf_worker_backend *backend;
    hf_worker_patience patience;                              /**< while others use the board */
    void (*progress)(void *user, uint32_t done, uint32_t of); /**< NULL = none */
    void *progress_user;
} hf_on_board_request;

typedef struct hf_on_board_result {
    char board[64], chip[32];
    bool modelled; /**< a virtual board */
    uint32_t asked;
    uint32_t equal;
    uint32_t different;       /**< the output differs from that of the reference */
    uint32_t failed;          /**< no answer after three attempts */
    uint64_t latency_mean_ns; /**< over the equal samples; 0 = none */
    char message[512];        /**< the first difference or failure; "" = none */
} hf_on_board_result;

/** Attempts per sample before it counts as failed. A sample with a different output is not retried. */
#define HF_ON_BOARD_ATTEMPTS 3

/**
 * Opens the board, runs the samples and closes it. Of a sample with several windows only the first is sent.
 * The expected output comes from the reference interpreter, and the engine on the host must agree with it.
 * @return HF_OK even if outputs differed (see the counts); an error if the board is unusable, a file can no
 * longer be read, or reference and engine disagree on the host
 */
hf_status hf_on_board(const hf_on_board_request *request, hf_on_board_result *out, hf_error *err);

#endif
