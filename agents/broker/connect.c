/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting as a farm file or the file of an agent says. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret_file.h"
#include "broker/broker.h"

#define TIMEOUT_MS         5000
#define PASSWORD_BYTES_MAX 1024

/* A password that others can read is none. */
static hf_status read_password(const char *path, char **out, hf_error *err)
{
    uint8_t *text = NULL;
    size_t size = 0;
    hf_error cause = {0};
    if (hf_secret_check(path, &cause) != HF_OK)
        return HF_FAIL(err, HF_EINVALID, "password: %s", cause.message);
    hf_status status = hf_file_read(path, PASSWORD_BYTES_MAX, &text, &size, err);
    if (status != HF_OK)
        return status;
    *out = strndup((char *)text, strcspn((char *)text, "\r\n"));
    free(text);
    return *out ? HF_OK : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a password");
}

hf_status hf_broker_connect(const hf_broker_config *config, const char *name, hf_broker **out, hf_error *err)
{
    char *password = NULL;
    if (config->password_path) {
        hf_status status = read_password(config->password_path, &password, err);
        if (status != HF_OK)
            return status;
    }
    const hf_broker_options options = {.url = config->url,
                                       .name = name,
                                       .user = config->user,
                                       .password = password,
                                       .ca_path = config->ca_path,
                                       .cert_path = config->certificate_path,
                                       .key_path = config->key_path,
                                       .timeout_ms = TIMEOUT_MS};
    hf_status status = hf_broker_open(&options, out, err);
    if (password)
        explicit_bzero(password, strlen(password));
    free(password);
    return status;
}
