/* SPDX-License-Identifier: Apache-2.0 */
#include "open_in_browser.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

hf_status hf_cli_open_in_browser(const char *target, hf_error *err)
{
    char *const argv[] = {"xdg-open", (char *)target, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    pid_t pid = 0;
    if (posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&attributes) != 0)
        return HF_FAIL(err, HF_ENOMEM, "no memory to start a browser");
    /* A session of its own: Ctrl-C in this terminal must not end the browser. */
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int cause = posix_spawnp(&pid, argv[0], &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (cause != 0)
        return HF_FAIL(err, HF_ENOTFOUND, "cannot start xdg-open: %s", strerror(cause));
    return HF_OK;
}

/* Writes a page that leads on, readable by the user alone. */
static hf_status write_page(const char *path, const char *address, hf_error *err)
{
    (void)unlink(path); /* an earlier one; a file that is not ours makes the next call fail */
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        const int cause = errno;
        if (fd >= 0)
            close(fd);
        return HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(cause));
    }
    /* The address consists of a host, a port and hexadecimal digits. */
    fprintf(file,
            "<!DOCTYPE html>\n<meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\n"
            "<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n<title>hilfarm</title>\n",
            address);
    if (fclose(file) != 0)
        return HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    return HF_OK;
}

hf_status hf_cli_open_secret_in_browser(const char *address, hf_error *err)
{
    char path[PATH_MAX];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (!runtime || *runtime != '/')
        return HF_FAIL(err, HF_ENOTFOUND, "XDG_RUNTIME_DIR is not set: open the address without --open");
    snprintf(path, sizeof path, "%s/hilfarm-dashboard.html", runtime);
    hf_status status = write_page(path, address, err);
    return status == HF_OK ? hf_cli_open_in_browser(path, err) : status;
}
