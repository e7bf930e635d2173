/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HTTP_ROUTER_H
#define HF_HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file router.h
 * The table of routes of an HTTP server: method and pattern of a path to the function that handles it. Pure.
 */

typedef struct hf_http_request hf_http_request;

typedef enum hf_http_method {
    HF_HTTP_GET,
    HF_HTTP_HEAD,
    HF_HTTP_POST,
    HF_HTTP_PUT,
    HF_HTTP_METHODS, /**< how many there are */
} hf_http_method;

/** "GET". Static string. */
const char *hf_http_method_name(hf_http_method method);

/**
 * Handles a request whose body has arrived. Called on the server's thread, so it must not wait for anything. It
 * answers with one of the functions of http/request.h: during the call, or later from any thread.
 * @param user of the server
 */
typedef void hf_http_handler(void *user, hf_http_request *request);

/**
 * Takes a piece of a body that is not kept in memory. Called through the server's `execute`, so it may wait for the
 * disk. The pieces of one request come in order, one at a time.
 * @return what is not HF_OK is answered to the client, and the rest of the body is ignored
 */
typedef hf_status hf_http_receive(void *user, hf_http_request *request, const void *data, size_t size,
                                  hf_error *err);

typedef struct hf_http_route {
    hf_http_method method;
    bool open; /**< needs no token: the answer is the same for everyone and says nothing of the farm */
    const char *
        pattern; /**< "/api/v1/runs/{run}/events": {run} stands for one segment that is not empty, {board+} for one or two */
    hf_http_handler *handle;
    uint64_t body_limit;      /**< bytes; 0 = the request has no body */
    hf_http_receive *receive; /**< NULL = the body is kept in memory for the handler */
} hf_http_route;

#define HF_HTTP_MAX_SEGMENTS 4   /**< variable ones of a pattern */
#define HF_HTTP_SEGMENT_SIZE 256 /**< of a variable one, with its NUL */

typedef struct hf_http_match {
    const hf_http_route *route; /**< NULL = none */
    unsigned allowed;           /**< methods that the path has: bit i = method i; 0 = no such path */
    char segments[HF_HTTP_MAX_SEGMENTS][HF_HTTP_SEGMENT_SIZE]; /**< variable ones, in order */
} hf_http_match;

/** Finds the route of a request. @param path decoded, without the query */
void hf_http_route_find(const hf_http_route *routes, size_t count, hf_http_method method, const char *path,
                        hf_http_match *match);

#endif
