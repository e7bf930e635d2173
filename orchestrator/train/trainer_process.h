/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_TRAINER_PROCESS_H
#define HF_TRAIN_TRAINER_PROCESS_H

#include <jansson.h>

#include "process/child.h"
#include "train/train.h"

/**
 * @file trainer_process.h
 * hilfarm-train as a child process, and what it says.
 */

typedef struct hf_trainer {
    hf_child *child;    /**< owned */
    json_t *history;    /**< owned: the figures of each epoch, also of earlier parts of the training */
    char *history_path; /**< owned */
    bool is_done, is_stopped, is_paused, changed;
    bool epoch_ended; /**< since the last hf_trainer_take() */
    double validation_percent, seconds;
    char torch[32];
    char message[512];         /**< of a failure; "" = none */
    hf_training_progress last; /**< figures */
} hf_trainer;

/** Starts a training in a folder. @param out hf_trainer_end() */
hf_status hf_trainer_start(const char *program, const char *folder, hf_trainer *out, hf_error *err);
/** Ends the process if it runs, and frees. */
void hf_trainer_end(hf_trainer *trainer);
/** The version of the trainer's torch. @param version 32 bytes; "" if the program does not answer */
void hf_trainer_torch_version(const char *program, char *version);

#endif
