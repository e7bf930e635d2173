/* SPDX-License-Identifier: Apache-2.0 */
#include "log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define FILE_MODE 0640

struct hf_log_file {
    char *path, *older; /* log, log.1 */
    int fd;             /* -1 = it cannot be opened at present */
    size_t bytes;
    int64_t last;
};

/* ---- Reading ---- */

/* The last lines of one file, as in hf_log_file_read(). */
static size_t read_file(const char *path, int64_t before, size_t most, hf_log_line *lines)
{
    uint8_t *data = NULL;
    size_t size = 0, count = 0;
    if (hf_file_read(path, (size_t)2 * HF_LOG_FILE_BYTES, &data, &size, NULL) != HF_OK)
        return 0;
    char *text = (char *)data, *end = text + size;
    while (count < most && end > text) {
        char *newline = memrchr(text, '\n', (size_t)(end - text));
        if (!newline)
            break;
        char *start = memrchr(text, '\n', (size_t)(newline - text));
        start = start ? start + 1 : text;
        *newline = '\0';
        if (hf_log_line_read(start, &lines[count])) {
            if (lines[count].number < before)
                count++;
            else
                free(lines[count].text);
        }
        end = start;
    }
    free(data);
    return count;
}

size_t hf_log_file_read(const hf_log_file *self, int64_t before, size_t most, hf_log_line *lines)
{
    const size_t count = read_file(self->path, before, most, lines);
    return count + read_file(self->older, before, most - count, lines + count);
}

/* ---- Writing ---- */

static void open_file(hf_log_file *self)
{
    struct stat info;
    self->fd = open(self->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, FILE_MODE);
    self->bytes = self->fd >= 0 && fstat(self->fd, &info) == 0 ? (size_t)info.st_size : 0;
}

hf_status hf_log_file_open(const char *folder, hf_log_file **out, hf_error *err)
{
    hf_log_file *self = calloc(1, sizeof *self);
    hf_log_line last;
    if (!self || asprintf(&self->path, "%s/log", folder) < 0 ||
        asprintf(&self->older, "%s/log.1", folder) < 0) {
        if (self)
            free(self->path);
        free(self);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the log");
    }
    open_file(self);
    if (self->fd < 0) {
        hf_status status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot open %s: %s", self->path, strerror(errno));
        hf_log_file_close(self);
        return status;
    }
    /* The last line may be torn: the power failed. Then the next one begins after it. */
    char byte = '\n';
    const int reader = open(self->path, O_RDONLY | O_CLOEXEC);
    if (reader >= 0 && self->bytes > 0 && pread(reader, &byte, 1, (off_t)self->bytes - 1) == 1 &&
        byte != '\n' && write(self->fd, "\n", 1) == 1)
        self->bytes++;
    if (reader >= 0)
        close(reader);
    if (hf_log_file_read(self, INT64_MAX, 1, &last) == 1) {
        self->last = last.number;
        free(last.text);
    }
    *out = self;
    return HF_OK;
}

void hf_log_file_close(hf_log_file *self)
{
    if (!self)
        return;
    if (self->fd >= 0)
        close(self->fd);
    free(self->path);
    free(self->older);
    free(self);
}

int64_t hf_log_file_last(const hf_log_file *self)
{
    return self->last;
}

void hf_log_file_add(hf_log_file *self, const hf_log_line *line)
{
    char text[HF_LOG_FILE_LINE_SIZE];
    const int size = hf_log_line_write(line, text);
    if (self->fd >= 0 && self->bytes + (size_t)size > HF_LOG_FILE_BYTES &&
        rename(self->path, self->older) == 0) {
        close(self->fd);
        self->fd = -1;
    }
    if (self->fd < 0)
        open_file(self);
    if (self->fd < 0)
        return;
    const ssize_t written = write(self->fd, text, (size_t)size);
    self->bytes += written > 0 ? (size_t)written : 0;
    self->last = line->number;
}
