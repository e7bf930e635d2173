/* SPDX-License-Identifier: Apache-2.0 */
/* Storing files under the SHA-256 of their content. */
#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool/spool.h"
#include "spool_state.h"

struct hf_spool_upload {
    hf_spool *spool;
    int fd;
    char sha256[SHA256_DIGITS + 1];
    char path[PATH_MAX]; /* until it is complete */
    uint64_t announced;  /* bytes; UINT64_MAX = unknown */
    uint64_t written;    /* bytes */
    uint64_t counted;    /* bytes of it in spool->bytes */
    SHA256_CTX digest;
};

/* Counts bytes towards the spool's limit. */
static hf_status count(hf_spool_upload *upload, uint64_t bytes, hf_error *err)
{
    hf_spool *spool = upload->spool;
    if (bytes > spool->options.max_file_bytes)
        return HF_FAIL(err, HF_ELIMIT, "the file has at least %llu bytes, more than the %llu allowed",
                       (unsigned long long)bytes, (unsigned long long)spool->options.max_file_bytes);
    if (bytes <= upload->counted)
        return HF_OK;
    const uint64_t added = bytes - upload->counted;
    if (atomic_fetch_add(&spool->bytes, added) + added > spool->options.max_total_bytes) {
        spool->bytes -= added;
        return HF_FAIL(err, HF_ELIMIT, "the files of all submissions would exceed the limit of %llu bytes",
                       (unsigned long long)spool->options.max_total_bytes);
    }
    upload->counted = bytes;
    return HF_OK;
}

hf_status hf_spool_upload_begin(hf_spool *spool, const char *sha256, uint64_t size_bytes,
                                hf_spool_upload **out, hf_error *err)
{
    if (!spool_is_sha256(sha256))
        return HF_FAIL(err, HF_EINVALID,
                       "\"%.80s\" is not a SHA-256: expected 64 lower-case hexadecimal digits",
                       sha256 ? sha256 : "");
    hf_spool_upload *upload = calloc(1, sizeof *upload);
    if (!upload)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for an upload");
    upload->spool = spool;
    upload->fd = -1;
    upload->announced = size_bytes;
    memcpy(upload->sha256, sha256, sizeof upload->sha256);
    SHA256Init(&upload->digest);
    hf_status status = size_bytes == UINT64_MAX ? HF_OK : count(upload, size_bytes, err);
    if (status == HF_OK) {
        const uint32_t id = upload->spool->upload_id++;
        snprintf(upload->path, sizeof upload->path, "%s/files/%s.%u" UPLOAD_EXTENSION, spool->path, sha256,
                 id);
        spool_step(spool);
        upload->fd = open(upload->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
        if (upload->fd < 0)
            status =
                HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create %s: %s", upload->path, strerror(errno));
    }
    if (status != HF_OK) {
        hf_spool_upload_discard(upload);
        return status;
    }
    *out = upload;
    return HF_OK;
}

hf_status hf_spool_upload_write(hf_spool_upload *upload, const void *data, size_t size_bytes, hf_error *err)
{
    hf_status status = count(upload, upload->written + size_bytes, err);
    if (status == HF_OK && upload->written + size_bytes > upload->announced)
        status = HF_FAIL(err, HF_EMISMATCH, "more than the %llu bytes that were announced",
                         (unsigned long long)upload->announced);
    const uint8_t *bytes = data;
    for (size_t left = size_bytes; status == HF_OK && left;) {
        spool_step(upload->spool);
        ssize_t put = write(upload->fd, bytes + (size_bytes - left), left);
        if (put > 0)
            left -= (size_t)put;
        else if (errno != EINTR)
            status =
                HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write %s: %s", upload->path, strerror(errno));
    }
    if (status == HF_OK) {
        SHA256Update(&upload->digest, data, size_bytes);
        upload->written += size_bytes;
    }
    return status;
}

static hf_status check_content(hf_spool_upload *upload, hf_error *err)
{
    char sha256[SHA256_DIGITS + 1];
    if (upload->announced != UINT64_MAX && upload->written != upload->announced)
        return HF_FAIL(err, HF_EMISMATCH, "%llu bytes, but %llu were announced",
                       (unsigned long long)upload->written, (unsigned long long)upload->announced);
    SHA256End(&upload->digest, sha256);
    if (strcmp(sha256, upload->sha256) != 0)
        return HF_FAIL(err, HF_EMISMATCH, "the content's SHA-256 is %s, expected %s", sha256, upload->sha256);
    return HF_OK;
}

/* Syncs the upload and gives it its name. */
static hf_status store(hf_spool_upload *upload, hf_error *err)
{
    hf_spool *spool = upload->spool;
    char path[PATH_MAX], folder[PATH_MAX];
    if (!spool_file_path(spool, upload->sha256, path))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "the path of the spool is too long");
    if (fsync(upload->fd) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot sync %s: %s", upload->path, strerror(errno));
    spool_step(spool);
    /* link() and not rename(): it fails if the file is there already, which then is not counted twice. */
    if (link(upload->path, path) == 0)
        upload->counted = 0;
    else if (errno != EEXIST)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create %s: %s", path, strerror(errno));
    snprintf(folder, sizeof folder, "%s/files", spool->path);
    spool_step(spool);
    return spool_sync_folder(folder, err);
}

hf_status hf_spool_upload_end(hf_spool_upload *upload, hf_error *err)
{
    hf_status status = check_content(upload, err);
    if (status == HF_OK)
        status = store(upload, err);
    hf_spool_upload_discard(upload);
    return status;
}

void hf_spool_upload_discard(hf_spool_upload *upload)
{
    if (!upload)
        return;
    upload->spool->bytes -= upload->counted;
    if (upload->fd >= 0) {
        close(upload->fd);
        spool_step(upload->spool);
        unlink(upload->path);
    }
    free(upload);
}
