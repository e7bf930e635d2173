/* SPDX-License-Identifier: Apache-2.0 */
#include "joining/join.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret_file.h"
#include "broker/broker.h"
#include "broker/subjects.h"
#include "joining/messages.h"

#define CONNECT_MS 5000
#define REPLY_MS   5000
#define PAUSE_MS   200 /* between two tries */

typedef struct joining {
    const hf_join_token *token;
    const char *folder;
    hf_deadline deadline;
    hf_key *key;
    hf_buffer key_pem, certificate; /* PEM */
} joining;

static hf_status path_in(const char *folder, const char *name, char path[PATH_MAX], hf_error *err)
{
    if ((size_t)snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return HF_FAIL(err, HF_ELIMIT, "the path of %s in %s is too long", name, folder);
    return HF_OK;
}

/* ---- The key ---- */

/* The key waits under a name with the number of the invitation: a second try with the same token must send the same one, because the
 * farm may have signed it already. */
static hf_status waiting_path(const joining *j, char path[PATH_MAX], hf_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "joining-%s.key", j->token->id);
    return path_in(j->folder, name, path, err);
}

static hf_status new_key(joining *j, const char *path, hf_error *err)
{
    hf_status status = hf_key_generate(&j->key, err);
    if (status != HF_OK)
        return status;
    hf_key_pem(j->key, &j->key_pem);
    if (j->key_pem.failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a key");
    return hf_secret_write(path, j->key_pem.data, j->key_pem.size, err);
}

static hf_status get_key(joining *j, hf_error *err)
{
    char path[PATH_MAX];
    uint8_t *pem = NULL;
    size_t size = 0;
    hf_status status = waiting_path(j, path, err);
    if (status != HF_OK)
        return status;
    if (access(path, F_OK) != 0)
        return new_key(j, path, err);
    status = hf_file_read(path, HF_CREDENTIAL_LIMIT, &pem, &size, err);
    if (status == HF_OK)
        status = hf_key_parse((char *)pem, size, &j->key, err);
    if (status == HF_OK)
        hf_buffer_append(&j->key_pem, pem, size);
    if (pem)
        explicit_bzero(pem, size);
    free(pem);
    return status;
}

/* ---- The farm's signature ---- */

static bool pause_until(hf_deadline deadline)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    if (hf_deadline_passed(deadline))
        return false;
    nanosleep(&pause, NULL);
    return true;
}

static hf_status connect_as(const joining *j, const char *name, const char *certificate, const char *key,
                            hf_broker **out, hf_error *err)
{
    const hf_broker_options options = {.url = j->token->url,
                                       .name = name,
                                       .ca_pem = hf_buffer_text(&j->token->authority),
                                       .cert_pem = certificate,
                                       .key_pem = key,
                                       .timeout_ms = CONNECT_MS};
    return hf_broker_open(&options, out, err);
}

/* Until somebody of the farm is there to answer. */
static hf_status ask(const joining *j, hf_broker *broker, const hf_buffer *request, hf_buffer *reply,
                     hf_error *err)
{
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_JOIN, j->token->host, j->token->id);
    for (;;) {
        hf_error cause = {0};
        hf_status status =
            hf_broker_request(broker, subject, request->data, request->size, REPLY_MS, reply, &cause);
        if (status == HF_OK)
            return HF_OK;
        if (!pause_until(j->deadline)) {
            if (status == HF_ENOTFOUND)
                return HF_FAIL(
                    err, HF_ETIMEOUT,
                    "nobody at the farm answers this token: `hilfarm agent token %s` must still be running "
                    "there. A token works once; if this one was used, or that command has ended, run it "
                    "again for a new token",
                    j->token->host);
            return hf_error_pass(err, &cause);
        }
    }
}

/* Whether it is for our key, and from the authority that the token names. */
static hf_status check_certificate(const joining *j, const char *pem, size_t size, hf_certificate_info *out,
                                   hf_error *err)
{
    hf_certificate *certificate = NULL, *authority = NULL;
    char name[HF_JOIN_HOST_MAX + 1], id[HF_CREDENTIAL_ID_SIZE];
    hf_status status = hf_certificate_parse(pem, size, &certificate, err);
    if (status == HF_OK)
        status = hf_certificate_parse(j->token->authority.data, j->token->authority.size, &authority, err);
    if (status == HF_OK)
        status = hf_certificate_read(certificate, out, err);
    if (status == HF_OK &&
        (!hf_certificate_is_from(certificate, authority) || !hf_certificate_is_for(certificate, j->key) ||
         !hf_identity_read(out->identity, HF_IDENTITY_HOST, name, id) || strcmp(name, j->token->host) != 0))
        status = HF_FAIL(err, HF_EMISMATCH, "the certificate that came is not the one that was asked for");
    hf_certificate_free(certificate);
    hf_certificate_free(authority);
    return status;
}

static hf_status get_certificate(joining *j, hf_broker *broker, hf_certificate_info *out, hf_error *err)
{
    hf_buffer request_pem = HF_BUFFER_INIT, request = HF_BUFFER_INIT, reply = HF_BUFFER_INIT;
    const char *pem;
    size_t size;
    hf_status status = hf_request_make(j->key, j->token->host, &request_pem, err);
    if (status == HF_OK) {
        hf_join_request_write(hf_buffer_text(&request_pem), &request);
        status = request.failed ? HF_FAIL(err, HF_ENOMEM, "no memory for a request")
                                : ask(j, broker, &request, &reply, err);
    }
    if (status == HF_OK)
        status = hf_join_reply_read(reply.data, reply.size, &pem, &size, err);
    if (status == HF_OK)
        status = check_certificate(j, pem, size, out, err);
    if (status == HF_OK) {
        hf_buffer_append(&j->certificate, pem, size);
        status = j->certificate.failed ? HF_FAIL(err, HF_ENOMEM, "no memory for a certificate") : HF_OK;
    }
    hf_buffer_free(&request_pem);
    hf_buffer_free(&request);
    hf_buffer_free(&reply);
    return status;
}

/* The server reads its new list of users within moments. */
static hf_status try_certificate(const joining *j, hf_error *err)
{
    for (;;) {
        hf_broker *broker = NULL;
        hf_error cause = {0};
        if (connect_as(j, j->token->host, hf_buffer_text(&j->certificate), hf_buffer_text(&j->key_pem),
                       &broker, &cause) == HF_OK) {
            hf_broker_close(broker);
            return HF_OK;
        }
        if (!pause_until(j->deadline)) {
            hf_error_context(&cause, HF_FAULT_AGENT, "the new certificate does not work");
            return hf_error_pass(err, &cause);
        }
    }
}

/* ---- Files ---- */

static hf_status keep(const joining *j, hf_error *err)
{
    char waiting[PATH_MAX], path[PATH_MAX];
    hf_status status = path_in(j->folder, "ca.pem", path, err);
    if (status == HF_OK)
        status = hf_secret_write(path, j->token->authority.data, j->token->authority.size, err);
    if (status == HF_OK)
        status = path_in(j->folder, "agent.pem", path, err);
    if (status == HF_OK)
        status = hf_secret_write(path, j->certificate.data, j->certificate.size, err);
    if (status == HF_OK)
        status = path_in(j->folder, "agent.key", path, err);
    if (status == HF_OK)
        status = hf_secret_write(path, j->key_pem.data, j->key_pem.size, err);
    if (status == HF_OK && waiting_path(j, waiting, NULL) == HF_OK)
        unlink(waiting);
    return status;
}

static hf_status make_folder(const char *folder, hf_error *err)
{
    const mode_t before = umask(077);
    hf_status status = hf_make_dirs(folder, err);
    umask(before);
    return status;
}

static hf_status join(joining *j, hf_certificate_info *out, hf_error *err)
{
    hf_broker *broker = NULL;
    char name[32];
    hf_error cause = {0};
    hf_status status = make_folder(j->folder, err);
    if (status == HF_OK)
        status = get_key(j, err);
    if (status != HF_OK)
        return status;
    snprintf(name, sizeof name, "join=%s", j->token->id); /* of the inbox; no host can have this name */
    status = connect_as(j, name, hf_buffer_text(&j->token->certificate), hf_buffer_text(&j->token->key),
                        &broker, &cause);
    if (status == HF_EMISMATCH)
        return HF_FAIL(
            err, HF_EMISMATCH,
            "the farm does not know this token: it was used, revoked, or has expired long ago. Have "
            "another one made with `hilfarm agent token %s`",
            j->token->host);
    if (status != HF_OK)
        return hf_error_pass(err, &cause);
    status = get_certificate(j, broker, out, err);
    hf_broker_close(broker);
    if (status == HF_OK)
        status = try_certificate(j, err);
    return status == HF_OK ? keep(j, err) : status;
}

hf_status hf_join(const hf_join_token *token, const char *folder, int64_t now_s, hf_deadline deadline,
                  hf_certificate_info *out, hf_error *err)
{
    joining j = {.token = token, .folder = folder, .deadline = deadline};
    if (now_s >= token->until_s)
        return HF_FAIL(err, HF_EMISMATCH,
                       "the token expired %lld s ago, by the clock of this host. Have another one made with "
                       "`hilfarm agent token %s`",
                       (long long)(now_s - token->until_s), token->host);
    hf_status status = join(&j, out, err);
    hf_key_free(j.key);
    hf_secret_free(&j.key_pem);
    hf_buffer_free(&j.certificate);
    return status;
}
