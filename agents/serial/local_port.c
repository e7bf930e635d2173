/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "tty.h"

typedef struct port {
    struct sp_port *handle;
    int fd;
    bool open;
    bool claimed;
} port;

/* How to fix it, if that is known. */
static const char *hint(const char *path, enum sp_return result)
{
    if (result == SP_ERR_FAIL && sp_last_error_code() == EACCES)
        return " (serial ports belong to the group dialout on Debian: `sudo adduser $USER dialout`, then log "
               "in again)";
    return result == SP_ERR_ARG && strncmp(path, "/dev/pts/", 9) == 0
               ? " (a pty? write \"port: {pty: PATH}\")"
               : "";
}

static hf_status fail(hf_error *err, const char *path, const char *doing, enum sp_return result)
{
    char *text = result == SP_ERR_FAIL ? sp_last_error_message() : NULL;
    const char *why = text                    ? text
                      : result == SP_ERR_ARG  ? "libserialport does not recognise it as a serial port"
                      : result == SP_ERR_MEM  ? "out of memory"
                      : result == SP_ERR_SUPP ? "not supported by the port"
                                              : "failed";
    /* EBUSY: another program has it open with TIOCEXCL. */
    bool busy = result == SP_ERR_FAIL && sp_last_error_code() == EBUSY;
    hf_status status = HF_FAIL_AS(err, HF_FAULT_SERIAL, busy ? HF_EBUSY : HF_EIO,
                                  "serial port %s: cannot %s: %s%s", path, doing, why, hint(path, result));
    sp_free_error_message(text);
    return status;
}

static void port_close(void *state)
{
    port *line = state;
    if (line->claimed)
        hf_fd_release(line->fd);
    if (line->open)
        sp_close(line->handle);
    sp_free_port(line->handle);
    free(line);
}

static hf_status port_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                           const hf_watch *watch, size_t *got, hf_error *err)
{
    port *line = state;
    const char *path = sp_get_port_name(line->handle);
    for (;;) {
        enum sp_return count = sp_nonblocking_read(line->handle, bytes, capacity);
        if ((int)count > 0) {
            *got = (size_t)count;
            return HF_OK;
        }
        if ((int)count < 0)
            return fail(err, path, "read", count);
        hf_status status = hf_watch_wait(watch, line->fd, POLLIN, deadline, err);
        if (status != HF_OK)
            return status;
        /* Readable but empty: libserialport reports a hang-up as zero bytes. */
        struct pollfd polled = {line->fd, POLLIN, 0};
        if (poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR | POLLNVAL)) &&
            !(polled.revents & POLLIN))
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial port %s is gone", path);
    }
}

static hf_status port_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                            const hf_watch *watch, hf_error *err)
{
    port *line = state;
    const char *path = sp_get_port_name(line->handle);
    size_t done = 0;
    while (done < size) {
        enum sp_return count = sp_nonblocking_write(line->handle, (const char *)bytes + done, size - done);
        if ((int)count < 0)
            return fail(err, path, "write", count);
        if ((int)count > 0) {
            done += (size_t)count;
            continue;
        }
        hf_status status = hf_watch_wait(watch, line->fd, POLLOUT, deadline, err);
        if (status == HF_ETIMEOUT)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT, "serial port %s accepts no more bytes",
                              path);
        if (status != HF_OK)
            return status;
    }
    return HF_OK;
}

static hf_status port_set_baud(void *state, uint32_t baud, hf_error *err)
{
    port *line = state;
    enum sp_return result = sp_set_baudrate(line->handle, (int)baud);
    if (result != SP_OK) {
        char doing[40];
        snprintf(doing, sizeof doing, "set %u baud", (unsigned)baud);
        return fail(err, sp_get_port_name(line->handle), doing, result);
    }
    return HF_OK;
}

static hf_status port_flush(void *state, hf_error *err)
{
    port *line = state;
    enum sp_return result = sp_flush(line->handle, SP_BUF_BOTH);
    return result == SP_OK ? HF_OK : fail(err, sp_get_port_name(line->handle), "flush", result);
}

static const hf_serial_ops port_ops = {port_read, port_write, port_set_baud, port_flush, port_close};

static hf_status configure(port *line, const char *path, uint32_t baud, hf_error *err)
{
    enum sp_return result = sp_set_bits(line->handle, 8);
    if (result == SP_OK)
        result = sp_set_parity(line->handle, SP_PARITY_NONE);
    if (result == SP_OK)
        result = sp_set_stopbits(line->handle, 1);
    if (result == SP_OK)
        result = sp_set_flowcontrol(line->handle, SP_FLOWCONTROL_NONE);
    return result == SP_OK ? port_set_baud(line, baud, err)
                           : fail(err, path, "set 8 data bits, no parity, 1 stop bit", result);
}

static hf_status open_port(port *line, const char *path, uint32_t baud, hf_error *err)
{
    enum sp_return result = sp_get_port_by_name(path, &line->handle);
    if (result != SP_OK)
        return fail(err, path, "find it", result);
    result = sp_open(line->handle, SP_MODE_READ_WRITE);
    if (result != SP_OK)
        return fail(err, path, "open it", result);
    line->open = true;
    result = sp_get_port_handle(line->handle, &line->fd);
    if (result != SP_OK)
        return fail(err, path, "use it", result);
    hf_status status = hf_fd_claim(line->fd, path, err);
    line->claimed = status == HF_OK;
    return status == HF_OK ? configure(line, path, baud, err) : status;
}

hf_status hf_serial_open_port(const char *path, uint32_t baud, hf_transcript *transcript, hf_serial **out,
                              hf_error *err)
{
    port *line = calloc(1, sizeof *line);
    if (!line)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    /* libserialport looks up the last part of the path in /sys/class/tty, where links such as those in
     * /dev/serial/by-id do not exist. */
    char device[HF_SERIAL_PATH_SIZE] = "";
    hf_status status = hf_path_resolve(path, device, sizeof device, err);
    if (status == HF_OK)
        status = open_port(line, device, baud, err);
    if (status != HF_OK) {
        if (strcmp(path, device) != 0)
            hf_error_context(err, HF_FAULT_SERIAL, "%s", path);
        port_close(line);
        return status;
    }
    return hf_serial_new(&port_ops, line, transcript, out, err);
}
