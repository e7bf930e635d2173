/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "html_run_page.h"

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

void hf_html_time(hf_buffer *out, int64_t unix_ms)
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm local;
    char text[48];
    if (localtime_r(&seconds, &local) && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &local))
        hf_buffer_puts(out, text);
}

void hf_html_transcript(hf_buffer *out, const char *transcript)
{
    if (!transcript || !*transcript)
        return;
    hf_buffer_puts(out, "<details class=\"log\"><summary>transcript</summary><pre>\n");
    hf_html_text(out, transcript);
    hf_buffer_puts(out, "</pre></details>");
}

const char *hf_html_outcome(hf_result_outcome outcome)
{
    return outcome == HF_RESULT_NOT_RUN ? "not run" : hf_result_outcome_name(outcome);
}

size_t hf_html_chip_index(const hf_report *report, size_t result)
{
    size_t index = 0;
    for (size_t i = 0; i <= result; i++) {
        if (strcmp(report->results[i].chip, report->results[result].chip) == 0)
            return index;
        index += hf_report_first_of_chip(report, i);
    }
    return index;
}
