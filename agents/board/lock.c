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

#define NAME_KEPT  32u /* characters of a name that are kept readable */
#define OPEN_TRIES 10  /* a file that is made or removed at the very moment is looked for again */

struct hf_lock {
    struct hf_lock *next;
    int fd;
    pid_t process; /* a fork has the list too, but holds nothing */
    dev_t device;
    ino_t inode;
    char board_id[64];
};

/* What this process holds: to flock(2) its other boards are strangers, to the user they are not. */
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
    /* By its mode and not by access(2), whose answer differs from user to user. */
    bool open_to_all = stat(dirs[0], &info) == 0 && S_ISDIR(info.st_mode) && (info.st_mode & S_IWOTH);
    return dirs[open_to_all ? 0 : 1];
}

/* Makes the file complete with its mode before anybody can see it. @return the open file, or -1 with errno
 * set; EEXIST when somebody else was faster */
static int make_file(const char *path)
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
    /* With O_CREAT the mode would be cut by the umask. */
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
        /* Never O_CREAT on a file that may be somebody else's: fs.protected_regular refuses that. O_NONBLOCK:
         * what is there may be no file at all. */
        int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0 || errno != ENOENT)
            return fd;
        fd = make_file(path);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Is the locked file still the one of that name? */
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

static hf_status refuse(int fd, const char *what, hf_error *err)
{
    struct stat info;
    char other[64], owner[HF_LOCK_OWNER_SIZE];
    if (fstat(fd, &info) == 0 && held_by_us(&info, other)) {
        hf_status status =
            HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EINVALID, "%s is that of board %s of this run", what, other);
        if (err)
            err->lasting = HF_PERMANENT;
        return status;
    }
    hf_lock_owner(fd, owner);
    /* Not the farm's fault as a whole: other boards may be free, and this one later. */
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EBUSY, "in use by %s", owner);
}

static void hold(hf_lock *lock, int fd, const struct stat *info, const char *board_id)
{
    *lock = (hf_lock){.fd = fd, .process = getpid(), .device = info->st_dev, .inode = info->st_ino};
    snprintf(lock->board_id, sizeof lock->board_id, "%s", board_id);
    pthread_mutex_lock(&held_mutex);
    lock->next = held;
    held = lock;
    pthread_mutex_unlock(&held_mutex);
}

hf_status hf_lock_take(const char *path, const char *board_id, const char *what, hf_lock **out, hf_error *err)
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
            hf_status status = cause == EWOULDBLOCK ? refuse(fd, what, err) : HF_OK;
            close(fd);
            if (status == HF_OK)
                break;
            free(lock);
            return status;
        }
        if (is_current(fd, path, &info)) {
            hold(lock, fd, &info, board_id);
            *out = lock;
            return HF_OK;
        }
        close(fd); /* removed in between, by hand or by a cleaner: the name means another file now */
    }
    free(lock);
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EIO, "cannot lock %s with the file '%s': %s", what, path,
                      strerror(cause));
}

void hf_unlock(hf_lock *lock)
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
    /* Not by closing alone: a child that another thread is just starting has the descriptor too, until it
     * executes its program, and would keep the lock that long. */
    if (lock->process == getpid())
        flock(lock->fd, LOCK_UN);
    close(lock->fd);
    free(lock);
}
