/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_FOLLOW_H
#define HF_CLIENT_FOLLOW_H

#include "api/run.h"
#include "client/client.h"

/**
 * @file follow.h
 * Following a run until it is over, also across a restart of the daemon.
 */

/** Called on the caller's thread. Any may be NULL. */
typedef struct hf_client_follower {
    void *user;
    hf_run_observer run; /**< its `user` is its own */
    /** Some events were left out because this client was too slow. */
    void (*gap)(void *user, uint64_t events);
    /** The connection is lost; it is tried again for at most `patience_ms` from now. */
    void (*lost)(void *user, const char *why, uint64_t patience_ms);
    /** The connection is there again. */
    void (*back)(void *user);
    /**
     * The descriptor `wake_fd` is readable: read it.
     * @return false = stop following
     */
    bool (*woken)(void *user);
    int wake_fd;          /**< such as a signalfd; -1 = none */
    uint64_t patience_ms; /**< how long to try to connect again; 0 = 2 minutes */
    bool from_start;      /**< with what has happened in the run so far; false: only what follows */
} hf_client_follower;

/**
 * Follows a run.
 * @param run key, number, tag or name
 * @param end filled on HF_OK, when the run is over; hf_api_clear() with hf_api_run_end_type
 * @return HF_OK; HF_ECANCELLED: woken() stopped it; HF_ENOTFOUND: there is no such run; HF_EIO: the daemon did not come
 * back; others as hf_client_do()
 */
hf_status hf_client_follow(hf_client *client, const char *run, const hf_client_follower *follower,
                           hf_api_run_end *end, hf_error *err);

#endif
