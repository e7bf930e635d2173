/* SPDX-License-Identifier: Apache-2.0 */
#include "boards.h"

#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "health/board_record.h"
#include "host_of_board.h"
#include "log.h"
#include "store/board_health.h"

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

/* Boards may be added later. */
static hf_status make_room(hf_daemon *daemon, hf_error *err)
{
    hf_board_state_row *rows = calloc(HF_FARM_MAX_BOARDS, sizeof *rows);
    if (!rows)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for boards of other hosts");
    memcpy(rows, daemon->boards, daemon->farm->board_count * sizeof *rows);
    free(daemon->boards);
    daemon->boards = rows;
    return HF_OK;
}

hf_status hf_boards_load(hf_daemon *daemon, hf_error *err)
{
    hf_store *store = NULL;
    hf_status status = hf_store_open(daemon->store_path, &store, err);
    if (status == HF_OK)
        status = hf_health_load(store, daemon->farm, &daemon->boards, err);
    hf_store_close(store);
    if (status == HF_OK && daemon->hosts)
        status = make_room(daemon, err);
    return status;
}

static void fill(hf_daemon *daemon, const hf_board_view *views, uint32_t board, hf_api_board *out)
{
    const hf_board_state_row *row = &daemon->boards[board];
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
    const char *host = daemon->farm->boards[board].host;
    if (host)
        hf_daemon_describe_host(daemon, host, out);
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
    hf_http_request *request;
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

static void save_job(hf_task_pool_thread *thread, void *argument)
{
    saving *saved = argument;
    hf_store *store = NULL;
    hf_error err = {0};
    hf_status status = hf_task_pool_store(thread, &store, &err);
    if (status == HF_OK && saved->parts)
        status = hf_store_put_board_state(store, &saved->row, saved->parts, &err);
    if (status != HF_OK)
        hf_log(HF_LOG_ERROR, "board %s: its state cannot be recorded: %s", saved->row.id, err.message);
    if (status == HF_OK)
        hf_http_respond(saved->request, 200, HF_HTTP_JSON, &saved->answer);
    else
        hf_answer_failure(saved->request, &err);
    free_saving(saved);
}

/* @return NULL when out of memory */
static saving *prepare(hf_daemon *daemon, uint32_t board, unsigned parts, hf_http_request *request)
{
    const hf_board_state_row *row = &daemon->boards[board];
    saving *saved = calloc(1, sizeof *saved);
    if (!saved)
        return NULL;
    saved->row = (hf_board_state_row){
        .id = copy(row->id),
        .chip = copy(row->chip),
        .modelled = row->modelled,
        .disabled_reason = copy(row->disabled_reason),
        .disabled_by = copy(row->disabled_by),
        .disabled_ms = row->disabled_ms,
        .reserved_by = copy(row->reserved_by),
        .reserved_ms = row->reserved_ms,
        .reserved_until_ms = row->reserved_until_ms,
        .reserved_note = copy(row->reserved_note),
    };
    saved->parts = parts;
    saved->request = request;
    hf_api_board shown;
    hf_boards_get(daemon, board, &shown);
    if (saved->row.id && saved->row.chip &&
        hf_api_write(&hf_api_board_type, &shown, &saved->answer, NULL) == HF_OK)
        return saved;
    free_saving(saved);
    return NULL;
}

void hf_boards_save(hf_daemon *daemon, uint32_t board, unsigned parts, hf_http_request *request)
{
    saving *saved = prepare(daemon, board, parts, request);
    /* One thread writes these, so that two changes of a board are recorded in their order. */
    if (saved && hf_task_pool_add(daemon->recorder, save_job, saved) == HF_OK)
        return;
    free_saving(saved);
    hf_http_respond_error(request, 500, "no memory to record the state of the board");
}
