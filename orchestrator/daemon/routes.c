/* SPDX-License-Identifier: Apache-2.0 */
#include "routes.h"

#define API             HF_API_PREFIX
#define SMALL_BYTES     65536
#define MOST_FILE_BYTES (UINT64_C(4) << 30)

const hf_http_route hf_daemon_routes[] = {
    {.method = HF_HTTP_GET, .pattern = API, .handle = hf_get_daemon},
    {.method = HF_HTTP_GET, .pattern = API "/events", .handle = hf_get_events},
    {.method = HF_HTTP_GET, .pattern = API "/boards", .handle = hf_get_boards},
    {.method = HF_HTTP_GET, .pattern = API "/boards/{board}", .handle = hf_get_board},
    {.method = HF_HTTP_POST,
     .pattern = API "/boards/{board}/{change}",
     .handle = hf_post_board,
     .body_limit = SMALL_BYTES},
    {.method = HF_HTTP_HEAD, .pattern = API "/files/{sha256}", .handle = hf_head_file},
    {.method = HF_HTTP_PUT,
     .pattern = API "/files/{sha256}",
     .handle = hf_put_file,
     .body_limit = MOST_FILE_BYTES,
     .receive = hf_receive_file},
    {.method = HF_HTTP_GET, .pattern = API "/queue", .handle = hf_get_queue},
    {.method = HF_HTTP_GET, .pattern = API "/runs", .handle = hf_get_runs},
    {.method = HF_HTTP_POST, .pattern = API "/runs", .handle = hf_post_runs, .body_limit = HF_API_MAX_BYTES},
    {.method = HF_HTTP_GET, .pattern = API "/runs/{run}", .handle = hf_get_run},
    {.method = HF_HTTP_GET, .pattern = API "/runs/{run}/events", .handle = hf_get_run_events},
    {.method = HF_HTTP_GET, .pattern = API "/runs/{run}/{report}", .handle = hf_get_report},
    {.method = HF_HTTP_POST,
     .pattern = API "/runs/{run}/cancel",
     .handle = hf_post_run_cancel,
     .body_limit = SMALL_BYTES},
    {.method = HF_HTTP_POST,
     .pattern = API "/runs/{run}/priority",
     .handle = hf_post_run_priority,
     .body_limit = SMALL_BYTES},
    {.method = HF_HTTP_POST,
     .pattern = API "/runs/{run}/resume",
     .handle = hf_post_run_resume,
     .body_limit = SMALL_BYTES},
    {.method = HF_HTTP_POST,
     .pattern = API "/runs/{run}/tag",
     .handle = hf_post_run_tag,
     .body_limit = SMALL_BYTES},
};

const size_t hf_daemon_route_count = sizeof hf_daemon_routes / sizeof hf_daemon_routes[0];
