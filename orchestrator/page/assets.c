/* SPDX-License-Identifier: Apache-2.0 */
/* The files that esbuild made. */
#include "assets.h"

#include "base/embed_file.h"
#include "page/page.h"

HF_EMBED_FILE(hf_page_script, PAGE_SCRIPT);
HF_EMBED_FILE(hf_page_style, PAGE_STYLE);

const char *hf_page_style_sheet(size_t *bytes)
{
    *bytes = hf_page_style_bytes();
    return hf_page_style;
}
