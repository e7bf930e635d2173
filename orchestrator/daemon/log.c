/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_SIZE 2048

/* The last lines, for people who look at the daemon from elsewhere. */
static struct {
    pthread_mutex_t mutex;
    struct {
        int64_t at_ms;
        hf_log_level level;
        char *text; /* owned */
    } lines[HF_LOG_KEPT];
    uint64_t count; /* line n is at n % HF_LOG_KEPT */
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void keep(hf_log_level level, const char *text)
{
    pthread_mutex_lock(&kept.mutex);
    char **place = &kept.lines[kept.count % HF_LOG_KEPT].text;
    char *copy = strdup(text);
    if (copy) { /* short of memory, only standard error has it */
        free(*place);
        *place = copy;
        kept.lines[kept.count % HF_LOG_KEPT].at_ms = hf_wall_ms();
        kept.lines[kept.count % HF_LOG_KEPT].level = level;
        kept.count++;
    }
    pthread_mutex_unlock(&kept.mutex);
}

void hf_log_recent(void (*take)(void *user, int64_t at_ms, hf_log_level level, const char *text), void *user)
{
    pthread_mutex_lock(&kept.mutex);
    for (uint64_t n = kept.count > HF_LOG_KEPT ? kept.count - HF_LOG_KEPT : 0; n < kept.count; n++) {
        const size_t at = n % HF_LOG_KEPT;
        take(user, kept.lines[at].at_ms, kept.lines[at].level, kept.lines[at].text);
    }
    pthread_mutex_unlock(&kept.mutex);
}

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
    if (level != HF_LOG_DEBUG)
        keep(level, text);
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
