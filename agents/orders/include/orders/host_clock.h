/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_HOST_CLOCK_H
#define HF_ORDERS_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file host_clock.h
 * How far the wall clock of a host is from that of an owner. It is for people only: nothing is decided by it. The owner asks on
 * the subject of the host's hello, and the host replies with its time, which belongs to some moment between question and reply.
 */

#define HF_CLOCK_QUESTION "clock"
/** From then on people are warned: times in two logs can no longer be compared. */
#define HF_CLOCK_LIMIT_MS 2000

typedef struct hf_host_clock_difference {
    bool known;
    int64_t ahead_ms; /**< the host's time less the owner's */
    uint32_t
        error_ms; /**< the true difference is at most this far from it: half of the round trip, and rounding */
} hf_host_clock_difference;

/** Whether a request on the subject of the hello is the question. */
bool hf_host_clock_is_asked(const void *bytes, size_t size);
void hf_host_clock_answer(int64_t wall_ms, hf_buffer *out);
/**
 * @param asked_ms  wall clock of the owner when it asked
 * @param round_ms  until the reply had come, by the monotonic clock
 * @param out       written when true is returned
 * @return false: it is not a reply to the question, such as from an older agent
 */
bool hf_host_clock_compare(const void *reply, size_t size, int64_t asked_ms, uint32_t round_ms,
                           hf_host_clock_difference *out);
/** Whether the difference is certainly larger than HF_CLOCK_LIMIT_MS. */
bool hf_host_clock_is_off(const hf_host_clock_difference *difference);
/** "0.012 s ahead, to 1 ms" */
void hf_host_clock_describe(const hf_host_clock_difference *difference, hf_buffer *out);

#endif
