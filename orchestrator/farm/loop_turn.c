/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the event loop. */
#include "controller_state.h"

static bool has_drained(const hf_controller *controller)
{
    return controller->draining && controller->finished && TAILQ_EMPTY(&controller->runs);
}

void hf_controller_take_turn(hf_controller *controller)
{
    const bool drained_before = has_drained(controller);
    hf_controller_handle_replies(controller);
    hf_background_finish(controller);
    hf_controller_advance(controller);
    const hf_controller_observer *observer = &controller->options.observer;
    if (!drained_before && has_drained(controller) && observer->drained)
        observer->drained(observer->user); /* last: it may free the controller */
}
