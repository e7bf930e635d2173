/* SPDX-License-Identifier: Apache-2.0 */
#include "health/monitor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "health/board_record.h"
#include "health/golden.h"

/* Something to be recorded; it owns copies of everything. */
typedef struct entry {
    struct entry *next;
    uint32_t board;
    bool is_check;
    hf_board_event event; /* unless it is a check; its message is error.message */
    int64_t at_ms;
    hf_health_observation observed;
    hf_attempt_result result;
    hf_error error;
} entry;

struct hf_health_monitor {
    const hf_farm *farm;
    hf_store *store; /* used by the thread, once it runs */
    hf_board_standing *standings;
    hf_health_check_kind *kinds; /* of the next check of each board */
    hf_health_check_kind usual;
    pthread_mutex_t mutex; /* of everything below */
    pthread_cond_t wake;
    hf_golden *golden; /* made when it is first needed */
    entry *first, **end;
    bool closing;
    hf_error failure;
    pthread_t thread;
};

/* ---- Writing ---- */

static void free_entry(entry *e)
{
    hf_attempt_result_free(&e->result);
    free(e);
}

static hf_status record(hf_health_monitor *monitor, entry *e, hf_error *err)
{
    const hf_farm_board *board = &monitor->farm->boards[e->board];
    if (e->is_check)
        return hf_health_record_check(monitor->store, board, &e->observed, NULL, err);
    return hf_health_record_event(monitor->store, board, &e->event, e->at_ms, err);
}

/* Takes the next entry. @return NULL = closing, and everything is written */
static entry *next_entry(hf_health_monitor *monitor)
{
    pthread_mutex_lock(&monitor->mutex);
    while (!monitor->first && !monitor->closing)
        pthread_cond_wait(&monitor->wake, &monitor->mutex);
    entry *e = monitor->first;
    if (e) {
        monitor->first = e->next;
        if (!monitor->first)
            monitor->end = &monitor->first;
    }
    pthread_mutex_unlock(&monitor->mutex);
    return e;
}

/* While the monitor is closed, a store that refuses one entry is not tried again for the others: it would keep the program
 * waiting for each. */
static bool gave_up(hf_health_monitor *monitor)
{
    pthread_mutex_lock(&monitor->mutex);
    const bool given_up = monitor->closing && monitor->failure.status != HF_OK;
    pthread_mutex_unlock(&monitor->mutex);
    return given_up;
}

static void *write_entries(void *user)
{
    hf_health_monitor *monitor = user;
    for (entry *e; (e = next_entry(monitor)) != NULL; free_entry(e)) {
        hf_error err = {0};
        if (gave_up(monitor) || record(monitor, e, &err) == HF_OK)
            continue;
        pthread_mutex_lock(&monitor->mutex);
        (void)hf_error_pass(&monitor->failure, &err); /* the first one counts */
        pthread_mutex_unlock(&monitor->mutex);
    }
    return NULL;
}

static void enqueue(hf_health_monitor *monitor, entry *e)
{
    pthread_mutex_lock(&monitor->mutex);
    *monitor->end = e;
    monitor->end = &e->next;
    pthread_cond_signal(&monitor->wake);
    pthread_mutex_unlock(&monitor->mutex);
}

static void report_lost(hf_health_monitor *monitor)
{
    pthread_mutex_lock(&monitor->mutex);
    (void)HF_FAIL_AS(&monitor->failure, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    pthread_mutex_unlock(&monitor->mutex);
}

void hf_health_monitor_board(void *user, const hf_board_event *event)
{
    hf_health_monitor *monitor = user;
    entry *e = calloc(1, sizeof *e);
    if (!e) {
        report_lost(monitor);
        return;
    }
    e->board = event->board;
    e->event = *event;
    e->at_ms = hf_wall_ms();
    (void)HF_FAIL_AS(&e->error, event->fault, HF_EIO, "%s", event->message ? event->message : "");
    e->event.message = e->error.message;
    enqueue(monitor, e);
}

/* What the record needs of a result: its samples, not its layers. */
static bool copy_result(const hf_attempt_result *from, hf_attempt_result *to)
{
    *to = *from;
    to->layers = NULL;
    to->layer_count = 0;
    to->samples = calloc(from->sample_count ? from->sample_count : 1, sizeof *to->samples);
    if (to->samples && from->sample_count)
        memcpy(to->samples, from->samples, from->sample_count * sizeof *to->samples);
    return to->samples != NULL;
}

void hf_health_monitor_checked(void *user, const hf_board_check *check)
{
    hf_health_monitor *monitor = user;
    entry *e = calloc(1, sizeof *e);
    if (!e || (check->result && !copy_result(check->result, &e->result))) {
        free(e);
        report_lost(monitor);
        return;
    }
    e->board = check->board;
    e->is_check = true;
    if (check->error)
        e->error = *check->error;
    pthread_mutex_lock(&monitor->mutex);
    e->observed = (hf_health_observation){
        .kind = monitor->kinds[check->board],
        .started_ms = check->started_ms,
        .duration_ns = check->duration_ns,
        .image_crc32 = monitor->golden ? hf_golden_image_crc32(monitor->golden) : 0,
        .result = check->passed && check->result ? &e->result : NULL,
        .error = &e->error,
    };
    pthread_mutex_unlock(&monitor->mutex);
    monitor->kinds[check->board] = monitor->usual;
    enqueue(monitor, e);
}

/* ---- Checks ---- */

static hf_status make_request(void *user, const hf_farm_board *board, hf_attempt_request *out, hf_error *err)
{
    hf_health_monitor *monitor = user;
    (void)board; /* the image is the same for all chips */
    pthread_mutex_lock(&monitor->mutex);
    hf_status status = monitor->golden ? HF_OK : hf_golden_new(&monitor->golden, err);
    if (status == HF_OK)
        *out = hf_golden_request(monitor->golden);
    pthread_mutex_unlock(&monitor->mutex);
    return status;
}

/* The attempt has compared every output with the reference. Cycles that have drifted are recorded; they do not keep a board
 * from working. */
static hf_status judge(void *user, const hf_farm_board *board, const hf_attempt_result *result, hf_error *err)
{
    (void)user;
    (void)board;
    (void)result;
    (void)err;
    return HF_OK;
}

hf_controller_checks hf_health_monitor_checks(hf_health_monitor *monitor)
{
    return (hf_controller_checks){.user = monitor, .request = make_request, .judge = judge};
}

void hf_health_monitor_expect(hf_health_monitor *monitor, uint32_t board, hf_health_check_kind kind)
{
    monitor->kinds[board] = kind;
}

void hf_health_monitor_add(hf_health_monitor *monitor, uint32_t board, const hf_board_standing *standing)
{
    monitor->standings[board] = *standing;
    monitor->kinds[board] = standing->needs_attention ? HF_HEALTH_CHECK_READMISSION : monitor->usual;
}

const hf_board_standing *hf_health_monitor_standings(const hf_health_monitor *monitor)
{
    return monitor->standings;
}

void hf_health_monitor_end_quarantines(hf_health_monitor *monitor)
{
    for (uint32_t i = 0; i < monitor->farm->board_count; i++)
        monitor->standings[i].quarantined_until_ms = 0;
}

/* ---- Beginning and end ---- */

static hf_status read_standings(hf_health_monitor *monitor, hf_error *err)
{
    const hf_farm *farm = monitor->farm;
    const int64_t now_ms = hf_wall_ms();
    hf_board_state_row *rows = NULL;
    hf_status status = hf_health_load(monitor->store, farm, &rows, err);
    if (status != HF_OK)
        return status;
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_board_standing standing = hf_health_standing(&rows[i], now_ms);
        hf_health_monitor_add(monitor, i, &standing);
    }
    hf_rows_free(&hf_board_state_row_type, rows, farm->board_count);
    return HF_OK;
}

static void free_monitor(hf_health_monitor *monitor)
{
    hf_store_close(monitor->store);
    hf_golden_free(monitor->golden);
    free(monitor->standings);
    free(monitor->kinds);
    pthread_cond_destroy(&monitor->wake);
    pthread_mutex_destroy(&monitor->mutex);
    free(monitor);
}

hf_status hf_health_monitor_open(const hf_farm *farm, const char *store_path, hf_health_check_kind kind,
                                 hf_health_monitor **out, hf_error *err)
{
    hf_health_monitor *monitor = calloc(1, sizeof *monitor);
    if (!monitor)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    monitor->farm = farm;
    monitor->usual = kind;
    monitor->end = &monitor->first;
    pthread_mutex_init(&monitor->mutex, NULL);
    pthread_cond_init(&monitor->wake, NULL);
    const uint32_t capacity = farm->broker.url ? HF_FARM_MAX_BOARDS : farm->board_count;
    monitor->standings = calloc(capacity + 1u, sizeof *monitor->standings);
    monitor->kinds = calloc(capacity + 1u, sizeof *monitor->kinds);
    hf_status status = monitor->standings && monitor->kinds
                           ? hf_store_open(store_path, &monitor->store, err)
                           : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    if (status == HF_OK)
        status = read_standings(monitor, err);
    if (status == HF_OK && pthread_create(&monitor->thread, NULL, write_entries, monitor) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "cannot start a thread");
    if (status == HF_OK)
        *out = monitor;
    else
        free_monitor(monitor);
    return status;
}

hf_status hf_health_monitor_close(hf_health_monitor *monitor, hf_error *err)
{
    if (!monitor)
        return HF_OK;
    pthread_mutex_lock(&monitor->mutex);
    monitor->closing = true;
    pthread_cond_signal(&monitor->wake);
    pthread_mutex_unlock(&monitor->mutex);
    pthread_join(monitor->thread, NULL);
    hf_error failure = monitor->failure;
    free_monitor(monitor);
    return failure.status == HF_OK ? HF_OK : hf_error_pass(err, &failure);
}
