/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's commands for a board of another host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/file.h"
#include "hosts_state.h"

#define CLOSE_MS     10000
#define FIRMWARE_MAX (4U << 20)

/* ---- Replies ---- */

static hf_status lost(const remote *r, hf_worker_reply *reply, hf_status status, const char *why)
{
    return HF_FAIL_AS(&reply->error, HF_FAULT_AGENT, status, "host %s: %s", r->board.host, why);
}

/* What has happened instead of an answer. */
static hf_status no_answer(const remote *r, hf_worker_reply *reply)
{
    switch (r->outcome) {
    case HF_OWNER_IN_USE:
        return HF_FAIL_AS(&reply->error, HF_FAULT_BOARD, HF_EBUSY, "in use by %s", r->taken_by);
    case HF_OWNER_CANCELLED:
        return HF_FAIL(&reply->error, HF_ECANCELLED, "cancelled");
    case HF_OWNER_NO_LEASE:
        return lost(r, reply, HF_EIO, "the NATS server does not answer, so the board cannot be leased");
    case HF_OWNER_LEASE_LOST:
        return lost(r, reply, HF_EIO, "the lease of the board was lost");
    case HF_OWNER_SILENT:
        return lost(r, reply, HF_ETIMEOUT, "its agent does not answer");
    case HF_OWNER_FORGOTTEN:
        return lost(r, reply, HF_EIO, "its agent was restarted");
    case HF_OWNER_STOPPED:
        return lost(r, reply, HF_EIO, "its agent was stopped");
    case HF_OWNER_NO_BOARD: { /* it was there once, and is not any more: to wait would be in vain */
        hf_status status = HF_FAIL_AS(&reply->error, HF_FAULT_BOARD, HF_ENOTFOUND,
                                      "host %s: its agent has no such board", r->board.host);
        reply->error.lasting = HF_PERMANENT;
        return status;
    }
    case HF_OWNER_ANSWERED:
    case HF_OWNER_CLOSED:
        break;
    }
    return HF_OK;
}

/* Whatever fails on the agent's host is not this host's failure. */
hf_status hf_remote_take_answer(const remote *r, hf_worker_command command, hf_worker_reply *reply)
{
    hf_worker_reply got = {0};
    hf_error err = {0};
    if (r->outcome != HF_OWNER_ANSWERED)
        return no_answer(r, reply);
    hf_status status = hf_answer_body_decode(r->answer.data, r->answer.size, &got, &err);
    if (status == HF_OK && got.command != command) {
        hf_worker_reply_clear(&got);
        status = HF_EFORMAT;
    }
    if (status != HF_OK)
        return HF_FAIL_AS(&reply->error, HF_FAULT_BOARD, HF_EPROTOCOL,
                          "host %s: what its agent answers is malformed", r->board.host);
    reply->result = got.result;
    reply->transcript = got.transcript;
    memcpy(reply->openocd_version, got.openocd_version, sizeof reply->openocd_version);
    if (got.status == HF_OK)
        return HF_OK;
    const bool hosts = got.error.fault == HF_FAULT_FARM || got.error.fault == HF_FAULT_AGENT;
    got.error.file = __FILE__;
    got.error.line = __LINE__;
    if (hosts) {
        got.error.fault = HF_FAULT_AGENT;
        got.error.lasting = HF_TRANSIENT;
        hf_error_context(&got.error, HF_FAULT_AGENT, "host %s", r->board.host);
    }
    reply->error = got.error;
    return got.status;
}

/* ---- Opening ---- */

/* Reads a firmware image and offers it. @return HF_OK with ref->bytes 0 if it is optional and there is none */
static hf_status offer_firmware(const remote *r, const char *folder, bool optional, uint8_t **bytes,
                                hf_blob_ref *ref, hf_error *err)
{
    char path[1024];
    size_t size = 0;
    hf_error cause = {0};
    snprintf(path, sizeof path, "%s%s/hilfarm-%s.bin", r->board.options->firmware_dir, folder, r->board.chip);
    hf_status status = hf_file_read(path, FIRMWARE_MAX, bytes, &size, &cause);
    if (status != HF_OK && optional)
        return HF_OK;
    if (status != HF_OK) {
        hf_error_context(&cause, HF_FAULT_FARM, "reading the firmware for %s", r->board.chip);
        return hf_error_pass(err, &cause);
    }
    hf_sha256_hex(*bytes, size, ref->sha256);
    ref->bytes = (uint32_t)size;
    if (!hf_blobs_offer(r->hosts->blobs, r->board.host, ref->sha256, *bytes, size, false))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to offer the firmware");
    return HF_OK;
}

static void withdraw(const remote *r, const hf_blob_ref *ref, uint8_t *bytes)
{
    if (ref->bytes > 0)
        hf_blobs_withdraw(r->hosts->blobs, r->board.host, ref->sha256);
    free(bytes);
}

/* What an order to open a board says. The firmware is offered until hf_remote_withdraw_firmware(), whether this succeeds or not. */
hf_status hf_remote_offer_firmware(const remote *r, offered_firmware *out, hf_error *err)
{
    *out = (offered_firmware){.body = {.deadlines = r->board.options->deadlines}};
    snprintf(out->body.chip, sizeof out->body.chip, "%s", r->board.chip);
    hf_status status = offer_firmware(r, "", false, &out->full, &out->body.firmware, err);
    return status == HF_OK ? offer_firmware(r, "/small", true, &out->small, &out->body.small, err) : status;
}

void hf_remote_withdraw_firmware(const remote *r, offered_firmware *firmware)
{
    withdraw(r, &firmware->body.firmware, firmware->full);
    withdraw(r, &firmware->body.small, firmware->small);
    *firmware = (offered_firmware){0};
}

uint64_t hf_remote_open_ms(const remote *r)
{
    hf_board_deadlines limits = r->board.options->deadlines;
    hf_board_deadlines_complete(&limits);
    return UINT64_C(3) * limits.start_ms + limits.boot_ms + limits.stop_ms + REMOTE_TRANSFER_MS;
}

static hf_status open_board(void *at, hf_worker_reply *reply)
{
    remote *r = at;
    hf_buffer bytes = HF_BUFFER_INIT;
    offered_firmware firmware;
    hf_status status = hf_remote_offer_firmware(r, &firmware, &reply->error);
    if (status == HF_OK) {
        hf_open_body_encode(&firmware.body, &bytes);
        pthread_mutex_lock(&r->mutex);
        r->request = NULL;
        hf_remote_command(r, HF_ORDER_OPEN, &bytes, hf_remote_open_ms(r) * HF_NS_PER_MS);
        status = hf_remote_take_answer(r, HF_WORKER_OPEN, reply);
        pthread_mutex_unlock(&r->mutex);
    }
    hf_remote_withdraw_firmware(r, &firmware);
    hf_buffer_free(&bytes);
    return status;
}

/* ---- Attempts ---- */

static hf_status offer(const remote *r, const hf_blob_ref *ref, const void *bytes, bool mapped, hf_error *err)
{
    if (hf_blobs_offer(r->hosts->blobs, r->board.host, ref->sha256, bytes, ref->bytes, mapped))
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to offer an image");
}

static hf_status attempt_with(remote *r, const hf_attempt_request *request, const hf_buffer *body,
                              hf_worker_reply *reply)
{
    hf_board_deadlines limits = request->deadlines ? *request->deadlines : r->board.options->deadlines;
    hf_board_deadlines_complete(&limits);
    const uint64_t budget_ms =
        (uint64_t)limits.attempt_ms + UINT64_C(2) * limits.start_ms + REMOTE_TRANSFER_MS;
    pthread_mutex_lock(&r->mutex);
    r->request = request;
    hf_remote_command(r, HF_ORDER_ATTEMPT, body, budget_ms * HF_NS_PER_MS);
    r->request = NULL;
    hf_status status = hf_remote_take_answer(r, HF_WORKER_ATTEMPT, reply);
    pthread_mutex_unlock(&r->mutex);
    if (status != HF_OK)
        return status;
    status = hf_answer_check(request, r->board.modelled, reply, &reply->error);
    if (status != HF_OK)
        hf_attempt_result_free(&reply->result);
    return status;
}

static hf_status attempt(void *at, const hf_attempt_request *request, hf_worker_reply *reply)
{
    remote *r = at;
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_blob_ref image = {.bytes = (uint32_t)request->image_bytes}, body = {0};
    if (request->image_sha256)
        snprintf(image.sha256, sizeof image.sha256, "%s", request->image_sha256);
    else
        hf_sha256_hex(request->image, request->image_bytes, image.sha256);
    hf_attempt_body_encode(request, request->deadlines, &image, &bytes);
    if (bytes.failed || bytes.size > HF_ENVELOPE_BODY_MAX) {
        hf_buffer_free(&bytes);
        return HF_FAIL_AS(&reply->error, HF_FAULT_JOB, HF_ELIMIT,
                          "inputs of %zu bytes are too large for a board of another host", bytes.size);
    }
    body.bytes = (uint32_t)bytes.size;
    hf_sha256_hex(bytes.data, bytes.size, body.sha256);
    hf_status status = offer(r, &image, request->image, request->image_mapped, &reply->error);
    if (status == HF_OK) {
        status = offer(r, &body, bytes.data, false, &reply->error);
        if (status == HF_OK) {
            status = attempt_with(r, request, &bytes, reply);
            hf_blobs_withdraw(r->hosts->blobs, r->board.host, body.sha256);
        }
        hf_blobs_withdraw(r->hosts->blobs, r->board.host, image.sha256);
    }
    hf_buffer_free(&bytes);
    return status;
}

/* ---- Closing ---- */

static void close_board(void *at)
{
    remote *r = at;
    pthread_mutex_lock(&r->mutex);
    hf_remote_command(r, HF_ORDER_CLOSE, NULL, (uint64_t)2 * CLOSE_MS * HF_NS_PER_MS);
    pthread_mutex_unlock(&r->mutex);
}

static void free_board(void *at)
{
    hf_remote_free(at);
}

hf_status hf_remote_board_new(hf_hosts *hosts, const hf_remote_board *board, hf_worker_backend *out,
                              hf_error *err)
{
    const remote_patience patience = {.confirmed_ms = hosts->patience_ms, .close_ms = CLOSE_MS};
    remote *r = NULL;
    hf_status status = hf_remote_new(hosts, board, &patience, &r, err);
    if (status != HF_OK)
        return status;
    hf_remote_enlist(r);
    *out = (hf_worker_backend){
        .board = r, .open = open_board, .attempt = attempt, .close = close_board, .free = free_board};
    return HF_OK;
}
