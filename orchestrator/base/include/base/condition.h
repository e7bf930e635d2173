/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_CONDITION_H
#define HF_BASE_CONDITION_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/**
 * @file condition.h
 * Condition variables whose waits end by monotonic time, so that a change of the wall clock does not matter.
 */

/** Initialises a condition variable for the monotonic clock. @param condition pthread_cond_destroy() */
void hf_condition_init(pthread_cond_t *condition);

/** When a wait that begins now ends: for pthread_cond_timedwait() with the above, and for other functions of the monotonic clock. */
struct timespec hf_timespec_in_ms(uint64_t milliseconds);

#endif
