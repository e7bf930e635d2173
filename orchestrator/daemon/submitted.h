/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_SUBMITTED_H
#define HF_DAEMON_SUBMITTED_H

#include "api/submission.h"
#include "base/buffer.h"
#include "store/store.h"

/**
 * @file submitted.h
 * A submission as the spool keeps it: who asked for what, and the key of the run. Its text is one line of JSON that
 * the daemon adds, followed by the submission as the API defines it.
 */

#define HF_SPOOL_KEY_SIZE 65

typedef struct hf_submitted {
    char key[HF_RUN_KEY_SIZE];         /**< of the run */
    char spool_key[HF_SPOOL_KEY_SIZE]; /**< the run's key; for the n-th resumption on request "KEY-rN" */
    char *owner;                       /**< name of the user */
    int64_t uid;                       /**< of the user; -1 = submitted over TCP */
    int64_t submitted_ms;
    bool resumes; /**< a run that is in the store is to be continued on request */
    hf_api_submission submission;
} hf_submitted;

hf_status hf_submitted_write(const hf_submitted *submitted, hf_buffer *out, hf_error *err);
/** @param spool_key of the entry. @param out hf_submitted_clear() */
hf_status hf_submitted_read(const char *spool_key, const char *text, size_t size_bytes, hf_submitted *out,
                            hf_error *err);
void hf_submitted_clear(hf_submitted *submitted);

#endif
