/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
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

#define BUILD_DIGITS 16 /* of a SHA-256, in the name of a folder */

/* Whether a folder of firmware is this board's: BUILD-BUILD-BOARD, where the second build may be missing. */
static bool is_of_board(const char *name, const char *board)
{
    const char *second = strlen(name) > BUILD_DIGITS ? &name[BUILD_DIGITS] : "";
    const char *third = *second == '-' ? strchr(second + 1, '-') : NULL;
    return third && (third == second + 1 || third == second + 1 + BUILD_DIGITS) &&
           strcmp(third + 1, board) == 0;
}

/* A board runs one pair of builds at a time; folders of earlier ones would fill the disk. What cannot be removed stays. */
static void remove_earlier(const char *folder, const char *keep, const char *board)
{
    char path[640];
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (is_of_board(entry->d_name, board) && strcmp(entry->d_name, keep) != 0 &&
            (size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < sizeof path)
            (void)hf_remove_tree(path, NULL);
    closedir(dir);
}

/* A folder for each pair of builds and board: boards of other owners may run others at the same time. */
hf_status hf_host_fetch_firmware(hf_host_board *board, const hf_open_body *body, hf_deadline deadline,
                                 hf_error *err)
{
    char dir[560], name[2 * BUILD_DIGITS + HF_ENVELOPE_NAME_SIZE + 2];
    snprintf(name, sizeof name, "%.*s-%.*s-%s", BUILD_DIGITS, body->firmware.sha256, BUILD_DIGITS,
             body->small.sha256, board->config->id);
    const int size = snprintf(board->firmware_dir, sizeof board->firmware_dir, "%s/firmware/%s",
                              board->host->options.cache_dir, name);
    if (size < 0 || (size_t)size >= sizeof board->firmware_dir)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path of the cache is too long: %s",
                          board->host->options.cache_dir);
    snprintf(dir, sizeof dir, "%s/firmware", board->host->options.cache_dir);
    remove_earlier(dir, name, board->config->id);
    hf_status status = place(board, &body->firmware, board->firmware_dir, body->chip, deadline, err);
    if (status == HF_OK && body->small.bytes > 0) {
        snprintf(dir, sizeof dir, "%s/small", board->firmware_dir);
        status = place(board, &body->small, dir, body->chip, deadline, err);
    }
    board->options.firmware_dir = board->firmware_dir;
    return status;
}
