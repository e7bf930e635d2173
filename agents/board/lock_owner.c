/* SPDX-License-Identifier: Apache-2.0 */
/* The owner of a lock, from /proc/locks and /proc/PID (proc(5)). That is always true, while a note in the
 * lock file would need write access and could be from an earlier owner. */
#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/user.h"
#include "lock.h"

typedef struct flock_entry {
    long pid;
    unsigned long device_major, device_minor, inode;
} flock_entry;

/* "1: FLOCK  ADVISORY  WRITE 494 00:1a:3 0 EOF", the device in hexadecimal. An entry with "->" after its
 * number is a waiting process, not an owner. */
static bool parse_flock(const char *line, flock_entry *lock)
{
    const char *at = strchr(line, ':');
    if (!at || strncmp(at + 1 + strspn(at + 1, " "), "FLOCK ", 6) != 0)
        return false;
    at += 1 + strspn(at + 1, " ");
    for (int word = 0; word < 3; word++) { /* FLOCK, ADVISORY, WRITE */
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    char *end;
    lock->pid = strtol(at, &end, 10);
    lock->device_major = strtoul(end, &end, 16);
    lock->device_minor = *end == ':' ? strtoul(end + 1, &end, 16) : 0;
    lock->inode = *end == ':' ? strtoul(end + 1, &end, 10) : 0;
    return lock->pid > 0 && lock->inode != 0;
}

/* @return the process that has an flock on the file; 0 = not found */
static long find_process(const struct stat *info)
{
    FILE *file = fopen("/proc/locks", "re");
    char line[160];
    long found = 0, same_inode = 0;
    while (file && !found && fgets(line, sizeof line, file)) {
        flock_entry lock;
        if (!parse_flock(line, &lock) || lock.inode != info->st_ino)
            continue;
        same_inode = lock.pid;
        if (lock.device_major == major(info->st_dev) && lock.device_minor == minor(info->st_dev))
            found = lock.pid;
    }
    if (file)
        fclose(file);
    /* On stacked file systems stat() and /proc/locks show different devices. */
    return found ? found : same_inode;
}

/* The command line, with the program's folder removed; "" if it cannot be read. */
static void read_command(long pid, char *text, size_t size)
{
    char path[64], bytes[256];
    text[0] = '\0';
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, bytes, sizeof bytes - 1);
    if (fd >= 0)
        close(fd);
    if (got <= 0)
        return;
    bytes[got] = '\0';
    const char *slash = strrchr(bytes, '/'); /* in the first word only: a NUL ends it */
    size_t start = slash ? (size_t)(slash + 1 - bytes) : 0, used = 0;
    for (size_t i = start; i < (size_t)got && used + 1 < size; i++)
        text[used++] = isprint((unsigned char)bytes[i]) ? bytes[i] : ' ';
    while (used && text[used - 1] == ' ')
        used--;
    text[used] = '\0';
}

static void read_user(long pid, char *text, size_t size)
{
    char path[64], name[39]; /* what callers have room for, after the words */
    struct stat info;
    snprintf(path, sizeof path, "/proc/%ld", pid);
    text[0] = '\0';
    if (stat(path, &info) != 0)
        return;
    if (hf_user_name(info.st_uid, name, sizeof name))
        snprintf(text, size, " of user %s", name);
    else
        snprintf(text, size, " of user %lu", (unsigned long)info.st_uid);
}

void hf_lock_owner(int fd, char text[HF_LOCK_OWNER_SIZE])
{
    struct stat info;
    char user[48], command[96];
    long pid = fstat(fd, &info) == 0 ? find_process(&info) : 0;
    if (pid <= 0) {
        snprintf(text, HF_LOCK_OWNER_SIZE, "another process");
        return;
    }
    read_user(pid, user, sizeof user);
    read_command(pid, command, sizeof command);
    snprintf(text, HF_LOCK_OWNER_SIZE, "process %ld%s%s%s%s", pid, user, command[0] ? " (" : "", command,
             command[0] ? ")" : "");
}
