/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

bool hf_cli_is_terminal(int fd)
{
    const char *kind = getenv("TERM");
    return isatty(fd) && !(kind && strcmp(kind, "dumb") == 0);
}

bool hf_cli_has_colours(int fd)
{
    const char *unwanted = getenv("NO_COLOR"); /* no-color.org: present and not empty */
    return hf_cli_is_terminal(fd) && !(unwanted && *unwanted);
}

void hf_cli_format_time(int64_t time_ms, char *text, size_t size)
{
    const time_t seconds = (time_t)(time_ms / 1000);
    struct tm local;
    if (!localtime_r(&seconds, &local) || !strftime(text, size, "%Y-%m-%d %H:%M", &local))
        snprintf(text, size, "unknown");
}

int hf_cli_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void hf_cli_format_duration(uint64_t ns, char *text, size_t size)
{
    uint64_t seconds = (ns + HF_NS_PER_S / 2) / HF_NS_PER_S;
    if (seconds < 60)
        snprintf(text, size, "%" PRIu64 " s", seconds);
    else if (seconds < 3600)
        snprintf(text, size, "%" PRIu64 " min %02" PRIu64 " s", seconds / 60, seconds % 60);
    else
        snprintf(text, size, "%" PRIu64 " h %02" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
}

/* Whether standard output is a pipe whose reader has seen enough (`hilfarm runs | head`). */
static bool reader_is_gone(void)
{
    struct pollfd polled = {STDOUT_FILENO, POLLOUT, 0};
    return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLERR | POLLHUP));
}

hf_exit hf_cli_write(const hf_buffer *text, const char *path)
{
    hf_error err = {0};
    if (text->failed) {
        (void)HF_FAIL(&err, HF_ENOMEM, "no memory for the output");
        return hf_cli_fail(&err);
    }
    if (path)
        return hf_file_write(path, text->data, text->size, &err) == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
    if (fwrite(hf_buffer_text(text), 1, text->size, stdout) != text->size || fflush(stdout) != 0) {
        int cause = errno;
        if (cause == EPIPE || reader_is_gone())
            return HF_EXIT_OK;
        (void)HF_FAIL(&err, HF_EIO, "cannot write to standard output: %s", strerror(cause));
        return hf_cli_fail(&err);
    }
    return HF_EXIT_OK;
}

hf_exit hf_cli_produce(const char *path, hf_file_producer *produce, void *user)
{
    hf_error err = {0};
    fflush(stdout);
    hf_status status = path ? hf_file_produce(path, produce, user, &err) : produce(user, STDOUT_FILENO, &err);
    if (status == HF_OK || (!path && reader_is_gone()))
        return HF_EXIT_OK;
    return hf_cli_fail(&err);
}

int hf_cli_end_output(int exit_status)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || exit_status != HF_EXIT_OK || reader_is_gone())
        return exit_status;
    fputs("hilfarm: cannot write to standard output\n", stderr);
    return HF_EXIT_FARM;
}
