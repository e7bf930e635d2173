/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_JOINING_MESSAGES_H
#define HF_JOINING_MESSAGES_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file messages.h
 * What a host that joins and the farm say to each other. Texts: the first line is "hilfarm-join 1", followed in a reply by " ok" or
 * " refused"; the rest is a request for a certificate, a certificate, or the reason, of one line.
 */

#define HF_JOIN_MESSAGE_MAX 16384 /**< bytes */

void hf_join_request_write(const char *pem, hf_buffer *out);
/** @param pem, pem_size borrowed from the message */
hf_status hf_join_request_read(const void *bytes, size_t size, const char **pem, size_t *pem_size,
                               hf_error *err);

void hf_join_reply_write(const char *certificate, hf_buffer *out);
void hf_join_refusal_write(const char *reason, hf_buffer *out);
/** Whether it is a message of this kind at all. */
bool hf_join_is_message(const void *bytes, size_t size);
/** @return HF_OK; HF_EMISMATCH: refused, the message is the reason; HF_EFORMAT */
hf_status hf_join_reply_read(const void *bytes, size_t size, const char **pem, size_t *pem_size,
                             hf_error *err);

#endif
