/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERMINAL_SERVER_H
#define TERMINAL_SERVER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file terminal_server.h
 * A terminal server for one client at a time. Relays bytes between a TCP connection on 127.0.0.1 and a pty,
 * raw or as an RFC 2217 server. Runs in a thread and misbehaves as a test requests.
 */

typedef struct terminal_server_script {
    bool rfc2217;          /**< Telnet with COM-PORT-OPTION; otherwise raw bytes */
    bool refuses_control;  /**< answers WILL COM-PORT-OPTION with DONT */
    bool mute;             /**< does not answer negotiations */
    uint32_t rounds_to;    /**< the speed that it reports as set; 0 = the requested one */
    const char *turn_away; /**< sends this to every client and closes the connection */
} terminal_server_script;

typedef struct terminal_server terminal_server;

/**
 * Starts listening.
 * @param pty_path the slave; kept open in raw mode while the server runs
 * @param port receives the TCP port
 */
terminal_server *terminal_server_start(const terminal_server_script *script, const char *pty_path,
                                       uint16_t *port);
/** Drops the current connection without notice; the client may connect again. */
void terminal_server_cut(terminal_server *self);
/** The last speed set by a client; 0 = none. */
uint32_t terminal_server_baud(terminal_server *self);
/** Settings received so far, except speeds, as "command=value": "5=8 3=1 ...". Static storage. */
const char *terminal_server_settings(terminal_server *self);
void terminal_server_stop(terminal_server *self);

#endif
