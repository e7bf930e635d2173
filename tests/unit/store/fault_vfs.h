/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_STORE_FAULT_VFS_H
#define HF_TEST_STORE_FAULT_VFS_H

/**
 * @file fault_vfs.h
 * An SQLite VFS that injects a fault: it counts operations that change files (writes, syncs, truncations, deletions),
 * and the k-th one fails. It becomes the process's default, so that the store uses it.
 */

typedef enum fault_kind {
    FAULT_NONE,      /**< only count */
    FAULT_KILL,      /**< the process is killed instead of the k-th change */
    FAULT_KILL_TORN, /**< the process is killed in the middle of the k-th change, if it is a write */
    FAULT_FULL,      /**< the k-th change and all after it: no space left on the disk */
    FAULT_IO_ONCE,   /**< the k-th change alone: an input/output error */
    FAULT_HANG,      /**< the k-th change never ends */
} fault_kind;

/** Registers the VFS as SQLite's default; once per process. */
void fault_vfs_install(void);
/** Starts counting from 0; @param at the k-th change, 1 = the next */
void fault_vfs_arm(fault_kind kind, int at);
/** Writes since fault_vfs_arm() that no sync has followed: what a power cut may undo. */
int fault_vfs_unsynced(void);
/** Syncs since fault_vfs_arm(). */
int fault_vfs_syncs(void);
/** Changes since fault_vfs_arm(). */
int fault_vfs_count(void);

#endif
