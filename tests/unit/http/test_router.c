/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"
#include "http/router.h"

static void handle(void *user, hf_http_request *request)
{
    (void)user;
    (void)request;
}

static const hf_http_route routes[] = {
    {.method = HF_HTTP_GET, .pattern = "/api/v1", .handle = handle},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/runs", .handle = handle},
    {.method = HF_HTTP_POST, .pattern = "/api/v1/runs", .handle = handle},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/runs/{run}", .handle = handle},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/runs/{run}/events", .handle = handle},
    {.method = HF_HTTP_POST, .pattern = "/api/v1/boards/{board}/{what}", .handle = handle},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/files/{file+}/history", .handle = handle},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/files/{file+}", .handle = handle},
    {.method = HF_HTTP_POST, .pattern = "/api/v1/files/{file+}/{what}", .handle = handle},
};

static int find(hf_http_method method, const char *path, hf_http_match *match)
{
    hf_http_route_find(routes, sizeof routes / sizeof routes[0], method, path, match);
    return match->route ? (int)(match->route - routes) : -1;
}

static void paths_find_their_route(void **state)
{
    (void)state;
    hf_http_match match;
    assert_int_equal(find(HF_HTTP_GET, "/api/v1", &match), 0);
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/runs", &match), 1);
    assert_int_equal(find(HF_HTTP_POST, "/api/v1/runs", &match), 2);
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/runs/latest", &match), 3);
    assert_string_equal(match.segments[0], "latest");
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/runs/7/events", &match), 4);
    assert_string_equal(match.segments[0], "7");
    assert_int_equal(find(HF_HTTP_POST, "/api/v1/boards/b 1/reserve", &match), 5);
    assert_string_equal(match.segments[0], "b 1");
    assert_string_equal(match.segments[1], "reserve");
    assert_string_equal(match.segments[2], "");
}

/* A variable that is one segment or two. */
static void names_may_have_two_segments(void **state)
{
    (void)state;
    hf_http_match match;
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a", &match), 7);
    assert_string_equal(match.segments[0], "a");
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a/b", &match), 7);
    assert_string_equal(match.segments[0], "a/b");
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a/history", &match), 6);
    assert_string_equal(match.segments[0], "a");
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a/b/history", &match), 6);
    assert_string_equal(match.segments[0], "a/b");
    assert_int_equal(find(HF_HTTP_POST, "/api/v1/files/a/b", &match), 8);
    assert_string_equal(match.segments[0], "a");
    assert_string_equal(match.segments[1], "b");
    assert_int_equal(find(HF_HTTP_POST, "/api/v1/files/a/b/c", &match), 8);
    assert_string_equal(match.segments[0], "a/b");
    assert_string_equal(match.segments[1], "c");
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a/b/c", &match), -1);
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a//b", &match), -1);
    assert_int_equal(find(HF_HTTP_GET, "/api/v1/files/a/", &match), -1);
}

static void other_paths_have_no_route(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/",
        "api/v1",
        "/api",
        "/api/v1/",
        "/api/v2",
        "/api/v1/run",
        "/api/v1/runss",
        "/api/v1/runs/",
        "/api/v1/runs//events",
        "/api/v1/runs/7/events/",
        "/api/v1/runs/7/event",
        "//api/v1",
        "/api/v1/boards/b",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        hf_http_match match;
        assert_int_equal(find(HF_HTTP_GET, paths[i], &match), -1);
        assert_int_equal(match.allowed, 0);
    }
}

static void other_methods_are_named(void **state)
{
    (void)state;
    hf_http_match match;
    assert_int_equal(find(HF_HTTP_PUT, "/api/v1/runs", &match), -1);
    assert_int_equal(match.allowed, 1u << HF_HTTP_GET | 1u << HF_HTTP_POST);
}

static void long_segments_are_refused(void **state)
{
    (void)state;
    char path[HF_HTTP_SEGMENT_SIZE + 32];
    hf_http_match match;
    const int prefix = snprintf(path, sizeof path, "/api/v1/runs/");
    memset(path + prefix, 'a', HF_HTTP_SEGMENT_SIZE);
    path[prefix + HF_HTTP_SEGMENT_SIZE] = '\0';
    assert_int_equal(find(HF_HTTP_GET, path, &match), -1);
    path[prefix + HF_HTTP_SEGMENT_SIZE - 1] = '\0'; /* the longest that fits */
    assert_int_equal(find(HF_HTTP_GET, path, &match), 3);
    assert_int_equal(strlen(match.segments[0]), HF_HTTP_SEGMENT_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_route),    cmocka_unit_test(names_may_have_two_segments),
        cmocka_unit_test(other_paths_have_no_route), cmocka_unit_test(other_methods_are_named),
        cmocka_unit_test(long_segments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
