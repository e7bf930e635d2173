/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_PEER_H
#define AGENT_PEER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A board's side of the wire protocol on the master of a pty, in a thread, misbehaving where a test says so.
 * Lines it sends are numbered from 1.
 */
#define PEER_NONCE 0x0123456789abcdefU

typedef struct peer_script {
    int late_line;         /* this line is preceded by one like it, for an earlier request */
    int garble_line;       /* a bit of this line is flipped */
    int drop_line;         /* this line is not sent */
    int drop_request;      /* this request (from 1) is ignored */
    int noise_before_line; /* `noise` comes before this line */
    const char *noise;     /* NULL = plain text */
    bool mute;             /* nothing is ever sent */
    uint64_t nonce;        /* in its frames; 0 = PEER_NONCE */
    bool no_nonce;         /* its frames carry none */
    int lose_nonce_line;   /* from this line on the nonce is 0, as after an unexpected reset */
    bool faulted;          /* answers everything with a `fault` frame */
    bool boots;            /* sends `boot` at the start */
    bool deaf_after_baud;  /* answers nothing after a `baud` request */
    bool refuses_baud;     /* answers `baud` with an error */

    const char *refuse_run; /* error code for `run` */
    int fault_at_sample;    /* a `fault` frame instead of this sample (from 1) */
    int boot_at_sample;     /* a `boot` frame instead of this sample, as after an unexpected reset */
    int silent_at_sample;   /* silent from this sample on */
    uint32_t protocol;      /* 0 = the right one */
    uint32_t layers;        /* layer records it sends */
    uint32_t input_crc32;   /* it reports */
    double clock_factor;    /* speed of its cycle counter, relative to the reported 120 MHz */
    bool no_clock_record;   /* answers `clock` with `ok` only */
} peer_script;

typedef struct peer peer;

/* Starts a peer; *path is the pty's slave, valid until peer_stop(). */
peer *peer_start(const peer_script *script, const char **path);
/* Ends the thread, which also closes the line. */
void peer_stop(peer *self);
/* Requests of a type seen so far. */
int peer_seen(peer *self, const char *type);

#endif
