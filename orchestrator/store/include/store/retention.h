/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_RETENTION_H
#define HF_STORE_RETENTION_H

#include "store/store.h"

/**
 * @file retention.h
 * Deletes the details of old runs: samples, layers with their times, and transcripts. Runs, results, attempts, failures
 * and the order statistics of the deleted samples stay, so reports, comparisons and trends still show them. The newest
 * green run of each spec, tagged runs and runs that are not over are left alone.
 */

/** What was deleted, or would be. */
typedef struct hf_trimmed {
    int32_t runs;    /**< whose details were deleted */
    int32_t tagged;  /**< old runs that were left alone because they have a tag */
    int32_t green;   /**< old runs that were left alone because they are the newest green one of their spec */
    int64_t samples; /**< rows */
    int64_t layers;  /**< rows, of analysis and of times */
    int64_t outputs; /**< of one inference each */
    int64_t transcripts;
    int64_t bytes; /**< estimate of the space that they take in the file */
} hf_trimmed;

/**
 * Deletes the details of runs that ended before a time, in short transactions, so that other processes can write
 * meanwhile. After a failure, or if the process dies, everything is consistent, and the next call continues.
 * @param before_ms wall clock, Unix milliseconds
 * @param dry_run only count
 * @param out set on HF_OK; after a failure as far as it got
 */
hf_status hf_store_trim(hf_store *store, int64_t before_ms, bool dry_run, hf_trimmed *out, hf_error *err);

typedef enum hf_shrink_end {
    HF_SHRINK_DONE,     /**< the file has no unused pages left */
    HF_SHRINK_TIME_OUT, /**< the deadline passed; the next call continues */
    HF_SHRINK_BUSY, /**< the file is of an older version and is rewritten only while no run is under way */
    HF_SHRINK_NO_SPACE, /**< likewise, and the disk has too little space for a copy */
} hf_shrink_end;

typedef struct hf_shrunk {
    hf_shrink_end end;
    int64_t before_bytes, after_bytes; /**< size of the file with its -wal file */
    int64_t unused_bytes;              /**< left in the file; they are used again for new rows */
    int64_t needed_bytes;              /**< HF_SHRINK_NO_SPACE: free space that would do */
} hf_shrunk;

/**
 * Gives unused pages of the file back to the disk. Files that version 8 or later created give back a few pages at a
 * time; older ones are rewritten once (VACUUM).
 * @param patience_ms a deadline
 */
hf_status hf_store_shrink(hf_store *store, uint32_t patience_ms, hf_shrunk *out, hf_error *err);

#endif
