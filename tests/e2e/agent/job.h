/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include "board/board.h"
#include "board_hooks.h"

/* A small network and a board for it, for end-to-end tests. */

typedef struct job {
    hf_attempt_request request;
    uint8_t *image; /* what request.image points to */
    uint8_t *input;
    uint32_t *layer_crc32;
} job;

/* A generated variation with the expected outputs for its seeded input. */
void job_make(job *self, const char *name, uint32_t weight_seed);
void job_free(job *self);
/* Updates the CRC-32 of a changed image (firmware/engine/FORMAT.md). */
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
/* Closes it; no process, descriptor or file except the lock may remain. */
void bench_free(bench *self);

/* Fails the test with the transcript unless the status is as expected. */
void assert_attempt(bench *self, hf_status status, hf_status expected);
/* ... unless the failure has this class and message. */
void assert_failure(bench *self, hf_fault fault, const char *says);

/* Open descriptors of this process, plus a constant. */
int open_descriptors(void);

/* Process id of a child of this process by its program's name; 0 = none. */
long child_named(const char *name);

#endif
