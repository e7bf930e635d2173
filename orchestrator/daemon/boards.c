/* SPDX-License-Identifier: Apache-2.0 */
#include "boards.h"

#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/clock.h"
#include "log.h"
#include "store/board_health.h"

/* Whether a row of the store is about a board of the farm. */
static bool is_about(const hf_board_state_row *row, const hf_farm_board *board)
{
    return strcmp(row->id, board->config.id) == 0 && strcmp(row->chip, board->chip->name) == 0 &&
           row->modelled == hf_board_config_modelled(&board->config);
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

/* Rows own their texts; without memory, a text is missing. */
static void take_row(hf_board_state_row *own, const hf_board_state_row *stored)
{
    const hf_board_state_row identity = *own;
    *own = *stored;
    own->id = identity.id;
    own->chip = identity.chip;
    own->disabled_reason = copy(stored->disabled_reason);
    own->disabled_by = copy(stored->disabled_by);
    own->reserved_by = copy(stored->reserved_by);
    own->reserved_note = copy(stored->reserved_note);
    own->attention = copy(stored->attention);
    own->golden_firmware_id = copy(stored->golden_firmware_id);
}

static hf_board_standing standing_of(const hf_board_state_row *row)
{
    const bool expired = row->reserved_until_ms && row->reserved_until_ms <= hf_wall_ms();
    return (hf_board_standing){.disabled = row->disabled_reason != NULL,
                               .reserved = row->reserved_by && !expired,
                               .reserved_until_ms = row->reserved_until_ms,
                               .needs_attention = row->attention != NULL};
}

hf_status hf_boards_load(hf_daemon *daemon, hf_board_standing **standings, hf_error *err)
{
    const hf_farm *farm = daemon->farm;
    hf_store *store = NULL;
    hf_board_state_row *rows = NULL;
    size_t row_count = 0;
    daemon->boards = calloc(farm->board_count, sizeof *daemon->boards);
    hf_board_standing *list = calloc(farm->board_count, sizeof *list);
    hf_status status = daemon->boards && list
                           ? hf_store_open(daemon->store_path, &store, err)
                           : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", farm->board_count);
    if (status == HF_OK)
        status = hf_store_list_board_states(store, &rows, &row_count, err);
    for (uint32_t i = 0; status == HF_OK && i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        hf_board_state_row *own = &daemon->boards[i].row;
        own->id = (char *)board->config.id;
        own->chip = (char *)board->chip->name;
        own->modelled = hf_board_config_modelled(&board->config);
        daemon->boards[i].index = i;
        for (size_t k = 0; k < row_count; k++)
            if (is_about(&rows[k], board))
                take_row(own, &rows[k]);
        list[i] = standing_of(own);
    }
    hf_rows_free(&hf_board_state_row_type, rows, row_count);
    hf_store_close(store);
    if (status == HF_OK)
        *standings = list;
    else
        free(list);
    return status;
}

void hf_boards_free(hf_daemon *daemon)
{
    for (uint32_t i = 0; daemon->boards && i < daemon->farm->board_count; i++) {
        hf_board_state_row *row = &daemon->boards[i].row;
        row->id = row->chip = NULL; /* the farm's */
        hf_row_clear(&hf_board_state_row_type, row);
    }
    free(daemon->boards);
    daemon->boards = NULL;
}

static void fill(hf_daemon *daemon, const hf_board_view *views, uint32_t board, hf_api_board *out)
{
    const hf_board_state_row *row = &daemon->boards[board].row;
    const bool reserved = views[board].status.reserved; /* the scheduler knows when it ends */
    *out = (hf_api_board){
        .view = views[board],
        .disabled_reason = row->disabled_reason,
        .disabled_by = row->disabled_by,
        .disabled_ms = row->disabled_ms,
        .reserved_by = reserved ? row->reserved_by : NULL,
        .reserved_note = reserved ? row->reserved_note : NULL,
        .reserved_ms = reserved ? row->reserved_ms : 0,
        .reserved_until_ms = reserved ? row->reserved_until_ms : 0,
        .attention = row->attention,
        .attention_ms = row->attention_ms,
    };
}

void hf_boards_get(hf_daemon *daemon, uint32_t board, hf_api_board *out)
{
    uint32_t count;
    fill(daemon, hf_controller_boards(daemon->controller, &count), board, out);
}

hf_status hf_boards_render(hf_daemon *daemon, hf_buffer *out, hf_error *err)
{
    uint32_t count;
    const hf_board_view *views = hf_controller_boards(daemon->controller, &count);
    hf_api_boards boards = {.boards = calloc(count + 1, sizeof *boards.boards), .board_count = count};
    if (!boards.boards)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %u boards", count);
    for (uint32_t i = 0; i < count; i++)
        fill(daemon, views, i, &boards.boards[i]);
    const hf_status status = hf_api_write(&hf_api_boards_type, &boards, out, err);
    free(boards.boards);
    return status;
}

/* ---- Saving ---- */

typedef struct saving {
    hf_board_state_row row; /* owned, identity included */
    unsigned parts;
    hf_http_request *request; /* may be NULL */
    hf_buffer answer;
} saving;

static void free_saving(saving *saved)
{
    if (!saved)
        return;
    hf_row_clear(&hf_board_state_row_type, &saved->row);
    hf_buffer_free(&saved->answer);
    free(saved);
}

static void save_job(hf_pool_thread *thread, void *argument)
{
    saving *saved = argument;
    hf_store *store = NULL;
    hf_error err = {0};
    hf_status status = hf_pool_store(thread, &store, &err);
    if (status == HF_OK && saved->parts)
        status = hf_store_put_board_state(store, &saved->row, saved->parts, &err);
    if (status != HF_OK)
        hf_log(HF_LOG_ERROR, "board %s: its state cannot be recorded: %s", saved->row.id, err.message);
    if (saved->request && status == HF_OK)
        hf_http_respond(saved->request, 200, HF_HTTP_JSON, &saved->answer);
    else if (saved->request)
        hf_answer_failure(saved->request, &err);
    free_saving(saved);
}

/* @return NULL when out of memory */
static saving *prepare(hf_daemon *daemon, uint32_t board, unsigned parts, hf_http_request *request)
{
    const hf_board_state_row *row = &daemon->boards[board].row;
    saving *saved = calloc(1, sizeof *saved);
    if (!saved)
        return NULL;
    take_row(&saved->row, row);
    saved->row.id = copy(row->id);
    saved->row.chip = copy(row->chip);
    saved->parts = parts;
    saved->request = request;
    hf_api_board shown;
    hf_boards_get(daemon, board, &shown);
    if (saved->row.id && saved->row.chip && hf_api_write(&hf_api_board_type, &shown, &saved->answer, NULL) == HF_OK)
        return saved;
    free_saving(saved);
    return NULL;
}

void hf_boards_save(hf_daemon *daemon, uint32_t board, unsigned parts, hf_http_request *request)
{
    saving *saved = prepare(daemon, board, parts, request);
    /* One thread writes these, so that two changes of a board are recorded in their order. */
    if (saved && hf_pool_add(daemon->recorder, save_job, saved) == HF_OK)
        return;
    free_saving(saved);
    hf_log(HF_LOG_ERROR, "board %s: its state cannot be recorded: no memory", daemon->boards[board].row.id);
    if (request)
        hf_http_respond_error(request, 500, "no memory to record the state of the board");
}
