/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 2048

/* Whether standard error is the journal's stream: $JOURNAL_STREAM is "device:inode" of it, systemd.exec(5). */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat info;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && /* NOLINT(cert-err34-c) */
           fstat(STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

void hf_log(hf_log_level level, const char *format, ...)
{
    char text[LINE_SIZE], stamp[32] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    if (is_journal()) {
        fprintf(stderr, "<%d>%s\n", (int)level, text); /* one write: lines of threads do not mix */
        return;
    }
    if (level == HF_LOG_DEBUG)
        return;
    const time_t now = time(NULL);
    struct tm local;
    strftime(stamp, sizeof stamp, "%F %T", localtime_r(&now, &local));
    fprintf(stderr, "%s hilfarmd: %s%s\n", stamp,
            level == HF_LOG_ERROR     ? "error: "
            : level == HF_LOG_WARNING ? "warning: "
                                      : "",
            text);
}

void hf_log_error(const char *what, const hf_error *err)
{
    hf_log(HF_LOG_ERROR, "%s: %s", what, err->message);
}
