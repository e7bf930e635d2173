/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

uint64_t hf_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * HF_NS_PER_S + (uint64_t)now.tv_nsec;
}

int64_t hf_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

hf_deadline hf_deadline_in_ms(uint64_t milliseconds)
{
    return (hf_deadline){hf_now_ns() + milliseconds * HF_NS_PER_MS};
}

hf_deadline hf_deadline_min(hf_deadline a, hf_deadline b)
{
    return a.at_ns <= b.at_ns ? a : b;
}

bool hf_deadline_passed(hf_deadline deadline)
{
    return hf_now_ns() >= deadline.at_ns;
}

int hf_deadline_left_ms(hf_deadline deadline)
{
    uint64_t now_ns = hf_now_ns();
    if (now_ns >= deadline.at_ns)
        return 0;
    uint64_t left_ms = (deadline.at_ns - now_ns + HF_NS_PER_MS - 1) / HF_NS_PER_MS;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}
