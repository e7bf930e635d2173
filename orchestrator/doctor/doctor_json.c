/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "doctor/doctor.h"

struct hf_doctor_json {
    json_t *checks;
    json_int_t counts[HF_DOCTOR_FAIL + 1];
    bool failed; /* out of memory */
};

const char *hf_doctor_verdict_name(hf_doctor_verdict verdict)
{
    static const char *const names[] = {"ok", "warn", "fail"};
    return names[verdict];
}

hf_doctor_json *hf_doctor_json_new(void)
{
    hf_doctor_json *json = calloc(1, sizeof *json);
    if (json)
        json->checks = json_array();
    if (json && !json->checks) {
        free(json);
        return NULL;
    }
    return json;
}

/* Names of devices and files may hold bytes that are not UTF-8, which JSON does not allow. */
static json_t *text_of(const char *text)
{
    hf_buffer clean = HF_BUFFER_INIT;
    for (size_t length; *text; text += length ? length : 1) {
        length = hf_utf8_length(text);
        if (length)
            hf_buffer_append(&clean, text, length);
        else
            hf_buffer_puts(&clean, HF_UTF8_REPLACEMENT);
    }
    json_t *value = clean.failed ? NULL : json_string(hf_buffer_text(&clean));
    hf_buffer_free(&clean);
    return value;
}

void hf_doctor_json_add(void *user, hf_doctor_verdict verdict, const char *subject, const char *text,
                        const char *remedy)
{
    hf_doctor_json *json = user;
    json_t *check = json_pack("{s:s, s:o, s:o, s:s?}", "verdict", hf_doctor_verdict_name(verdict), "subject",
                              text_of(subject), "text", text_of(text), "remedy", remedy);
    json->counts[verdict]++;
    json->failed |= !check || json_array_append_new(json->checks, check) != 0;
}

void hf_doctor_json_render(const hf_doctor_json *json, hf_buffer *out)
{
    json_t *root = json_pack("{s:O, s:I, s:I, s:I}", "checks", json->checks, "ok", json->counts[HF_DOCTOR_OK],
                             "warn", json->counts[HF_DOCTOR_WARN], "fail", json->counts[HF_DOCTOR_FAIL]);
    char *text = root && !json->failed ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (text) {
        hf_buffer_puts(out, text);
        hf_buffer_putc(out, '\n');
    } else {
        out->failed = true;
    }
    free(text);
}

void hf_doctor_json_free(hf_doctor_json *json)
{
    if (json)
        json_decref(json->checks);
    free(json);
}
