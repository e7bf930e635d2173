/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_SESSION_H
#define HF_API_SESSION_H

#include <stdint.h>

#include "api/api.h"

/**
 * @file session.h
 * POST /api/v1/sessions: what a user of the Unix socket gets for a browser.
 */

typedef struct hf_api_session {
    char *address;   /**< "HOST:PORT" of the dashboard */
    char *token;     /**< secret */
    int64_t idle_ms; /**< so long the session lasts after its last request */
} hf_api_session;

extern const hf_api_type hf_api_session_type;

#endif
