/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPOOL_SPOOL_H
#define HF_SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file spool.h
 * The runs that were submitted to the daemon, with their files, on disk. What was accepted survives a crash and a
 * power failure; an operation that did not finish leaves no trace. Layout of the folder (all of it belongs to the
 * daemon):
 *
 *   lock                        locked by the process that has the spool open
 *   files/SHA256                an uploaded file, named after its content
 *   files/SHA256.part           an upload in progress; removed when the spool is opened
 *   runs/NUMBER-KEY/            a submission; NUMBER gives the order
 *     submission                its text, as given to hf_spool_add()
 *     tree/                     its files, as hf_spec_parse_in_tree() reads them: links to those in files/
 *     over                      its summary, once its run is over; tree/ is then removed
 *   runs/NUMBER-KEY.new/        a submission being written; removed when the spool is opened
 *
 * Identical files are stored once. One thread at a time, except where noted.
 */

typedef struct hf_spool hf_spool;

/** Bounds; 0 = the default in parentheses. */
typedef struct hf_spool_options {
    uint64_t max_file_bytes;  /**< of an uploaded file (4 GiB) */
    uint64_t max_total_bytes; /**< of all uploaded files (64 GiB) */
    uint32_t max_waiting;     /**< submissions whose runs are not over (1000) */
    /** For tests: called before every change of the disk. NULL = none */
    void (*step)(void *user);
    void *user;
} hf_spool_options;

/**
 * Opens or creates a spool and removes what unfinished operations left.
 * @param path folder; created with mode 0750
 * @param options NULL = all defaults
 * @return HF_OK; HF_EBUSY: another process has it open; HF_EIO; HF_ENOMEM
 */
hf_status hf_spool_open(const char *path, const hf_spool_options *options, hf_spool **out, hf_error *err);
/** NULL allowed. */
void hf_spool_close(hf_spool *spool);

/* ---- Uploads ---- */

/** Whether a file of this content is stored. @param sha256 64 lower-case hexadecimal digits; false otherwise */
bool hf_spool_has(const hf_spool *spool, const char *sha256);

typedef struct hf_spool_upload hf_spool_upload;

/**
 * Begins to store a file. Several uploads may be in progress, each in its own thread; even of the same file.
 * @param sha256 of the content that will follow
 * @param size_bytes of it; UINT64_MAX = unknown
 * @return HF_EINVALID if sha256 is not one; HF_ELIMIT with the limit in the message
 */
hf_status hf_spool_upload_begin(hf_spool *spool, const char *sha256, uint64_t size_bytes,
                                hf_spool_upload **out, hf_error *err);
/** Appends content. After a failure the upload can only be discarded. */
hf_status hf_spool_upload_write(hf_spool_upload *upload, const void *data, size_t size_bytes, hf_error *err);
/**
 * Ends an upload: the file is stored, synced. Frees the upload also on failure.
 * @return HF_EMISMATCH if the content is not that of the SHA-256
 */
hf_status hf_spool_upload_end(hf_spool_upload *upload, hf_error *err);
/** Discards an upload. NULL allowed. */
void hf_spool_upload_discard(hf_spool_upload *upload);

/* ---- Submissions ---- */

/** A file of a submission. */
typedef struct hf_spool_file {
    const char *path;   /**< as its author names it, relative to the author's working directory or absolute */
    const char *sha256; /**< of its content */
} hf_spool_file;

/**
 * Stores a submission. When this returns HF_OK, it survives a power failure.
 * @param key of its run: letters, digits, '-' and '_', at most 64; unique in the spool
 * @param text whatever the caller needs to begin the run again
 * @return HF_ENOTFOUND if the content of a file is missing; HF_EINVALID for a key that is invalid or exists, or for
 * two files at one path; HF_ELIMIT: too many submissions wait
 */
hf_status hf_spool_add(hf_spool *spool, const char *key, const void *text, size_t text_bytes,
                       const hf_spool_file *files, uint32_t file_count, hf_error *err);

/** A submission in the spool. */
typedef struct hf_spool_entry {
    char key[65];
    bool is_over;
    int64_t over_ms; /**< when it was marked as over; Unix ms; 0 = it is not */
} hf_spool_entry;

/**
 * Lists the submissions in the order in which they were added.
 * @param entries the caller's to free()
 */
hf_status hf_spool_list(const hf_spool *spool, hf_spool_entry **entries, uint32_t *count, hf_error *err);

/**
 * Reads a submission's text.
 * @param text followed by a NUL; the caller's to free()
 * @return HF_ENOTFOUND if there is no such submission
 */
hf_status hf_spool_read(const hf_spool *spool, const char *key, char **text, size_t *text_bytes,
                        hf_error *err);
/** Reads the summary of a run that is over, in the same way. @return HF_ENOTFOUND also if it is not over */
hf_status hf_spool_read_over(const hf_spool *spool, const char *key, char **text, size_t *text_bytes,
                             hf_error *err);
/** The folder of a submission's files, for hf_spec_parse_in_tree(). @return the caller's to free(); NULL = no such
 * submission, or out of memory */
char *hf_spool_tree(const hf_spool *spool, const char *key);

/**
 * Marks a submission's run as over, durably, and removes its files unless others need them. May be repeated: the first
 * summary stays.
 * @param text summary of the run
 */
hf_status hf_spool_set_over(hf_spool *spool, const char *key, const void *text, size_t text_bytes,
                            hf_error *err);

/**
 * Removes submissions that have been over since before a time, and files that no submission uses and that were last
 * uploaded or linked before it.
 * @param before_ms Unix milliseconds
 */
hf_status hf_spool_prune(hf_spool *spool, int64_t before_ms, hf_error *err);

#endif
