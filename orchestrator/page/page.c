/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page.h"

#include <inttypes.h>
#include <sha256.h>
#include <stdlib.h>
#include <zlib.h>

#include "assets.h"
#include "page_data.h"
#include "report/c_locale.h"
#include "report/html_page.h"

/* RFC 4648, section 4. */
static void put_base64(hf_buffer *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? bytes[i + 2] : 0);
        char four[] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63],
                       digits[group & 63]};
        for (size_t k = left + 1; k < sizeof four; k++)
            four[k] = '=';
        hf_buffer_append(out, four, sizeof four);
    }
}

static void put_data(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out)
{
    hf_buffer json = HF_BUFFER_INIT;
    hf_page_data_json(report, comparison, &json);
    uLongf size = compressBound((uLong)json.size);
    uint8_t *deflated = malloc(size);
    if (json.failed || !deflated ||
        compress2(deflated, &size, (const Bytef *)hf_buffer_text(&json), (uLong)json.size,
                  Z_BEST_COMPRESSION) != Z_OK)
        out->failed = true;
    else
        put_base64(out, deflated, size);
    free(deflated);
    hf_buffer_free(&json);
}

/* The security policy allows the page's own program, by its digest, and nothing from elsewhere. */
static void put_policy(hf_buffer *out)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)hf_page_script, hf_page_script_bytes());
    SHA256Final(digest, &context);
    hf_buffer_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                        "style-src 'unsafe-inline'; script-src 'sha256-");
    put_base64(out, digest, sizeof digest);
    hf_buffer_puts(out, "'\">\n");
}

void hf_page_render(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_buffer_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    put_policy(out);
    hf_buffer_puts(out, "<title>");
    hf_html_text(out, report->run.name);
    hf_buffer_printf(out, " - hilfarm run %" PRId64 "</title>\n<style>", report->run.id);
    hf_buffer_append(out, hf_page_style, hf_page_style_bytes());
    hf_buffer_puts(out, "</style></head><body><main><p>Reading the results.</p><noscript><p>This page needs "
                        "JavaScript. The same results are in results.csv beside it, and <code>hilfarm report"
                        "</code> prints them.</p></noscript></main>\n<script id=\"data\" "
                        "type=\"application/octet-stream\">");
    put_data(report, comparison, out);
    hf_buffer_puts(out, "</script>\n<script>");
    hf_buffer_append(out, hf_page_script, hf_page_script_bytes());
    hf_buffer_puts(out, "</script></body></html>\n");
    hf_c_locale_leave(before);
}

void hf_page_render_data(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_page_data_json(report, comparison, out);
    hf_c_locale_leave(before);
}
