/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/embed_file.h"

extern const char hf_dashboard_page[], hf_dashboard_page_end[];
extern const char hf_dashboard_script[], hf_dashboard_script_end[];
extern const char hf_dashboard_style[], hf_dashboard_style_end[];

HF_EMBED_FILE(hf_dashboard_page, PAGE_FRAME);
HF_EMBED_FILE(hf_dashboard_script, PAGE_SCRIPT);
HF_EMBED_FILE(hf_dashboard_style, PAGE_STYLE);

static const struct {
    const char *path, *type, *content, *end;
} files[] = {
    {"/", "text/html; charset=utf-8", hf_dashboard_page, hf_dashboard_page_end},
    {"/dashboard.js", "text/javascript; charset=utf-8", hf_dashboard_script, hf_dashboard_script_end},
    {"/dashboard.css", "text/css; charset=utf-8", hf_dashboard_style, hf_dashboard_style_end},
};

bool hf_dashboard_find(const char *path, hf_dashboard_file *out)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(files[i].path, path) == 0) {
            *out = (hf_dashboard_file){.type = files[i].type,
                                       .content = files[i].content,
                                       .size_bytes = (size_t)(files[i].end - files[i].content)};
            return true;
        }
    return false;
}

const char *hf_dashboard_policy(void)
{
    return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}
