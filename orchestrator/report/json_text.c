/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Appends what lies between the quotes. RFC 8259, section 7: quotes, backslashes and control characters are escaped. */
static void put_escaped(hf_buffer *out, const char *text)
{
    static const char short_forms[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (;;) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\')
            plain++;
        hf_buffer_append(out, text, plain);
        text += plain;
        if (!*text)
            return;
        const char *form = strchr(short_forms, *text);
        if (form)
            hf_buffer_append(out, (const char[]){'\\', form[1]}, 2);
        else
            hf_buffer_printf(out, "\\u%04x", (unsigned)*text);
        text++;
    }
}

static bool is_ascii(const char *text)
{
    while ((signed char)*text > 0)
        text++;
    return !*text;
}

void hf_json_text(hf_buffer *out, const char *text)
{
    if (!text) {
        hf_buffer_append(out, "null", 4);
        return;
    }
    hf_buffer_putc(out, '"');
    if (is_ascii(text)) {
        put_escaped(out, text);
    } else { /* a transcript may contain any bytes */
        hf_buffer valid = HF_BUFFER_INIT;
        hf_utf8_append(&valid, text);
        put_escaped(out, hf_buffer_text(&valid));
        out->failed |= valid.failed;
        hf_buffer_free(&valid);
    }
    hf_buffer_putc(out, '"');
}

/* A large run has millions of numbers: without printf() they take a third of the time. */
void hf_json_integer(hf_buffer *out, int64_t value)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--at = '-';
    hf_buffer_append(out, at, (size_t)(digits + sizeof digits - at));
}

void hf_json_known(hf_buffer *out, int64_t value)
{
    if (value)
        hf_json_integer(out, value);
    else
        hf_buffer_append(out, "null", 4);
}

void hf_json_real(hf_buffer *out, bool known, double value)
{
    if (!known || !isfinite(value))
        hf_buffer_append(out, "null", 4);
    else if (value == floor(value) && fabs(value) < 1e15)
        hf_json_integer(out, (int64_t)value);
    else
        hf_buffer_printf(out, "%.10g", value);
}

void hf_json_exact(hf_buffer *out, bool known, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    if (known && isfinite(value) && strtod(text, NULL) != value)
        hf_buffer_printf(out, "%.17g", value);
    else if (known && isfinite(value))
        hf_buffer_printf(out, "%s%s", text,
                         strpbrk(text, ".e") ? "" : ".0"); /* a real number, whatever its value */
    else
        hf_buffer_append(out, "null", 4);
}

void hf_json_bool(hf_buffer *out, bool value)
{
    hf_buffer_puts(out, value ? "true" : "false");
}

void hf_json_key(hf_buffer *out, bool first, const char *name)
{
    if (!first)
        hf_buffer_putc(out, ',');
    hf_json_text(out, name);
    hf_buffer_putc(out, ':');
}
