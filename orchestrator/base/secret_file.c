/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define OTHERS 077

/* The daemon must be able to read what root prepares in its folder. */
static hf_status hand_over(int fd, int folder, const char *path, hf_error *err)
{
    struct stat info;
    if (geteuid() != 0)
        return HF_OK;
    if (fstat(folder, &info) != 0 || fchown(fd, info.st_uid, info.st_gid) != 0)
        return HF_FAIL(err, HF_EIO, "cannot give %s to the owner of its folder: %s", path, strerror(errno));
    return HF_OK;
}

static hf_status write_temporary(int fd, int folder, const char *path, const void *data, size_t size,
                                 hf_error *err)
{
    hf_status status = hand_over(fd, folder, path, err);
    if (status == HF_OK)
        status = hf_write_all(fd, path, data, size, err);
    if (status == HF_OK && fsync(fd) != 0)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    return status;
}

static int open_folder_of(const char *path)
{
    char copy[PATH_MAX];
    if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

hf_status hf_secret_write(const char *path, const void *data, size_t size, hf_error *err)
{
    char temporary[PATH_MAX];
    const int folder = open_folder_of(path);
    if (folder < 0 || (size_t)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= sizeof temporary) {
        const int cause = folder < 0 ? errno : ENAMETOOLONG;
        if (folder >= 0)
            close(folder);
        return HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(cause));
    }
    const int fd = mkostemp(temporary, O_CLOEXEC); /* its mode is 0600 */
    if (fd < 0) {
        const int cause = errno;
        close(folder);
        return HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(cause));
    }
    hf_status status = write_temporary(fd, folder, path, data, size, err);
    close(fd);
    if (status == HF_OK && rename(temporary, path) != 0)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    if (status != HF_OK)
        unlink(temporary);
    else
        (void)fsync(folder); /* some file systems cannot; the file itself is safe */
    close(folder);
    return status;
}

hf_status hf_secret_check(const char *path, hf_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return HF_FAIL(err, errno == ENOENT ? HF_ENOTFOUND : HF_EIO, "cannot open %s: %s", path,
                       strerror(errno));
    const uid_t user = geteuid(); /* root works for whom a file belongs to */
    if (user != 0 && info.st_uid != user && info.st_uid != 0)
        return HF_FAIL(err, HF_EINVALID,
                       "%s belongs to another user, expected this one or root: the file holds a secret",
                       path);
    if (info.st_mode & OTHERS)
        return HF_FAIL(err, HF_EINVALID,
                       "%s has mode %04o, so that others can use it, expected 0600: run `chmod 600 %s`", path,
                       (unsigned)(info.st_mode & 07777), path);
    return HF_OK;
}
