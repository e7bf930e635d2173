/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_WORKER_WORKER_H
#define HF_WORKER_WORKER_H

#include "board/board.h"

/**
 * @file worker.h
 * A thread per board, because flashing, resetting and talking to a board are blocking steps. Its owner sends it one
 * command at a time and gets exactly one reply to each through `post`. What carries out the commands is a back end: a
 * board of this host (worker/local_board.h) or one of another host.
 */

typedef struct hf_worker hf_worker;

typedef enum hf_worker_command {
    HF_WORKER_OPEN,    /**< lock, start, attach */
    HF_WORKER_ATTEMPT, /**< one attempt on an open board */
    HF_WORKER_CLOSE,   /**< release everything */
} hf_worker_command;

/** The result of a command. The receiver owns it: hf_worker_reply_free(). */
typedef struct hf_worker_reply {
    uint32_t board; /**< index given to hf_worker_new() */
    hf_worker_command command;
    hf_status status;
    hf_error error;
    int64_t started_ms; /**< wall clock */
    uint64_t duration_ns;
    hf_attempt_result result; /**< of a successful attempt */
    char *transcript;         /**< of a failed command; NULL if out of memory */
    char openocd_version[64]; /**< "" if never attached */
} hf_worker_reply;

/**
 * What carries out a worker's commands. All functions are called on the worker's thread, which outlives the board:
 * children die with the thread that started them (PDEATHSIG).
 */
typedef struct hf_worker_backend {
    void *board; /**< owned by the worker once hf_worker_new() has succeeded */
    /** HF_WORKER_OPEN and HF_WORKER_ATTEMPT. Fill in error, result, transcript and openocd_version of the reply.
     * @return HF_OK, or a failure with its cause in reply->error */
    hf_status (*open)(void *board, hf_worker_reply *reply);
    hf_status (*attempt)(void *board, const hf_attempt_request *request, hf_worker_reply *reply);
    void (*close)(void *board); /**< also of a board that is not open */
    void (*free)(void *board);  /**< after close */
} hf_worker_backend;

/** How to wait for a board that is in use. */
typedef struct hf_worker_patience {
    uint64_t wait_ms; /**< time limit; 0 = do not wait */
    int cancel_fd;    /**< readable = HF_ECANCELLED; -1 = none */
    /** Told who uses the board, whenever that changes; NULL = not needed */
    void (*waiting)(void *user, const char *who);
    void *user;
} hf_worker_patience;

/**
 * Opens the board of a back end on the thread of the caller, which must outlive it; tries again every second while it is in use.
 * @param reply overwritten; holds the outcome. hf_worker_reply_clear()
 * @return reply->status: as hf_worker_backend.open; HF_EBUSY when the time is up
 */
hf_status hf_worker_open_waiting(const hf_worker_backend *backend, const hf_worker_patience *patience,
                                 hf_worker_reply *reply);

typedef struct hf_worker_callbacks {
    void *user;
    void (*post)(void *user, hf_worker_reply *reply); /**< worker thread */
    void (*progress)(void *user, uint32_t board, hf_phase phase, uint32_t done,
                     uint32_t of); /**< worker thread */
} hf_worker_callbacks;

/**
 * Starts the thread.
 * @param board   index for replies
 * @param name    of the board, for messages
 * @param backend copied; on failure the caller still owns backend->board
 */
hf_status hf_worker_new(uint32_t board, const char *name, const hf_worker_backend *backend,
                        const hf_worker_callbacks *callbacks, hf_worker **out, hf_error *err);

/**
 * Sends a command; the reply to the previous one must have come.
 * @param request for HF_WORKER_ATTEMPT: copied; what it points to is borrowed until the reply; its progress
 * fields are replaced by the worker's own
 */
void hf_worker_send(hf_worker *worker, hf_worker_command command, const hf_attempt_request *request);

/** Closes the board if it is open, ends the thread, frees. Waits for a command in progress: cancel it first.
 * NULL allowed. */
void hf_worker_free(hf_worker *worker);

void hf_worker_reply_free(hf_worker_reply *reply);
/** Frees what a reply owns, but not the reply itself. */
void hf_worker_reply_clear(hf_worker_reply *reply);

#endif
