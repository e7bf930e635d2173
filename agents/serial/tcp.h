/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_TCP_H
#define HF_SERIAL_TCP_H

#include "serial/serial.h"

/* A connection to a terminal server; contracts as in serial.h. */
#define TCP_HEARD_BYTES 48u

typedef struct tcp {
    int fd; /* -1 = not connected */
    char name[HF_SERIAL_PATH_SIZE];
    /* The first bytes received: a server that refuses sends the reason as plain text and closes. */
    char heard[TCP_HEARD_BYTES];
    size_t heard_bytes; /* received in total, may exceed the array */
} tcp;

/* Tries the addresses in turn. A dead peer is noticed within about ten seconds, even if the connection is
 * idle (keep-alive). */
hf_status tcp_connect(tcp *self, const hf_serial_address *address, hf_deadline deadline,
                      const hf_watch *watch, hf_error *err);
hf_status tcp_read(tcp *self, void *bytes, size_t capacity, hf_deadline deadline, const hf_watch *watch,
                   size_t *got, hf_error *err);
hf_status tcp_write(tcp *self, const void *bytes, size_t size, hf_deadline deadline, const hf_watch *watch,
                    hf_error *err);
/* Discards the bytes received so far. */
hf_status tcp_drain(tcp *self, hf_error *err);
void tcp_close(tcp *self);

/* Opens an RFC 2217 line; as hf_serial_open_tcp(). */
hf_status rfc2217_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                       hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err);

#endif
