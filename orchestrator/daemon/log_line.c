/* SPDX-License-Identifier: Apache-2.0 */
#include "log_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *hf_log_level_name(hf_log_level level)
{
    switch (level) {
    case HF_LOG_ERROR:
        return "error";
    case HF_LOG_WARNING:
        return "warning";
    case HF_LOG_NOTICE:
        return "notice";
    default:
        return "info";
    }
}

int hf_log_line_write(const hf_log_line *line, char text[HF_LOG_FILE_LINE_SIZE])
{
    struct tm utc;
    char stamp[32];
    const time_t seconds = (time_t)(line->at_ms / 1000);
    strftime(stamp, sizeof stamp, "%FT%T", gmtime_r(&seconds, &utc));
    return snprintf(text, HF_LOG_FILE_LINE_SIZE, "%" PRId64 " %s.%03dZ %s %s\n", line->number, stamp,
                    (int)(line->at_ms % 1000), hf_log_level_name(line->level), line->text);
}

static bool read_level(const char *name, hf_log_level *level)
{
    for (*level = HF_LOG_ERROR; *level < HF_LOG_DEBUG; (*level)++)
        if (strcmp(hf_log_level_name(*level), name) == 0)
            return true;
    return false;
}

bool hf_log_line_read(const char *text, hf_log_line *line)
{
    struct tm utc = {0};
    char level[12], *end;
    int ms, used = 0;
    errno = 0;
    line->number = strtoll(text, &end, 10);
    if (errno || line->number <= 0 || *end != ' ')
        return false;
    const char *rest = strptime(end + 1, "%Y-%m-%dT%H:%M:%S", &utc);
    if (!rest || sscanf(rest, ".%3dZ %10s%n", &ms, level, &used) != 2 ||
        rest[used] != ' ' || /* NOLINT(cert-err34-c) */
        !read_level(level, &line->level))
        return false;
    line->at_ms = (int64_t)timegm(&utc) * 1000 + ms;
    line->text = strdup(rest + used + 1);
    return line->text != NULL;
}
