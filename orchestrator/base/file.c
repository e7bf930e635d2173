/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <sha256.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_TRIES 100 /* names to try, in case killed processes left some behind */

hf_status hf_file_read(const char *path, size_t limit_bytes, uint8_t **data, size_t *size_bytes,
                       hf_error *err)
{
    /* O_NONBLOCK: opening a FIFO by mistake must not block; it is rejected below. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return HF_FAIL(err, errno == ENOENT ? HF_ENOTFOUND : HF_EIO, "cannot open %s: %s", path,
                       strerror(errno));
    hf_status status = HF_OK;
    uint8_t *bytes = NULL;
    size_t used = 0;
    struct stat info;
    if (fstat(fd, &info) < 0) {
        status = HF_FAIL(err, HF_EIO, "cannot read %s: %s", path, strerror(errno));
    } else if (!S_ISREG(info.st_mode)) {
        status = HF_FAIL(err, HF_EINVALID, "%s is not a regular file", path);
    } else if ((uintmax_t)info.st_size > limit_bytes) {
        status = HF_FAIL(err, HF_ELIMIT, "%s has %jd bytes, more than the %zu allowed", path,
                         (intmax_t)info.st_size, limit_bytes);
    } else if (!(bytes = malloc((size_t)info.st_size + 1))) {
        status = HF_FAIL(err, HF_ENOMEM, "no memory for the %jd bytes of %s", (intmax_t)info.st_size, path);
    }
    while (status == HF_OK && used < (size_t)info.st_size) {
        ssize_t got = read(fd, bytes + used, (size_t)info.st_size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = HF_FAIL(err, HF_EIO, "cannot read %s: %s", path, strerror(errno));
        else if (got == 0)
            break; /* the file shrank while it was read: the rest is its content now */
        else
            used += (size_t)got;
    }
    close(fd);
    if (status != HF_OK || !bytes) {
        free(bytes);
        return status;
    }
    bytes[used] = 0;
    *data = bytes;
    *size_bytes = used;
    return HF_OK;
}

hf_status hf_write_all(int fd, const char *path, const void *data, size_t size, hf_error *err)
{
    const uint8_t *bytes = data;
    while (size) {
        ssize_t put = write(fd, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
        bytes += put;
        size -= (size_t)put;
    }
    return HF_OK;
}

#define LINKS_MOST 16

/* The descriptor of this process that an entry of a folder is, as in /proc/self/fd; -1 = it is none. */
static int entry_descriptor(const char *folder, const char *name)
{
    char *end = NULL;
    const unsigned long number = strtoul(name, &end, 10);
    if (*name < '0' || *name > '9' || *end || number > INT_MAX)
        return -1;
    char *real = realpath(folder, NULL), *own = realpath("/proc/self/fd", NULL);
    const bool same = real && own && strcmp(real, own) == 0;
    free(real);
    free(own);
    return same ? (int)number : -1;
}

/*
 * The descriptor of this process that a path refers to, as /dev/stdout and /dev/fd/3 do; -1 = it refers to none. Opening such
 * a path again would lose the position in a file to which the shell appends, and replacing the file would lose what is in it.
 */
static int own_descriptor(const char *path)
{
    char *at = strdup(path);
    int found = -1;
    for (int links = 0; at && found < 0 && links < LINKS_MOST; links++) {
        char target[PATH_MAX];
        char *for_folder = strdup(at), *for_name = strdup(at), *next = NULL;
        const char *folder = for_folder ? dirname(for_folder) : NULL;
        const char *name = for_name ? basename(for_name) : NULL;
        if (folder && name)
            found = entry_descriptor(folder, name);
        const ssize_t length = found < 0 && folder ? readlink(at, target, sizeof target - 1) : -1;
        if (length > 0) {
            target[length] = '\0';
            if (target[0] == '/')
                next = strdup(target);
            else if (asprintf(&next, "%s/%s", folder, target) < 0)
                next = NULL;
        }
        free(for_folder);
        free(for_name);
        free(at);
        at = next;
    }
    free(at);
    return found;
}

/* A device, pipe or similar: it cannot be replaced, only written to. */
static hf_status write_in_place(const char *path, hf_file_producer *produce, void *user, hf_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    hf_status status = produce(user, fd, err);
    if (close(fd) < 0 && status == HF_OK)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    return status;
}

/* Creates a file next to `target` with the mode that the umask leaves, which mkstemp() would not do.
 * @param temporary set to its path, freed by the caller. @return its descriptor, or -1 with errno */
static int create_temporary(const char *target, char **temporary)
{
    for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
        if (asprintf(temporary, "%s.%ld-%u.tmp", target, (long)getpid(), i) < 0) {
            *temporary = NULL;
            errno = ENOMEM;
            return -1;
        }
        int fd = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
        free(*temporary);
        *temporary = NULL;
    }
    errno = EEXIST;
    return -1;
}

/* @param path for messages. @param mode of the file that is replaced; NULL = the umask decides */
static hf_status replace(const char *path, const char *target, const mode_t *mode, hf_file_producer *produce,
                         void *user, hf_error *err)
{
    char *temporary = NULL;
    int fd = create_temporary(target, &temporary);
    if (fd < 0) {
        hf_status status =
            HF_FAIL(err, HF_EIO, "cannot create a temporary file next to %s: %s", path, strerror(errno));
        free(temporary);
        return status;
    }
    hf_status status = produce(user, fd, err);
    if (status == HF_OK && mode && fchmod(fd, *mode) < 0)
        status = HF_FAIL(err, HF_EIO, "cannot set the mode of %s: %s", path, strerror(errno));
    /* Sync before the rename: after a power cut the new name must not refer to an empty file. Some network
     * and FUSE file systems cannot sync; there the write has to suffice. */
    if (status == HF_OK && fsync(fd) < 0 && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    if (close(fd) < 0 && status == HF_OK)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    if (status == HF_OK && rename(temporary, target) < 0)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    if (status != HF_OK)
        unlink(temporary);
    free(temporary);
    return status;
}

hf_status hf_file_produce(const char *path, hf_file_producer *produce, void *user, hf_error *err)
{
    struct stat info;
    const int own = own_descriptor(path);
    if (own >= 0) {
        if (own == STDOUT_FILENO)
            fflush(stdout);
        return produce(user, own, err);
    }
    bool exists = stat(path, &info) == 0, created = false;
    if (exists && !S_ISREG(info.st_mode))
        return write_in_place(path, produce, user, err);
    if (!exists && errno == ENOENT && lstat(path, &info) == 0) {
        /* A link to a file that does not exist: create that file, then replace it. */
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        exists = created = fd >= 0 && fstat(fd, &info) == 0;
        if (!exists)
            (void)HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        if (!exists)
            return HF_EIO;
    }
    if (!exists)
        return replace(path, path, NULL, produce, user, err);
    char *target = realpath(path, NULL);
    if (!target)
        return HF_FAIL(err, HF_EIO, "cannot resolve %s: %s", path, strerror(errno));
    const mode_t mode = info.st_mode & 0777;
    hf_status status = replace(path, target, &mode, produce, user, err);
    if (status != HF_OK && created)
        unlink(target);
    free(target);
    return status;
}

typedef struct whole {
    const char *path;
    const void *data;
    size_t size;
} whole;

static hf_status produce_whole(void *user, int fd, hf_error *err)
{
    const whole *self = user;
    return hf_write_all(fd, self->path, self->data, self->size, err);
}

hf_status hf_file_write(const char *path, const void *data, size_t size_bytes, hf_error *err)
{
    whole self = {path, data, size_bytes};
    return hf_file_produce(path, produce_whole, &self, err);
}

hf_status hf_make_dirs(const char *path, hf_error *err)
{
    char *copy = strdup(path);
    if (!copy)
        return HF_FAIL(err, HF_ENOMEM, "no memory to create the folder %s", path);
    hf_status status = HF_OK;
    for (char *cursor = copy + 1; status == HF_OK && *copy; cursor++) {
        char at = *cursor;
        if (at != '/' && at != '\0')
            continue;
        *cursor = '\0';
        if (mkdir(copy, 0777) < 0 && errno != EEXIST)
            status = HF_FAIL(err, HF_EIO, "cannot create the folder %s: %s", copy, strerror(errno));
        *cursor = at;
        if (at == '\0')
            break;
    }
    struct stat info;
    if (status == HF_OK && (stat(path, &info) < 0 || !S_ISDIR(info.st_mode)))
        status = HF_FAIL(err, HF_EIO, "%s is not a folder", path);
    free(copy);
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

hf_status hf_remove_tree(const char *path, hf_error *err)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return HF_FAIL(err, HF_EIO, "cannot remove %s: %s", path, strerror(errno));
    return HF_OK;
}

void hf_sha256_hex(const void *data, size_t size_bytes, char out[HF_SHA256_HEX_SIZE])
{
    SHA256Data(data, size_bytes, out);
}

hf_status hf_sha256_file(const char *path, char out[HF_SHA256_HEX_SIZE], uint64_t *size_bytes, hf_error *err)
{
    uint8_t bytes[16384];
    uint64_t size = 0;
    struct stat info;
    SHA2_CTX digest;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* as in hf_file_read() */
    if (fd < 0)
        return HF_FAIL(err, errno == ENOENT ? HF_ENOTFOUND : HF_EIO, "cannot open %s: %s", path,
                       strerror(errno));
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return HF_FAIL(err, HF_EINVALID, "%s is not a regular file", path);
    }
    SHA256Init(&digest);
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0) {
            SHA256Update(&digest, bytes, (size_t)got);
            size += (uint64_t)got;
        }
    const int cause = errno;
    close(fd);
    if (got < 0)
        return HF_FAIL(err, HF_EIO, "cannot read %s: %s", path, strerror(cause));
    SHA256End(&digest, out);
    *size_bytes = size;
    return HF_OK;
}
