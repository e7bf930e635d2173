/* SPDX-License-Identifier: Apache-2.0 */
/* Readers for the values of options: flags, texts, numbers, durations, chips. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/did_you_mean.h"
#include "chips/chips.h"
#include "options.h"
#include "schedule/schedule.h"
#include "spec/quantity.h"

#define MAX_LINE_BYTES  200
#define MAX_DURATION_MS (UINT64_C(720) * 3600 * 1000)

hf_status hf_cli_read_flag(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    (void)value;
    (void)err;
    *(bool *)target = true;
    return HF_OK;
}

hf_status hf_cli_read_text(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    (void)err;
    *(const char **)target = value;
    return HF_OK;
}

hf_status hf_cli_read_output_path(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    struct stat info;
    const char *slash = strrchr(value, '/');
    char folder[PATH_MAX] = ".";
    if (stat(value, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return HF_FAIL(err, HF_EINVALID, "expected a file, not a folder");
        return hf_cli_read_text(option, value, target, err);
    }
    const size_t length = slash == value ? 1 : slash ? (size_t)(slash - value) : 1;
    if (!*value || length >= sizeof folder)
        return HF_FAIL(err, HF_EINVALID, "expected a file to write");
    if (slash)
        memcpy(folder, value, length);
    folder[length] = '\0';
    if (access(folder, W_OK | X_OK) != 0)
        return HF_FAIL(err, HF_EINVALID, "expected a file in a folder that can be written (%s)",
                       strerror(errno));
    return hf_cli_read_text(option, value, target, err);
}

hf_status hf_cli_read_line(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return HF_FAIL(err, HF_EINVALID, "expected one line without control characters");
    if (!*value || strlen(value) > MAX_LINE_BYTES)
        return HF_FAIL(err, HF_EINVALID, "expected 1 to %d bytes", MAX_LINE_BYTES);
    return hf_cli_read_text(option, value, target, err);
}

hf_status hf_cli_read_count(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    char *end = NULL;
    unsigned long long number = strtoull(value, &end, 10); /* too large a number saturates, above max */
    if (*value < '0' || *value > '9' || *end || number < option->min || number > option->max)
        return HF_FAIL(err, HF_EINVALID, "expected a number from %llu to %llu",
                       (unsigned long long)option->min, (unsigned long long)option->max);
    *(uint32_t *)target = (uint32_t)number;
    return HF_OK;
}

hf_status hf_cli_read_duration(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    uint64_t ms = 0;
    const char *unit;
    if (hf_quantity_parse(value, hf_units_duration, &ms, &unit) != HF_QUANTITY_OK || ms > MAX_DURATION_MS)
        return HF_FAIL(err, HF_EINVALID,
                       "expected a time such as \"30 min\" (units: ms, s, min, h), up to 720 h");
    *(uint64_t *)target = ms;
    return HF_OK;
}

hf_status hf_cli_read_priority(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    char *end = NULL;
    long priority = strtol(value, &end, 10); /* too large a number saturates */
    if (end == value || *end || labs(priority) > HF_SCHEDULE_MAX_PRIORITY)
        return HF_FAIL(err, HF_EINVALID, "expected a number from -%d to %d", HF_SCHEDULE_MAX_PRIORITY,
                       HF_SCHEDULE_MAX_PRIORITY);
    *(int32_t *)target = (int32_t)priority;
    return HF_OK;
}

hf_status hf_cli_read_fail_on(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    return hf_fail_on_parse(value, target, err);
}

static hf_status unknown_chip(const char *name, hf_error *err)
{
    hf_buffer known = HF_BUFFER_INIT;
    hf_suggestion suggestion = {.word = name};
    for (uint32_t i = 0; hf_chip_at(i); i++) {
        hf_buffer_printf(&known, "%s%s", i ? ", " : "", hf_chip_at(i)->name);
        hf_suggest(&suggestion, hf_chip_at(i)->name);
    }
    hf_status status = suggestion.best
                           ? HF_FAIL(err, HF_EINVALID, "did you mean %s?", suggestion.best)
                           : HF_FAIL(err, HF_EINVALID, "expected one of %s", hf_buffer_text(&known));
    hf_buffer_free(&known);
    return status;
}

hf_status hf_cli_read_chip(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    const hf_chip *chip = hf_chip_find(value);
    if (!chip)
        return unknown_chip(value, err);
    *(const hf_chip **)target = chip;
    return HF_OK;
}
