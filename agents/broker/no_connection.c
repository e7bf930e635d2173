/* SPDX-License-Identifier: Apache-2.0 */
/* In place of all files that use libnats where libnats was not there to build with. As no connection is ever opened,
 * the other functions are never called. */
#include "broker/broker.h"

static hf_status refuse(hf_error *err)
{
    hf_status status =
        HF_FAIL_AS(err, HF_FAULT_FARM, HF_EUNSUPPORTED,
                   "this hilfarm was built without libnats (Debian: libnats-dev): farms have one host");
    if (err)
        err->lasting = HF_PERMANENT;
    return status;
}

hf_status hf_broker_open(const hf_broker_options *options, hf_broker **out, hf_error *err)
{
    (void)options;
    (void)out;
    return refuse(err);
}

bool hf_broker_problem(hf_broker *broker, char out[HF_BROKER_PROBLEM_SIZE])
{
    (void)broker;
    out[0] = '\0';
    return false;
}

void hf_broker_reconnect(hf_broker *broker)
{
    (void)broker;
}

void hf_broker_close(hf_broker *broker)
{
    (void)broker;
}

hf_status hf_broker_publish(hf_broker *broker, const char *subject, const void *bytes, size_t size,
                            hf_error *err)
{
    (void)broker;
    (void)subject;
    (void)bytes;
    (void)size;
    return refuse(err);
}

hf_status hf_broker_subscribe(hf_broker *broker, const char *subject, hf_broker_handler handler, void *user,
                              hf_error *err)
{
    (void)broker;
    (void)subject;
    (void)handler;
    (void)user;
    return refuse(err);
}

hf_status hf_broker_request(hf_broker *broker, const char *subject, const void *bytes, size_t size,
                            uint32_t timeout_ms, hf_buffer *reply, hf_error *err)
{
    (void)broker;
    (void)subject;
    (void)bytes;
    (void)size;
    (void)timeout_ms;
    (void)reply;
    return refuse(err);
}

hf_status hf_broker_use_leases(hf_broker *broker, uint32_t lease_ms, hf_error *err)
{
    (void)broker;
    (void)lease_ms;
    return refuse(err);
}

hf_lease_result hf_broker_acquire(hf_broker *broker, const char *key, const char *holder, hf_lease *out,
                                  char *by)
{
    (void)broker;
    (void)key;
    (void)holder;
    (void)out;
    by[0] = '\0';
    return HF_LEASE_FAILED;
}

hf_lease_result hf_broker_renew(hf_broker *broker, hf_lease *lease)
{
    (void)broker;
    (void)lease;
    return HF_LEASE_FAILED;
}

void hf_broker_release(hf_broker *broker, hf_lease *lease)
{
    (void)broker;
    (void)lease;
}
