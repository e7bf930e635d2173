/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_ORDERS_HOST_SCHEDULES_H
#define HF_TEST_ORDERS_HOST_SCHEDULES_H

#include <stdbool.h>
#include <stdint.h>

/** @file host_schedules.h
 * Sweeps of two daemons on the boards of several hosts, in simulated time, over a simulated network with seeded faults:
 * messages are lost, late, doubled and out of order; hosts are cut off; agents, daemons and the lease's server are killed,
 * paused, stopped and started again; the server's clock jumps and its store is deleted. The rules under test are the real ones:
 * scheduler, owners, keepers and the encoding of messages. */

typedef struct host_counts {
    /* All must be 0. */
    uint64_t lost;    /**< jobs that were never measured */
    uint64_t doubled; /**< jobs counted twice by their daemon, orders carried out twice */
    uint64_t wrong;   /**< results of another job than the one they were counted for */
    uint64_t
        stale_accepted; /**< orders begun after one with a newer token, results counted for an order given up */
    uint64_t
        two_owners; /**< a board used for two orders at once, or a result counted while another daemon had the
                                  lease */
    uint64_t never_ended; /**< daemons whose sweep was not over in time after all faults were */
    uint64_t illegal;     /**< replies without a command, messages that do not decode */
    /* How much happened. */
    uint64_t done, lost_attempts, messages, dropped, refused, kills, stops, takeovers;
    uint64_t late_answers; /**< results of attempts during which the host was cut off */
} host_counts;

/** Runs one schedule and adds to the counts. The same seed gives the same schedule. @return false when out of memory */
bool host_schedule(uint64_t seed, host_counts *counts);

#endif
