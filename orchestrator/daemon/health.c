/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "health/board_record.h"
#include "log.h"
#include "run_views.h"

static void set_attention(hf_daemon *daemon, uint32_t board, const char *why)
{
    hf_board_state_row *row = &daemon->boards[board];
    if (!why || !row->attention) /* since when */
        row->attention_ms = why ? hf_wall_ms() : 0;
    free(row->attention);
    row->attention = why ? strdup(why) : NULL;
    daemon->boards_changed = true;
    hf_views_changed(daemon);
}

void hf_health_on_board(void *user, const hf_board_event *event)
{
    hf_daemon *daemon = user;
    const char *id = daemon->boards[event->board].id, *fault = hf_fault_name(event->fault);
    hf_health_monitor_board(daemon->monitor, event);
    switch (event->kind) {
    case HF_BOARD_EVENT_QUARANTINED:
        hf_log(HF_LOG_WARNING, "board %s is quarantined (%s): %s", id, fault, event->message);
        break;
    case HF_BOARD_EVENT_GIVEN_UP:
        hf_log(HF_LOG_ERROR, "board %s needs attention (%s): %s", id, fault, event->message);
        set_attention(daemon, event->board, event->message);
        break;
    case HF_BOARD_EVENT_BACK:
        hf_log(HF_LOG_NOTICE, "board %s works again", id);
        set_attention(daemon, event->board, NULL);
        break;
    }
}

void hf_health_on_checked(void *user, const hf_board_check *check)
{
    hf_daemon *daemon = user;
    const char *id = daemon->boards[check->board].id;
    hf_health_monitor_checked(daemon->monitor, check);
    if (check->passed) {
        hf_log(HF_LOG_INFO, "board %s has passed its health check", id);
        set_attention(daemon, check->board, NULL);
    } else if (!check->error || hf_health_concerns_board(check->error)) {
        const char *why = check->error ? check->error->message : "the health check failed";
        hf_log(HF_LOG_ERROR, "board %s has not passed its health check: %s", id, why);
        set_attention(daemon, check->board, why);
    } else {
        hf_log(HF_LOG_WARNING, "board %s could not be checked: %s", id, check->error->message);
    }
}

void hf_health_check_all(hf_daemon *daemon)
{
    uint32_t count, asked = 0;
    (void)hf_controller_boards(daemon->controller, &count);
    for (uint32_t i = 0; i < count; i++) {
        hf_health_monitor_expect(daemon->monitor, i, HF_HEALTH_CHECK_NIGHTLY);
        asked +=
            hf_controller_check_board(daemon->controller, i, NULL) == HF_OK; /* not those out of service */
    }
    hf_log(HF_LOG_NOTICE, "boards to be checked before their next job: %u of %u", asked, count);
}
