/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAW_HTTP_H
#define RAW_HTTP_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @file raw_http.h
 * HTTP spoken byte by byte, for tests of a server: also what no proper client would send. Every wait has a deadline.
 */

#define RAW_HTTP_DEADLINE_MS 20000
#define RAW_HTTP_BYTES       (1 << 20) /* of an answer; excess is discarded */

typedef struct raw_http {
    char *answer; /**< what has arrived, NUL-terminated */
    size_t answer_bytes;
    int fd;
    bool ended; /**< the server has closed the connection */
} raw_http;

/** Connects to a Unix socket. @return false if that fails */
bool raw_http_connect(raw_http *http, const char *socket_path);
/** Connects to a TCP port of this host. */
bool raw_http_connect_tcp(raw_http *http, int port);
void raw_http_close(raw_http *http);

/** @return false if the server does not take it all before the deadline, or has closed the connection */
bool raw_http_send(raw_http *http, const void *data, size_t size);
/** Waits until what has arrived since the last raw_http_forget() contains `text`. */
bool raw_http_expect(raw_http *http, const char *text);
/** Waits until the server closes the connection. */
bool raw_http_expect_end(raw_http *http);
/** Forgets what has arrived. */
void raw_http_forget(raw_http *http);

/**
 * Sends one request on a connection of its own, and waits for the answer.
 * @param head request line and headers without the last empty line, "GET / HTTP/1.1\r\n"; "Connection: close" and
 * the body's length are added
 * @param body NULL = none
 * @return the whole answer, the caller's to free(); NULL = no answer
 */
char *raw_http_ask(const char *socket_path, const char *head, const char *body);
/** The status of an answer; 0 if it is not one. */
int raw_http_status(const char *answer);
/** The body of an answer with Content-Length. */
const char *raw_http_body(const char *answer);

#endif
