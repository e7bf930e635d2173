/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal_safe_text.h"

#include <limits.h>
#include <stdbool.h>

#include "base/utf8.h"

size_t hf_terminal_step(const char *text)
{
    size_t length = hf_utf8_length(text);
    return length ? length : 1;
}

int hf_terminal_width(const char *text)
{
    int width = 0;
    for (; *text; text += hf_terminal_step(text))
        width++;
    return width;
}

const char *hf_terminal_put_some(hf_buffer *out, const char *text, int count)
{
    for (; count > 0 && *text; count--) {
        size_t length = hf_utf8_length(text);
        unsigned char first = (unsigned char)*text;
        /* U+0080 to U+009F are control characters too. */
        bool control = first < ' ' || first == 0x7f || (first == 0xc2 && (unsigned char)text[1] < 0xa0);
        if (first == '\n' || first == '\r' || first == '\t')
            hf_buffer_putc(out, ' ');
        else if (!length || control)
            hf_buffer_putc(out, '?');
        else
            hf_buffer_append(out, text, length);
        text += hf_terminal_step(text);
    }
    return text;
}

void hf_terminal_put(hf_buffer *out, const char *text)
{
    if (text)
        hf_terminal_put_some(out, text, INT_MAX);
}
