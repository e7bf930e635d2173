/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_WATCH_H
#define HF_PROCESS_WATCH_H

#include <poll.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

/**
 * @file watch.h
 * What a board's thread monitors during every blocking wait: cancellation, and child processes whose output
 * must be read and whose exit must end the wait. One thread.
 */

#define HF_WATCH_MAX_ITEMS 4

/** Called when an item's descriptor is readable or closed. A failure ends the wait with that failure. */
typedef hf_status (*hf_watch_ready)(void *user, hf_error *err);

typedef struct hf_watch_item {
    int fd;
    hf_watch_ready ready;
    void *user;
} hf_watch_item;

typedef struct hf_watch {
    int cancel_fd; /**< readable = end the wait with HF_ECANCELLED; -1 = none */
    uint32_t item_count;
    hf_watch_item items[HF_WATCH_MAX_ITEMS];
} hf_watch;

#define HF_WATCH_INIT                                                                                        \
    {                                                                                                        \
        .cancel_fd = -1                                                                                      \
    }

/** Adds an item. @return HF_ELIMIT if there are HF_WATCH_MAX_ITEMS already */
hf_status hf_watch_add(hf_watch *watch, int fd, hf_watch_ready ready, void *user, hf_error *err);
/** Removes the items of `user`, if any. NULL watch allowed. */
void hf_watch_remove(hf_watch *watch, const void *user);

/**
 * Waits until `fd` has one of `events` (or an error condition, which the next read or write reports), and
 * serves the watch meanwhile. Polls once even if the deadline has passed.
 * @param watch NULL = none
 * @param fd    -1 = none, only the watch and the deadline
 * @return HF_OK, HF_ETIMEOUT (not recorded in *err: the caller knows what it waited for), HF_ECANCELLED, or
 *         what an item's ready() returned
 */
hf_status hf_watch_wait(const hf_watch *watch, int fd, short events, hf_deadline deadline, hf_error *err);

#endif
