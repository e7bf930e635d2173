/* SPDX-License-Identifier: Apache-2.0 */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

hf_status hf_fd_read(int fd, const char *path, void *bytes, size_t capacity, hf_deadline deadline,
                     const hf_watch *watch, size_t *got, hf_error *err)
{
    for (;;) {
        ssize_t count = read(fd, bytes, capacity);
        if (count > 0) {
            *got = (size_t)count;
            return HF_OK;
        }
        /* End of file: a USB port was unplugged. EIO: the other side of a pty was closed. */
        if (count == 0 || (errno != EAGAIN && errno != EINTR))
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s is gone: %s", path,
                              count == 0 ? "end of file" : strerror(errno));
        hf_status status = hf_watch_wait(watch, fd, POLLIN, deadline, err);
        if (status != HF_OK)
            return status;
    }
}

hf_status hf_fd_write(int fd, const char *path, const void *bytes, size_t size, hf_deadline deadline,
                      const hf_watch *watch, hf_error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = write(fd, (const char *)bytes + done, size - done);
        if (count > 0) {
            done += (size_t)count;
            continue;
        }
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s is gone: %s", path,
                              strerror(errno));
        hf_status status = hf_watch_wait(watch, fd, POLLOUT, deadline, err);
        if (status == HF_ETIMEOUT)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT, "serial line %s accepts no more bytes",
                              path);
        if (status != HF_OK)
            return status;
    }
    return HF_OK;
}

hf_status hf_fd_claim(int fd, const char *path, hf_error *err)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    /* TIOCEXCL keeps everyone except root from opening it; the lock keeps out hilfarm run by root. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, errno == EWOULDBLOCK ? HF_EBUSY : HF_EIO,
                          "serial line %s is in use by another program (%s)", path, strerror(errno));
    if (ioctl(fd, TIOCEXCL) != 0)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s cannot be opened exclusively: %s",
                          path, strerror(errno));
    return HF_OK;
}

void hf_fd_release(int fd)
{
    /* The last close would do both, but the other side often keeps a pty open, and a child that another
     * thread is just starting has a copy of every descriptor. */
    ioctl(fd, TIOCNXCL);
    flock(fd, LOCK_UN);
}
