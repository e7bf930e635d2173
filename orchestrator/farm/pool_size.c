/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/pool_size.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME "UV_THREADPOOL_SIZE"

/* libuv's own default and limit. */
#define DEFAULT_THREADS 4
#define MOST_THREADS    1024

void hf_pool_use_all_processors(void)
{
    cpu_set_t cpus;
    char threads[16];
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return; /* more processors than the set has room for: libuv's default remains */
    snprintf(threads, sizeof threads, "%d", CPU_COUNT(&cpus));
    setenv(NAME, threads, 0); /* what the user has set stays */
}

unsigned hf_pool_size(void)
{
    const char *text = getenv(NAME);
    const long threads = text ? strtol(text, NULL, 10) : DEFAULT_THREADS;
    if (threads < 1)
        return 1;
    return threads > MOST_THREADS ? MOST_THREADS : (unsigned)threads;
}
