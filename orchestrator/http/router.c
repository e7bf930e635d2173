/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <string.h>

const char *hf_http_method_name(hf_http_method method)
{
    static const char *const names[HF_HTTP_METHODS] = {
        [HF_HTTP_GET] = "GET", [HF_HTTP_HEAD] = "HEAD", [HF_HTTP_POST] = "POST", [HF_HTTP_PUT] = "PUT"};
    return (unsigned)method < HF_HTTP_METHODS ? names[method] : "";
}

/* Compares a path with a pattern, segment by segment. @param wide how many segments of the path a variable "{name+}" takes
 * @param segments filled as far as the path matches */
static bool matches(const char *pattern, const char *path, int wide,
                    char segments[HF_HTTP_MAX_SEGMENTS][HF_HTTP_SEGMENT_SIZE])
{
    size_t variables = 0;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        const size_t expected = strcspn(pattern, "/");
        size_t length = strcspn(path, "/");
        if (*pattern == '{') {
            const bool more = wide == 2 && pattern[expected - 2] == '+' && length > 0 &&
                              path[length] == '/' && path[length + 1] && path[length + 1] != '/';
            if (more)
                length += 1 + strcspn(path + length + 1, "/");
            if (!length || length >= HF_HTTP_SEGMENT_SIZE || variables == HF_HTTP_MAX_SEGMENTS)
                return false;
            memcpy(segments[variables], path, length);
            segments[variables++][length] = '\0';
        } else if (length != expected || memcmp(pattern, path, length) != 0) {
            return false;
        }
        pattern += expected;
        path += length;
    }
    return !*pattern && !*path;
}

void hf_http_route_find(const hf_http_route *routes, size_t count, hf_http_method method, const char *path,
                        hf_http_match *match)
{
    char segments[HF_HTTP_MAX_SEGMENTS][HF_HTTP_SEGMENT_SIZE];
    memset(match, 0, sizeof *match);
    for (size_t i = 0; i < count; i++) {
        int wide = 1;
        do
            memset(segments, 0, sizeof segments);
        while (!matches(routes[i].pattern, path, wide, segments) && ++wide <= 2);
        if (wide > 2)
            continue;
        match->allowed |= 1u << routes[i].method;
        if (routes[i].method == method && !match->route) {
            match->route = &routes[i];
            memcpy(match->segments, segments, sizeof segments);
        }
    }
}
