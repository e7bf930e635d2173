/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_LOOP_CALLS_H
#define HF_DAEMON_LOOP_CALLS_H

#include <uv.h>

#include "base/error.h"

/**
 * @file loop_calls.h
 * Calls from other threads to the loop's thread, on which all runs and boards live. They are made in order.
 */

typedef struct hf_loop_calls hf_loop_calls;
typedef void hf_loop_call(void *user, void *argument);

/** @param user of every call. @param out hf_loop_calls_close() */
hf_status hf_loop_calls_new(uv_loop_t *loop, void *user, hf_loop_calls **out, hf_error *err);
/** Calls `call(user, argument)` on the loop's thread soon. Any thread. @return HF_ENOMEM */
hf_status hf_loop_calls_add(hf_loop_calls *calls, hf_loop_call *call, void *argument);
/** On the loop's thread, which must run once more. No other thread may add calls any more; those that wait are made. */
void hf_loop_calls_close(hf_loop_calls *calls);

#endif
