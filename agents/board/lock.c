/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checksum/crc.h"

#define NAME_KEPT  32u /* readable characters of a name */
#define OPEN_TRIES 10  /* in case the file is created or removed at the same moment */

struct hf_lock {
    struct hf_lock *next;
    int fd;
    pid_t process; /* a forked child has the list too, but no lock */
    dev_t device;
    ino_t inode;
    char board_id[64];
};

/* The locks of this process: flock(2) does not tell whether the owner is another board of this process. */
static pthread_mutex_t held_mutex = PTHREAD_MUTEX_INITIALIZER;
static hf_lock *held;

void hf_file_name(const char *text, char *out, size_t size)
{
    char kept[NAME_KEPT + 1];
    size_t used = 0;
    bool same = true;
    for (const char *at = text; *at; at++) {
        bool plain = isalnum((unsigned char)*at) || *at == '-' || *at == '_';
        same = same && plain && used < NAME_KEPT;
        if (used >= NAME_KEPT)
            continue;
        kept[used] = '_';
        if (plain)
            kept[used] = *at;
        used++;
    }
    kept[used] = '\0';
    if (same && used > 0)
        snprintf(out, size, "%s", kept);
    else
        snprintf(out, size, "%s.%08x", kept, (unsigned)hf_crc32(0, text, strlen(text)));
}

const char *hf_lock_shared_dir(void)
{
    static const char *const dirs[] = {"/run/lock", "/tmp"};
    struct stat info;
    /* By its mode, because the result of access(2) depends on the user. */
    bool open_to_all = stat(dirs[0], &info) == 0 && S_ISDIR(info.st_mode) && (info.st_mode & S_IWOTH);
    return dirs[open_to_all ? 0 : 1];
}

/* Creates the file under a temporary name, sets its mode and links it. @return the open file, or -1 with
 * errno set; EEXIST if another process was faster */
static int create_file(const char *path)
{
    char name[PATH_MAX];
    int length =
        snprintf(name, sizeof name, "%s.%ld-%lx", path, (long)getpid(), (unsigned long)pthread_self());
    if (length < 0 || (size_t)length >= sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    /* The umask limits the mode of open(). */
    bool made = fchmod(fd, 0666) == 0 && link(name, path) == 0;
    int cause = errno;
    unlink(name);
    if (made)
        return fd;
    close(fd);
    errno = cause;
    return -1;
}

/* @return the open file, or -1 with errno set */
static int open_file(const char *path)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        /* No O_CREAT: fs.protected_regular rejects that for another user's file. O_NONBLOCK: it may be a
         * FIFO. */
        int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0 || errno != ENOENT)
            return fd;
        fd = create_file(path);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Whether the path still names the locked file. */
static bool is_current(int fd, const char *path, struct stat *info)
{
    struct stat named;
    return fstat(fd, info) == 0 && stat(path, &named) == 0 && info->st_dev == named.st_dev &&
           info->st_ino == named.st_ino;
}

static bool held_by_us(const struct stat *info, char board_id[64])
{
    bool found = false;
    pthread_mutex_lock(&held_mutex);
    for (const hf_lock *lock = held; lock && !found; lock = lock->next) {
        found = lock->process == getpid() && lock->device == info->st_dev && lock->inode == info->st_ino;
        if (found)
            snprintf(board_id, sizeof lock->board_id, "%s", lock->board_id);
    }
    pthread_mutex_unlock(&held_mutex);
    return found;
}

static hf_status refuse(int fd, const char *board_id, const char *what, hf_error *err)
{
    struct stat info;
    char other[64], owner[HF_LOCK_OWNER_SIZE];
    const bool ours = fstat(fd, &info) == 0 && held_by_us(&info, other);
    if (ours && strncmp(other, board_id, sizeof other - 1) == 0) /* a person's console, beside the runs */
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EBUSY, "in use within this process, by a run or a console");
    if (ours) {
        hf_status status = HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EINVALID,
                                      "%s is also that of board %s of this run", what, other);
        if (err)
            err->lasting = HF_PERMANENT;
        return status;
    }
    hf_lock_owner(fd, owner);
    /* Class board, not farm: other boards may be free, and this one later. */
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EBUSY, "in use by %s", owner);
}

static void add_to_list(hf_lock *lock, int fd, const struct stat *info, const char *board_id)
{
    *lock = (hf_lock){.fd = fd, .process = getpid(), .device = info->st_dev, .inode = info->st_ino};
    snprintf(lock->board_id, sizeof lock->board_id, "%s", board_id);
    pthread_mutex_lock(&held_mutex);
    lock->next = held;
    held = lock;
    pthread_mutex_unlock(&held_mutex);
}

hf_status hf_lock_acquire(const char *path, const char *board_id, const char *what, hf_lock **out,
                          hf_error *err)
{
    hf_lock *lock = malloc(sizeof *lock);
    if (!lock)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    int cause = ESTALE;
    for (int i = 0; i < OPEN_TRIES && cause == ESTALE; i++) {
        struct stat info;
        int fd = open_file(path);
        if (fd < 0) {
            cause = errno;
            break;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            cause = errno;
            hf_status status = cause == EWOULDBLOCK ? refuse(fd, board_id, what, err) : HF_OK;
            close(fd);
            if (status == HF_OK)
                break;
            free(lock);
            return status;
        }
        if (is_current(fd, path, &info)) {
            add_to_list(lock, fd, &info, board_id);
            *out = lock;
            return HF_OK;
        }
        close(fd); /* removed meanwhile: the path names another file now */
    }
    free(lock);
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EIO, "cannot lock %s with file '%s': %s", what, path,
                      strerror(cause));
}

void hf_lock_release(hf_lock *lock)
{
    if (!lock)
        return;
    pthread_mutex_lock(&held_mutex);
    for (hf_lock **at = &held; *at; at = &(*at)->next)
        if (*at == lock) {
            *at = lock->next;
            break;
        }
    pthread_mutex_unlock(&held_mutex);
    /* Closing is not enough: a child that another thread is just starting has a copy of the descriptor, which
     * would keep the lock until it executes its program. */
    if (lock->process == getpid())
        flock(lock->fd, LOCK_UN);
    close(lock->fd);
    free(lock);
}
