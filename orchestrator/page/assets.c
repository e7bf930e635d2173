/* SPDX-License-Identifier: Apache-2.0 */
/* The files that esbuild made. */
#include "assets.h"

#include "base/embed_file.h"

HF_EMBED_FILE(hf_page_script, PAGE_SCRIPT);
HF_EMBED_FILE(hf_page_style, PAGE_STYLE);
