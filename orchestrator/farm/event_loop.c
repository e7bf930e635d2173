/* SPDX-License-Identifier: Apache-2.0 */
/* The handles of a controller on its event loop: timers, and wake-ups from other threads. */
#include <stdlib.h>

#include "base/clock.h"
#include "controller_state.h"

#define TICK_MS 250

static void on_wake(uv_async_t *async)
{
    const hf_controller_handles *handles = async->data;
    if (handles->controller)
        handles->turn(handles->controller);
}

static void on_timer(uv_timer_t *timer)
{
    const hf_controller_handles *handles = timer->data;
    if (handles->controller)
        handles->turn(handles->controller);
}

hf_status hf_controller_open_handles(hf_controller *controller, void (*turn)(hf_controller *controller),
                                     hf_error *err)
{
    hf_controller_handles *handles = calloc(1, sizeof *handles);
    uv_loop_t *loop = controller->options.loop;
    if (!handles || uv_async_init(loop, &handles->wake, on_wake) != 0) {
        free(handles);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no descriptors for the farm's event loop");
    }
    uv_timer_init(loop, &handles->deadline);
    uv_timer_init(loop, &handles->tick);
    handles->wake.data = handles->deadline.data = handles->tick.data = handles;
    handles->open = 3;
    handles->controller = controller;
    handles->turn = turn;
    controller->handles = handles;
    return HF_OK;
}

static void on_closed(uv_handle_t *handle)
{
    hf_controller_handles *handles = handle->data;
    if (--handles->open == 0)
        free(handles);
}

void hf_controller_close_handles(hf_controller *controller)
{
    hf_controller_handles *handles = controller->handles;
    if (!handles)
        return;
    handles->controller = NULL;
    uv_close((uv_handle_t *)&handles->wake, on_closed);
    uv_close((uv_handle_t *)&handles->deadline, on_closed);
    uv_close((uv_handle_t *)&handles->tick, on_closed);
    controller->handles = NULL;
}

void hf_controller_wake(hf_controller *controller)
{
    uv_async_send(&controller->handles->wake);
}

void hf_controller_set_tick(hf_controller *controller)
{
    if (TAILQ_EMPTY(&controller->runs))
        uv_timer_stop(&controller->handles->tick);
    else
        uv_timer_start(&controller->handles->tick, on_timer, TICK_MS, TICK_MS);
}

void hf_controller_set_deadline(hf_controller *controller)
{
    const uint64_t wake_ns = hf_schedule_wake_ns(controller->schedule);
    if (wake_ns == HF_SCHEDULE_NEVER) {
        uv_timer_stop(&controller->handles->deadline);
        return;
    }
    const uint64_t now_ns = hf_now_ns();
    const uint64_t wait_ms = wake_ns > now_ns ? (wake_ns - now_ns + HF_NS_PER_MS - 1) / HF_NS_PER_MS : 0;
    uv_update_time(controller->options.loop);
    uv_timer_start(&controller->handles->deadline, on_timer, wait_ms, 0);
}
