/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOST_HOST_H
#define HF_HOST_HOST_H

#include "board/board.h"
#include "broker/broker.h"

/**
 * @file host.h
 * The agent of one host: says which boards the host has, and carries out the orders of their owners by the same code that a
 * farm of one host uses (agents/orders/MESSAGES.md). Firmware and images are fetched once, and found by their contents later.
 */

typedef struct hf_host hf_host;

/** All borrowed until hf_host_free(). */
typedef struct hf_host_options {
    const char *name;    /**< of the host; hf_envelope_name_ok() */
    const char *version; /**< of the program, for people */
    const hf_board_config *const *boards;
    const hf_board_deadlines
        *deadlines; /**< of each board, which come before those of an order; NULL = none */
    uint32_t board_count;
    const char
        *cache_dir; /**< for firmware and images, up to HF_CACHE_DEFAULT_LIMIT_BYTES; made if there is none */
    const char
        *state_dir; /**< for the newest token of each board; made if there is none; must outlive restarts */
    const char *work_dir;                   /**< as in hf_board_options */
    const char *openocd_path, *vboard_path; /**< as in hf_board_options */
    /** A message on the subject of the hello that is neither empty nor about the clock, such as about renewing. A thread of the
     * connection. NULL = there are none. @return false: it is unknown, and answered by the hello */
    bool (*question)(void *user, const void *bytes, size_t size, hf_buffer *reply);
    void (*log)(void *user, const char *line); /**< what boards do; any thread; NULL = nobody wants to know */
    void *log_user;
} hf_host_options;

/**
 * Starts it: from now on orders are carried out.
 * @param broker taken over, also on failure
 * @param out    free with hf_host_free()
 * @return HF_OK; HF_EINVALID: a name that cannot be used in messages; HF_EIO, HF_ENOMEM
 */
hf_status hf_host_start(hf_broker *broker, const hf_host_options *options, hf_host **out, hf_error *err);

/** Cancels what is being done, closes all boards and the connection. NULL allowed. */
void hf_host_free(hf_host *host);

#endif
