/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "report/html_page.h"

void hf_html_text(hf_buffer *out, const char *text)
{
    while (text && *text) {
        size_t length = hf_utf8_length(text);
        unsigned char character = (unsigned char)*text;
        if (character == '&')
            hf_buffer_puts(out, "&amp;");
        else if (character == '<')
            hf_buffer_puts(out, "&lt;");
        else if (character == '>')
            hf_buffer_puts(out, "&gt;");
        else if (character == '"')
            hf_buffer_puts(out, "&quot;");
        else if (character == '\'')
            hf_buffer_puts(out, "&#39;");
        else if (length == 0 || (character < ' ' && character != '\n' && character != '\t') ||
                 character == 0x7f)
            /* HTML cannot represent control characters; carriage returns are dropped. */
            hf_buffer_puts(out, character == '\r' ? "" : HF_UTF8_REPLACEMENT);
        else
            hf_buffer_append(out, text, length);
        text += length ? length : 1;
    }
}
