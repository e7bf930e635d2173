/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "report/html_page.h"
#include "report/render.h"

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

void hf_html_page_begin(hf_buffer *out, const char *title)
{
    hf_buffer_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>");
    hf_html_text(out, title);
    hf_buffer_printf(out, "</title>\n<style>\n%s</style></head><body><main>\n", hf_html_style);
}

void hf_html_page_end(hf_buffer *out)
{
    hf_buffer_printf(out, "</main><script>%s</script></body></html>\n", hf_html_script);
}

void hf_html_count(hf_buffer *out, int64_t value)
{
    char text[32];
    hf_format_count((double)value, text, sizeof text);
    hf_buffer_puts(out, text);
}

void hf_html_bytes(hf_buffer *out, int64_t bytes)
{
    char text[32];
    hf_format_bytes((double)bytes, text, sizeof text);
    hf_buffer_puts(out, text);
}

void hf_html_ns(hf_buffer *out, double nanoseconds)
{
    char text[32];
    hf_format_ns(nanoseconds, text, sizeof text);
    hf_buffer_puts(out, text);
}
