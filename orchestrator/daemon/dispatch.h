/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_DISPATCH_H
#define HF_DAEMON_DISPATCH_H

#include "daemon_state.h"

/**
 * @file dispatch.h
 * Passing a request on to the thread that can answer it. Short of memory, it is answered with an error.
 */

/** To the loop's thread: `call(daemon, request)`. */
void hf_dispatch_to_loop(hf_daemon *daemon, hf_http_request *request, hf_loop_call *call);

/** Work on a request in a pool. */
typedef struct hf_dispatched {
    hf_daemon *daemon;
    hf_http_request *request;
    hf_store *store; /**< the thread's */
} hf_dispatched;

/** To a pool, with a handle of the store: `work` answers. If the store cannot be opened, that is answered. */
void hf_dispatch_to_pool(hf_daemon *daemon, hf_http_request *request, hf_task_pool *pool,
                         void (*work)(const hf_dispatched *task));

/**
 * Finds the run of a request's first segment and calls `found` on the loop's thread. If there is no such run, that is
 * answered.
 * @param found run: NULL if the run is over; run_id: its number in the store, 0 = not there yet
 */
void hf_dispatch_to_run(hf_daemon *daemon, hf_http_request *request,
                        void (*found)(hf_daemon *daemon, hf_http_request *request, hf_daemon_run *run,
                                      int64_t run_id));

#endif
