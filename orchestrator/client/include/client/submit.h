/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_SUBMIT_H
#define HF_CLIENT_SUBMIT_H

#include "api/submission.h"
#include "client/client.h"

/**
 * @file submit.h
 * Submitting a run: the spec's text, and the content of its files that the daemon does not have yet.
 */

/** Called while files are sent. */
typedef struct hf_client_upload_observer {
    void *user;
    /** @param done files that are sent, of so many; `bytes` of content so far */
    void (*sending)(void *user, size_t done, size_t of, uint64_t bytes);
} hf_client_upload_observer;

/**
 * Describes files for a submission: path, size and SHA-256.
 * @param out `count` files, freed with the submission by hf_api_clear()
 * @return HF_OK; HF_ENOTFOUND, HF_EIO, HF_EINVALID for a file that cannot be read; HF_ELIMIT; HF_ENOMEM
 */
hf_status hf_client_describe_files(char *const *paths, size_t count, hf_api_file **out, hf_error *err);

/**
 * Submits a run. Each content that the daemon lacks is sent once, even if several files have it.
 * @param accepted filled on HF_OK; hf_api_clear()
 * @param refusal  filled if the daemon refused, with the mistakes in the spec; hf_api_clear()
 * @param observer NULL allowed
 * @return as hf_client_do(); HF_EMISMATCH if a file changed while it was sent
 */
hf_status hf_client_submit(hf_client *client, const hf_api_submission *submission,
                           const hf_client_upload_observer *observer, hf_api_accepted *accepted,
                           hf_api_refusal *refusal, hf_error *err);

#endif
