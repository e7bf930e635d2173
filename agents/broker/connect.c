/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting as a farm file or the file of an agent says. */
#include "broker/broker.h"

#define TIMEOUT_MS 5000

hf_status hf_broker_connect(const hf_broker_config *config, const char *name, const hf_broker_watch *watch,
                            hf_broker **out, hf_error *err)
{
    const hf_broker_options options = {.url = config->url,
                                       .name = name,
                                       .user = config->user,
                                       .password_path = config->password_path,
                                       .ca_path = config->ca_path,
                                       .cert_path = config->certificate_path,
                                       .key_path = config->key_path,
                                       .timeout_ms = TIMEOUT_MS,
                                       .watch = watch};
    return hf_broker_open(&options, out, err);
}
