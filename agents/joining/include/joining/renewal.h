/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_JOINING_RENEWAL_H
#define HF_JOINING_RENEWAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file renewal.h
 * The host's side when the farm renews its certificate. The farm asks on the subject of the host's hello, which only that host
 * hears; the host replies with a request for the key that it has (messages.h). The farm signs it for the same identity and
 * sends the certificate in the same way. Key and identity stay, so revoking works as before, and the server's users do not change.
 */

#define HF_RENEWAL_QUESTION "renew"

/** The files of the host's credentials. Borrowed; NULL = it has none, and nothing is renewed. */
typedef struct hf_renewal {
    const char *host;
    const char *ca_path, *certificate_path, *key_path;
} hf_renewal;

/**
 * Deals with a message on the subject of the hello.
 * @param reply   receives a request, "ok", or a refusal with the reason
 * @param renewed whether the file of the certificate is a new one now
 * @return false: it is not about renewing
 */
bool hf_renewal_message(const hf_renewal *files, const void *bytes, size_t size, hf_buffer *reply,
                        bool *renewed);

#endif
