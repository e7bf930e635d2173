/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct hf_worker {
    uint32_t index;
    const hf_board_config *config;
    const hf_board_options *options;
    hf_worker_callbacks callbacks;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    /* Under the mutex. */
    bool has_order;
    bool quit;
    hf_worker_order order;
    hf_attempt_request request;
    /* The thread's own. */
    hf_board *board;
};

static void forward_progress(void *user, hf_phase phase, uint32_t done, uint32_t of)
{
    hf_worker *worker = user;
    worker->callbacks.progress(worker->callbacks.user, worker->index, phase, done, of);
}

static hf_status carry_out(hf_worker *worker, hf_worker_order order, const hf_attempt_request *request,
                           hf_worker_answer *answer)
{
    switch (order) {
    case HF_WORKER_OPEN: {
        hf_board_options options = *worker->options;
        options.open_transcript = &answer->transcript;
        return hf_board_open(worker->config, &options, &worker->board, &answer->error);
    }
    case HF_WORKER_ATTEMPT:
        return hf_board_attempt(worker->board, request, &answer->result, &answer->error);
    case HF_WORKER_CLOSE:
        hf_board_close(worker->board);
        worker->board = NULL;
        return HF_OK;
    }
    return HF_EINVALID;
}

static hf_worker_answer *answer_order(hf_worker *worker, hf_worker_order order,
                                      const hf_attempt_request *request)
{
    hf_worker_answer *answer = calloc(1, sizeof *answer);
    if (!answer)
        abort(); /* a few hundred bytes: there is nothing sensible left to do, and the order must be answered
                  */
    answer->board = worker->index;
    answer->order = order;
    answer->started_ms = hf_wall_ms();
    uint64_t start_ns = hf_now_ns();
    answer->status = carry_out(worker, order, request, answer);
    answer->duration_ns = hf_now_ns() - start_ns;
    if (worker->board) {
        if (answer->status != HF_OK)
            answer->transcript = strdup(hf_board_transcript(worker->board));
        snprintf(answer->openocd_version, sizeof answer->openocd_version, "%s",
                 hf_board_flasher_version(worker->board));
    }
    return answer;
}

static void *thread_main(void *argument)
{
    hf_worker *worker = argument;
    for (;;) {
        pthread_mutex_lock(&worker->mutex);
        while (!worker->has_order && !worker->quit)
            pthread_cond_wait(&worker->wake, &worker->mutex);
        bool quit = !worker->has_order;
        hf_worker_order order = worker->order;
        hf_attempt_request request = worker->request;
        worker->has_order = false;
        pthread_mutex_unlock(&worker->mutex);
        if (quit)
            break;
        hf_worker_answer *answer = answer_order(worker, order, &request);
        worker->callbacks.post(worker->callbacks.user, answer);
    }
    /* Here and not in hf_worker_free(): the children are told to die with the thread that started them. */
    hf_board_close(worker->board);
    return NULL;
}

hf_status hf_worker_new(uint32_t board, const hf_board_config *config, const hf_board_options *options,
                        const hf_worker_callbacks *callbacks, hf_worker **out, hf_error *err)
{
    hf_worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s", config->id);
    worker->index = board;
    worker->config = config;
    worker->options = options;
    worker->callbacks = *callbacks;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->wake, NULL);
    int result = pthread_create(&worker->thread, NULL, thread_main, worker);
    if (result != 0) {
        hf_status status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread for board %s: %s",
                                      config->id, strerror(result));
        pthread_cond_destroy(&worker->wake);
        pthread_mutex_destroy(&worker->mutex);
        free(worker);
        return status;
    }
    *out = worker;
    return HF_OK;
}

void hf_worker_order_give(hf_worker *worker, hf_worker_order order, const hf_attempt_request *request)
{
    pthread_mutex_lock(&worker->mutex);
    worker->order = order;
    if (request) {
        worker->request = *request;
        worker->request.progress = forward_progress;
        worker->request.progress_user = worker;
    }
    worker->has_order = true;
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

void hf_worker_answer_free(hf_worker_answer *answer)
{
    if (!answer)
        return;
    hf_attempt_result_free(&answer->result);
    free(answer->transcript);
    free(answer);
}
