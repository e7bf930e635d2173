/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, pruning and closing a spool. */
#include "spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "spool_state.h"

#define DEFAULT_FILE_BYTES  (UINT64_C(4) << 30)
#define DEFAULT_TOTAL_BYTES (UINT64_C(64) << 30)
#define DEFAULT_WAITING     1000

static uint64_t or_default(uint64_t given, uint64_t otherwise)
{
    return given ? given : otherwise;
}

static hf_status lock(hf_spool *spool, hf_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lock", spool->path);
    spool->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (spool->lock_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot open %s: %s", path, strerror(errno));
    if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK
                   ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY, "%s is used by another process", spool->path)
                   : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot lock %s: %s", path, strerror(errno));
    return HF_OK;
}

static hf_status make_folders(hf_spool *spool, hf_error *err)
{
    static const char *const names[] = {"", "/files", "/runs"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_MAX];
        const int length = snprintf(path, sizeof path, "%s%s", spool->path, names[i]);
        if (length < 0 || length > PATH_MAX - 512)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path %.100s is too long", spool->path);
        const bool exists = access(path, F_OK) == 0;
        if (!exists)
            spool_step(spool);
        hf_status status = hf_make_dirs(path, err);
        if (status != HF_OK)
            return status;
        if (!exists && chmod(path, 0750) < 0)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot set the mode of %s: %s", path,
                              strerror(errno));
    }
    return spool_sync_folder(spool->path, err);
}

hf_status hf_spool_open(const char *path, const hf_spool_options *options, hf_spool **out, hf_error *err)
{
    hf_spool *spool = calloc(1, sizeof *spool);
    if (!spool)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to open %s", path);
    spool->lock_fd = -1;
    spool->path = strdup(path);
    if (options)
        spool->options = *options;
    spool->options.max_file_bytes = or_default(spool->options.max_file_bytes, DEFAULT_FILE_BYTES);
    spool->options.max_total_bytes = or_default(spool->options.max_total_bytes, DEFAULT_TOTAL_BYTES);
    spool->options.max_waiting = (uint32_t)or_default(spool->options.max_waiting, DEFAULT_WAITING);
    hf_error cause = {0};
    hf_status status = spool->path
                           ? make_folders(spool, &cause)
                           : HF_FAIL_AS(&cause, HF_FAULT_FARM, HF_ENOMEM, "no memory to open %s", path);
    if (status == HF_OK)
        status = lock(spool, &cause);
    if (status == HF_OK)
        status = spool_take_stock(spool, &cause);
    if (status == HF_OK)
        status = spool_load_entries(spool, &cause);
    if (status != HF_OK) {
        hf_spool_close(spool);
        if (err && err->status == HF_OK)
            *err = cause;
        return status;
    }
    *out = spool;
    return HF_OK;
}

void hf_spool_close(hf_spool *spool)
{
    if (!spool)
        return;
    if (spool->lock_fd >= 0)
        close(spool->lock_fd);
    free(spool->entries);
    free(spool->path);
    free(spool);
}

hf_status hf_spool_prune(hf_spool *spool, int64_t before_ms, hf_error *err)
{
    hf_status status = HF_OK;
    for (uint32_t i = spool->entry_count; status == HF_OK && i-- > 0;)
        if (spool->entries[i].shown.is_over && spool->entries[i].shown.over_ms < before_ms)
            status = spool_remove_entry(spool, i, err);
    return status == HF_OK ? spool_remove_unused_files(spool, before_ms, err) : status;
}
