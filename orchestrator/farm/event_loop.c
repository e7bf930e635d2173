/* SPDX-License-Identifier: Apache-2.0 */
/* The handles of a run's event loop: timers, signals, wake-ups from other threads. */
#include <signal.h>

#include "base/clock.h"
#include "run_state.h"

#define TICK_MS 250

static void on_wake(uv_async_t *async)
{
    hf_runner_handle_replies(async->data);
}

static void on_tick(uv_timer_t *timer)
{
    hf_runner_handle_replies(timer->data);
}

static void on_signal(uv_signal_t *signal, int number)
{
    hf_runner *runner = signal->data;
    if (!runner->signal)
        runner->signal = number;
    hf_schedule_stop(runner->schedule, true, HF_REASON_STOPPED, hf_now_ns());
    hf_runner_advance(runner);
}

void hf_runner_start_handles(hf_runner *runner)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    uv_async_init(&runner->loop, &runner->wake, on_wake);
    uv_timer_init(&runner->loop, &runner->deadline);
    uv_timer_init(&runner->loop, &runner->tick);
    runner->deadline.data = runner;
    runner->tick.data = runner;
    runner->wake.data = runner;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&runner->loop, &runner->signals[i]);
        runner->signals[i].data = runner;
        uv_signal_start(&runner->signals[i], on_signal, numbers[i]);
    }
}

void hf_runner_start_tick(hf_runner *runner)
{
    uv_timer_start(&runner->tick, on_tick, TICK_MS, TICK_MS);
}

void hf_runner_close_handles(hf_runner *runner)
{
    uv_close((uv_handle_t *)&runner->deadline, NULL);
    uv_close((uv_handle_t *)&runner->tick, NULL);
    uv_close((uv_handle_t *)&runner->wake, NULL);
    for (size_t i = 0; i < sizeof runner->signals / sizeof runner->signals[0]; i++)
        uv_close((uv_handle_t *)&runner->signals[i], NULL);
    uv_run(&runner->loop, UV_RUN_DEFAULT); /* until they are closed */
}
