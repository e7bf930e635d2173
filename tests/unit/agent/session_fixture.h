/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SESSION_FIXTURE_H
#define AGENT_SESSION_FIXTURE_H

#include "hf_test.h"

#include "peer.h"
#include "session/session.h"

/* A session with a scripted peer over a pty. */

typedef struct fixture {
    peer *board;
    hf_serial *serial;
    hf_transcript *transcript;
    hf_session *session;
    hf_watch watch;
    hf_error err;
} fixture;

static inline void begin(fixture *f, const peer_script *script)
{
    const char *path;
    *f = (fixture){.watch = HF_WATCH_INIT};
    f->transcript = hf_transcript_new(65536);
    f->board = peer_start(script, &path);
    assert_int_equal(hf_serial_open_pty(path, HF_SESSION_RESET_BAUD, f->transcript, &f->serial, &f->err),
                     HF_OK);
    const hf_session_options options = {
        .serial = f->serial,
        .transcript = f->transcript,
        .watch = &f->watch,
        .reply_ms = 1500,
        .sample_ms = 1200,
        .deadline = hf_deadline_in_ms(30000),
        .nonce = PEER_NONCE,
    };
    assert_int_equal(hf_session_new(&options, &f->session, &f->err), HF_OK);
}

static inline void finish(fixture *f)
{
    hf_session_free(f->session);
    hf_serial_close(f->serial);
    peer_stop(f->board);
    hf_transcript_free(f->transcript);
}

#endif
