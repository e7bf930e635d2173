/* SPDX-License-Identifier: Apache-2.0 */
/* What the thread of a board does for an order. The order stays as it is until the thread has replied. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "broker/blobs.h"
#include "broker/subjects.h"
#include "host_state.h"

#define FETCH_MS 240000 /* for all files of an order, within its budget */

hf_deadline hf_host_fetch_deadline(const hf_host_board *board)
{
    return hf_deadline_in_ms(board->order.budget_ms < FETCH_MS ? board->order.budget_ms : FETCH_MS);
}

hf_status hf_host_order_body(hf_host_board *board, hf_deadline deadline, hf_buffer *fetched,
                             const uint8_t **bytes, hf_error *err)
{
    const hf_envelope *order = &board->order;
    if (order->body || order->body_bytes == 0) {
        *bytes = order->body;
        return HF_OK;
    }
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_BLOB, order->owner, board->host->options.name);
    hf_status status = hf_broker_fetch(board->host->broker, subject, order->body_sha256, order->body_bytes,
                                       deadline, fetched, err);
    *bytes = (const uint8_t *)fetched->data;
    return status;
}

hf_status hf_host_prepare(hf_host_board *board, const hf_open_body *body, hf_deadline deadline, hf_error *err)
{
    if (strcmp(body->chip, board->config->chip) != 0) {
        hf_status status =
            HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                       "board %s has a %s according to the farm file of its host, expected a %s",
                       board->config->id, board->config->chip, body->chip);
        err->lasting = HF_PERMANENT;
        return status;
    }
    board->options.deadlines = body->deadlines;
    return hf_host_fetch_firmware(board, body, deadline, err);
}

static hf_status open_board(void *at, hf_worker_reply *reply)
{
    hf_host_board *board = at;
    const hf_deadline deadline = hf_host_fetch_deadline(board);
    hf_buffer fetched = HF_BUFFER_INIT;
    const uint8_t *bytes = NULL;
    hf_open_body body;
    hf_status status = hf_host_order_body(board, deadline, &fetched, &bytes, &reply->error);
    if (status == HF_OK)
        status = hf_open_body_decode(bytes, board->order.body_bytes, &body, &reply->error);
    hf_buffer_free(&fetched);
    if (status == HF_OK)
        status = hf_host_prepare(board, &body, deadline, &reply->error);
    return status == HF_OK ? board->local.open(board->local.board, reply) : status;
}

/* The worker's progress functions, and what was fetched, for the local board. */
static hf_status attempt_body(hf_host_board *board, const hf_attempt_request *given, hf_attempt_body *body,
                              const hf_buffer *image, hf_worker_reply *reply)
{
    hf_attempt_request request = body->request;
    request.image = (const uint8_t *)image->data;
    request.image_bytes = image->size;
    request.deadlines = &body->deadlines;
    request.progress = given->progress;
    request.progress_user = given->progress_user;
    return board->local.attempt(board->local.board, &request, reply);
}

static hf_status attempt(void *at, const hf_attempt_request *given, hf_worker_reply *reply)
{
    hf_host_board *board = at;
    const hf_deadline deadline = hf_host_fetch_deadline(board);
    hf_buffer fetched = HF_BUFFER_INIT, image = HF_BUFFER_INIT;
    const uint8_t *bytes = NULL;
    hf_attempt_body body = {0};
    hf_status status = hf_host_order_body(board, deadline, &fetched, &bytes, &reply->error);
    if (status == HF_OK)
        status = hf_attempt_body_decode(bytes, board->order.body_bytes, &body, &reply->error);
    if (status == HF_OK)
        status = hf_host_fetch(board, &body.image, deadline, &image, &reply->error);
    if (status == HF_OK)
        status = attempt_body(board, given, &body, &image, reply);
    hf_attempt_body_free(&body);
    hf_buffer_free(&fetched);
    hf_buffer_free(&image);
    return status;
}

static void close_board(void *at)
{
    hf_host_board *board = at;
    board->local.close(board->local.board);
}

static void free_board(void *at)
{
    hf_host_board *board = at;
    board->local.free(board->local.board);
}

hf_worker_backend hf_host_backend(hf_host_board *board)
{
    return (hf_worker_backend){
        .board = board, .open = open_board, .attempt = attempt, .close = close_board, .free = free_board};
}
