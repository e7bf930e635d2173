/* SPDX-License-Identifier: Apache-2.0 */
#include "base/work_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define PREFIX "hilfarm-run-"
/* A folder may be taken for that of an ended process until it is locked. */
#define TRIES 10

static const char *parent_folder(void)
{
    const char *wanted = getenv("TMPDIR");
    struct stat info;
    if (wanted && wanted[0] == '/' && strlen(wanted) <= HF_WORK_DIR_PARENT_MAX && stat(wanted, &info) == 0 &&
        S_ISDIR(info.st_mode) && access(wanted, W_OK | X_OK) == 0)
        return wanted;
    return "/tmp";
}

/* Whether a folder is "hilfarm-run-<pid>-XXXXXX" of a process that is not seen here. */
static bool has_no_process(const char *name)
{
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return false;
    char *end = NULL;
    errno = 0;
    long pid = strtol(name + strlen(PREFIX), &end, 10);
    return errno == 0 && *end == '-' && pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* @return the folder, locked, or -1 with errno: EWOULDBLOCK if another process has it */
static int lock_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    const int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static void remove_unlocked(const char *path)
{
    const int fd = lock_folder(path);
    if (fd < 0)
        return;
    (void)hf_remove_tree(path, NULL); /* the next run tries again */
    close(fd);
}

static void remove_stale(const char *folder)
{
    DIR *parent = opendir(folder);
    if (!parent)
        return;
    for (struct dirent *entry; (entry = readdir(parent)) != NULL;) {
        char path[HF_WORK_DIR_PARENT_MAX + 2 + sizeof entry->d_name];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (has_no_process(entry->d_name) && lstat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
            info.st_uid == geteuid())
            remove_unlocked(path);
    }
    closedir(parent);
}

/* @return 1: there and locked; 0: removed by another process before that; -1 with errno: cannot be made */
static int try_to_make(const char *parent, hf_work_dir *out)
{
    struct stat named, locked;
    snprintf(out->path, sizeof out->path, "%.*s/" PREFIX "%d-XXXXXX", HF_WORK_DIR_PARENT_MAX, parent,
             getpid());
    if (!mkdtemp(out->path))
        return -1;
    out->lock_fd = lock_folder(out->path);
    if (out->lock_fd < 0) {
        const int why = errno;
        if (why == ENOENT || why == EWOULDBLOCK)
            return 0;
        (void)rmdir(out->path); /* empty; nothing can be done about a failure */
        errno = why;
        return -1;
    }
    if (fstat(out->lock_fd, &locked) == 0 && stat(out->path, &named) == 0 && named.st_dev == locked.st_dev &&
        named.st_ino == locked.st_ino)
        return 1;
    close(out->lock_fd);
    return 0;
}

hf_status hf_work_dir_make(hf_work_dir *out, hf_error *err)
{
    const char *parent = parent_folder();
    hf_work_dir made = {.lock_fd = -1};
    int result = 0;
    remove_stale(parent);
    for (int i = 0; i < TRIES && result == 0; i++)
        result = try_to_make(parent, &made);
    if (result == 1) {
        *out = made;
        return HF_OK;
    }
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot make a folder in %s: %s", parent,
                      result < 0 ? strerror(errno) : "others remove it");
}

void hf_work_dir_remove(hf_work_dir *dir)
{
    if (!dir->path[0])
        return;
    (void)hf_remove_tree(dir->path, NULL); /* a later process removes what is left */
    close(dir->lock_fd);
    *dir = (hf_work_dir){.lock_fd = -1};
}
