/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DOCTOR_BROKER_GREETING_H
#define HF_DOCTOR_BROKER_GREETING_H

#include <stdbool.h>

#include "base/error.h"

/**
 * Reads what a NATS server says first to anybody who connects, before TLS: its version, and whether it demands TLS.
 * @param url "tls://HOST:PORT" or "nats://HOST:PORT"
 * @param version size HF_GREETING_VERSION_SIZE, set on HF_OK
 * @return HF_OK; HF_EIO, HF_ETIMEOUT: not reachable; HF_EFORMAT: no NATS server
 */
#define HF_GREETING_VERSION_SIZE 32
hf_status hf_broker_greeting(const char *url, char *version, bool *demands_tls, hf_error *err);

#endif
