/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authority_state.h"
#include "broker/subjects.h"

struct hf_responder {
    hf_authority *authority;
    void (*tell)(void *user, const char *line);
    void *user;
};

static void tell(const hf_responder *responder, const char *line)
{
    if (responder->tell)
        responder->tell(responder->user, line);
}

/* "hf.v1.join.HOST.ID"; the server lets nobody but the holder of that token use it. */
static bool read_subject(const char *subject, char host[HF_JOIN_HOST_MAX + 1], char id[HF_CREDENTIAL_ID_SIZE])
{
    static const char start[] = "hf.v1.join.";
    const char *from = subject + sizeof start - 1;
    if (strncmp(subject, start, sizeof start - 1) != 0)
        return false;
    const char *dot = strchr(from, '.');
    if (!dot || dot - from > HF_JOIN_HOST_MAX || strlen(dot + 1) != HF_CREDENTIAL_ID_SIZE - 1)
        return false;
    snprintf(host, HF_JOIN_HOST_MAX + 1, "%.*s", (int)(dot - from), from);
    memcpy(id, dot + 1, HF_CREDENTIAL_ID_SIZE);
    return true;
}

/* A thread of the connection. */
static void on_join(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_responder *responder = user;
    char host[HF_JOIN_HOST_MAX + 1], id[HF_CREDENTIAL_ID_SIZE], line[640];
    hf_error err = {0}, cause = {0};
    if (!reply || !read_subject(subject, host, id))
        return;
    if (hf_authority_admit(responder->authority, host, id, bytes, size, (int64_t)time(NULL), reply, &err) !=
        HF_OK) {
        snprintf(line, sizeof line, "host %s may not join: %s", host, err.message);
        tell(responder, line);
        return;
    }
    if (hf_authority_reload(responder->authority, &cause) != HF_OK)
        tell(responder, cause.message);
    snprintf(line, sizeof line, "host %s has joined", host);
    tell(responder, line);
}

hf_status hf_responder_start(hf_authority *authority, hf_broker *broker,
                             void (*tell_line)(void *user, const char *line), void *user, hf_responder **out,
                             hf_error *err)
{
    char subject[HF_SUBJECT_SIZE];
    hf_responder *responder = malloc(sizeof *responder);
    if (!responder)
        return HF_FAIL(err, HF_ENOMEM, "no memory to answer hosts that join");
    *responder = (hf_responder){.authority = authority, .tell = tell_line, .user = user};
    snprintf(subject, sizeof subject, HF_SUBJECT_JOIN, "*", "*");
    hf_status status = hf_broker_subscribe(broker, subject, on_join, responder, err);
    if (status == HF_OK)
        *out = responder;
    else
        free(responder);
    return status;
}

void hf_responder_free(hf_responder *responder)
{
    free(responder);
}
