/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_RUN_OPTIONS_H
#define HF_CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "night_output.h"
#include "programs.h"

/**
 * @file run_options.h
 * The options of `hilfarm run`.
 */

typedef struct hf_cli_run_options {
    const char *db;   /**< store of runs in this process; reports go beside it */
    const char *farm; /**< NULL = the default farm */
    hf_cli_programs programs;
    uint64_t wait_ms;
    unsigned fail_on;
    const char *only, *boards, *baseline;
    const char *failed_run;  /**< run whose failures are measured again; NULL = without --failed */
    int32_t priority;        /**< of a run on the daemon; 0 = normal */
    const char *title, *tag; /**< of a run on the daemon; NULL = none */
    hf_cli_night_options night;
    bool plain, quiet, resume, failed, dry_run;
    bool local, detach, no_cache;
} hf_cli_run_options;

#endif
