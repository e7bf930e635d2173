/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_LOCK_H
#define HF_BOARD_LOCK_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/**
 * @file lock.h
 * Who uses a board: a file in a folder that all users share, locked with flock(2). It is opened for reading
 * only, never with O_CREAT, and never written to, so that it does not matter who made it: one that root left
 * with mode 0644, or another user's in a sticky folder under fs.protected_regular (proc(5)), serves
 * everybody. Files stay behind on purpose: removing one would let two programs lock two files of that name.
 */

typedef struct hf_lock hf_lock;

/**
 * @param path of the lock file; made (mode 0666, whatever the umask) unless it is there
 * @param board_id for this process's other boards to be told
 * @param what "its probe", "its port": what is locked, for messages
 * @param out hf_unlock()
 * @return HF_EBUSY (class board) while another process holds it, saying which where that can be known;
 * HF_EINVALID (class board) when this process does, for another board: then two boards are one; HF_EIO (class
 * board) when the file cannot be opened or made
 */
hf_status hf_lock_take(const char *path, const char *board_id, const char *what, hf_lock **out,
                       hf_error *err);
/** Lets go. NULL allowed. */
void hf_unlock(hf_lock *lock);

/** The folder for locks of things that are one on this host: the first of /run/lock and /tmp in which
 * everybody may make files. The same for every user, so that they meet. */
const char *hf_lock_shared_dir(void);

#define HF_LOCK_OWNER_SIZE 200
/** Who holds the flock(2) lock on an open file: "process 12 of user root (hilfarm run x.yaml)", or "another
 * process" where /proc does not tell. */
void hf_lock_owner(int fd, char text[HF_LOCK_OWNER_SIZE]);

/** Writes a file name part made of `text`: what is not a letter, digit, '-', '_' is replaced, and whenever
 * the result could be another text's too, a checksum is appended. At most 41 characters. */
void hf_file_name(const char *text, char *out, size_t size);

#endif
