/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_USER_REQUEST_H
#define HF_DAEMON_USER_REQUEST_H

#include "access.h"
#include "api/api.h"

/** @file user_request.h What a request asks for, and who asks. */

/**
 * Reads the body of a request and the name of whoever sent it, or answers what is wrong. May take a while: not on the loop's or the
 * server's thread.
 * @param type of the body
 * @param out  stays as it is if the body is empty; hf_api_clear()
 * @return whether it was read
 */
bool hf_user_request_read(hf_http_request *request, const hf_api_type *type, void *out,
                          char user[HF_USER_NAME_SIZE]);

#endif
