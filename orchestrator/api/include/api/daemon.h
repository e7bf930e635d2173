/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_DAEMON_H
#define HF_API_DAEMON_H

#include <stdint.h>

#include "api/api.h"

/**
 * @file daemon.h
 * GET /api/v1: what a client needs to know of the daemon. Every version of the API has `version` and `api`.
 */

typedef struct hf_api_daemon {
    char *version; /**< of hilfarm */
    int32_t api;   /**< HF_API_VERSION */
    int64_t pid;
    int64_t started_ms;
    char *farm;  /**< path of the farm file; NULL = virtual boards without a file */
    char *store; /**< absolute path */
    uint32_t board_count;
    uint32_t run_count; /**< waiting or under way */
} hf_api_daemon;

extern const hf_api_type hf_api_daemon_type;

#endif
