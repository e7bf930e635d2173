/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded, makes the wall clock run ten thousand times too fast, as one that is set again and again. The
 * monotonic clock is left alone.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TOO_FAST 10000

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the C library's are reserved */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    static time_t first;
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) {
        if (!first)
            first = now->tv_sec;
        now->tv_sec += (now->tv_sec - first) * TOO_FAST + now->tv_nsec / (1000000000 / TOO_FAST);
    }
    return result;
}
