/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_WRITE_QUEUE_H
#define HF_STORE_WRITE_QUEUE_H

#include "store/store.h"

/**
 * @file write_queue.h
 * The queue of records of a running run. A separate thread writes them, so that a locked store, a full disk or a disk
 * that hangs delays neither the boards nor a cancellation. Records that the store does not accept stay in memory and in
 * the run's journal (SCHEMA.md, "When the store cannot be written") and are written in order when it accepts writes
 * again.
 *
 * The functions that add a record do not wait: they return a ticket. They only read their arguments during the call. The
 * status counts the records that were lost because memory was short.
 */

typedef struct hf_write_queue hf_write_queue;

/** Time-outs and bounds; 0 = the default in parentheses. */
typedef struct hf_write_queue_options {
    uint32_t busy_ms;   /**< how long a write waits for a lock before its record is queued (1000) */
    uint32_t retry_ms;  /**< between retries (500) */
    uint32_t linger_ms; /**< how long an analysis may wait for a record that must be written at once (5000) */
    uint32_t most_records; /**< waiting for the store (20000) */
    uint64_t most_bytes;   /**< of waiting records, deflated (64 MiB) */
    uint64_t most_ms;      /**< since the store last accepted a record, while others wait (one hour) */
    void (*changed)(
        void *user); /**< called on the queue's thread when the status has changed; NULL = never */
    void *user;
} hf_write_queue_options;

typedef struct hf_write_queue_status {
    uint64_t kept; /**< all tickets up to this are in the store or in the journal, or were at least tried */
    uint32_t waiting;        /**< records that the store did not accept yet */
    uint32_t in_memory_only; /**< of these, not in the journal either: lost if the process dies */
    uint64_t waiting_ms;     /**< since the store last accepted a record; 0 = nothing waits */
    uint32_t lost;           /**< records dropped because memory was short */
    bool gave_up;   /**< a bound is reached, or the store rejects records permanently: the run should end */
    hf_error cause; /**< why the store does not accept records; HF_OK = nothing waits */
} hf_write_queue_status;

/**
 * Starts the thread. The queue owns the store's handle until hf_write_queue_stop().
 * @param run_id started or resumed on this handle
 */
hf_status hf_write_queue_start(hf_store *store, int64_t run_id, const hf_write_queue_options *options,
                               hf_write_queue **out, hf_error *err);

/* As the functions of the same names in store.h. Records that wait are written in one transaction. */
uint64_t hf_write_queue_add_plan(hf_write_queue *queue, const hf_result_row *rows, size_t count);
uint64_t hf_write_queue_add_result(hf_write_queue *queue, int32_t position, const hf_result_row *row);
uint64_t hf_write_queue_add_attempt(hf_write_queue *queue, int32_t position, const hf_attempt_row *attempt,
                                    const hf_result_row *measured);
uint64_t hf_write_queue_close_result(hf_write_queue *queue, int32_t position, hf_result_outcome outcome,
                                     const char *fault, const char *message);
uint64_t hf_write_queue_add_failure(hf_write_queue *queue, const hf_failure_row *failure);
uint64_t hf_write_queue_finish_run(hf_write_queue *queue, hf_run_state state, int64_t finished_ms,
                                   int64_t duration_ns, const char *openocd_version);

/** Stops calls of `changed`. */
void hf_write_queue_mute(hf_write_queue *queue);

void hf_write_queue_status_get(hf_write_queue *queue, hf_write_queue_status *out);

/**
 * Gives waiting records time to be written, ends the thread and frees the queue. The caller owns the store's handle
 * again.
 * @param patience_ms time for waiting records; a write that hangs longer is abandoned, and the handle becomes unusable
 * @return HF_OK: everything is in the store. Otherwise the error says where the records are.
 */
hf_status hf_write_queue_stop(hf_write_queue *queue, uint32_t patience_ms, hf_error *err);

#endif
