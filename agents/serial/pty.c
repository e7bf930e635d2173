/* SPDX-License-Identifier: Apache-2.0 */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tty.h"

/* Uses the kernel's termios interface (ioctl_tty(2), TCGETS2), which takes any speed as a plain number. */

typedef struct pty {
    int fd;
    bool claimed;
    char *path;
} pty;

static void pty_close(void *state)
{
    pty *line = state;
    if (line->claimed)
        hf_fd_release(line->fd);
    if (line->fd >= 0)
        close(line->fd);
    free(line->path);
    free(line);
}

static hf_status pty_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                          const hf_watch *watch, size_t *got, hf_error *err)
{
    pty *line = state;
    return hf_fd_read(line->fd, line->path, bytes, capacity, deadline, watch, got, err);
}

static hf_status pty_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                           const hf_watch *watch, hf_error *err)
{
    pty *line = state;
    return hf_fd_write(line->fd, line->path, bytes, size, deadline, watch, err);
}

static hf_status pty_set_baud(void *state, uint32_t baud, hf_error *err)
{
    pty *line = state;
    struct termios2 mode;
    if (ioctl(line->fd, TCGETS2, &mode) != 0)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s: %s", line->path, strerror(errno));
    mode.c_iflag = IGNBRK;
    mode.c_oflag = 0;
    mode.c_lflag = 0; /* raw: no echo, no line editing, no signals */
    mode.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;
    mode.c_ispeed = baud;
    mode.c_ospeed = baud;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (ioctl(line->fd, TCSETS2, &mode) != 0)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s: cannot set %u baud: %s", line->path,
                          (unsigned)baud, strerror(errno));
    return HF_OK;
}

static hf_status pty_flush(void *state, hf_error *err)
{
    pty *line = state;
    if (ioctl(line->fd, TCFLSH, TCIOFLUSH) != 0)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s: %s", line->path, strerror(errno));
    return HF_OK;
}

static const hf_serial_ops pty_ops = {pty_read, pty_write, pty_set_baud, pty_flush, pty_close};

hf_status hf_serial_open_pty(const char *path, uint32_t baud, hf_transcript *transcript, hf_serial **out,
                             hf_error *err)
{
    pty *line = calloc(1, sizeof *line);
    if (!line)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    line->path = strdup(path);
    line->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    hf_status status = HF_OK;
    if (!line->path)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    else if (line->fd < 0)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, errno == EBUSY ? HF_EBUSY : HF_EIO,
                            "cannot open serial line %s: %s", path, strerror(errno));
    if (status == HF_OK)
        status = hf_fd_claim(line->fd, path, err);
    line->claimed = status == HF_OK;
    if (status == HF_OK)
        status = pty_set_baud(line, baud, err);
    if (status != HF_OK) {
        pty_close(line);
        return status;
    }
    return hf_serial_new(&pty_ops, line, transcript, out, err);
}
