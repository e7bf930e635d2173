/* SPDX-License-Identifier: Apache-2.0 */
/* Readers for the values of options: flags, texts, numbers, durations. */
#include <stdlib.h>

#include "options.h"
#include "spec/quantity.h"

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
