/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"

void hf_json_text(hf_buffer *out, const char *text)
{
    if (!text) {
        hf_buffer_puts(out, "null");
        return;
    }
    hf_buffer valid = HF_BUFFER_INIT;
    hf_utf8_append(&valid, text); /* JSON is UTF-8; a transcript may contain any bytes */
    json_t *value = valid.failed ? NULL : json_string(hf_buffer_text(&valid));
    char *encoded = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (encoded)
        hf_buffer_puts(out, encoded);
    else
        out->failed = true;
    free(encoded);
    json_decref(value);
    hf_buffer_free(&valid);
}

void hf_json_integer(hf_buffer *out, int64_t value)
{
    hf_buffer_printf(out, "%" PRId64, value);
}

void hf_json_known(hf_buffer *out, int64_t value)
{
    if (value)
        hf_json_integer(out, value);
    else
        hf_buffer_puts(out, "null");
}

void hf_json_real(hf_buffer *out, bool known, double value)
{
    if (known && isfinite(value))
        hf_buffer_printf(out, "%.10g", value);
    else
        hf_buffer_puts(out, "null");
}

void hf_json_key(hf_buffer *out, bool first, const char *name)
{
    if (!first)
        hf_buffer_putc(out, ',');
    hf_json_text(out, name);
    hf_buffer_putc(out, ':');
}
