/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_WRITE_QUEUE_STATE_H
#define HF_STORE_WRITE_QUEUE_STATE_H

#include <pthread.h>

#include "base/clock.h"
#include "base/condition.h"
#include "store/write_queue.h"

/**
 * @file write_queue_state.h
 * The queue of records as its two sides see it: the functions that add records (write_queue.c), and the thread that
 * writes them (write_queue_thread.c).
 */

/* A record that waits for the store. */
typedef struct hf_waiting {
    struct hf_waiting *next;
    uint64_t ticket;
    hf_deadline
        write_by; /* the store is not written before this, or before a record comes that must not wait */
    bool in_file;
    size_t size_bytes;
    uint8_t bytes[];
} hf_waiting;

struct hf_write_queue {
    hf_store *store;
    char *run_key;
    hf_write_queue_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    /* Under the mutex. */
    hf_waiting *first, *last;
    uint64_t last_ticket;
    uint64_t bytes;
    bool behind; /* the store did not accept the first record */
    bool quit, gone;
    hf_deadline quit_at;
    uint64_t accepted_ns; /* when the store last accepted a record, or the first began to wait */
    hf_write_queue_status status;
};

/** The thread. @param argument hf_write_queue */
void *hf_write_queue_thread(void *argument);

#endif
