/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROTO_CHARSET_H
#define HF_PROTO_CHARSET_H

#include <stdbool.h>

/* The character sets of SPEC.md, shared by writer and parser. No <ctype.h>: it depends on the host's
 * locale. */

#define HF_HEX_DIGITS "0123456789ABCDEF"

/** Allowed in a type or key. */
static inline bool hf_is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/** Not escaped in a value. */
static inline bool hf_is_plain_char(char c)
{
    return c > ' ' && c <= '~' && c != '*' && c != '%' && c != '=';
}

#endif
