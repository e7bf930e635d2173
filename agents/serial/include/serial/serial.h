/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_SERIAL_H
#define HF_SERIAL_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "config/board_config.h"
#include "process/transcript.h"
#include "process/watch.h"
#include "serial/address.h"

/**
 * @file serial.h
 * A serial line: 8 data bits, no parity, 1 stop bit, no flow control. One interface with several back ends: a
 * local port (libserialport), a pty (termios), a port of a terminal server (raw TCP or RFC 2217), and a
 * decorator that injects faults (fault_injection/fault_injection.h). Failures are class serial. One thread at
 * a time.
 */

typedef struct hf_serial hf_serial;

/** The operations of a back end, with its `state`. Contracts: see the functions of the same names below. */
typedef struct hf_serial_ops {
    hf_status (*read)(void *state, void *bytes, size_t capacity, hf_deadline deadline, const hf_watch *watch,
                      size_t *got, hf_error *err);
    hf_status (*write)(void *state, const void *bytes, size_t size, hf_deadline deadline,
                       const hf_watch *watch, hf_error *err);
    hf_status (*set_baud)(void *state, uint32_t baud, hf_error *err);
    hf_status (*flush)(void *state, hf_error *err);
    void (*close)(void *state);
} hf_serial_ops;

/**
 * Makes a serial line from a back end.
 * @param ops        borrowed for the line's life (static)
 * @param state      owned by the line from now on, even if this fails
 * @param transcript logs the bytes of both directions; borrowed for the line's life; NULL = none
 */
hf_status hf_serial_new(const hf_serial_ops *ops, void *state, hf_transcript *transcript, hf_serial **out,
                        hf_error *err);

/** Opens a local port for exclusive use. @param path "/dev/ttyACM0"; links are followed. @return HF_EBUSY if
 * another program uses it */
hf_status hf_serial_open_port(const char *path, uint32_t baud, hf_transcript *transcript, hf_serial **out,
                              hf_error *err);

/** Opens the slave side of a pty for exclusive use. @param path the slave or a symbolic link to it. @return
 * HF_EBUSY if another program uses it */
hf_status hf_serial_open_pty(const char *path, uint32_t baud, hf_transcript *transcript, hf_serial **out,
                             hf_error *err);

/**
 * Connects to a terminal server. Raw TCP cannot change the speed of the server's port, so `baud` is the only
 * speed that can be set later. With RFC 2217 the server sets the speed and confirms it.
 * @param address of kind HF_PORT_TCP or HF_PORT_RFC2217; its addresses are tried in turn
 * @param watch   served while connecting and, with RFC 2217, during every later wait for the server; borrowed
 *                for the line's life; NULL allowed
 */
hf_status hf_serial_open_tcp(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                             hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err);

/** Opens the port that hf_serial_find() found, with the back end for its kind. */
hf_status hf_serial_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                         hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err);

/** Closes the line. NULL allowed. */
void hf_serial_close(hf_serial *serial);

/**
 * Reads what has arrived, at least one byte.
 * @param got set on HF_OK: 1 .. capacity
 * @return HF_ETIMEOUT (not recorded in *err) if nothing arrived in time; HF_EIO if the line is gone; a
 *         failure of the watch
 */
hf_status hf_serial_read(hf_serial *serial, void *bytes, size_t capacity, hf_deadline deadline,
                         const hf_watch *watch, size_t *got, hf_error *err);

/** Writes all bytes. @return as hf_serial_read(), but a timeout is recorded in *err */
hf_status hf_serial_write(hf_serial *serial, const void *bytes, size_t size, hf_deadline deadline,
                          const hf_watch *watch, hf_error *err);

/** Changes the speed. Call it when the other side has answered, so that nothing is still being sent. */
hf_status hf_serial_set_baud(hf_serial *serial, uint32_t baud, hf_error *err);

/** Discards bytes received but not read, and bytes written but not sent. */
hf_status hf_serial_flush(hf_serial *serial, hf_error *err);

#endif
