/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that has not arrived yet: <state>/<board>.answer. Four bytes with the size of the encoded envelope, the envelope, and the body
 * if the envelope does not contain it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "host_state.h"

#define PATH_SIZE  600
#define SIZE_BYTES 4U

hf_status hf_host_write_answer(const hf_host *host, const hf_envelope *envelope, const hf_buffer *answer,
                               hf_error *err)
{
    char path[PATH_SIZE];
    uint8_t size[SIZE_BYTES];
    hf_buffer encoded = HF_BUFFER_INIT, file = HF_BUFFER_INIT;
    hf_envelope_encode(envelope, &encoded);
    for (uint32_t i = 0; i < SIZE_BYTES; i++)
        size[i] = (uint8_t)(encoded.size >> (8 * i));
    hf_buffer_append(&file, size, sizeof size);
    hf_buffer_append(&file, encoded.data, encoded.size);
    if (!envelope->body)
        hf_buffer_append(&file, answer->data, answer->size);
    hf_host_state_path(host, envelope->board, "answer", path, sizeof path);
    hf_status status = encoded.failed || file.failed
                           ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to store an answer")
                           : hf_file_write(path, file.data, file.size, err);
    hf_buffer_free(&encoded);
    hf_buffer_free(&file);
    return status;
}

void hf_host_delete_answer(const hf_host *host, const char *board)
{
    char path[PATH_SIZE];
    hf_host_state_path(host, board, "answer", path, sizeof path);
    unlink(path); /* otherwise it is offered once more after a restart, and acknowledged */
}

static bool decode(const hf_buffer *file, hf_envelope *out)
{
    const uint8_t *bytes = (const uint8_t *)file->data;
    uint32_t size = 0;
    if (file->size < SIZE_BYTES)
        return false;
    for (uint32_t i = 0; i < SIZE_BYTES; i++)
        size |= (uint32_t)bytes[i] << (8 * i);
    const size_t left = file->size - SIZE_BYTES;
    if (size > left || hf_envelope_decode(bytes + SIZE_BYTES, size, out, NULL) != HF_OK ||
        out->kind != HF_MESSAGE_ANSWER)
        return false;
    if (out->body || out->body_bytes == 0)
        return true;
    char sha256[HF_SHA256_HEX_SIZE];
    out->body = bytes + SIZE_BYTES + size;
    hf_sha256_hex(out->body, left - size, sha256);
    return left - size == out->body_bytes && strcmp(sha256, out->body_sha256) == 0;
}

bool hf_host_read_answer(const hf_host *host, const char *board, hf_envelope *out, hf_buffer *file)
{
    char path[PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_host_state_path(host, board, "answer", path, sizeof path);
    if (access(path, R_OK) != 0 ||
        hf_file_read(path, HF_ENVELOPE_BODY_MAX + 4096U, &bytes, &size, NULL) != HF_OK)
        return false;
    hf_buffer_append(file, bytes, size);
    free(bytes);
    return !file->failed && decode(file, out) && strcmp(out->board, board) == 0;
}
