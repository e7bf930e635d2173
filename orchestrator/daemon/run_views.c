/* SPDX-License-Identifier: Apache-2.0 */
#include "run_views.h"

#include <stdlib.h>

#include "boards.h"
#include "log.h"
#include "run_list.h"

#define PERIOD_MS 250
#define PAUSE_MS  100 /* between two messages to a client */
#define BOARDS    0   /* kinds of views of the farm */
#define QUEUE     1

/* Sends what was not sent during the pause. Without anything to send, the next event need not wait. */
static void send_unsent(uv_timer_t *timer)
{
    hf_daemon *daemon = timer->data;
    bool sent = hf_event_ring_send(daemon->ring);
    for (hf_daemon_run *run = daemon->first; run; run = run->next)
        sent |= hf_event_ring_send(run->ring);
    if (sent)
        uv_timer_start(timer, send_unsent, PAUSE_MS, 0);
}

static void send_soon(hf_daemon *daemon)
{
    if (!uv_is_active((uv_handle_t *)&daemon->pause) && !uv_is_closing((uv_handle_t *)&daemon->pause))
        send_unsent(&daemon->pause);
}

static void show(hf_event_ring *ring, unsigned kind, const char *event, hf_status status, hf_buffer *text,
                 const hf_error *err)
{
    if (status == HF_OK)
        hf_event_ring_show(ring, kind, event, hf_buffer_text(text));
    else
        hf_log_error("a view for clients", err);
    hf_buffer_free(text);
}

void hf_views_show_run(hf_daemon_run *run)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_run_view view;
    run->view_changed = false;
    if (!run->controlled)
        return;
    hf_controller_run_view(run->controlled, &view);
    const hf_status status = hf_api_write(&hf_api_run_view_type, &view, &text, &err);
    show(run->ring, 0, "view", status, &text, &err);
    send_soon(run->daemon);
}

hf_status hf_views_render_queue(hf_daemon *daemon, hf_buffer *out, hf_error *err)
{
    hf_api_queue queue = {.runs = calloc(daemon->run_count + 1, sizeof *queue.runs)};
    if (!queue.runs)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %u runs", daemon->run_count);
    for (hf_daemon_run *run = daemon->first; run; run = run->next)
        hf_daemon_run_entry(run, &queue.runs[queue.run_count++]);
    const hf_status status = hf_api_write(&hf_api_queue_type, &queue, out, err);
    free(queue.runs);
    return status;
}

void hf_views_show_farm(hf_daemon *daemon)
{
    hf_error err = {0};
    hf_buffer boards = HF_BUFFER_INIT, queue = HF_BUFFER_INIT;
    daemon->boards_changed = daemon->queue_changed = false;
    hf_status status = hf_boards_render(daemon, &boards, &err);
    show(daemon->ring, BOARDS, "boards", status, &boards, &err);
    status = hf_views_render_queue(daemon, &queue, &err);
    show(daemon->ring, QUEUE, "queue", status, &queue, &err);
    send_soon(daemon);
}

static void on_time(uv_timer_t *timer)
{
    hf_daemon *daemon = timer->data;
    for (hf_daemon_run *run = daemon->first; run; run = run->next)
        if (run->view_changed && hf_event_ring_followers(run->ring))
            hf_views_show_run(run);
    if ((daemon->boards_changed || daemon->queue_changed) && hf_event_ring_followers(daemon->ring))
        hf_views_show_farm(daemon);
}

void hf_views_changed(hf_daemon *daemon)
{
    if (!uv_is_active((uv_handle_t *)&daemon->views) && !uv_is_closing((uv_handle_t *)&daemon->views))
        uv_timer_start(&daemon->views, on_time, PERIOD_MS, 0);
}

void hf_views_event(hf_daemon_run *run, const hf_run_event *event)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_error err = {0};
    if (hf_api_write(&hf_api_run_event_type, event, &text, &err) == HF_OK)
        hf_event_ring_add(run->ring, "event", hf_buffer_text(&text));
    else
        hf_log_error("an event for clients", &err);
    hf_buffer_free(&text);
    send_soon(run->daemon);
}
