/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_LOCK_H
#define HF_BOARD_LOCK_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/**
 * @file lock.h
 * Exclusive use of a board: a file in a folder shared by all users, locked with flock(2). The file is opened
 * for reading only, never with O_CREAT, and never written, so that its owner does not matter: a file of root
 * with mode 0644, or of another user in a sticky folder under fs.protected_regular (proc(5)), works for
 * everyone. Files are never removed, or two programs could lock two different files of the same name.
 */

typedef struct hf_lock hf_lock;

/**
 * Locks without waiting.
 * @param path     of the lock file; created with mode 0666, whatever the umask, if it does not exist
 * @param board_id for the message if another board of this process asks for the same lock
 * @param what     what is locked, for messages: "its probe", "its port"
 * @param out      release with hf_lock_release()
 * @return HF_EBUSY (class board) while another process holds it, naming that process if possible, or this
 *         process for the same board, say for a console; HF_EINVALID
 *         (class board) if this process holds it for another board: both entries mean the same hardware;
 *         HF_EIO (class board) if the file cannot be opened or created
 */
hf_status hf_lock_acquire(const char *path, const char *board_id, const char *what, hf_lock **out,
                          hf_error *err);
/** Releases the lock. NULL allowed. */
void hf_lock_release(hf_lock *lock);

/** The folder for locks of hardware: the first of /run/lock and /tmp in which every user may create files. It
 * is the same for all users. */
const char *hf_lock_shared_dir(void);

#define HF_LOCK_OWNER_SIZE 200
/** The owner of the flock(2) lock on an open file: "process 12 of user root (hilfarm run x.yaml)", or
 * "another process" if /proc does not show it. */
void hf_lock_owner(int fd, char text[HF_LOCK_OWNER_SIZE]);

/** Makes a file name from `text`. Characters other than letters, digits, '-' and '_' are replaced. If that
 * makes the name ambiguous, a checksum is appended. At most 41 characters. */
void hf_file_name(const char *text, char *out, size_t size);

#endif
