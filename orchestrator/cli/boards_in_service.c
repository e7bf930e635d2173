/* SPDX-License-Identifier: Apache-2.0 */
#include "boards_in_service.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "health/board_record.h"
#include "output.h"
#include "store_access.h"

#define REASON_SIZE 400

bool hf_cli_is_left_out(const hf_board_state_row *state, const char *user, char *text, size_t size)
{
    char until[HF_CLI_TIME_SIZE] = "";
    if (state->disabled_reason) {
        snprintf(text, size, "disabled by %s: %s", state->disabled_by ? state->disabled_by : "somebody",
                 state->disabled_reason);
        return true;
    }
    if (!hf_health_is_reserved(state, hf_wall_ms()) || (user && strcmp(state->reserved_by, user) == 0))
        return false;
    if (state->reserved_until_ms)
        hf_cli_format_time(state->reserved_until_ms, until, sizeof until);
    snprintf(text, size, "reserved by %s%s%s", state->reserved_by, *until ? " until " : "", until);
    return true;
}

hf_status hf_cli_load_board_states(const hf_farm *farm, const char *store_path, hf_board_state_row **out,
                                   hf_error *err)
{
    hf_store *store = NULL;
    *out = NULL;
    /* An older store has no such boards. */
    if (hf_cli_open_store_readonly(store_path, &store, NULL) != HF_OK)
        return HF_OK;
    const hf_status status = hf_health_load(store, farm, out, err);
    hf_store_close(store);
    return status;
}

static void keep_boards(const hf_board_state_row *states, bool quiet, hf_selection *selection)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < selection->board_count; i++) {
        const uint32_t board = selection->boards[i];
        char reason[REASON_SIZE];
        if (!hf_cli_is_left_out(&states[board], NULL, reason, sizeof reason))
            selection->boards[kept++] = board;
        else if (!quiet)
            fprintf(stderr, "hilfarm: board %s is not used: %s\n", states[board].id, reason);
    }
    selection->board_count = kept;
}

hf_exit hf_cli_keep_boards_in_service(const hf_farm *farm, const char *store_path, bool quiet,
                                      hf_selection *selection)
{
    hf_error err = {0};
    hf_board_state_row *states = NULL;
    if (hf_cli_load_board_states(farm, store_path, &states, &err) != HF_OK)
        return hf_cli_fail(&err);
    if (!states) /* the run makes or updates the store, and reports one that cannot be read */
        return HF_EXIT_OK;
    keep_boards(states, quiet, selection);
    hf_rows_free(&hf_board_state_row_type, states, farm->board_count);
    if (selection->board_count)
        return HF_EXIT_OK;
    fputs("hilfarm: no board is left: all are disabled or reserved (see `hilfarm boards`)\n", stderr);
    return HF_EXIT_FARM;
}
