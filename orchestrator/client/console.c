/* SPDX-License-Identifier: Apache-2.0 */
#include "client/console.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "event_stream.h"
#include "http.h"

#define POLL_MS  100
#define LEAVE_MS 10000 /* for the daemon to say that the line is closed */

typedef struct serving {
    hf_client *client;
    const hf_client_console *console;
    hf_event_stream stream;
    CURLM *multi;
    CURL *events, *input; /* the stream, and the request that carries input */
    bool sending, open, leaving, over;
    char *name; /* of the console; NULL until it is known */
    hf_api_console_started started;
    int64_t offset; /* of the next byte from the board */
    uint8_t bytes[HF_CLIENT_CONSOLE_BYTES];
    hf_buffer opening, refusal, answer; /* bodies: the request's, and of answers that are refusals */
    hf_deadline give_up;
    hf_error failure;
} serving;

/* ---- Events ---- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place. @return false if it is not hexadecimal */
static bool decode(char *hex, size_t *size)
{
    const size_t length = strlen(hex);
    for (size_t i = 0; i + 1 < length; i += 2) {
        const int high = digit(hex[i]), low = digit(hex[i + 1]);
        if (high < 0 || low < 0)
            return false;
        hex[i / 2] = (char)(high << 4 | low);
    }
    *size = length / 2;
    return length % 2 == 0;
}

static hf_status take_output(serving *s, const hf_stream_event *event)
{
    hf_api_console_output output = {0};
    size_t size = 0;
    hf_status status =
        hf_api_read(&hf_api_console_output_type, event->data, event->data_bytes, &output, &s->failure);
    if (status == HF_OK && !decode(output.hex, &size))
        status = HF_FAIL(&s->failure, HF_EPROTOCOL, "the daemon sends output that is not hexadecimal");
    if (status == HF_OK) {
        if (output.offset > s->offset)
            s->console->lost(s->console->user, (uint64_t)(output.offset - s->offset));
        s->offset = output.offset + (int64_t)size;
        s->console->output(s->console->user, (const uint8_t *)output.hex, size);
    }
    hf_api_clear(&hf_api_console_output_type, &output);
    return status;
}

static hf_status take_note(serving *s, const hf_stream_event *event)
{
    hf_api_console_note note = {0};
    hf_status status =
        hf_api_read(&hf_api_console_note_type, event->data, event->data_bytes, &note, &s->failure);
    if (status == HF_OK && strcmp(event->name, "waiting") == 0) {
        s->console->waiting(s->console->user, note.text);
    } else if (status == HF_OK && strcmp(event->name, "open") == 0) {
        s->open = true;
        s->console->opened(s->console->user, &s->started);
    } else if (status == HF_OK) {
        s->over = true;
        if (note.failed)
            (void)HF_FAIL_AS(&s->failure, HF_FAULT_BOARD, HF_EIO, "%s", note.text);
    }
    hf_api_clear(&hf_api_console_note_type, &note);
    return status;
}

static bool take_event(void *user, const hf_stream_event *event)
{
    serving *s = user;
    hf_status status = HF_OK;
    if (strcmp(event->name, "output") == 0)
        status = take_output(s, event);
    else if (strcmp(event->name, "console") == 0 && !s->name)
        status = hf_api_read(&hf_api_console_started_type, event->data, event->data_bytes, &s->started,
                             &s->failure);
    else if (strcmp(event->name, "waiting") == 0 || strcmp(event->name, "open") == 0 ||
             strcmp(event->name, "closed") == 0)
        status = take_note(s, event);
    s->name = s->started.console;
    return status == HF_OK && !s->over;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
    serving *s = user;
    long http_status = 0;
    curl_easy_getinfo(s->events, CURLINFO_RESPONSE_CODE, &http_status);
    if (http_status != 200) {
        hf_buffer_append(&s->refusal, bytes, size * count);
        return s->refusal.failed ? 0 : size * count;
    }
    if (hf_event_stream_feed(&s->stream, bytes, size * count, &s->failure) != HF_OK || s->stream.stopped)
        return 0; /* ends the connection */
    return size * count;
}

/* ---- Requests ---- */

static size_t take_answer(char *bytes, size_t size, size_t count, void *user)
{
    hf_buffer_append(user, bytes, size * count);
    return size * count;
}

static hf_status begin(serving *s, const char *board, const hf_api_console_request *request, hf_error *err)
{
    char *path = hf_client_path("/boards/", board, "/console");
    hf_status status = path ? hf_api_write(&hf_api_console_request_type, request, &s->opening, err)
                            : HF_FAIL(err, HF_ENOMEM, "no memory for a console");
    if (status == HF_OK)
        status = hf_client_prepare(s->client, s->events, "POST", path, err);
    free(path);
    if (status != HF_OK)
        return status;
    curl_easy_setopt(s->events, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->opening.size);
    curl_easy_setopt(s->events, CURLOPT_POSTFIELDS, hf_buffer_text(&s->opening));
    curl_easy_setopt(s->events, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(s->events, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(s->events, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(s->events, CURLOPT_LOW_SPEED_TIME, HF_CLIENT_SILENCE_S);
    return curl_multi_add_handle(s->multi, s->events) == CURLM_OK
               ? HF_OK
               : HF_FAIL(err, HF_ENOMEM, "no memory for a console");
}

/* Sends a request about the console: `after` is "/input" or "/close". */
static hf_status post(serving *s, const char *after, size_t size, hf_error *err)
{
    char *path = hf_client_path("/consoles/", s->name, after);
    hf_status status = path ? hf_client_prepare(s->client, s->input, "POST", path, err)
                            : HF_FAIL(err, HF_ENOMEM, "no memory for input");
    free(path);
    if (status != HF_OK)
        return status;
    hf_buffer_clear(&s->answer);
    curl_easy_setopt(s->input, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(s->input, CURLOPT_POSTFIELDS, (const char *)s->bytes);
    curl_easy_setopt(s->input, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(s->input, CURLOPT_WRITEDATA, &s->answer);
    curl_easy_setopt(s->input, CURLOPT_TIMEOUT_MS, (long)HF_CLIENT_DEADLINE_MS);
    s->sending = curl_multi_add_handle(s->multi, s->input) == CURLM_OK;
    return s->sending ? HF_OK : HF_FAIL(err, HF_ENOMEM, "no memory for input");
}

static hf_status refused(const serving *s, long http_status, const hf_buffer *body, hf_error *err)
{
    hf_api_refusal refusal = {0};
    hf_status status = hf_client_refused(s->client, http_status, body, &refusal, err);
    hf_api_clear(&hf_api_refusal_type, &refusal);
    return status;
}

static hf_status end_input(serving *s, CURLcode result, hf_error *err)
{
    long http_status = 0;
    curl_easy_getinfo(s->input, CURLINFO_RESPONSE_CODE, &http_status);
    curl_multi_remove_handle(s->multi, s->input);
    s->sending = false;
    if (s->leaving || s->over) /* its `closed` says all there is to say */
        return HF_OK;
    if (result != CURLE_OK)
        return hf_client_curl_failure(s->client, result, s->client->failure, err);
    if (http_status >= 200 && http_status < 300)
        return HF_OK;
    return http_status == 404 || http_status == 409 ? HF_OK /* it ends, and its stream says why */
                                                    : refused(s, http_status, &s->answer, err);
}

/* The stream has ended. @return never HF_OK unless it ended as asked */
static hf_status end_stream(const serving *s, CURLcode result, hf_error *err)
{
    long http_status = 0;
    curl_easy_getinfo(s->events, CURLINFO_RESPONSE_CODE, &http_status);
    if (s->failure.status != HF_OK)
        return hf_error_pass(err, &s->failure);
    if (s->over)
        return HF_OK;
    if (http_status >= 300)
        return refused(s, http_status, &s->refusal, err);
    if (result != CURLE_OK)
        return hf_client_curl_failure(s->client, result, s->client->failure, err);
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "the daemon at %s ended the connection", s->client->where);
}

/* ---- The loop ---- */

/* @param done set once the stream has ended */
static hf_status take_messages(serving *s, bool *done, hf_error *err)
{
    int left = 0;
    hf_status status = HF_OK;
    for (CURLMsg *message; status == HF_OK && !*done && (message = curl_multi_info_read(s->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        *done = message->easy_handle == s->events;
        status = *done ? end_stream(s, message->data.result, err) : end_input(s, message->data.result, err);
    }
    return status;
}

static hf_status leave_if_wanted(serving *s, hf_error *err)
{
    if (s->leaving)
        return hf_deadline_passed(s->give_up) ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ETIMEOUT,
                                                           "the daemon did not close the console in time")
                                              : HF_OK;
    if (s->sending || !s->console->leaving(s->console->user))
        return HF_OK;
    s->leaving = true;
    s->give_up = hf_deadline_in_ms(LEAVE_MS);
    if (s->name)
        return post(s, "/close", 0, err);
    s->over = true; /* nothing is open yet: the end of the connection is all it takes */
    return HF_OK;
}

static hf_status serve(serving *s, hf_error *err)
{
    for (;;) {
        int running = 0;
        bool done = false;
        CURLMcode code = curl_multi_perform(s->multi, &running);
        hf_status status = take_messages(s, &done, err);
        if (status == HF_OK && !done)
            status = leave_if_wanted(s, err);
        if (status != HF_OK || done || (s->leaving && !s->name))
            return status;
        const bool reads = s->open && !s->sending && !s->leaving;
        struct curl_waitfd waits[] = {
            {.fd = s->console->wake_fd, .events = CURL_WAIT_POLLIN},
            {.fd = reads ? s->console->input_fd(s->console->user) : -1, .events = CURL_WAIT_POLLIN},
        };
        if (code == CURLM_OK)
            code = curl_multi_poll(s->multi, waits, 2, POLL_MS, NULL);
        if (code != CURLM_OK)
            return HF_FAIL(err, HF_EIO, "libcurl: %s", curl_multi_strerror(code));
        const size_t size = waits[1].revents ? s->console->input(s->console->user, s->bytes) : 0;
        if (size)
            status = post(s, "/input", size, err);
        if (status != HF_OK)
            return status;
    }
}

hf_status hf_client_serve_console(hf_client *client, const char *board, const hf_api_console_request *request,
                                  const hf_client_console *console, hf_error *err)
{
    serving s = {.client = client,
                 .console = console,
                 .multi = curl_multi_init(),
                 .events = curl_easy_init(),
                 .input = curl_easy_init(),
                 .refusal.limit = HF_API_MAX_TEXT_BYTES,
                 .answer.limit = HF_API_MAX_TEXT_BYTES};
    hf_event_stream_init(&s.stream, HF_API_MAX_BYTES, take_event, &s);
    hf_status status = s.multi && s.events && s.input ? begin(&s, board, request, err)
                                                      : HF_FAIL(err, HF_ENOMEM, "no memory for a console");
    if (status == HF_OK)
        status = serve(&s, err);
    if (s.multi) {
        curl_multi_remove_handle(s.multi, s.events);
        curl_multi_remove_handle(s.multi, s.input);
    }
    curl_easy_cleanup(s.events);
    curl_easy_cleanup(s.input);
    curl_multi_cleanup(s.multi);
    hf_event_stream_free(&s.stream);
    hf_api_clear(&hf_api_console_started_type, &s.started);
    hf_buffer_free(&s.opening);
    hf_buffer_free(&s.refusal);
    hf_buffer_free(&s.answer);
    return status;
}
