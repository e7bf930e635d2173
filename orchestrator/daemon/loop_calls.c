/* SPDX-License-Identifier: Apache-2.0 */
#include "loop_calls.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct waiting_call {
    hf_loop_call *call;
    void *argument;
    struct waiting_call *next;
} waiting_call;

struct hf_loop_calls {
    uv_async_t wake;
    void *user;
    pthread_mutex_t mutex;
    waiting_call *first, **last;
};

static void make_calls(hf_loop_calls *calls)
{
    pthread_mutex_lock(&calls->mutex);
    waiting_call *next = calls->first;
    calls->first = NULL;
    calls->last = &calls->first;
    pthread_mutex_unlock(&calls->mutex);
    while (next) {
        waiting_call *done = next;
        done->call(calls->user, done->argument);
        next = done->next;
        free(done);
    }
}

static void on_wake(uv_async_t *wake)
{
    make_calls(wake->data);
}

hf_status hf_loop_calls_new(uv_loop_t *loop, void *user, hf_loop_calls **out, hf_error *err)
{
    hf_loop_calls *calls = calloc(1, sizeof *calls);
    if (!calls)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the event loop");
    *calls = (hf_loop_calls){.user = user, .last = &calls->first};
    const int failure = uv_async_init(loop, &calls->wake, on_wake);
    if (failure) {
        free(calls);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no event loop: %s", uv_strerror(failure));
    }
    calls->wake.data = calls;
    pthread_mutex_init(&calls->mutex, NULL);
    *out = calls;
    return HF_OK;
}

hf_status hf_loop_calls_add(hf_loop_calls *calls, hf_loop_call *call, void *argument)
{
    waiting_call *added = malloc(sizeof *added);
    if (!added)
        return HF_ENOMEM;
    *added = (waiting_call){.call = call, .argument = argument};
    pthread_mutex_lock(&calls->mutex);
    *calls->last = added;
    calls->last = &added->next;
    pthread_mutex_unlock(&calls->mutex);
    uv_async_send(&calls->wake);
    return HF_OK;
}

static void on_closed(uv_handle_t *handle)
{
    hf_loop_calls *calls = handle->data;
    pthread_mutex_destroy(&calls->mutex);
    free(calls);
}

void hf_loop_calls_close(hf_loop_calls *calls)
{
    make_calls(calls);
    uv_close((uv_handle_t *)&calls->wake, on_closed);
}
