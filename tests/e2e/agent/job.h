/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include "board/board.h"
#include "board_hooks.h"

/* A small network as the farm would hand it to a board, and a board to hand it to: for end-to-end tests. */

typedef struct job {
    hf_attempt_request request;
    uint8_t *image; /* what request.image points to */
    uint8_t *input;
    uint32_t *layer_crc32;
} job;

/* A generated variation, with the reference's answers to its seeded input. */
void job_make(job *self, const char *name, uint32_t weight_seed);
void job_free(job *self);
/* Puts the right CRC-32 into an image that was changed (firmware/engine/FORMAT.md). */
void job_sign(job *self);

typedef struct bench {
    char dir[40];
    hf_board_config config;
    hf_board_options options;
    hf_board_hooks hooks;
    hf_board *board;
    hf_error err;
} bench;

/* Makes a work folder and describes a virtual board; nothing is started. */
void bench_make(bench *self, const char *chip);
hf_status bench_open(bench *self);
/* Clears the error and attempts. */
hf_status bench_attempt(bench *self, const job *work, hf_attempt_result *result);
/* Closes; then no process, descriptor or file but the lock may be left of it. */
void bench_free(bench *self);

/* Fails the test, with the transcript, unless the status is the expected one. */
void assert_attempt(bench *self, hf_status status, hf_status expected);
/* ... unless the failure is of this class and says this. */
void assert_failure(bench *self, hf_fault fault, const char *says);

/* Descriptors this process has open, give or take a constant. */
int open_descriptors(void);

/* Process id of a child of this process by its program's name; 0 = none. */
long child_named(const char *name);

#endif
