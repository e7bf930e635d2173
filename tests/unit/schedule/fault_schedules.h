/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SCHEDULE_FAULT_SCHEDULES_H
#define HF_TEST_SCHEDULE_FAULT_SCHEDULES_H

#include <stdbool.h>
#include <stdint.h>

/** @file fault_schedules.h
 * Sweeps of two users on a small simulated farm, with seeded faults: attempts, opens and preparations fail, boards
 * are in use, reserved, disabled and checked, runs are limited to some boards and cancelled, nights end, and the farm
 * is killed and starts again. */

typedef struct fault_counts {
    uint64_t wrong, lost, doubled, never_ended, illegal;
    uint64_t done, failed, not_run, excluded, checks, restarts;
} fault_counts;

/** Runs one and adds to the counts. @return false when there is no memory */
bool fault_schedule(uint64_t seed, fault_counts *counts);

#endif
