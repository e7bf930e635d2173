/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded, makes the disk full for the files in $HILFARM_FULL while a file "full" lies there. A run's file
 * has a mebibyte reserved, as on a real disk (orchestrator/store/SCHEMA.md): within that it can be written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RESERVED_BYTES ((off_t)1 << 20)

static bool is_full(int fd, off_t end)
{
    const char *folder = getenv("HILFARM_FULL");
    char flag[512], link[64], path[512];
    if (!folder)
        return false;
    snprintf(flag, sizeof flag, "%s/full", folder);
    if (access(flag, F_OK) != 0)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    if (strncmp(path, folder, strlen(folder)) != 0 || (strstr(path, ".run-") && end <= RESERVED_BYTES))
        return false;
    errno = ENOSPC;
    return true;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's names are reserved */
ssize_t write(int fd, const void *bytes, size_t size)
{
    return is_full(fd, 0) ? -1 : syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return is_full(fd, at + (off_t)size) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    return pwrite(fd, bytes, size, at);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
