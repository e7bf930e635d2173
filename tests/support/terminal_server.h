/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TERMINAL_SERVER_H
#define TERMINAL_SERVER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file terminal_server.h
 * A terminal server for one client at a time: passes bytes between a TCP connection on 127.0.0.1 and a pty,
 * raw or with the server's side of RFC 2217. In a thread, misbehaving where a test says so.
 */

typedef struct terminal_server_script {
    bool rfc2217;          /**< Telnet with COM-PORT-OPTION; otherwise bytes alone */
    bool refuses_control;  /**< answers WILL COM-PORT-OPTION with DONT */
    bool mute;             /**< answers no negotiation at all */
    uint32_t rounds_to;    /**< the speed it says it has set, whatever was asked for; 0 = the one asked for */
    const char *turn_away; /**< says this to every client and closes */
} terminal_server_script;

typedef struct terminal_server terminal_server;

/**
 * Starts to listen.
 * @param pty_path the slave; opened, raw, for as long as the server lives
 * @param port receives the TCP port
 */
terminal_server *terminal_server_start(const terminal_server_script *script, const char *pty_path,
                                       uint16_t *port);
/** Cuts the connection there is, without a word to the client; it may connect again. */
void terminal_server_cut(terminal_server *self);
/** The last speed a client has set; 0 = none. */
uint32_t terminal_server_baud(terminal_server *self);
/** Settings seen so far, as "5=8 3=1 ...": command and value without the speed's. Static storage. */
const char *terminal_server_settings(terminal_server *self);
void terminal_server_stop(terminal_server *self);

#endif
