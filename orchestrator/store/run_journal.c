/* SPDX-License-Identifier: Apache-2.0 */
#include "run_journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* The first bytes; the last one tells whether locks are reliable. */
#define MAGIC       "hilfarm run 1 "
#define MAGIC_BYTES (sizeof MAGIC - 1)
#define HEAD_BYTES  (MAGIC_BYTES + 2)
#define LOCKED      'L'
#define UNLOCKED    'U'

#define SUFFIX        ".run-"
#define RESERVE_BYTES ((off_t)1024 * 1024)
#define MOST_BYTES    ((size_t)1 << 30)

struct hf_run_journal {
    int fd;
    char *path;
    size_t size_bytes; /* without the head */
};

static char *path_of(const char *store_path, const char *key)
{
    char *path = NULL;
    return asprintf(&path, "%s" SUFFIX "%s", store_path, key) < 0 ? NULL : path;
}

/* @return 0, or errno */
static int lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

/* Reserves disk space beyond the end of the file for later records. Not every file system can. */
static void reserve(int fd)
{
    int result = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVE_BYTES);
    (void)result;
}

static hf_status start(hf_run_journal *file, bool locked, hf_error *err)
{
    char head[HEAD_BYTES + 1];
    struct stat info;
    if (fstat(file->fd, &info) == 0 && (size_t)info.st_size > HEAD_BYTES) {
        file->size_bytes = (size_t)info.st_size - HEAD_BYTES;
        return HF_OK;
    }
    snprintf(head, sizeof head, MAGIC "%c\n", locked ? LOCKED : UNLOCKED);
    reserve(file->fd);
    if (pwrite(file->fd, head, HEAD_BYTES, 0) != (ssize_t)HEAD_BYTES || fsync(file->fd) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write %s: %s", file->path, strerror(errno));
    return HF_OK;
}

/* Opens and locks; its last owner may delete the file in between. */
static hf_status open_locked(hf_run_journal *file, bool *locked, hf_error *err)
{
    for (;;) {
        file->fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file->fd < 0)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create %s: %s", file->path,
                              strerror(errno));
        const int failure = lock(file->fd);
        struct stat info;
        *locked = failure == 0;
        if (failure == EAGAIN || failure == EACCES)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY, "%s is in use by another process", file->path);
        if (!*locked || fstat(file->fd, &info) < 0 || info.st_nlink > 0)
            return HF_OK;
        close(file->fd);
    }
}

hf_status hf_run_journal_lock(const char *store_path, const char *key, hf_run_journal **out, hf_error *err)
{
    hf_run_journal *file = calloc(1, sizeof *file);
    if (file)
        file->path = path_of(store_path, key);
    if (!file || !file->path) {
        free(file);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the journal of run %s", key);
    }
    file->fd = -1;
    bool locked = false;
    hf_status status = open_locked(file, &locked, err);
    if (status == HF_OK)
        status = start(file, locked, err);
    if (status == HF_OK)
        *out = file;
    else
        hf_run_journal_release(file, true);
    return status;
}

void hf_run_journal_release(hf_run_journal *file, bool keep)
{
    if (!file)
        return;
    /* Deleted before it is unlocked, so that nobody takes it for the journal of a dead run. */
    if (!keep)
        unlink(file->path);
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file);
}

const char *hf_run_journal_path(const hf_run_journal *file)
{
    return file->path;
}

size_t hf_run_journal_bytes(const hf_run_journal *file)
{
    return file->size_bytes;
}

hf_status hf_run_journal_append(hf_run_journal *file, const void *record, size_t size_bytes, hf_error *err)
{
    const off_t end = (off_t)(HEAD_BYTES + file->size_bytes);
    const uint8_t *bytes = record;
    size_t done = 0;
    int failure = size_bytes > MOST_BYTES - file->size_bytes ? EFBIG : 0;
    while (!failure && done < size_bytes) {
        ssize_t put = pwrite(file->fd, bytes + done, size_bytes - done, end + (off_t)done);
        if (put < 0 && errno != EINTR)
            failure = errno;
        done += put > 0 ? (size_t)put : 0;
    }
    if (!failure && fdatasync(file->fd) < 0)
        failure = errno;
    if (!failure) {
        file->size_bytes += size_bytes;
        return HF_OK;
    }
    if (done) {
        /* A checksum would reveal an incomplete record, but later records must be found. */
        int cut = ftruncate(file->fd, end);
        (void)cut;
    }
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write %s: %s", file->path, strerror(failure));
}

hf_status hf_run_journal_clear(hf_run_journal *file, hf_error *err)
{
    if (ftruncate(file->fd, HEAD_BYTES) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot truncate %s: %s", file->path, strerror(errno));
    file->size_bytes = 0;
    reserve(file->fd);
    return HF_OK;
}

hf_status hf_run_journal_read(hf_run_journal *file, uint8_t **data, size_t *size_bytes, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_status status = hf_file_read(file->path, MOST_BYTES + HEAD_BYTES, &bytes, &size, err);
    if (status == HF_OK && (size < HEAD_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EFORMAT, "%s is not the journal of a run", file->path);
    if (status == HF_OK) {
        *size_bytes = size - HEAD_BYTES;
        memmove(bytes, bytes + HEAD_BYTES, *size_bytes);
        *data = bytes;
    } else {
        free(bytes);
    }
    return status;
}

void hf_run_journal_set_aside(hf_run_journal *file, const char *suffix)
{
    char *aside = NULL;
    if (asprintf(&aside, "%s%s", file->path, suffix) >= 0) {
        int result = rename(file->path, aside);
        (void)result;
        free(aside);
    }
    hf_run_journal_release(file, true);
}

static hf_run_journal_state look_at(const char *path)
{
    char head[HEAD_BYTES] = {0};
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? HF_RUN_JOURNAL_MISSING : HF_RUN_JOURNAL_UNKNOWN;
    const bool lockable = read(fd, head, sizeof head) < (ssize_t)sizeof head || head[MAGIC_BYTES] == LOCKED;
    hf_run_journal_state state = HF_RUN_JOURNAL_UNKNOWN;
    if (lockable && fcntl(fd, F_OFD_GETLK, &whole) == 0)
        state = whole.l_type == F_UNLCK ? HF_RUN_JOURNAL_UNLOCKED : HF_RUN_JOURNAL_LOCKED;
    close(fd);
    return state;
}

hf_run_journal_state hf_run_journal_probe(const char *store_path, const char *key)
{
    char *path = path_of(store_path, key);
    hf_run_journal_state state = path ? look_at(path) : HF_RUN_JOURNAL_UNKNOWN;
    free(path);
    return state;
}

void hf_run_journal_each_free(const char *store_path, bool (*each)(void *user, const char *key), void *user)
{
    char *for_folder = strdup(store_path), *for_name = path_of(store_path, "");
    DIR *folder = for_folder && for_name ? opendir(dirname(for_folder)) : NULL;
    const char *begin = folder ? basename(for_name) : "";
    const size_t length = strlen(begin);
    bool more = true;
    for (struct dirent *entry; more && folder && (entry = readdir(folder)) != NULL;) {
        const char *key = entry->d_name + length;
        if (strncmp(entry->d_name, begin, length) == 0 && *key && strlen(key) <= HF_RUN_KEY_MOST &&
            !strchr(key, '.') && hf_run_journal_probe(store_path, key) == HF_RUN_JOURNAL_UNLOCKED)
            more = each(user, key);
    }
    if (folder)
        closedir(folder);
    free(for_folder);
    free(for_name);
}
