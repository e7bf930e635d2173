/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/daytime.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECONDS_PER_DAY 86400

hf_status hf_daytime_parse(const char *text, hf_daytime *out, hf_error *err)
{
    int hour, minute, length = 0;
    if (strspn(text, "0123456789:") != strlen(text) ||
        sscanf(text, "%2d:%2d%n", &hour, &minute, &length) != 2 || /* NOLINT(cert-err34-c) */
        text[length] || hour > 23 || minute > 59)
        return HF_FAIL(err, HF_EINVALID, "'%s' is not a time of the day, expected HH:MM, such as 03:30",
                       text);
    *out = (hf_daytime){.given = true, .hour = hour, .minute = minute};
    return HF_OK;
}

/* The day in which the last such time was, by the local calendar: days since 1970. */
static int last_day_of(const hf_daytime *time, int64_t now_ms)
{
    const time_t now = (time_t)(now_ms / 1000);
    struct tm local;
    localtime_r(&now, &local);
    const bool past = local.tm_hour * 60 + local.tm_min >= time->hour * 60 + time->minute;
    struct tm date = {.tm_year = local.tm_year, .tm_mon = local.tm_mon, .tm_mday = local.tm_mday};
    return (int)(timegm(&date) / SECONDS_PER_DAY) - !past;
}

int hf_daytime_start(const hf_daytime *time, int64_t now_ms)
{
    return last_day_of(time, now_ms);
}

bool hf_daytime_due(const hf_daytime *time, int64_t now_ms, int *last_day)
{
    const int day = last_day_of(time, now_ms);
    if (!time->given || day <= *last_day)
        return false;
    *last_day = day;
    return true;
}
