/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_HOSTS_NEEDS_SERVER_H
#define HF_TEST_HOSTS_NEEDS_SERVER_H

#include "hf_test.h"

#include "broker/broker.h"
#include "nats_server.h"

/** @file needs_server.h
 * Tests that need a nats-server and a libnats to reach it with. */

static inline bool hf_test_has_server(void)
{
    hf_broker *broker = NULL;
    const hf_broker_options options = {.url = "nats://127.0.0.1:1", .timeout_ms = 1000};
    return nats_server_installed() && hf_broker_open(&options, &broker, NULL) != HF_EUNSUPPORTED;
}

/** @return NULL if there is no connection */
static inline hf_broker *hf_test_connect(const nats_server *to)
{
    hf_broker *broker = NULL;
    const hf_broker_options options = {.url = to->url, .name = "test", .timeout_ms = 5000};
    return hf_broker_open(&options, &broker, NULL) == HF_OK ? broker : NULL;
}

#define HF_TEST_NEEDS_SERVER()                                                                               \
    do {                                                                                                     \
        if (!hf_test_has_server()) {                                                                         \
            printf("SKIPPED: nats-server or libnats is not installed\n");                                    \
            skip();                                                                                          \
        }                                                                                                    \
    } while (0)

#endif
