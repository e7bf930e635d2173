/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded, makes a pty pass for a serial port with libserialport, which insists on an entry in
 * /sys/class/tty and on modem lines (ioctl_tty(2), TIOCMGET). Everything else is left to the kernel.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PTY_ENTRIES "/sys/class/tty/pts/"

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    void *argument = va_arg(args, void *);
    va_end(args);
    if (request == TIOCMGET) {
        *(int *)argument = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
        return 0;
    }
    if (request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC)
        return 0;
    return (int)syscall(SYS_ioctl, fd, request, argument);
}

/* What programs built against an older C library call instead of lstat(). */
int __lxstat(int version, const char *path, struct stat *out);
int __lxstat(int version, const char *path, struct stat *out)
{
    (void)version;
    return lstat(path, out);
}

int lstat(const char *restrict file, struct stat *restrict buf)
{
    if (strncmp(file, PTY_ENTRIES, strlen(PTY_ENTRIES)) == 0) {
        memset(buf, 0, sizeof *buf);
        buf->st_mode = S_IFLNK | 0777;
        return 0;
    }
    return fstatat(AT_FDCWD, file, buf, AT_SYMLINK_NOFOLLOW);
}

ssize_t readlink(const char *restrict path, char *restrict buf, size_t len)
{
    static const char target[] = "../../devices/virtual/tty/pts";
    if (strncmp(path, PTY_ENTRIES, strlen(PTY_ENTRIES)) != 0)
        return syscall(SYS_readlink, path, buf, len);
    size_t length = sizeof target - 1 < len ? sizeof target - 1 : len;
    for (size_t i = 0; i < length; i++) /* readlink(2) adds no NUL */
        buf[i] = target[i];
    return (ssize_t)length;
}
