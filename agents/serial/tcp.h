/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_TCP_H
#define HF_SERIAL_TCP_H

#include "serial/serial.h"

/* A connection to a terminal server; contracts as in serial.h. */
#define TCP_HEARD_BYTES 48u

typedef struct tcp {
    int fd; /* -1 = not connected */
    char name[HF_SERIAL_PATH_SIZE];
    /* The first bytes that came: a server that refuses says why in plain text and closes. */
    char heard[TCP_HEARD_BYTES];
    size_t heard_bytes; /* of all that came, also beyond the room above */
} tcp;

/* Tries the addresses in turn. The end of the other side is noticed within about ten seconds even when it
 * says nothing any more (keep-alive). */
hf_status tcp_connect(tcp *self, const hf_serial_address *address, hf_deadline deadline,
                      const hf_watch *watch, hf_error *err);
hf_status tcp_read(tcp *self, void *bytes, size_t capacity, hf_deadline deadline, const hf_watch *watch,
                   size_t *got, hf_error *err);
hf_status tcp_write(tcp *self, const void *bytes, size_t size, hf_deadline deadline, const hf_watch *watch,
                    hf_error *err);
/* Throws away what has arrived. */
hf_status tcp_drain(tcp *self, hf_error *err);
void tcp_close(tcp *self);

/* Opens a line with RFC 2217 on `address`; as hf_serial_open_tcp(). */
hf_status rfc2217_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                       hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err);

#endif
