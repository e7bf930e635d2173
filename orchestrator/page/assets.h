/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_ASSETS_H
#define HF_PAGE_ASSETS_H

#include <stddef.h>

/**
 * @file assets.h
 * The bundled program and style sheet of the page (web/report/).
 */
extern const char hf_page_script[], hf_page_script_end[];
extern const char hf_page_style[], hf_page_style_end[];

static inline size_t hf_page_script_bytes(void)
{
    return (size_t)(hf_page_script_end - hf_page_script);
}

static inline size_t hf_page_style_bytes(void)
{
    return (size_t)(hf_page_style_end - hf_page_style);
}

#endif
