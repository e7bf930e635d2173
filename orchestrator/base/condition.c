/* SPDX-License-Identifier: Apache-2.0 */
#include "base/condition.h"

#include "base/clock.h"

void hf_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct timespec hf_timespec_in_ms(uint64_t milliseconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    const uint64_t ns = (uint64_t)at.tv_nsec + milliseconds * HF_NS_PER_MS;
    at.tv_sec += (time_t)(ns / HF_NS_PER_S);
    at.tv_nsec = (long)(ns % HF_NS_PER_S);
    return at;
}
