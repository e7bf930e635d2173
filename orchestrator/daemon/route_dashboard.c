/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the dashboard, which anyone who can connect may have: they say nothing of the farm. */
#include "dashboard/dashboard.h"
#include "routes.h"

void hf_get_dashboard(void *user, hf_http_request *request)
{
    (void)user;
    const hf_http_header headers[] = {
        {"Content-Security-Policy", hf_dashboard_policy()},
        {"Referrer-Policy", "no-referrer"},
        {"X-Frame-Options", "DENY"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {NULL, NULL},
    };
    hf_dashboard_file file;
    if (hf_dashboard_find(hf_http_request_path(request), &file))
        hf_http_respond_file(request, file.type, file.content, file.size_bytes, headers);
    else
        hf_http_respond_error(request, 404, "there is nothing at %s", hf_http_request_path(request));
}
