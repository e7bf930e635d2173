/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONFIG_BROKER_CONFIG_H
#define HF_CONFIG_BROKER_CONFIG_H

#include <stdint.h>

/**
 * @file broker_config.h
 * How a program reaches the NATS server that joins the hosts of a farm: the section `broker` of a farm file and of the file of an
 * agent (configs/FORMAT.md). Plain data; whoever read the file owns all strings. NULL = not given. Paths are relative to
 * the current folder: the reader has prefixed the file's folder.
 */
typedef struct hf_broker_config {
    const char *url; /**< "tls://HOST:PORT" or "nats://HOST:PORT"; NULL = the farm has one host */
    const char
        *ca_path; /**< certificates of the authorities that may sign the server's; with it, TLS is required */
    const char *certificate_path, *key_path; /**< of this program, together */
    const char *user, *password_path;        /**< together; the file has one line, the password */
    uint32_t patience_ms; /**< of a farm: how long a host may be cut off during an attempt; 0 = the default */
} hf_broker_config;

#endif
