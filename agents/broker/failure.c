/* SPDX-License-Identifier: Apache-2.0 */
#include "broker_state.h"

hf_status hf_broker_fail(const hf_broker *broker, natsStatus cause, const char *doing, hf_error *err)
{
    const hf_status status = cause == NATS_TIMEOUT                                    ? HF_ETIMEOUT
                             : cause == NATS_NO_RESPONDERS || cause == NATS_NOT_FOUND ? HF_ENOTFOUND
                             : cause == NATS_CONNECTION_AUTH_FAILED                   ? HF_EMISMATCH
                             : cause == NATS_NO_MEMORY                                ? HF_ENOMEM
                             : cause == NATS_MAX_PAYLOAD                              ? HF_ELIMIT
                                                                                      : HF_EIO;
    return HF_FAIL_AS(err, HF_FAULT_AGENT, status, "%s: %s", doing, broker->nats->natsStatus_GetText(cause));
}
