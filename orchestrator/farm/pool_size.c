/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/pool_size.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

void hf_pool_use_all_processors(void)
{
    cpu_set_t cpus;
    char threads[16];
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return; /* more processors than the set has room for: libuv's default remains */
    snprintf(threads, sizeof threads, "%d", CPU_COUNT(&cpus));
    setenv("UV_THREADPOOL_SIZE", threads, 0); /* what the user has set stays */
}
