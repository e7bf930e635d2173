/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_NOTIFY_NOTIFY_H
#define HF_NOTIFY_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file notify.h
 * Tells others that a run has ended: a command of the user, or a server. Failures are of class farm.
 */

/** Deadline of either in milliseconds, if the caller has no other wish. */
#define HF_NOTIFY_LIMIT_MS 60000u

/** What is told; borrowed. */
typedef struct hf_notice {
    const char *json; /**< the summary, one object */
    size_t size_bytes;
    const char *const
        *variables; /**< for the command's environment: "HILFARM_...=VALUE", NULL-terminated; NULL = none */
} hf_notice;

/**
 * Runs a command with /bin/sh -c. It finds the summary on its standard input, and in the file that
 * $HILFARM_SUMMARY names while it runs.
 * @param limit_ms then it is killed with its process group
 * @return HF_OK if it exits with status 0; HF_ECHILD, HF_ETIMEOUT, or HF_EIO if the file cannot be written
 */
hf_status hf_notify_command(const char *command, const hf_notice *notice, uint32_t limit_ms, hf_error *err);

/** @return HF_OK, or HF_EINVALID unless it is an http:// or https:// URL */
hf_status hf_notify_check_url(const char *url, hf_error *err);
/**
 * Sends the summary to a server: POST with Content-Type application/json. Redirections are not followed.
 * @param limit_ms for the whole exchange
 * @return HF_OK if the server answers with a status of 200 .. 299; HF_EINVALID, HF_EIO or HF_ETIMEOUT
 */
hf_status hf_notify_webhook(const char *url, const hf_notice *notice, uint32_t limit_ms, hf_error *err);

#endif
