/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/broker.h"

void hf_broker_send(hf_broker *broker, const char *subject, const hf_envelope *envelope)
{
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_envelope_encode(envelope, &bytes);
    if (!bytes.failed)
        (void)hf_broker_publish(broker, subject, bytes.data, bytes.size, NULL);
    hf_buffer_free(&bytes);
}
