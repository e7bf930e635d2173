/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "broker/blobs.h"
#include "broker/subjects.h"
#include "host_state.h"

/* @return whether the cache has it; whatever else is under the name counts as none */
static bool find_in_cache(hf_cache *cache, const hf_blob_ref *ref, hf_buffer *out)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    char sha256[HF_SHA256_HEX_SIZE];
    if (!hf_cache_read(cache, ref->sha256, &bytes, &size))
        return false;
    hf_sha256_hex(bytes, size, sha256);
    const bool same = size == ref->bytes && strcmp(sha256, ref->sha256) == 0;
    if (same) {
        hf_buffer_clear(out);
        hf_buffer_append(out, bytes, size);
    }
    free(bytes);
    return same && !out->failed;
}

hf_status hf_host_fetch(hf_host_board *board, const hf_blob_ref *ref, hf_deadline deadline, hf_buffer *out,
                        hf_error *err)
{
    const hf_host *host = board->host;
    char subject[HF_SUBJECT_SIZE];
    if (find_in_cache(host->cache, ref, out))
        return HF_OK;
    snprintf(subject, sizeof subject, HF_SUBJECT_BLOB, board->order.owner, host->options.name);
    hf_status status = hf_broker_fetch(host->broker, subject, ref->sha256, ref->bytes, deadline, out, err);
    if (status == HF_OK)
        (void)hf_cache_write(host->cache, ref->sha256, out->data,
                             out->size); /* otherwise it is fetched again */
    return status;
}

static hf_status place(hf_host_board *board, const hf_blob_ref *ref, const char *dir, const char *chip,
                       hf_deadline deadline, hf_error *err)
{
    char path[640];
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_status status = hf_make_dirs(dir, err);
    if (status == HF_OK)
        status = hf_host_fetch(board, ref, deadline, &bytes, err);
    snprintf(path, sizeof path, "%s/hilfarm-%s.bin", dir, chip);
    if (status == HF_OK)
        status = hf_file_write(path, bytes.data, bytes.size, err);
    hf_buffer_free(&bytes);
    return status;
}

/* A folder for each pair of builds: boards of other owners may run others at the same time. */
hf_status hf_host_fetch_firmware(hf_host_board *board, const hf_open_body *body, hf_deadline deadline,
                                 hf_error *err)
{
    char dir[560];
    const int size = snprintf(board->firmware_dir, sizeof board->firmware_dir, "%s/firmware/%.16s-%.16s-%s",
                              board->host->options.cache_dir, body->firmware.sha256, body->small.sha256,
                              board->config->id);
    if (size < 0 || (size_t)size >= sizeof board->firmware_dir)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path of the cache is too long: %s",
                          board->host->options.cache_dir);
    hf_status status = place(board, &body->firmware, board->firmware_dir, body->chip, deadline, err);
    if (status == HF_OK && body->small.bytes > 0) {
        snprintf(dir, sizeof dir, "%s/small", board->firmware_dir);
        status = place(board, &body->small, dir, body->chip, deadline, err);
    }
    board->options.firmware_dir = board->firmware_dir;
    return status;
}
