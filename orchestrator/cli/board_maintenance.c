/* SPDX-License-Identifier: Apache-2.0 */
#include "board_maintenance.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/user.h"
#include "health/board_record.h"
#include "help.h"
#include "output.h"
#include "store/board_health.h"
#include "store_access.h"

void hf_cli_user_name(char name[HF_CLI_USER_SIZE])
{
    if (!hf_user_name(geteuid(), name, HF_CLI_USER_SIZE))
        snprintf(name, HF_CLI_USER_SIZE, "user %lu", (unsigned long)geteuid());
}

/* ---- The board and its state ---- */

typedef struct edit {
    hf_store *store;
    hf_board_state_row *rows; /* of the whole farm */
    uint32_t count, index;    /* index of the board */
    char user[HF_CLI_USER_SIZE];
    int64_t now_ms;
} edit;

static bool find_board(const hf_farm *farm, const char *id, uint32_t *index)
{
    const char *names[64];
    uint32_t count = 0;
    *index = hf_farm_find_board(farm, id);
    if (*index != HF_FARM_NO_BOARD)
        return true;
    for (uint32_t i = 0; i < farm->board_count && count < sizeof names / sizeof names[0]; i++)
        names[count++] = farm->boards[i].config.id;
    fprintf(stderr, "hilfarm: the farm has no board '%s'", id);
    hf_cli_print_suggestion(id, names, count);
    fputc('\n', stderr);
    return false;
}

static void end_edit(edit *e)
{
    hf_rows_free(&hf_board_state_row_type, e->rows, e->count);
    hf_store_close(e->store);
}

static hf_exit begin_edit(const hf_farm *farm, const char *store_path, const char *id, edit *e)
{
    *e = (edit){.now_ms = hf_wall_ms()};
    if (!find_board(farm, id, &e->index))
        return HF_EXIT_BAD_INPUT;
    hf_exit exit_status = hf_cli_open_store(store_path, &e->store);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    hf_error err = {0};
    if (hf_health_load(e->store, farm, &e->rows, &err) != HF_OK) {
        hf_store_close(e->store);
        return hf_cli_fail(&err);
    }
    e->count = farm->board_count;
    hf_cli_user_name(e->user);
    return HF_EXIT_OK;
}

static const hf_board_state_row *state_of(const edit *e)
{
    return &e->rows[e->index];
}

/* An empty state of the board, to fill in what is to be written. */
static hf_board_state_row new_state(const edit *e)
{
    const hf_board_state_row *known = state_of(e);
    return (hf_board_state_row){.id = known->id, .chip = known->chip, .modelled = known->modelled};
}

/* Writes parts of the state, and says so. */
static hf_exit write_state(edit *e, const hf_board_state_row *state, unsigned parts, const char *what)
{
    hf_error err = {0};
    if (hf_store_put_board_state(e->store, state, parts, &err) != HF_OK)
        return hf_cli_fail(&err);
    printf("board %s: %s\n", state->id, what);
    return HF_EXIT_OK;
}

/* ---- Maintenance ---- */

bool hf_cli_has_reason(const hf_cli_maintenance *wanted)
{
    if (wanted->reason && *wanted->reason)
        return true;
    fputs("hilfarm boards disable: say why with --reason, for those who find the board disabled\n", stderr);
    return false;
}

hf_exit hf_cli_disable_board(const hf_farm *farm, const char *store_path, const hf_cli_maintenance *wanted)
{
    edit e;
    if (!hf_cli_has_reason(wanted))
        return HF_EXIT_BAD_INPUT;
    hf_exit exit_status = begin_edit(farm, store_path, wanted->board, &e);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    hf_board_state_row state = new_state(&e);
    state.disabled_reason = (char *)wanted->reason;
    state.disabled_by = e.user;
    state.disabled_ms = e.now_ms;
    exit_status =
        write_state(&e, &state, HF_BOARD_PART_DISABLED, "disabled: no run uses it until it is enabled");
    end_edit(&e);
    return exit_status;
}

hf_exit hf_cli_enable_board(const hf_farm *farm, const char *store_path, const hf_cli_maintenance *wanted)
{
    edit e;
    hf_exit exit_status = begin_edit(farm, store_path, wanted->board, &e);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    const hf_board_state_row state = new_state(&e);
    exit_status = write_state(
        &e, &state, HF_BOARD_PART_DISABLED | HF_BOARD_PART_ATTENTION | HF_BOARD_PART_QUARANTINE, "enabled");
    end_edit(&e);
    return exit_status;
}

/* Whether the reservation is this user's to change; says so if it is not. */
static bool is_ours(const edit *e, bool force)
{
    const hf_board_state_row *state = state_of(e);
    char until[HF_CLI_TIME_SIZE] = "";
    if (force || !hf_health_is_reserved(state, e->now_ms) || strcmp(state->reserved_by, e->user) == 0)
        return true;
    if (state->reserved_until_ms)
        hf_cli_format_time(state->reserved_until_ms, until, sizeof until);
    fprintf(stderr, "hilfarm: board %s is reserved by %s%s%s; --force overrides that\n", state->id,
            state->reserved_by, *until ? " until " : "", until);
    return false;
}

hf_exit hf_cli_reserve_board(const hf_farm *farm, const char *store_path, const hf_cli_maintenance *wanted)
{
    edit e;
    char what[64] = "reserved until it is released", until[HF_CLI_TIME_SIZE];
    hf_exit exit_status = begin_edit(farm, store_path, wanted->board, &e);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    if (!is_ours(&e, wanted->force)) {
        end_edit(&e);
        return HF_EXIT_BAD_INPUT;
    }
    hf_board_state_row state = new_state(&e);
    state.reserved_by = e.user;
    state.reserved_ms = e.now_ms;
    state.reserved_note = (char *)wanted->note;
    if (wanted->for_ms) {
        state.reserved_until_ms = e.now_ms + (int64_t)wanted->for_ms;
        hf_cli_format_time(state.reserved_until_ms, until, sizeof until);
        snprintf(what, sizeof what, "reserved until %s", until);
    }
    exit_status = write_state(&e, &state, HF_BOARD_PART_RESERVED, what);
    end_edit(&e);
    return exit_status;
}

hf_exit hf_cli_release_board(const hf_farm *farm, const char *store_path, const hf_cli_maintenance *wanted)
{
    edit e;
    hf_exit exit_status = begin_edit(farm, store_path, wanted->board, &e);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    const hf_board_state_row state = new_state(&e);
    exit_status = is_ours(&e, wanted->force) ? write_state(&e, &state, HF_BOARD_PART_RESERVED, "released")
                                             : HF_EXIT_BAD_INPUT;
    end_edit(&e);
    return exit_status;
}

hf_exit hf_cli_accept_board(const hf_farm *farm, const char *store_path, const hf_cli_maintenance *wanted)
{
    edit e;
    hf_exit exit_status = begin_edit(farm, store_path, wanted->board, &e);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    hf_error err = {0};
    int64_t cycles = 0;
    if (hf_health_accept(e.store, &farm->boards[e.index], &cycles, &err) == HF_OK)
        printf("board %s: health checks are compared with %lld cycles\n", wanted->board, (long long)cycles);
    else
        exit_status = hf_cli_fail(&err);
    end_edit(&e);
    return exit_status;
}
