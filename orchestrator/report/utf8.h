/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_UTF8_H
#define HF_REPORT_UTF8_H

#include <stddef.h>

/**
 * @file utf8.h
 * Serial lines hold whatever a board sent; HTML and JSON hold UTF-8 only.
 */

/** U+FFFD, which stands for a byte that is not UTF-8. */
#define HF_UTF8_REPLACEMENT "\xEF\xBF\xBD"

/** Bytes of the well-formed UTF-8 character that NUL-terminated text begins with; 0 if it is not one. */
size_t hf_utf8_length(const char *text);

#endif
