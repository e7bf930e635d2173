/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPOOL_SPOOL_STATE_H
#define HF_SPOOL_SPOOL_STATE_H

#include <limits.h>
#include <stdatomic.h>

#include "spool/spool.h"

/**
 * @file spool_state.h
 * An open spool, and what its files share.
 */

#define SHA256_DIGITS    64
#define KEY_LENGTH_MAX   64
#define SUBMISSION_NAME  "submission"
#define TREE_NAME        "tree"
#define OVER_NAME        "over"
#define UNFINISHED       ".new"  /* ends the name of a submission being written or removed */
#define UPLOAD_EXTENSION ".part" /* ends the name of an upload in progress */
#define TEXT_BYTES_MAX   (16u << 20)

typedef struct spool_entry {
    uint64_t number; /* from 1, in the order of submission */
    hf_spool_entry shown;
} spool_entry;

struct hf_spool {
    char *path;
    int lock_fd;
    hf_spool_options options;
    spool_entry *entries; /* by number */
    uint32_t entry_count, entry_capacity;
    uint32_t waiting;           /* entries that are not over */
    _Atomic uint64_t bytes;     /* of all files, including announced uploads */
    _Atomic uint32_t upload_id; /* makes the names of uploads unique */
};

/* Before every change of the disk. */
static inline void spool_step(const hf_spool *spool)
{
    if (spool->options.step)
        spool->options.step(spool->options.user);
}

/* sync_folders.c */

/* Syncs a folder: what was created, renamed or removed in it survives a power failure. */
hf_status spool_sync_folder(const char *path, hf_error *err);
/* Syncs a folder and all folders in it. */
hf_status spool_sync_folders(const char *path, hf_error *err);

/* stored_files.c */

/* Whether a text is a SHA-256 as 64 lower-case hexadecimal digits. */
bool spool_is_sha256(const char *text);
/* The path of the file with this content. @return false if it is too long */
bool spool_file_path(const hf_spool *spool, const char *sha256, char path[PATH_MAX]);
/* At the start: counts the stored files and removes those whose upload did not finish. */
hf_status spool_take_stock(hf_spool *spool, hf_error *err);
/* Removes the files that no submission uses and that have not been touched since a time (Unix ms). */
hf_status spool_remove_unused_files(hf_spool *spool, int64_t before_ms, hf_error *err);

/* submissions.c */

/* Reads the submissions at the start; removes the unfinished ones, and the files of those that are over. */
hf_status spool_load_entries(hf_spool *spool, hf_error *err);
/* Removes a submission from disk and from the list. */
hf_status spool_remove_entry(hf_spool *spool, uint32_t index, hf_error *err);

/* submission_files.c */

/* Links the files of a submission to their places in a tree. */
hf_status spool_link_files(const hf_spool *spool, const char *tree, const hf_spool_file *files,
                           uint32_t file_count, hf_error *err);

#endif
