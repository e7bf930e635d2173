/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "boards.h"
#include "log.h"
#include "run_views.h"
#include "store/board_health.h"

static void set_attention(hf_board_state_row *row, const char *why)
{
    free(row->attention);
    row->attention = why ? strdup(why) : NULL;
    row->attention_ms = why ? hf_wall_ms() : 0;
}

static void changed(hf_daemon *daemon, uint32_t board, unsigned parts)
{
    hf_boards_save(daemon, board, parts, NULL);
    daemon->boards_changed = true;
    hf_views_changed(daemon);
}

void hf_health_board(void *user, const hf_board_event *event)
{
    hf_daemon *daemon = user;
    hf_board_state_row *row = &daemon->boards[event->board].row;
    unsigned parts = HF_BOARD_PART_QUARANTINE;
    switch (event->kind) {
    case HF_BOARD_EVENT_QUARANTINED:
        row->quarantine_count++;
        row->quarantined_until_ms = event->until_ms;
        hf_log(HF_LOG_WARNING, "board %s is quarantined (%s): %s", row->id, hf_fault_name(event->fault), event->message);
        break;
    case HF_BOARD_EVENT_GIVEN_UP:
        set_attention(row, event->message);
        parts |= HF_BOARD_PART_ATTENTION;
        hf_log(HF_LOG_ERROR, "board %s needs attention (%s): %s", row->id, hf_fault_name(event->fault), event->message);
        break;
    case HF_BOARD_EVENT_BACK:
        set_attention(row, NULL);
        row->quarantined_until_ms = 0;
        row->quarantine_count = 0;
        parts |= HF_BOARD_PART_ATTENTION;
        hf_log(HF_LOG_NOTICE, "board %s works again", row->id);
        break;
    }
    changed(daemon, event->board, parts);
}

void hf_health_check_all(hf_daemon *daemon)
{
    uint32_t count, asked = 0;
    const hf_board_view *views = hf_controller_boards(daemon->controller, &count);
    bool *wanted = calloc(count + 1, sizeof *wanted);
    for (uint32_t i = 0; wanted && i < count; i++)
        wanted[i] = !views[i].status.disabled && !views[i].status.reserved;
    for (uint32_t i = 0; wanted && i < count; i++)
        asked += wanted[i] && hf_controller_check_board(daemon->controller, i, NULL) == HF_OK;
    free(wanted);
    hf_log(HF_LOG_NOTICE, "%u of %u boards are to be checked", asked, count);
}

void hf_health_checked(void *user, const hf_board_check *check)
{
    hf_daemon *daemon = user;
    hf_board_state_row *row = &daemon->boards[check->board].row;
    if (check->passed) {
        hf_log(HF_LOG_INFO, "board %s has passed its health check", row->id);
        set_attention(row, NULL);
        row->quarantined_until_ms = 0;
        row->quarantine_count = 0;
    } else {
        const char *why = check->error ? check->error->message : "the health check failed";
        hf_log(HF_LOG_ERROR, "board %s has not passed its health check: %s", row->id, why);
        set_attention(row, why);
    }
    changed(daemon, check->board, HF_BOARD_PART_ATTENTION | HF_BOARD_PART_QUARANTINE);
}
