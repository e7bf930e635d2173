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
 * A serial line: 8 data bits, no parity, 1 stop bit, no flow control. One interface; behind it a real port
 * (libserialport), a pty (termios), a terminal server's port (raw TCP, or RFC 2217), or a decorator that
 * injects faults (fault_injection/fault_injection.h). Failures are class serial. One thread at a time.
 */

typedef struct hf_serial hf_serial;

/** What a back end does; `state` is its own. Contracts as of the functions of the same name below. */
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
 * Makes a line of a back end.
 * @param ops        borrowed for the line's life (static)
 * @param state      owned by the line from now on, also if this fails
 * @param transcript gets the bytes both ways; borrowed for the line's life; NULL = none
 */
hf_status hf_serial_new(const hf_serial_ops *ops, void *state, hf_transcript *transcript, hf_serial **out,
                        hf_error *err);

/** Opens a real port, for us alone. @param path "/dev/ttyACM0"; links are followed. @return HF_EBUSY when
 * another program has it */
hf_status hf_serial_open_port(const char *path, uint32_t baud, hf_transcript *transcript, hf_serial **out,
                              hf_error *err);

/** Opens the slave side of a pty, for us alone. @param path the slave or a symbolic link to it. @return
 * HF_EBUSY when another program has it */
hf_status hf_serial_open_pty(const char *path, uint32_t baud, hf_transcript *transcript, hf_serial **out,
                             hf_error *err);

/**
 * Connects to a terminal server. Raw TCP has no means to change the server's speed, so only `baud` itself can
 * be set later. With RFC 2217 the server sets the speed and says which it has set.
 * @param address of kind HF_PORT_TCP or HF_PORT_RFC2217; its addresses are tried in turn
 * @param watch attended to while connecting, and for RFC 2217 while the server is waited for at any later
 * time; borrowed for the line's life; NULL allowed
 */
hf_status hf_serial_open_tcp(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                             hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err);

/** Opens what was found for a board, by the back end for its kind. */
hf_status hf_serial_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                         hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err);

/** Closes the line. NULL allowed. */
void hf_serial_close(hf_serial *serial);

/**
 * Reads what has arrived, at least one byte.
 * @param got set on HF_OK: 1 .. capacity
 * @return HF_ETIMEOUT (not recorded in *err) when nothing came in time; HF_EIO when the line is gone; what
 *         the watch said
 */
hf_status hf_serial_read(hf_serial *serial, void *bytes, size_t capacity, hf_deadline deadline,
                         const hf_watch *watch, size_t *got, hf_error *err);

/** Hands all bytes to the line. @return as hf_serial_read(), a timeout being recorded in *err */
hf_status hf_serial_write(hf_serial *serial, const void *bytes, size_t size, hf_deadline deadline,
                          const hf_watch *watch, hf_error *err);

/** Changes the speed once everything written has left (call it when the other side has answered). */
hf_status hf_serial_set_baud(hf_serial *serial, uint32_t baud, hf_error *err);

/** Throws away what was received and not read, and what was written and not sent. */
hf_status hf_serial_flush(hf_serial *serial, hf_error *err);

#endif
