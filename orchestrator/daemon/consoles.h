/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_CONSOLES_H
#define HF_DAEMON_CONSOLES_H

#include "api/console.h"
#include "daemon_state.h"

/**
 * @file consoles.h
 * People's consoles of boards. A console lives as long as the stream of events that answers its request: when the client
 * is gone, the line is closed and the board is free again. It ends with the reservation it needs. What the board says is
 * kept for slow clients up to a limit; the rest is dropped, and the offsets of what follows say how much. All functions
 * belong to the loop's thread unless a comment says otherwise.
 */

typedef struct hf_daemon_console hf_daemon_console;

/**
 * Opens a console, or watches a board, and answers the request with its events.
 * @param user who asks, for the reservation
 */
void hf_consoles_open(hf_daemon *daemon, hf_http_request *request, uint32_t board, const char *user,
                      const hf_api_console_request *wanted);
/** The console of a name, if the request comes from whoever opened it. @return NULL: the request is answered */
hf_daemon_console *hf_consoles_find(hf_daemon *daemon, hf_http_request *request, const char *name);
/** Writes the body of the request to the board, and answers when that is done. */
void hf_consoles_input(hf_daemon_console *console, hf_http_request *request);
/** Ends a console. @param why for its client @param failed it was not asked for */
void hf_consoles_end(hf_daemon_console *console, const char *why, bool failed);

/** Ends those whose reservation has ended. After every change of one, and every second. */
void hf_consoles_check(hf_daemon *daemon);
/** Every second: ends those whose client is gone, and sends a sign of life to the others. */
void hf_consoles_beat(hf_daemon *daemon);
/** Ends all. @param why for their clients */
void hf_consoles_end_all(hf_daemon *daemon, const char *why);

/** Passes on what a board says in a run. Any thread; does not wait. @param user the daemon @param bytes NULL: as many were lost */
void hf_consoles_heard(void *user, uint32_t board, const void *bytes, size_t size);
/** Whether anybody watches a board. Any thread; does not wait. @param user the daemon */
bool hf_consoles_watch(void *user, uint32_t board);

#endif
