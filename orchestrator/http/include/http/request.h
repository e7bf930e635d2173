/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HTTP_REQUEST_H
#define HF_HTTP_REQUEST_H

#include <sys/types.h>

#include "base/buffer.h"
#include "http/router.h"

/**
 * @file request.h
 * One HTTP request, as its handler sees it, and the answer to it. The functions may be called on any thread from the
 * handler's call until the request is answered; after that it must not be used.
 */

/** Who sent a request. */
typedef struct hf_http_peer {
    bool local; /**< a user of this host: over a Unix socket, or in a session */
    bool
        session; /**< over TCP, with the token of a session that was begun over a Unix socket; set by `authorize` */
    uid_t uid;     /**< of the process at the other end, or of the session; local only */
    char name[64]; /**< of the token; "" if local */
} hf_http_peer;

const char *hf_http_request_path(const hf_http_request *request);
/** The index-th variable segment of the route's pattern, decoded; "" if there is none. */
const char *hf_http_request_segment(const hf_http_request *request, size_t index);
/** A parameter of the query, decoded; NULL if it is not given. */
const char *hf_http_request_query(const hf_http_request *request, const char *name);
/** A header; NULL if it is not given. @param name case does not matter */
const char *hf_http_request_header(const hf_http_request *request, const char *name);
const hf_http_peer *hf_http_request_peer(const hf_http_request *request);
/** The body, followed by a NUL; "" with size 0 if there is none. */
const char *hf_http_request_body(const hf_http_request *request, size_t *size);
/** Bytes of the body as announced by the client. */
uint64_t hf_http_request_length(const hf_http_request *request);

/** Attaches something to the request that `release` frees with it. Replaces nothing: at most one thing. */
void hf_http_request_attach(hf_http_request *request, void *thing, void (*release)(void *thing));
/** What is attached; NULL = nothing. */
void *hf_http_request_attached(const hf_http_request *request);
/** Detaches it; it is the caller's. */
void *hf_http_request_detach(hf_http_request *request);

#define HF_HTTP_JSON "application/json"
#define HF_HTTP_TEXT "text/plain; charset=utf-8"

/**
 * Answers a request.
 * @param status  200 to 599
 * @param type    of the content; static string
 * @param body    emptied: the request takes what it holds. A failed buffer is answered with status 500. NULL = none
 */
void hf_http_respond(hf_http_request *request, unsigned status, const char *type, hf_buffer *body);

/** A header of an answer. */
typedef struct hf_http_header {
    const char *name, *value;
} hf_http_header;

/**
 * Answers a request with a file that is part of the program.
 * @param type    of the content; static string
 * @param content borrowed for ever
 * @param headers further ones; name NULL = the end
 */
void hf_http_respond_file(hf_http_request *request, const char *type, const void *content, size_t size,
                          const hf_http_header *headers);

/**
 * Answers with a file, which is not read into memory.
 * @param fd at its beginning; the request's from now on @param size bytes
 */
void hf_http_respond_fd(hf_http_request *request, unsigned status, const char *type, int fd, uint64_t size);

/** Answers with an error, in the form of the server's `render_error`. @param status 400 to 599 */
void hf_http_respond_error(hf_http_request *request, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The status of HTTP for a failure: 400 for bad input, 404 not found, 409 busy or a mismatch, 413 a limit, 504 a
 * deadline, else 500. */
unsigned hf_http_status_of(hf_status status);

/** Where the data of an answer without a known end come from. */
typedef struct hf_http_source {
    void *user;
    /**
     * Copies the next bytes. Called on the server's thread, so it must not wait.
     * @param over set to true with the last bytes
     * @return bytes copied; 0 = none now, hf_http_stream_wake() will tell
     */
    size_t (*read)(void *user, char *data, size_t size, bool *over);
    /** The answer has ended or the client is gone: hf_http_stream_wake() must not be called any more. Called
     * exactly once, on any thread. */
    void (*closed)(void *user);
} hf_http_source;

typedef struct hf_http_stream hf_http_stream;

/**
 * Prepares an answer by server-sent events. The stream may be woken from now on, so that its source can be known to
 * others before the answer begins.
 * @param source copied
 * @return NULL when out of memory; then `closed` is not called. Otherwise hf_http_respond_stream() must follow.
 */
hf_http_stream *hf_http_stream_new(hf_http_request *request, const hf_http_source *source);
/** Answers with the stream, which is the server's from now on; its source may be closed during the call. */
void hf_http_respond_stream(hf_http_request *request, hf_http_stream *stream);
/** There are new data to read. Any thread, also during `read`; not after `closed`. */
void hf_http_stream_wake(hf_http_stream *stream);

#endif
