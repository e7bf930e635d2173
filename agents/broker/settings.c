/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/secret_file.h"
#include "broker/subjects.h"
#include "broker_state.h"

#define RECONNECT_MS       250 /* between two tries of libnats */
#define PING_INTERVAL_MS   2000
#define PINGS_OUT          2 /* a dead server is noticed after about 3 pings */
#define PASSWORD_BYTES_MAX 1024

/* ---- Copying ---- */

static bool copy(char **out, const char *text)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

hf_status hf_settings_copy(const hf_broker_options *o, hf_settings *out, hf_error *err)
{
    if (copy(&out->url, o->url) && copy(&out->name, o->name) && copy(&out->user, o->user) &&
        copy(&out->password, o->password) && copy(&out->password_path, o->password_path) &&
        copy(&out->ca_path, o->ca_path) && copy(&out->cert_path, o->cert_path) &&
        copy(&out->key_path, o->key_path) && copy(&out->ca_pem, o->ca_pem) &&
        copy(&out->cert_pem, o->cert_pem) && copy(&out->key_pem, o->key_pem))
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to connect to %s", o->url);
}

static void free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void hf_settings_free(hf_settings *s)
{
    free_secret(s->password);
    free_secret(s->key_pem);
    free(s->url);
    free(s->name);
    free(s->user);
    free(s->password_path);
    free(s->ca_path);
    free(s->cert_path);
    free(s->key_path);
    free(s->ca_pem);
    free(s->cert_pem);
    *s = (hf_settings){0};
}

/* ---- Files ---- */

static hf_status check_key_file(const char *path, hf_error *err)
{
    hf_error cause = {0};
    hf_status status = hf_secret_check(path, &cause);
    if (status == HF_OK)
        return HF_OK;
    hf_error_context(&cause, HF_FAULT_FARM, "private key");
    cause.lasting = HF_PERMANENT;
    return hf_error_pass(err, &cause);
}

/* A password that others can read is none. */
static hf_status check_password_file(const char *path, hf_error *err)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return HF_FAIL(err, HF_EINVALID, "cannot read the password in %s: %s", path, strerror(errno));
    if (info.st_mode & 077)
        return HF_FAIL(err, HF_EINVALID,
                       "the password in %s can be read by others: its mode is %04o, expected 0600 or 0400",
                       path, (unsigned)info.st_mode & 07777);
    return HF_OK;
}

hf_status hf_settings_check(const hf_settings *settings, hf_error *err)
{
    hf_status status = settings->key_path ? check_key_file(settings->key_path, err) : HF_OK;
    if (status == HF_OK && settings->password_path)
        status = check_password_file(settings->password_path, err);
    return status;
}

/* @param out freed with free_secret() */
static hf_status read_password(const hf_settings *settings, char **out, hf_error *err)
{
    uint8_t *text = NULL;
    size_t size = 0;
    if (!settings->password_path) {
        *out = strdup(settings->password ? settings->password : "");
    } else {
        hf_status status = hf_file_read(settings->password_path, PASSWORD_BYTES_MAX, &text, &size, err);
        if (status != HF_OK)
            return status;
        *out = strndup((char *)text, strcspn((char *)text, "\r\n"));
        free_secret((char *)text);
    }
    return *out ? HF_OK : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a password");
}

/* ---- Options of libnats ---- */

/* The name in the URL: the server's certificate must have it. */
static natsStatus expect_host(const hf_nats_library *nats, natsOptions *o, const char *url)
{
    char host[256];
    const char *at = strstr(url, "://");
    at = at ? at + 3 : url;
    const char *end = *at == '[' ? strchr(at, ']') : at + strcspn(at, ":");
    at += *at == '[';
    if (!end || end <= at || (size_t)(end - at) >= sizeof host)
        return NATS_INVALID_ARG;
    snprintf(host, sizeof host, "%.*s", (int)(end - at), at);
    return nats->natsOptions_SetExpectedHostname(o, host);
}

static natsStatus set_credentials(const hf_nats_library *nats, natsOptions *o, const hf_settings *settings,
                                  const char *password)
{
    natsStatus s = NATS_OK;
    if (settings->user)
        s = nats->natsOptions_SetUserInfo(o, settings->user, password);
    if (s == NATS_OK && settings->ca_path) {
        s = nats->natsOptions_SetSecure(o, true);
        if (s == NATS_OK)
            s = nats->natsOptions_LoadCATrustedCertificates(o, settings->ca_path);
    }
    if (s == NATS_OK && (settings->ca_path || strncmp(settings->url, "tls://", 6) == 0))
        s = expect_host(nats, o, settings->url);
    if (s == NATS_OK && settings->cert_path)
        s = nats->natsOptions_LoadCertificatesChain(o, settings->cert_path, settings->key_path);
    if (s == NATS_OK && settings->ca_pem) {
        s = nats->natsOptions_SetSecure(o, true);
        if (s == NATS_OK)
            s = nats->natsOptions_SetCATrustedCertificates(o, settings->ca_pem);
    }
    if (s == NATS_OK && settings->cert_pem)
        s = nats->natsOptions_SetCertificatesChain(o, settings->cert_pem, settings->key_pem);
    return s;
}

/* A message to nobody is better lost than late: what matters is repeated. */
static natsStatus set_options(const hf_broker *b, natsOptions *o, const char *password)
{
    const hf_nats_library *nats = b->nats;
    const hf_settings *settings = &b->settings;
    char inbox[HF_SUBJECT_SIZE];
    snprintf(inbox, sizeof inbox, HF_SUBJECT_INBOX, settings->name ? settings->name : "");
    natsStatus s = nats->natsOptions_SetURL(o, settings->url);
    if (s == NATS_OK && settings->name)
        s = nats->natsOptions_SetName(o, settings->name);
    if (s == NATS_OK && settings->name)
        s = nats->natsOptions_SetCustomInboxPrefix(o, inbox);
    if (s == NATS_OK)
        s = nats->natsOptions_SetTimeout(o, b->timeout_ms);
    if (s == NATS_OK)
        s = nats->natsOptions_SetMaxReconnect(o, -1);
    if (s == NATS_OK)
        s = nats->natsOptions_SetReconnectWait(o, RECONNECT_MS);
    if (s == NATS_OK)
        s = nats->natsOptions_SetReconnectBufSize(o, 0);
    if (s == NATS_OK)
        s = nats->natsOptions_SetPingInterval(o, PING_INTERVAL_MS);
    if (s == NATS_OK)
        s = nats->natsOptions_SetMaxPingsOut(o, PINGS_OUT);
    if (s == NATS_OK)
        s = nats->natsOptions_SetNoEcho(o, true);
    if (s == NATS_OK)
        s = nats->natsOptions_SetSendAsap(o, true);
    return s == NATS_OK ? set_credentials(nats, o, settings, password) : s;
}

hf_status hf_settings_options(const hf_broker *b, natsOptions **out, hf_error *err)
{
    char doing[256], *password = NULL;
    hf_status status = hf_settings_check(&b->settings, err);
    if (status == HF_OK)
        status = read_password(&b->settings, &password, err);
    if (status != HF_OK)
        return status;
    natsStatus s = b->nats->natsOptions_Create(out);
    if (s == NATS_OK)
        s = set_options(b, *out, password);
    free_secret(password);
    if (s == NATS_OK)
        return HF_OK;
    b->nats->natsOptions_Destroy(*out);
    if (s == NATS_SSL_ERROR)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EIO,
                          "cannot connect to the NATS server %s: the certificate and the key do not belong "
                          "together, or one of the files of ca, certificate and key is missing or damaged",
                          b->settings.url);
    snprintf(doing, sizeof doing, "cannot connect to the NATS server %s", b->settings.url);
    return hf_broker_fail(b, s, doing, err);
}
