/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_WRITE_QUEUE_H
#define HF_STORE_WRITE_QUEUE_H

#include "store/store.h"

/**
 * @file write_queue.h
 * Records a run while it goes on, from a thread of its own, so that a store that is locked or a disk that is
 * full or hangs holds up neither the boards nor a cancellation. What the store does not take is kept in
 * memory and in the run's file (SCHEMA.md, "When the store cannot be written") and written in order when it
 * works again.
 *
 * The hf_write_queue_ functions that record return at once with a ticket; the rows they are given are only read
 * during the call. Whatever has no place in memory is said to be lost in the status.
 */

typedef struct hf_write_queue hf_write_queue;

/** How much is kept for how long; 0 = the default in parentheses. */
typedef struct hf_write_queue_options {
    uint32_t busy_ms;      /**< how long a write waits for a lock before what it writes is kept (1000) */
    uint32_t retry_ms;     /**< between tries (500) */
    uint32_t most_records; /**< waiting for the store (20000) */
    uint64_t most_bytes;   /**< of them, deflated (64 MiB) */
    uint64_t most_ms;      /**< since the store took one, with some waiting (one hour) */
    void (*changed)(
        void *user); /**< called on the queue's thread when the status has changed; NULL = never */
    void *user;
} hf_write_queue_options;

typedef struct hf_write_queue_status {
    uint64_t kept;    /**< every ticket up to this is in the store, in the run's file, or at least tried */
    uint32_t waiting; /**< records that are not in the store though that was tried */
    uint32_t in_memory_only; /**< of them: not in the run's file either; lost if the process dies */
    uint64_t waiting_ms;     /**< since the store took the last one; 0 = nothing waits */
    uint32_t lost;           /**< records there was no memory for */
    bool gave_up;            /**< the bound is reached, or the store is beyond hope: the run should end */
    hf_error cause;          /**< why the store does not take what waits; HF_OK = nothing waits */
} hf_write_queue_status;

/**
 * Starts the thread. From now on the store's handle is the queue's until hf_write_queue_stop().
 * @param run_id begun or resumed on this handle
 */
hf_status hf_write_queue_start(hf_store *store, int64_t run_id, const hf_write_queue_options *options,
                               hf_write_queue **out, hf_error *err);

/* As the functions of store.h of like names. */
uint64_t hf_write_queue_add_result(hf_write_queue *queue, int32_t position, const hf_result_row *row);
uint64_t hf_write_queue_add_attempt(hf_write_queue *queue, int32_t position, const hf_attempt_row *attempt,
                                    const hf_result_row *measured);
uint64_t hf_write_queue_close_result(hf_write_queue *queue, int32_t position, hf_result_outcome outcome,
                                     const char *fault, const char *message);
uint64_t hf_write_queue_add_failure(hf_write_queue *queue, const hf_failure_row *failure);
uint64_t hf_write_queue_finish_run(hf_write_queue *queue, hf_run_state state, int64_t finished_ms,
                                   int64_t duration_ns, const char *openocd_version);

/** From now on `changed` is not called any more. */
void hf_write_queue_mute(hf_write_queue *queue);

void hf_write_queue_status_get(hf_write_queue *queue, hf_write_queue_status *out);

/**
 * Ends the thread, after giving what waits time to be written, and frees the queue. The store's handle is
 * the caller's again.
 * @param patience_ms at most; what hangs longer is abandoned, and the handle cannot be used any more
 * @return HF_OK: everything is in the store. Else an error that says what is where.
 */
hf_status hf_write_queue_stop(hf_write_queue *queue, uint32_t patience_ms, hf_error *err);

#endif
