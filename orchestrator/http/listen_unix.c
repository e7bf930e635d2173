/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "http/listen.h"

#define BACKLOG 128

static hf_status fail(const char *path, const char *what, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot listen on %s: %s: %s", path, what, strerror(errno));
}

/* Removes a socket that nothing listens on, as a process that was killed leaves it. */
static hf_status remove_stale(const char *path, const struct sockaddr_un *address, hf_error *err)
{
    struct stat info;
    if (lstat(path, &info) < 0)
        return errno == ENOENT ? HF_OK : fail(path, "lstat", err);
    if (!S_ISSOCK(info.st_mode))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID,
                          "cannot listen on %s: it exists and is not a socket", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(path, "socket", err);
    const int connected = connect(fd, (const struct sockaddr *)address, sizeof *address);
    const int cause = errno;
    close(fd);
    /* EAGAIN: its queue of connections is full, so somebody listens. */
    if (connected == 0 || cause == EAGAIN)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EBUSY, "cannot listen on %s: another process listens there",
                          path);
    if (cause != ECONNREFUSED && cause != ENOENT) {
        errno = cause;
        return fail(path, "connect", err);
    }
    return unlink(path) == 0 || errno == ENOENT ? HF_OK : fail(path, "unlink", err);
}

static hf_status make_parent(const char *path, hf_error *err)
{
    char *copy = strdup(path);
    hf_status status =
        copy ? hf_make_dirs(dirname(copy), err) : HF_FAIL(err, HF_ENOMEM, "no memory to listen on %s", path);
    free(copy);
    return status;
}

/* The file is created with mode 0600, so that no other user can connect before the group is set. */
static hf_status bind_socket(int fd, const struct sockaddr_un *address, const char *group, hf_error *err)
{
    const char *path = address->sun_path;
    const mode_t before = umask(0177);
    const int bound = bind(fd, (const struct sockaddr *)address, sizeof *address);
    const int cause = errno;
    umask(before);
    if (bound < 0) {
        errno = cause;
        return fail(path, "bind", err);
    }
    const struct group *members = group ? getgrnam(group) : NULL;
    if (members && chown(path, (uid_t)-1, members->gr_gid) == 0 && chmod(path, 0660) < 0)
        return fail(path, "chmod", err);
    return listen(fd, BACKLOG) == 0 ? HF_OK : fail(path, "listen", err);
}

hf_status hf_listen_unix(const char *path, const char *group, int *fd, hf_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(path);
    if (!length || length > HF_UNIX_PATH_MAX)
        return HF_FAIL(err, HF_EINVALID,
                       "cannot listen on '%s': the path of a socket has 1 to %d bytes, this one %zu", path,
                       HF_UNIX_PATH_MAX, length);
    memcpy(address.sun_path, path, length + 1);
    hf_status status = make_parent(path, err);
    if (status == HF_OK)
        status = remove_stale(path, &address, err);
    if (status != HF_OK)
        return status;
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return fail(path, "socket", err);
    status = bind_socket(made, &address, group, err);
    if (status == HF_OK)
        *fd = made;
    else
        close(made);
    return status;
}
