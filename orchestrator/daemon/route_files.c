/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "answers.h"
#include "dispatch.h"
#include "routes.h"

static void discard(void *upload)
{
    hf_spool_upload_discard(upload);
}

static hf_status begin(hf_daemon *daemon, hf_http_request *request, hf_error *err)
{
    hf_spool_upload *upload = NULL;
    pthread_mutex_lock(&daemon->spool_mutex);
    hf_status status = hf_spool_upload_begin(daemon->spool, hf_http_request_segment(request, 0),
                                             hf_http_request_length(request), &upload, err);
    pthread_mutex_unlock(&daemon->spool_mutex);
    if (status == HF_OK)
        hf_http_request_attach(request, upload, discard);
    return status;
}

hf_status hf_receive_file(void *user, hf_http_request *request, const void *data, size_t size, hf_error *err)
{
    hf_status status = hf_http_request_attached(request) ? HF_OK : begin(user, request, err);
    if (status == HF_OK)
        status = hf_spool_upload_write(hf_http_request_attached(request), data, size, err);
    return status;
}

static void end(const hf_dispatched *task)
{
    hf_http_request *request = task->request;
    hf_error err = {0};
    hf_status status = HF_OK;
    if (!hf_http_request_attached(request)) /* an empty file */
        status = begin(task->daemon, request, &err);
    if (status == HF_OK) {
        pthread_mutex_lock(&task->daemon->spool_mutex);
        status = hf_spool_upload_end(hf_http_request_detach(request), &err);
        pthread_mutex_unlock(&task->daemon->spool_mutex);
    }
    if (status == HF_OK)
        hf_http_respond(request, 201, NULL, NULL);
    else
        hf_answer_failure(request, &err);
}

void hf_put_file(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, end);
}

static void look(const hf_dispatched *task)
{
    pthread_mutex_lock(&task->daemon->spool_mutex);
    const bool there = hf_spool_has(task->daemon->spool, hf_http_request_segment(task->request, 0));
    pthread_mutex_unlock(&task->daemon->spool_mutex);
    if (there)
        hf_http_respond(task->request, 200, NULL, NULL);
    else
        hf_http_respond_error(task->request, 404, "no file of this content is stored");
}

void hf_head_file(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, look);
}
