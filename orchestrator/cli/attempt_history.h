/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_ATTEMPT_HISTORY_H
#define HF_CLI_ATTEMPT_HISTORY_H

#include "spec/run_config.h"

/**
 * @file attempt_history.h
 * How long attempts took on the boards of a run, from its newest runs in the store.
 */

#define HF_HISTORY_MAX_RUNS 10 /* newest first; older ones are not looked at */

typedef struct hf_attempt_history {
    uint64_t *job_ns;  /**< newest successful attempt of the job's model on its chip; 0 = none */
    uint64_t *chip_ns; /**< mean of all successful attempts on the chip; 0 = none */
    uint32_t attempts; /**< successful ones found */
} hf_attempt_history;

/**
 * @param db path of the store; without a store the history is empty
 * @param out hf_attempt_history_free()
 */
hf_status hf_attempt_history_load(const char *db, const hf_run_config *config, hf_attempt_history *out,
                                  hf_error *err);
void hf_attempt_history_free(hf_attempt_history *history);

#endif
