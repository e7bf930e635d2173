/* SPDX-License-Identifier: Apache-2.0 */
/* How to reach the NATS server, as the farm. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "authority_state.h"

#define TRY_MS   2000
#define PAUSE_NS 50000000L /* between two tries */

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
    return hf_broker_connect(&config, name, NULL, out, err);
}

/* Tries to connect as the host will. */
static hf_status try_token(const hf_join_token *token, const char *url, hf_error *err)
{
    char name[32];
    hf_broker *broker = NULL;
    snprintf(name, sizeof name, "join=%s", token->id);
    const hf_broker_options options = {.url = url,
                                       .name = name,
                                       .ca_pem = hf_buffer_text(&token->authority),
                                       .cert_pem = hf_buffer_text(&token->certificate),
                                       .key_pem = hf_buffer_text(&token->key),
                                       .timeout_ms = TRY_MS};
    hf_status status = hf_broker_open(&options, &broker, err);
    hf_broker_close(broker);
    return status;
}

hf_status hf_authority_await(const hf_authority *authority, const char *text, hf_deadline deadline,
                             hf_error *err)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    char url[320];
    hf_join_token token;
    hf_status status = hf_authority_url(authority, url, sizeof url, err);
    if (status == HF_OK)
        status = hf_join_token_decode(text, &token, err);
    if (status != HF_OK)
        return status;
    for (;;) {
        hf_error cause = {0};
        status = try_token(&token, url, &cause);
        if (status == HF_OK)
            break;
        if (hf_deadline_passed(deadline)) {
            status = hf_error_pass(err, &cause);
            break;
        }
        nanosleep(&pause, NULL);
    }
    hf_join_token_free(&token);
    return status;
}
