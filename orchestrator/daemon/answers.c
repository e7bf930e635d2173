/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <stdlib.h>

/* How long a refusal lasts: what a request asks for is refused again, unless it depends on the state of the farm. */
static hf_lasting lasting_of(unsigned status, hf_lasting otherwise)
{
    const bool depends_on_state = status == 408 || status == 409 || status == 429;
    return status >= 400 && status < 500 && !depends_on_state ? HF_PERMANENT : otherwise;
}

static hf_status write_refusal(unsigned status, const hf_api_refusal *refusal, hf_buffer *out, hf_error *err)
{
    hf_api_refusal lasting = *refusal;
    lasting.error.lasting = lasting_of(status, refusal->error.lasting);
    return hf_api_write(&hf_api_refusal_type, &lasting, out, err);
}

static void answer(hf_http_request *request, unsigned status, const hf_api_refusal *refusal)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    if (write_refusal(status, refusal, &text, &err) == HF_OK)
        hf_http_respond(request, status, HF_HTTP_JSON, &text);
    else
        hf_http_respond_error(request, status, "%s", err.message);
    hf_buffer_free(&text);
}

void hf_answer_object(hf_http_request *request, unsigned status, const hf_api_type *type, const void *object)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    if (hf_api_write(type, object, &text, &err) == HF_OK)
        hf_http_respond(request, status, HF_HTTP_JSON, &text);
    else
        hf_http_respond_error(request, 500, "the answer cannot be written: %s", err.message);
    hf_buffer_free(&text);
}

static int append(const char *bytes, size_t size, void *user)
{
    hf_buffer *out = user;
    hf_buffer_append(out, bytes, size);
    return out->failed ? -1 : 0;
}

void hf_answer_json(hf_http_request *request, unsigned status, json_t *json)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (!json || json_dump_callback(json, append, &text, JSON_COMPACT | JSON_REAL_PRECISION(12)) != 0)
        text.failed = true;
    hf_http_respond(request, status, HF_HTTP_JSON, &text);
    json_decref(json);
    hf_buffer_free(&text);
}

void hf_answer_failure_as(hf_http_request *request, unsigned status, const hf_error *err)
{
    const hf_api_refusal refusal = {.error = hf_api_failure_of(err)};
    answer(request, status, &refusal);
}

void hf_answer_failure(hf_http_request *request, const hf_error *err)
{
    hf_answer_failure_as(request, hf_http_status_of(err->status), err);
}

void hf_answer_mistakes(hf_http_request *request, const hf_diagnostics *diagnostics, const hf_error *err)
{
    const uint32_t count = hf_diagnostics_count(diagnostics);
    hf_api_diagnostic *list = calloc(count + 1, sizeof *list);
    if (!count || !list) {
        free(list);
        /* Also a run that an option names and that is not there: the path of the request is right. */
        const bool wrong = err->status == HF_EINVALID || err->status == HF_ENOTFOUND;
        hf_answer_failure_as(request, wrong ? 422 : hf_http_status_of(err->status), err);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const hf_diagnostic *mistake = hf_diagnostics_at(diagnostics, i);
        list[i] = (hf_api_diagnostic){.file = (char *)mistake->file,
                                      .line = mistake->line,
                                      .column = mistake->column,
                                      .text = (char *)mistake->text};
    }
    hf_api_refusal refusal = {.error = hf_api_failure_of(err)};
    refusal.error.diagnostics = list;
    refusal.error.diagnostic_count = count;
    refusal.error.diagnostic_total = hf_diagnostics_total(diagnostics);
    answer(request, 422, &refusal);
    free(list);
}

void hf_answer_missing(hf_http_request *request, char **missing, size_t count)
{
    hf_error err = {0};
    (void)HF_FAIL(&err, HF_EMISMATCH, "%zu file%s must be uploaded first", count, count == 1 ? "" : "s");
    hf_api_refusal refusal = {.error = hf_api_failure_of(&err), .missing = missing, .missing_count = count};
    answer(request, 409, &refusal);
}

/* The status of a failure that the server itself finds. */
static hf_status status_of_http(unsigned status)
{
    switch (status) {
    case 401:
    case 403:
        return HF_EUNSUPPORTED;
    case 404:
        return HF_ENOTFOUND;
    case 409:
        return HF_EMISMATCH;
    case 413:
    case 429:
        return HF_ELIMIT;
    case 503:
        return HF_EBUSY;
    case 504:
        return HF_ETIMEOUT;
    default:
        return status < 500 ? HF_EINVALID : HF_EIO;
    }
}

void hf_answer_render_error(void *user, unsigned status, const char *message, hf_buffer *out)
{
    (void)user;
    hf_error err = {0};
    (void)HF_FAIL(&err, status_of_http(status), "%s", message);
    const hf_api_refusal refusal = {.error = hf_api_failure_of(&err)};
    if (write_refusal(status, &refusal, out, NULL) != HF_OK)
        out->failed = true;
}
