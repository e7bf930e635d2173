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
#include "log_file.h"

static struct {
    pthread_mutex_t mutex;
    hf_log_line lines[HF_LOG_KEPT]; /* line n is at n % HF_LOG_KEPT; the texts are owned */
    int64_t first, next;            /* the numbers of the oldest one, and of the one to come */
    hf_log_file *file;              /* NULL = none */
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER, .first = 1, .next = 1};

static void keep(hf_log_level level, const char *text)
{
    pthread_mutex_lock(&kept.mutex);
    char *copy = strdup(text);
    if (copy) { /* short of memory, only standard error has it */
        hf_log_line *line = &kept.lines[kept.next % HF_LOG_KEPT];
        free(line->text);
        *line = (hf_log_line){.number = kept.next++, .at_ms = hf_wall_ms(), .level = level, .text = copy};
        if (kept.next - kept.first > HF_LOG_KEPT)
            kept.first++;
        if (kept.file)
            hf_log_file_add(kept.file, line);
    }
    pthread_mutex_unlock(&kept.mutex);
}

/* Numbers the lines in memory anew, after those of the file, and adds them to it. */
static void add_earlier(hf_log_file *file)
{
    hf_log_line earlier[HF_LOG_KEPT];
    const int64_t first = hf_log_file_last(file) + 1, count = kept.next - kept.first;
    for (int64_t i = 0; i < count; i++) {
        earlier[i] = kept.lines[(kept.first + i) % HF_LOG_KEPT];
        earlier[i].number = first + i;
    }
    memset(kept.lines, 0, sizeof kept.lines);
    for (int64_t i = 0; i < count; i++) {
        kept.lines[earlier[i].number % HF_LOG_KEPT] = earlier[i];
        hf_log_file_add(file, &earlier[i]);
    }
    kept.first = first;
    kept.next = first + count;
}

hf_status hf_log_keep(const char *folder, hf_error *err)
{
    hf_log_file *file = NULL;
    pthread_mutex_lock(&kept.mutex);
    hf_status status = hf_log_file_open(folder, &file, err);
    if (status == HF_OK) {
        add_earlier(file);
        kept.file = file;
    }
    pthread_mutex_unlock(&kept.mutex);
    return status;
}

void hf_log_keep_end(void)
{
    pthread_mutex_lock(&kept.mutex);
    hf_log_file_close(kept.file);
    kept.file = NULL;
    pthread_mutex_unlock(&kept.mutex);
}

size_t hf_log_page(int64_t before, size_t most, hf_log_line *lines)
{
    size_t count = 0;
    pthread_mutex_lock(&kept.mutex);
    for (int64_t n = before < kept.next ? before - 1 : kept.next - 1; n >= kept.first && count < most; n--) {
        lines[count] = kept.lines[n % HF_LOG_KEPT];
        lines[count].text = strdup(lines[count].text);
        count += lines[count].text != NULL;
    }
    if (kept.file)
        count += hf_log_file_read(kept.file, before < kept.first ? before : kept.first, most - count,
                                  lines + count);
    pthread_mutex_unlock(&kept.mutex);
    for (size_t i = 0; i < count / 2; i++) {
        const hf_log_line line = lines[i];
        lines[i] = lines[count - 1 - i];
        lines[count - 1 - i] = line;
    }
    return count;
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
    char text[HF_LOG_LINE_SIZE], stamp[32] = "";
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
