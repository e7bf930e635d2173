/* SPDX-License-Identifier: Apache-2.0 */
/* A raw port of a terminal server: bytes only, without a way to configure the port. */
#include <stdlib.h>

#include "tcp.h"

typedef struct raw {
    tcp tcp;
    uint32_t baud; /* of the server's port, according to the farm file */
} raw;

static void raw_close(void *state)
{
    raw *line = state;
    tcp_close(&line->tcp);
    free(line);
}

static hf_status raw_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                          const hf_watch *watch, size_t *got, hf_error *err)
{
    raw *line = state;
    return tcp_read(&line->tcp, bytes, capacity, deadline, watch, got, err);
}

static hf_status raw_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                           const hf_watch *watch, hf_error *err)
{
    raw *line = state;
    return tcp_write(&line->tcp, bytes, size, deadline, watch, err);
}

static hf_status raw_set_baud(void *state, uint32_t baud, hf_error *err)
{
    const raw *line = state;
    if (baud == line->baud)
        return HF_OK;
    return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EUNSUPPORTED,
                      "serial line %s: the speed of a raw TCP port cannot be changed to %u baud, it stays at "
                      "%u (RFC 2217 can)",
                      line->tcp.name, (unsigned)baud, (unsigned)line->baud);
}

static hf_status raw_flush(void *state, hf_error *err)
{
    raw *line = state;
    return tcp_drain(&line->tcp, err);
}

static const hf_serial_ops raw_ops = {raw_read, raw_write, raw_set_baud, raw_flush, raw_close};

hf_status hf_serial_open_tcp(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                             hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err)
{
    if (address->kind == HF_PORT_RFC2217)
        return rfc2217_open(address, baud, transcript, deadline, watch, out, err);
    raw *line = calloc(1, sizeof *line);
    if (!line)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    line->tcp.fd = -1;
    line->baud = baud;
    hf_status status = tcp_connect(&line->tcp, address, deadline, watch, err);
    if (status != HF_OK) {
        raw_close(line);
        return status;
    }
    return hf_serial_new(&raw_ops, line, transcript, out, err);
}
