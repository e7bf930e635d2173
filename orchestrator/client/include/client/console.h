/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_CONSOLE_H
#define HF_CLIENT_CONSOLE_H

#include "api/console.h"
#include "client/client.h"

/**
 * @file console.h
 * A console of a board of the daemon.
 */

#define HF_CLIENT_CONSOLE_BYTES 1024 /**< of a piece of input: 90 ms at 115,200 baud */

/** Called on the caller's thread. */
typedef struct hf_client_console {
    void *user;
    void (*waiting)(void *user, const char *who); /**< the board is in use */
    void (*opened)(void *user, const hf_api_console_started *started);
    void (*output)(void *user, const uint8_t *bytes, size_t size);
    void (*lost)(void *user, uint64_t bytes); /**< so many were dropped because this client was too slow */
    /**
     * Where input comes from now. @return a descriptor to wait for; -1 = there is none
     */
    int (*input_fd)(void *user);
    /** input_fd() is readable and the piece before has been written. @return bytes to send; 0 = none */
    size_t (*input)(void *user, uint8_t bytes[HF_CLIENT_CONSOLE_BYTES]);
    /** Asked several times a second, and after each input. @return true = end the console */
    bool (*leaving)(void *user);
    int wake_fd; /**< readable = leaving() is asked at once; -1 = none */
} hf_client_console;

/**
 * Opens a console and serves it until it ends.
 * @return HF_OK: it was ended by leaving(); otherwise why it ended or did not begin
 */
hf_status hf_client_serve_console(hf_client *client, const char *board, const hf_api_console_request *request,
                                  const hf_client_console *console, hf_error *err);

#endif
