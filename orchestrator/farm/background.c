/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that wait (hooks, the end of a write queue), each on a thread of its own: in libuv's pool they would keep
 * variations from being prepared. */
#include "controller_state.h"

static void *thread_main(void *argument)
{
    hf_background *call = argument;
    hf_controller *controller = call->controller;
    call->work(call->user);
    pthread_mutex_lock(&controller->mutex);
    STAILQ_INSERT_TAIL(&controller->ended, call, link);
    /* Under the mutex: once the loop has seen the call, the controller may be freed. */
    hf_controller_wake(controller);
    pthread_mutex_unlock(&controller->mutex);
    return NULL;
}

void hf_background_start(hf_controller *controller, hf_background *call, void (*work)(void *user),
                         void (*done)(void *user), void *user)
{
    *call = (hf_background){.controller = controller, .work = work, .done = done, .user = user};
    call->has_thread = true; /* before the thread can end */
    if (pthread_create(&call->thread, NULL, thread_main, call) == 0)
        return;
    call->has_thread = false;
    (void)thread_main(call); /* no thread to be had: better late than never */
}

void hf_background_finish(hf_controller *controller)
{
    for (;;) {
        pthread_mutex_lock(&controller->mutex);
        hf_background *call = STAILQ_FIRST(&controller->ended);
        if (call)
            STAILQ_REMOVE_HEAD(&controller->ended, link);
        pthread_mutex_unlock(&controller->mutex);
        if (!call)
            return;
        if (call->has_thread)
            pthread_join(call->thread, NULL);
        call->done(call->user);
    }
}
