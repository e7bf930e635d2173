/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_STORE_QUEUE_RIG_H
#define HF_TEST_STORE_QUEUE_RIG_H

#include "fixture.h"

#include <poll.h>

#include "base/clock.h"
#include "sample.h"
#include "store/write_queue.h"

/** @file queue_rig.h A run that is recorded through a write queue. */

#define RIG_DEADLINE_MS 20000

/** Short times, so that tests need not wait. */
extern const hf_write_queue_options rig_impatient;

typedef struct rig {
    const char *path;
    hf_store *store;
    hf_write_queue *queue;
    hf_report report;
    int64_t run_id;
} rig;

/** Opens a store, begins a run of one board on this host, and adds the analysis of a variation. */
void rig_start(rig *self, const char *path, const hf_write_queue_options *options);
/** Adds an attempt at the variation. @return its ticket */
uint64_t rig_attempt(rig *self, int number, bool succeeds);
/** After the queue was stopped. */
void rig_free(rig *self);

/** Waits until a condition on the queue's status holds. */
#define rig_wait_until(self, status, condition)                                                              \
    do {                                                                                                     \
        hf_deadline wait_deadline = hf_deadline_in_ms(RIG_DEADLINE_MS);                                      \
        hf_write_queue_status_get((self)->queue, &(status));                                                 \
        while (!(condition) && !hf_deadline_passed(wait_deadline)) {                                         \
            poll(NULL, 0, 1);                                                                                \
            hf_write_queue_status_get((self)->queue, &(status));                                             \
        }                                                                                                    \
        assert_true(condition);                                                                              \
    } while (0)

/** Another program that holds a write lock until it is closed. */
sqlite3 *rig_lock_store(const char *path);
/** So many attempts are in the store, each once and complete. */
void rig_assert_attempts(const char *path, int64_t count);

#endif
