/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct hf_worker {
    uint32_t index;
    hf_worker_backend backend; /* used by the thread only */
    hf_worker_callbacks callbacks;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    /* Under the mutex. */
    bool has_command;
    bool quit;
    hf_worker_command command;
    hf_attempt_request request;
};

static void forward_progress(void *user, hf_phase phase, uint32_t done, uint32_t of)
{
    hf_worker *worker = user;
    worker->callbacks.progress(worker->callbacks.user, worker->index, phase, done, of);
}

static hf_status carry_out(hf_worker *worker, hf_worker_command command, const hf_attempt_request *request,
                           hf_worker_reply *reply)
{
    const hf_worker_backend *backend = &worker->backend;
    switch (command) {
    case HF_WORKER_OPEN:
        return backend->open(backend->board, reply);
    case HF_WORKER_ATTEMPT:
        return backend->attempt(backend->board, request, reply);
    case HF_WORKER_CLOSE:
        backend->close(backend->board);
        return HF_OK;
    }
    return HF_EINVALID;
}

static hf_worker_reply *carry_out_command(hf_worker *worker, hf_worker_command command,
                                          const hf_attempt_request *request)
{
    hf_worker_reply *reply = calloc(1, sizeof *reply);
    if (!reply)
        abort(); /* every command needs a reply, and without memory for one there is nothing left to do */
    reply->board = worker->index;
    reply->command = command;
    reply->started_ms = hf_wall_ms();
    uint64_t start_ns = hf_now_ns();
    reply->status = carry_out(worker, command, request, reply);
    reply->duration_ns = hf_now_ns() - start_ns;
    return reply;
}

static void *thread_main(void *argument)
{
    hf_worker *worker = argument;
    for (;;) {
        pthread_mutex_lock(&worker->mutex);
        while (!worker->has_command && !worker->quit)
            pthread_cond_wait(&worker->wake, &worker->mutex);
        bool quit = !worker->has_command;
        hf_worker_command command = worker->command;
        hf_attempt_request request = worker->request;
        worker->has_command = false;
        pthread_mutex_unlock(&worker->mutex);
        if (quit)
            break;
        hf_worker_reply *reply = carry_out_command(worker, command, &request);
        worker->callbacks.post(worker->callbacks.user, reply);
    }
    /* Here and not in hf_worker_free(): the children die with the thread that started them (PDEATHSIG). */
    worker->backend.close(worker->backend.board);
    worker->backend.free(worker->backend.board);
    return NULL;
}

hf_status hf_worker_new(uint32_t board, const char *name, const hf_worker_backend *backend,
                        const hf_worker_callbacks *callbacks, hf_worker **out, hf_error *err)
{
    hf_worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s", name);
    worker->index = board;
    worker->backend = *backend;
    worker->callbacks = *callbacks;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->wake, NULL);
    int result = pthread_create(&worker->thread, NULL, thread_main, worker);
    if (result != 0) {
        hf_status status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread for board %s: %s",
                                      name, strerror(result));
        pthread_cond_destroy(&worker->wake);
        pthread_mutex_destroy(&worker->mutex);
        free(worker);
        return status;
    }
    *out = worker;
    return HF_OK;
}

void hf_worker_send(hf_worker *worker, hf_worker_command command, const hf_attempt_request *request)
{
    pthread_mutex_lock(&worker->mutex);
    worker->command = command;
    if (request) {
        worker->request = *request;
        worker->request.progress = forward_progress;
        worker->request.progress_user = worker;
    }
    worker->has_command = true;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->mutex);
}

void hf_worker_free(hf_worker *worker)
{
    if (!worker)
        return;
    pthread_mutex_lock(&worker->mutex);
    worker->quit = true;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}

void hf_worker_reply_clear(hf_worker_reply *reply)
{
    hf_attempt_result_free(&reply->result);
    free(reply->transcript);
    reply->transcript = NULL;
}

void hf_worker_reply_free(hf_worker_reply *reply)
{
    if (!reply)
        return;
    hf_worker_reply_clear(reply);
    free(reply);
}
