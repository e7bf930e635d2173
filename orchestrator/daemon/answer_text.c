/* SPDX-License-Identifier: Apache-2.0 */
#include "answer_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "base/file.h"

static hf_status write_piece(void *user, const void *bytes, size_t size, hf_error *err)
{
    return hf_write_all(*(const int *)user, "the answer", bytes, size, err);
}

void hf_answer_text(const hf_dispatched *task, const char *type, hf_text_producer *produce, const void *user)
{
    hf_error err = {0};
    FILE *file = tmpfile();
    int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 0) : -1;
    const hf_text_sink sink = {&fd, write_piece};
    hf_status status = fd < 0 ? HF_FAIL(&err, HF_EIO, "cannot create a temporary file: %s", strerror(errno))
                              : produce(task, user, &sink, &err);
    const off_t size = status == HF_OK ? lseek(fd, 0, SEEK_CUR) : 0;
    if (status == HF_OK) {
        hf_http_respond_fd(task->request, 200, type, fd, (uint64_t)size);
    } else {
        if (fd >= 0)
            close(fd);
        hf_answer_failure(task->request, &err);
    }
    if (file)
        fclose(file);
}

/* A number of the query; 0 if it is not given. */
static hf_status read_number(const hf_http_request *request, const char *name, int64_t *out, hf_error *err)
{
    const char *text = hf_http_request_query(request, name);
    char *end = NULL;
    *out = text ? strtoll(text, &end, 10) : 0;
    if (text && (*text < '0' || *text > '9' || *end || *out > INT32_MAX))
        return HF_FAIL(err, HF_EINVALID, "%s=%s: expected a number of 0 .. %d", name, text, INT32_MAX);
    return HF_OK;
}

hf_status hf_requested_range(const hf_http_request *request, hf_result_range *range, hf_error *err)
{
    hf_status status = read_number(request, "offset", &range->offset, err);
    return status == HF_OK ? read_number(request, "limit", &range->most, err) : status;
}
