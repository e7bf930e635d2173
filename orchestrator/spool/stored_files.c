/* SPDX-License-Identifier: Apache-2.0 */
/* The files in files/, named after their SHA-256: finding, counting and removing them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_state.h"

bool spool_is_sha256(const char *text)
{
    return text && strlen(text) == SHA256_DIGITS && strspn(text, "0123456789abcdef") == SHA256_DIGITS;
}

bool spool_file_path(const hf_spool *spool, const char *sha256, char path[PATH_MAX])
{
    const int length = snprintf(path, PATH_MAX, "%s/files/%s", spool->path, sha256);
    return length > 0 && length < PATH_MAX;
}

bool hf_spool_has(const hf_spool *spool, const char *sha256)
{
    char path[PATH_MAX];
    return spool_is_sha256(sha256) && spool_file_path(spool, sha256, path) && access(path, R_OK) == 0;
}

typedef bool visit_file(hf_spool *spool, int folder_fd, const char *name, const struct stat *info,
                        const void *user);

/* Visits the files in files/; false from `visit` ends it. */
static hf_status each_file(hf_spool *spool, visit_file *visit, const void *user, hf_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/files", spool->path);
    DIR *folder = opendir(path);
    if (!folder)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot read %s: %s", path, strerror(errno));
    bool done = false;
    for (const struct dirent *item; !done && (item = readdir(folder));) {
        struct stat info;
        if (item->d_name[0] != '.' && fstatat(dirfd(folder), item->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode))
            done = !visit(spool, dirfd(folder), item->d_name, &info, user);
    }
    closedir(folder);
    return done ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot remove a file in %s: %s", path,
                             strerror(errno))
                : HF_OK;
}

/* Counts a stored file, and removes one whose upload did not finish. */
static bool take_stock(hf_spool *spool, int folder_fd, const char *name, const struct stat *info,
                       const void *user)
{
    (void)user;
    if (spool_is_sha256(name)) {
        spool->bytes += (uint64_t)info->st_size;
        return true;
    }
    const size_t length = strlen(name), extension = strlen(UPLOAD_EXTENSION);
    if (length < extension || strcmp(name + length - extension, UPLOAD_EXTENSION) != 0)
        return true; /* not ours: leave it alone */
    spool_step(spool);
    return unlinkat(folder_fd, name, 0) == 0;
}

/* Removes a file that no submission uses. @param user time before which it must have been touched, Unix ms */
static bool remove_unused(hf_spool *spool, int folder_fd, const char *name, const struct stat *info,
                          const void *user)
{
    const int64_t before_ms = *(const int64_t *)user;
    const int64_t changed_ms = (int64_t)info->st_ctim.tv_sec * 1000 + info->st_ctim.tv_nsec / 1000000;
    /* Linking and unlinking change the time of the file's status. */
    if (!spool_is_sha256(name) || info->st_nlink > 1 || changed_ms >= before_ms)
        return true;
    spool_step(spool);
    if (unlinkat(folder_fd, name, 0) != 0)
        return false;
    spool->bytes -= (uint64_t)info->st_size;
    return true;
}

hf_status spool_take_stock(hf_spool *spool, hf_error *err)
{
    return each_file(spool, take_stock, NULL, err);
}

hf_status spool_remove_unused_files(hf_spool *spool, int64_t before_ms, hf_error *err)
{
    return each_file(spool, remove_unused, &before_ms, err);
}
