/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    hf_status status;
    const char *name;
    const char *text;
} status_table[] = {{HF_OK, "ok", "no error"},
#define HF_STATUS_ROW(name, value, text) {HF_E##name, #name, text},
                    HF_STATUS_MAP(HF_STATUS_ROW)
#undef HF_STATUS_ROW
};

static const char *const fault_names[] = {
#define HF_FAULT_ROW(name, text) [HF_FAULT_##name] = (text),
    HF_FAULT_MAP(HF_FAULT_ROW)
#undef HF_FAULT_ROW
};

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

const char *hf_status_name(hf_status status)
{
    for (size_t i = 0; i < COUNT_OF(status_table); i++)
        if (status_table[i].status == status)
            return status_table[i].name;
    return "unknown status";
}

const char *hf_status_text(hf_status status)
{
    for (size_t i = 0; i < COUNT_OF(status_table); i++)
        if (status_table[i].status == status)
            return status_table[i].text;
    return "unknown status";
}

const char *hf_fault_name(hf_fault fault)
{
    if ((size_t)fault >= COUNT_OF(fault_names))
        return "unknown fault";
    return fault_names[fault];
}

hf_status hf_fault_parse(const char *name, hf_fault *out)
{
    for (size_t i = 0; i < COUNT_OF(fault_names); i++) {
        if (strcmp(fault_names[i], name) == 0) {
            *out = (hf_fault)i;
            return HF_OK;
        }
    }
    return HF_ENOTFOUND;
}

void hf_error_clear(hf_error *err)
{
    if (err)
        *err = (hf_error){0};
}

hf_status hf_error_set(hf_error *err, hf_status status, hf_fault fault, const char *file, int line,
                       const char *format, ...)
{
    if (!err || err->status != HF_OK)
        return status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    err->status = status;
    err->fault = fault;
    err->lasting = HF_TRANSIENT;
    err->file = file;
    err->line = line;
    return status;
}

hf_status hf_error_pass(hf_error *err, const hf_error *cause)
{
    if (err && err->status == HF_OK)
        *err = *cause;
    return cause->status;
}

void hf_error_drop_name(hf_error *err, const char *name)
{
    const size_t length = strlen(name);
    if (err && length && strncmp(err->message, name, length) == 0 &&
        strncmp(err->message + length, ": ", 2) == 0)
        memmove(err->message, err->message + length + 2, strlen(err->message + length + 2) + 1);
}

void hf_error_context(hf_error *err, hf_fault fault_if_none, const char *format, ...)
{
    if (!err || err->status == HF_OK)
        return;
    char cause[sizeof err->message];
    memcpy(cause, err->message, sizeof cause);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof err->message - 2) {
        size_t room = sizeof err->message - (size_t)length;
        snprintf(err->message + length, room, ": %.*s", (int)room - 3, cause); /* a long cause is cut short */
    }
    if (err->fault == HF_FAULT_NONE)
        err->fault = fault_if_none;
}
