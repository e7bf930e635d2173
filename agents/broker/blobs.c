/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/blobs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>

#define CHUNK_MS 5000 /* for one try: a chunk takes 2 s at 1 Mbit/s */

typedef struct blob {
    char to[HF_ENVELOPE_NAME_SIZE];
    char sha256[HF_SHA256_HEX_SIZE];
    const void *bytes;
    size_t size;
    bool mapped; /* from a file */
    LIST_ENTRY(blob) link;
} blob;

struct hf_blobs {
    pthread_mutex_t mutex;
    LIST_HEAD(, blob) list; /* a few: two for each order under way */
};

/* ---- Offering ---- */

bool hf_blob_request(const void *bytes, size_t size, char sha256[HF_SHA256_HEX_SIZE], uint32_t *chunk)
{
    char text[96], *end;
    if (size < HF_SHA256_HEX_SIZE + 1 || size >= sizeof text)
        return false;
    memcpy(text, bytes, size);
    text[size] = '\0';
    const char *number = text + HF_SHA256_HEX_SIZE;
    if (strspn(text, "0123456789abcdef") != HF_SHA256_HEX_SIZE - 1 || text[HF_SHA256_HEX_SIZE - 1] != ' ' ||
        number[strspn(number, "0123456789")] != '\0')
        return false;
    const unsigned long value = strtoul(number, &end, 10);
    if (*end || value >= UINT32_MAX)
        return false;
    memcpy(sha256, text, HF_SHA256_HEX_SIZE - 1);
    sha256[HF_SHA256_HEX_SIZE - 1] = '\0';
    *chunk = (uint32_t)value;
    return true;
}

void hf_blob_reply(const void *bytes, size_t size, uint32_t chunk, hf_buffer *reply)
{
    const size_t from = chunk * HF_BLOB_CHUNK;
    const bool there = bytes && from < size;
    hf_buffer_putc(reply, there ? '\1' : '\0');
    if (there)
        hf_buffer_append(reply, (const uint8_t *)bytes + from,
                         size - from < HF_BLOB_CHUNK ? size - from : HF_BLOB_CHUNK);
}

static blob *find(hf_blobs *blobs, const char *to, const char *sha256)
{
    blob *b;
    LIST_FOREACH(b, &blobs->list, link)
    {
        if (strcmp(b->sha256, sha256) == 0 && strcmp(b->to, to) == 0)
            break;
    }
    return b;
}

/* A thread of the connection. */
static void on_request(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_blobs *blobs = user;
    char sha256[HF_SHA256_HEX_SIZE];
    uint32_t chunk;
    const char *to = strrchr(subject, '.');
    if (!reply || !to || !hf_blob_request(bytes, size, sha256, &chunk))
        return;
    pthread_mutex_lock(&blobs->mutex);
    const blob *b = find(blobs, to + 1, sha256);
    hf_blob_reply(b ? b->bytes : NULL, b ? b->size : 0, chunk, reply);
    if (b && b->mapped)
        (void)madvise((void *)b->bytes, b->size, MADV_DONTNEED); /* otherwise it stays */
    pthread_mutex_unlock(&blobs->mutex);
}

hf_status hf_blobs_new(hf_broker *broker, const char *subject, hf_blobs **out, hf_error *err)
{
    hf_blobs *blobs = calloc(1, sizeof *blobs);
    if (!blobs)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for what is offered to other hosts");
    pthread_mutex_init(&blobs->mutex, NULL);
    hf_status status = hf_broker_subscribe(broker, subject, on_request, blobs, err);
    if (status == HF_OK)
        *out = blobs;
    else
        hf_blobs_free(blobs);
    return status;
}

void hf_blobs_free(hf_blobs *blobs)
{
    blob *b;
    if (!blobs)
        return;
    while ((b = LIST_FIRST(&blobs->list))) {
        LIST_REMOVE(b, link);
        free(b);
    }
    pthread_mutex_destroy(&blobs->mutex);
    free(blobs);
}

bool hf_blobs_offer(hf_blobs *blobs, const char *to, const char *sha256, const void *bytes, size_t size,
                    bool mapped)
{
    blob *b = calloc(1, sizeof *b);
    if (!b)
        return false;
    snprintf(b->to, sizeof b->to, "%s", to);
    snprintf(b->sha256, sizeof b->sha256, "%s", sha256);
    b->bytes = bytes;
    b->size = size;
    b->mapped = mapped;
    pthread_mutex_lock(&blobs->mutex);
    LIST_INSERT_HEAD(&blobs->list, b, link);
    pthread_mutex_unlock(&blobs->mutex);
    return true;
}

void hf_blobs_withdraw(hf_blobs *blobs, const char *to, const char *sha256)
{
    pthread_mutex_lock(&blobs->mutex);
    blob *b = find(blobs, to, sha256);
    if (b)
        LIST_REMOVE(b, link);
    pthread_mutex_unlock(&blobs->mutex);
    free(b);
}

/* ---- Fetching ---- */

/* One chunk, as often as it takes. */
static hf_status fetch_chunk(hf_broker *broker, const char *subject, const char *request,
                             hf_deadline deadline, hf_buffer *reply, hf_error *err)
{
    for (;;) {
        hf_error cause = {0};
        const int left_ms = hf_deadline_left_ms(deadline);
        if (left_ms == 0)
            return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ETIMEOUT,
                              "fetching a file from another host took too long");
        const hf_deadline try = hf_deadline_in_ms(CHUNK_MS);
        hf_status status =
            hf_broker_request(broker, subject, request, strlen(request),
                              left_ms < CHUNK_MS ? (uint32_t)left_ms : CHUNK_MS, reply, &cause);
        if (status == HF_ENOMEM)
            return hf_error_pass(err, &cause);
        if (status == HF_OK && reply->size > 0)
            return HF_OK;
        if (status == HF_OK)
            return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EPROTOCOL, "an empty reply to a request for a file");
        if (status == HF_ENOTFOUND ||
            !hf_deadline_passed(try)) /* an answer at once: the link is down, or nobody is there */
            return hf_error_pass(err, &cause);
    }
}

hf_status hf_broker_fetch(hf_broker *broker, const char *subject, const char *sha256, uint32_t bytes,
                          hf_deadline deadline, hf_buffer *out, hf_error *err)
{
    char request[96], got[HF_SHA256_HEX_SIZE];
    hf_buffer reply = HF_BUFFER_INIT;
    hf_status status = HF_OK;
    hf_buffer_clear(out);
    while (status == HF_OK && out->size < bytes && !out->failed) {
        snprintf(request, sizeof request, "%s %u", sha256, (unsigned)(out->size / HF_BLOB_CHUNK));
        status = fetch_chunk(broker, subject, request, deadline, &reply, err);
        if (status != HF_OK)
            break;
        const size_t size = reply.size - 1;
        if (reply.data[0] != 1)
            status = HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ENOTFOUND, "the file is not offered any more");
        else if (size != (bytes - out->size < HF_BLOB_CHUNK ? bytes - out->size : HF_BLOB_CHUNK))
            status = HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EPROTOCOL, "a chunk of a file has %zu bytes", size);
        else
            hf_buffer_append(out, reply.data + 1, size);
    }
    hf_buffer_free(&reply);
    if (status != HF_OK)
        return status;
    if (out->failed)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a file of %u bytes", bytes);
    hf_sha256_hex(out->data, out->size, got);
    if (strcmp(got, sha256) != 0)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EMISMATCH,
                          "the file that came is not the one that was asked for");
    return HF_OK;
}
