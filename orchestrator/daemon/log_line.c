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

/* @param name up to a space */
static bool read_level(const char *name, size_t length, hf_log_level *level)
{
    for (*level = HF_LOG_ERROR; *level < HF_LOG_DEBUG; (*level)++) {
        const char *wanted = hf_log_level_name(*level);
        if (strlen(wanted) == length && memcmp(wanted, name, length) == 0)
            return true;
    }
    return false;
}

bool hf_log_line_read(const char *text, hf_log_line *line)
{
    struct tm utc = {0};
    char *end;
    errno = 0;
    line->number = strtoll(text, &end, 10);
    if (errno || line->number <= 0 || *end != ' ')
        return false;
    const char *rest = strptime(end + 1, "%Y-%m-%dT%H:%M:%S", &utc);
    if (!rest || *rest != '.')
        return false;
    const long ms = strtol(rest + 1, &end, 10);
    if (ms < 0 || ms > 999 || strncmp(end, "Z ", 2) != 0)
        return false;
    const char *level = end + 2;
    const size_t length = strcspn(level, " ");
    if (level[length] != ' ' || !read_level(level, length, &line->level))
        return false;
    line->at_ms = (int64_t)timegm(&utc) * 1000 + ms;
    line->text = strdup(level + length + 1);
    return line->text != NULL;
}
