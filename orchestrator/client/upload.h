/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_UPLOAD_H
#define HF_CLIENT_UPLOAD_H

#include "api/submission.h"
#include "client/client.h"

/**
 * @file upload.h
 * Sending the content of one file.
 */

/** @return as hf_client_do(); HF_EMISMATCH if it changed since it was described */
hf_status hf_client_send_file(hf_client *client, const hf_api_file *file, hf_error *err);

#endif
