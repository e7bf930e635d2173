/* SPDX-License-Identifier: Apache-2.0 */
/* How to reach the NATS server, as the farm. */
#include <stdio.h>
#include <string.h>

#include "authority_state.h"

hf_status hf_authority_url(const hf_authority *authority, char *out, size_t size, hf_error *err)
{
    hf_registry registry;
    hf_status status = hf_registry_load(authority, &registry, err);
    if (status != HF_OK)
        return status;
    const char *name = registry.name_count > 0 ? registry.names[0] : "localhost",
               *port = strrchr(registry.listen, ':');
    snprintf(out, size, strchr(name, ':') ? "tls://[%s]:%s" : "tls://%s:%s", name,
             port ? port + 1 : HF_DEFAULT_PORT);
    hf_registry_free(&registry);
    return HF_OK;
}

hf_status hf_authority_connect(const hf_authority *authority, const char *name, hf_broker **out,
                               hf_error *err)
{
    char url[320], ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
    hf_status status = hf_authority_url(authority, url, sizeof url, err);
    if (status == HF_OK)
        status = hf_authority_path(authority, HF_AUTHORITY_CA, ca, err);
    if (status == HF_OK)
        status = hf_authority_path(authority, HF_AUTHORITY_FARM, certificate, err);
    if (status == HF_OK)
        status = hf_authority_path(authority, HF_AUTHORITY_KEY, key, err);
    if (status != HF_OK)
        return status;
    const hf_broker_config config = {
        .url = url, .ca_path = ca, .certificate_path = certificate, .key_path = key};
    return hf_broker_connect(&config, name, out, err);
}
