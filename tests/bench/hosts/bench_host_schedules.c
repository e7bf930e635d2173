/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded schedules of many hosts in simulated time (host_schedules.h). Prints metric,value,unit,goal,better; how much
 * happened goes to stderr. usage: bench_host_schedules [SEEDS [FIRST]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host_schedules.h"

static uint64_t argument(int argc, char **argv, int index, uint64_t otherwise)
{
    return argc > index ? strtoull(argv[index], NULL, 10) : otherwise;
}

static void row(const char *metric, uint64_t value)
{
    printf("%s,%" PRIu64 ",count,0,lower\n", metric, value);
}

int main(int argc, char **argv)
{
    const uint64_t seeds = argument(argc, argv, 1, 500), first = argument(argc, argv, 2, 1);
    host_counts c = {0};
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        if (!host_schedule(seed, &c)) {
            fprintf(stderr, "bench_host_schedules: no memory\n");
            return 1;
        }
    }
    row("lost", c.lost);
    row("doubled", c.doubled);
    row("wrong", c.wrong);
    row("stale_accepted", c.stale_accepted);
    row("two_owners", c.two_owners);
    row("never_ended", c.never_ended);
    row("illegal", c.illegal);
    fprintf(stderr,
            "%" PRIu64 " schedules in simulated time: %" PRIu64 " results, %" PRIu64
            " of them of attempts during which the "
            "host was cut off; %" PRIu64 " attempts lost and made again; %" PRIu64 " of %" PRIu64
            " messages lost, %" PRIu64 " refused; %" PRIu64 " kills, %" PRIu64
            " boards taken over by the other daemon\n",
            seeds, c.done, c.late_answers, c.lost_attempts, c.dropped, c.messages, c.refused, c.kills,
            c.takeovers);
    return 0;
}
