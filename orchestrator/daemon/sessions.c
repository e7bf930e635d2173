/* SPDX-License-Identifier: Apache-2.0 */
#include "sessions.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/file.h"
#include "random_text.h"

#define SECRET_BYTES ((HF_SESSION_TOKEN_SIZE - 1) / 2)

typedef struct session {
    char digest[HF_SHA256_HEX_SIZE]; /* "" = free */
    uid_t uid;
    int64_t used_ms;
} session;

struct hf_sessions {
    pthread_mutex_t mutex;
    session list[HF_SESSIONS_MOST];
};

hf_sessions *hf_sessions_new(void)
{
    hf_sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions)
        pthread_mutex_init(&sessions->mutex, NULL);
    return sessions;
}

void hf_sessions_free(hf_sessions *sessions)
{
    if (!sessions)
        return;
    pthread_mutex_destroy(&sessions->mutex);
    free(sessions);
}

static bool is_over(const session *one, int64_t now_ms)
{
    return !*one->digest || now_ms - one->used_ms > HF_SESSION_IDLE_MS;
}

/* A free place, or that of the session that was used least recently. */
static session *find_place(hf_sessions *sessions, int64_t now_ms)
{
    session *oldest = &sessions->list[0];
    for (size_t i = 0; i < HF_SESSIONS_MOST; i++) {
        if (is_over(&sessions->list[i], now_ms))
            return &sessions->list[i];
        if (sessions->list[i].used_ms < oldest->used_ms)
            oldest = &sessions->list[i];
    }
    return oldest;
}

hf_status hf_sessions_begin(hf_sessions *sessions, uid_t uid, int64_t now_ms,
                            char token[HF_SESSION_TOKEN_SIZE], hf_error *err)
{
    if (!hf_random_text(token, SECRET_BYTES))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no random bytes for a session");
    pthread_mutex_lock(&sessions->mutex);
    session *place = find_place(sessions, now_ms);
    hf_sha256_hex(token, strlen(token), place->digest);
    place->uid = uid;
    place->used_ms = now_ms;
    pthread_mutex_unlock(&sessions->mutex);
    return HF_OK;
}

bool hf_sessions_check(hf_sessions *sessions, const char *authorization, int64_t now_ms, hf_http_peer *peer)
{
    char digest[HF_SHA256_HEX_SIZE];
    const char *secret = hf_bearer_token(authorization);
    bool found = false;
    if (!secret)
        return false;
    hf_sha256_hex(secret, strlen(secret), digest);
    pthread_mutex_lock(&sessions->mutex);
    for (size_t i = 0; i < HF_SESSIONS_MOST; i++) {
        session *one = &sessions->list[i];
        if (is_over(one, now_ms) || strcmp(digest, one->digest) != 0)
            continue;
        one->used_ms = now_ms;
        *peer = (hf_http_peer){.local = true, .session = true, .uid = one->uid};
        found = true;
    }
    pthread_mutex_unlock(&sessions->mutex);
    return found;
}
