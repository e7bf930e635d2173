/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONSOLE_CONSOLE_H
#define HF_CONSOLE_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

/**
 * @file console.h
 * A person's console of a board: a thread that opens the line, passes on what the board says, and writes what it is
 * given. What opens, reads and writes is a back end: a board of this host (console/local_console.h) or one of another
 * host. Nothing is kept but one piece of input.
 */

typedef struct hf_console hf_console;

#define HF_CONSOLE_INPUT_BYTES 4096u /**< of one piece of input */

/** All functions are called on the console's thread, which outlives the line. */
typedef struct hf_console_backend {
    void *state;
    /**
     * @param wake_fd readable = a read returns @param stop_fd readable = every wait ends with HF_ECANCELLED
     * @return HF_EBUSY while the board is in use: it may be tried again
     */
    hf_status (*open)(void *state, int wake_fd, int stop_fd, hf_error *err);
    /** At least one byte. @return HF_ETIMEOUT, not recorded, if none came in time or wake_fd is readable */
    hf_status (*read)(void *state, void *bytes, size_t capacity, hf_deadline deadline, size_t *got,
                      hf_error *err);
    /** Bytes that the board said between those of the last read and the one before, and that were lost; afterwards 0.
     * Called after every read. NULL = there are never any */
    uint64_t (*dropped)(void *state);
    hf_status (*write)(void *state, const void *bytes, size_t size, hf_deadline deadline, hf_error *err);
    void (*close)(void *state); /**< after an open that succeeded */
    void (*free)(void *state);
} hf_console_backend;

/** Called on the console's thread; must not wait for it. */
typedef struct hf_console_observer {
    void *user;
    void (*waiting)(void *user, const char *who); /**< the board is in use; called when that changes */
    void (*opened)(void *user);
    void (*output)(void *user, const void *bytes, size_t size);
    void (*dropped)(void *user, uint64_t bytes); /**< were lost between two outputs; NULL = not needed */
    /** A piece of input has been written, or not. Exactly once for each that was accepted. */
    void (*written)(void *user, void *token, hf_status status, const hf_error *err);
    /** The line is closed and the board is free. Exactly once, the last call. @param why HF_OK in it: as asked */
    void (*closed)(void *user, const hf_error *why);
} hf_console_observer;

/**
 * Starts the thread.
 * @param backend  copied; its state is the console's if this succeeds
 * @param wait_ms  how long to wait for a board in use
 * @param observer copied
 */
hf_status hf_console_start(const hf_console_backend *backend, uint64_t wait_ms,
                           const hf_console_observer *observer, hf_console **out, hf_error *err);

/**
 * Gives it bytes to write, one piece at a time. Any thread.
 * @param bytes copied, 1 .. HF_CONSOLE_INPUT_BYTES of them
 * @return HF_EBUSY if the piece before is not written yet, or the line is not open; HF_ECANCELLED once it ends
 */
hf_status hf_console_input(hf_console *console, const void *bytes, size_t size, void *token, hf_error *err);

/** Ends it soon; does not wait. Any thread, more than once. */
void hf_console_stop(hf_console *console);
/** Waits for the end, which must have been asked for or have come, and frees it. NULL allowed. */
void hf_console_free(hf_console *console);

#endif
