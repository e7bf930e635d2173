/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli.h"

/* Standard output: a terminal, a file, or a pipe whose reader may have enough (`hilfarm runs | head`). */

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

/* The reader of the pipe is gone: it has seen what it wanted, which is no failure. */
static bool reader_is_gone(void)
{
    struct pollfd polled = {STDOUT_FILENO, POLLOUT, 0};
    return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLERR | POLLHUP));
}

hf_exit hf_cli_emit(const hf_buffer *text, const char *path)
{
    hf_error err = {0};
    if (text->failed) {
        (void)HF_FAIL(&err, HF_ENOMEM, "no memory to write the report");
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

int hf_cli_end_output(int exit_status)
{
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (written || exit_status != HF_EXIT_OK || reader_is_gone())
        return exit_status;
    fputs("hilfarm: standard output could not be written\n", stderr);
    return HF_EXIT_FARM;
}
