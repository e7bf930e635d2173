/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_JOINING_JOIN_H
#define HF_JOINING_JOIN_H

#include "base/clock.h"
#include "joining/token.h"

/**
 * @file join.h
 * The side of the host that joins. Its private key is made here and never leaves.
 */

/**
 * Makes a key, has the farm sign it, and tries the result: on success the folder has `agent.key`, `agent.pem` and `ca.pem`. What was there
 * before is replaced only then. A try that failed on the way can be repeated with the same token.
 * @param folder made with mode 0700 if there is none
 * @param now_s  seconds since 1970
 * @return HF_OK; HF_EFORMAT: no token; HF_EMISMATCH: the farm refuses it, with the reason; what hf_broker_open() returns
 */
hf_status hf_join(const hf_join_token *token, const char *folder, int64_t now_s, hf_deadline deadline,
                  hf_certificate_info *out, hf_error *err);

#endif
