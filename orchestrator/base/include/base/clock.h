/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_CLOCK_H
#define HF_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file clock.h
 * Monotonic time and deadlines. Every wait in hilfarm has a deadline.
 */

#define HF_NS_PER_MS UINT64_C(1000000)
#define HF_NS_PER_S  UINT64_C(1000000000)

/** Monotonic time in nanoseconds since an unspecified start. */
uint64_t hf_now_ns(void);

/** Wall-clock time in milliseconds since 1970-01-01 UTC, for records only. Waits use monotonic time. */
int64_t hf_wall_ms(void);

/** A point in monotonic time by which something must be done. */
typedef struct hf_deadline {
    uint64_t at_ns;
} hf_deadline;

hf_deadline hf_deadline_in_ms(uint64_t milliseconds);
/** The earlier of two deadlines. */
hf_deadline hf_deadline_min(hf_deadline a, hf_deadline b);
bool hf_deadline_passed(hf_deadline deadline);
/** Milliseconds left, rounded up, at most INT_MAX: a timeout for poll(). 0 once the deadline has passed. */
int hf_deadline_left_ms(hf_deadline deadline);

#endif
