/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_JOURNAL_RECORD_H
#define HF_STORE_JOURNAL_RECORD_H

#include "base/buffer.h"
#include "store/store.h"

/**
 * @file journal_record.h
 * A record of the journal: one change of the store as a value, so that it can wait in memory and in a file (SCHEMA.md,
 * "When the store cannot be written", defines the bytes). It identifies the run by its key and a variation by its
 * position, so it can be applied at any later time. Applying it twice has the same effect as applying it once.
 */

typedef enum hf_journal_kind {
    HF_JOURNAL_RESULT = 1, /**< a variation with its analysis: position, result */
    HF_JOURNAL_ATTEMPT,    /**< position, attempt; result if it succeeded */
    HF_JOURNAL_OUTCOME,    /**< position, outcome, fault, message */
    HF_JOURNAL_FAILURE,    /**< a board could not be brought up: failure */
    HF_JOURNAL_FINISH, /**< end of the run: state, finished_ms, duration_ns, message = OpenOCD's version */
    HF_JOURNAL_PLAN,   /**< the variations to measure: planned */
} hf_journal_kind;

typedef struct hf_journal_record {
    int32_t kind;
    char *run_key;
    int32_t position;
    bool has_result;
    hf_result_row result;
    hf_result_row *planned; /**< only what hf_store_add_plan() reads */
    size_t planned_count;
    hf_attempt_row attempt;
    hf_failure_row failure;
    int32_t outcome; /**< hf_result_outcome, or hf_run_state */
    char *fault;
    char *message;
    int64_t finished_ms;
    int64_t duration_ns;
} hf_journal_record;

/** Appends a record to `out`. Does not change the record, although it is not const. */
void hf_journal_encode(hf_journal_record *record, hf_buffer *out);

/**
 * Reads a record.
 * @param bytes, size_bytes a record; more may follow it
 * @param record to be freed with hf_journal_free()
 * @param used_bytes length of the record; for a damaged record its length if known, otherwise 0
 * @return HF_OK; HF_ELIMIT: incomplete; HF_EFORMAT: damaged; HF_EUNSUPPORTED: of a newer hilfarm; HF_ENOMEM
 */
hf_status hf_journal_decode(const uint8_t *bytes, size_t size_bytes, hf_journal_record *record,
                            size_t *used_bytes);
void hf_journal_free(hf_journal_record *record);

/** Applies a record to the store. */
hf_status hf_journal_apply(hf_store *store, const hf_journal_record *record, hf_error *err);

#endif
