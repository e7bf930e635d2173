/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown of boards. */
#include "base/clock.h"
#include "run_state.h"

void hf_board_view_fill(const hf_controller_board *board, const hf_controller_run *run, hf_board_view *view)
{
    hf_controller *controller = board->controller;
    const hf_controller_run *user = board->run;
    const uint64_t now_ns = hf_now_ns();
    *view = (hf_board_view){
        .id = board->farm_board->config.id,
        .chip = board->farm_board->chip->name,
        .modelled = hf_board_config_modelled(&board->farm_board->config),
        .failure = board->fault_message,
    };
    hf_schedule_board_status_get(controller->schedule, board->index, &view->status);
    if (user) {
        view->run = user->request.spec->name;
        view->run_id = user->summary.run_id;
        view->owner = user->request.owner_name;
        if (!run || run == user)
            view->job = user->request.spec->variations[user->jobs[board->job].variation].name;
    }
    view->in_use = view->status.in_use && board->in_use[0] ? board->in_use : NULL;
    view->quarantine_left_ns =
        view->status.quarantined && view->status.until_ns > now_ns ? view->status.until_ns - now_ns : 0;
    pthread_mutex_lock(&controller->mutex);
    view->phase = board->phase;
    view->phase_done = board->phase_done;
    view->phase_of = board->phase_of;
    pthread_mutex_unlock(&controller->mutex);
}

const hf_board_view *hf_controller_boards(hf_controller *controller, uint32_t *count)
{
    for (uint32_t i = 0; i < controller->board_count; i++)
        hf_board_view_fill(&controller->boards[i], NULL, &controller->views[i]);
    *count = controller->board_count;
    return controller->views;
}
