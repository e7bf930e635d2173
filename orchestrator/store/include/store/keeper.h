/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_KEEPER_H
#define HF_STORE_KEEPER_H

#include "store/store.h"

/**
 * @file keeper.h
 * Records a run while it goes on, from a thread of its own, so that a store that is locked or a disk that is
 * full or hangs holds up neither the boards nor a cancellation. What the store does not take is kept in
 * memory and in the run's file (SCHEMA.md, "When the store cannot be written") and written in order when it
 * works again.
 *
 * The hf_keeper_ functions that record return at once with a ticket; the rows they are given are only read
 * during the call. Whatever has no place in memory is said to be lost in the status.
 */

typedef struct hf_keeper hf_keeper;

/** How much is kept for how long; 0 = the default in parentheses. */
typedef struct hf_keeper_options {
    uint32_t busy_ms;      /**< how long a write waits for a lock before what it writes is kept (1000) */
    uint32_t retry_ms;     /**< between tries (500) */
    uint32_t most_records; /**< waiting for the store (20000) */
    uint64_t most_bytes;   /**< of them, deflated (64 MiB) */
    uint64_t most_ms;      /**< since the store took one, with some waiting (one hour) */
    void (*changed)(
        void *user); /**< called on the keeper's thread when the status has changed; NULL = never */
    void *user;
} hf_keeper_options;

typedef struct hf_keeper_status {
    uint64_t kept;    /**< every ticket up to this is in the store, in the run's file, or at least tried */
    uint32_t waiting; /**< records that are not in the store though that was tried */
    uint32_t in_memory_only; /**< of them: not in the run's file either; lost if the process dies */
    uint64_t waiting_ms;     /**< since the store took the last one; 0 = nothing waits */
    uint32_t lost;           /**< records there was no memory for */
    bool gave_up;            /**< the bound is reached, or the store is beyond hope: the run should end */
    hf_error cause;          /**< why the store does not take what waits; HF_OK = nothing waits */
} hf_keeper_status;

/**
 * Starts the thread. From now on the store's handle is the keeper's until hf_keeper_stop().
 * @param run_id begun or resumed on this handle
 */
hf_status hf_keeper_start(hf_store *store, int64_t run_id, const hf_keeper_options *options, hf_keeper **out,
                          hf_error *err);

/* As the functions of store.h of like names. */
uint64_t hf_keeper_add_result(hf_keeper *keeper, int32_t position, const hf_result_row *row);
uint64_t hf_keeper_add_attempt(hf_keeper *keeper, int32_t position, const hf_attempt_row *attempt,
                               const hf_result_row *measured);
uint64_t hf_keeper_close_result(hf_keeper *keeper, int32_t position, hf_result_outcome outcome,
                                const char *fault, const char *message);
uint64_t hf_keeper_add_failure(hf_keeper *keeper, const hf_failure_row *failure);
uint64_t hf_keeper_finish_run(hf_keeper *keeper, hf_run_state state, int64_t finished_ms, int64_t duration_ns,
                              const char *openocd_version);

/** From now on `changed` is not called any more. */
void hf_keeper_mute(hf_keeper *keeper);

void hf_keeper_status_get(hf_keeper *keeper, hf_keeper_status *out);

/**
 * Ends the thread, after giving what waits time to be written, and frees the keeper. The store's handle is
 * the caller's again.
 * @param patience_ms at most; what hangs longer is abandoned, and the handle cannot be used any more
 * @return HF_OK: everything is in the store. Else an error that says what is where.
 */
hf_status hf_keeper_stop(hf_keeper *keeper, uint32_t patience_ms, hf_error *err);

#endif
