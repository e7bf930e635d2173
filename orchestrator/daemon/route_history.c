/* SPDX-License-Identifier: Apache-2.0 */
/* What the store tells of many runs: the variations, their trends, a board over months. */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/clock.h"
#include "dispatch.h"
#include "query_numbers.h"
#include "report/json_members.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "routes.h"
#include "store/board_health.h"
#include "store/history.h"

#define DEFAULT_NIGHTS     200
#define MOST_NIGHTS        2000
#define DEFAULT_VARIATIONS 100
#define MOST_VARIATIONS    1000
#define DEFAULT_DAYS       180
#define MOST_DAYS          3660
#define MOST_CHECKS        1000
#define MOST_FAILURES      50
#define MS_PER_DAY         INT64_C(86400000)

/* ---- Variations ---- */

static void list_variations(const hf_dispatched *task)
{
    const char *prefix = hf_http_request_query(task->request, "prefix");
    int64_t limit = DEFAULT_VARIATIONS;
    hf_variation_row *rows = NULL;
    size_t count = 0;
    hf_error err = {0};
    if (!hf_query_number(task->request, "limit", MOST_VARIATIONS, &limit))
        return;
    if (hf_store_list_variations(task->store, prefix ? prefix : "", (size_t)limit, &rows, &count, &err) !=
        HF_OK) {
        hf_answer_failure(task->request, &err);
        return;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();
        hf_json_set_text(object, "name", rows[i].name);
        hf_json_set_text(object, "chip", rows[i].chip);
        json_array_append_new(list, object);
    }
    hf_rows_free(&hf_variation_row_type, rows, count);
    hf_answer_json(task->request, 200, json_pack("{s:o}", "variations", list));
}

void hf_get_variations(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, list_variations);
}

static json_t *trend_object(const hf_trend_row *row)
{
    const hf_result_row *result = &row->result;
    const bool measured = result->outcome == HF_RESULT_MEASURED;
    hf_latency latency = {0};
    (void)hf_result_latency(result, &latency); /* all 0 without samples */
    json_t *object = json_object();
    hf_json_set_int(object, "run_id", row->run_id);
    hf_json_set_text(object, "run_key", row->run_key);
    hf_json_set_text(object, "run_name", row->run_name);
    hf_json_set_int(object, "started_ms", row->started_ms);
    hf_json_set_text(object, "hilfarm_version", row->hilfarm_version);
    hf_json_set_text(object, "host", row->host);
    hf_json_set_text(object, "outcome", hf_result_outcome_name(result->outcome));
    hf_json_set_text(object, "fault", result->fault);
    hf_json_set_text(object, "message", result->message);
    hf_json_set_known_real(object, "latency_ns", latency.median_ns);
    hf_json_set_known_real(object, "latency_min_ns", latency.min_ns);
    hf_json_set_known_real(object, "latency_p05_ns", latency.p05_ns);
    hf_json_set_known_real(object, "latency_p95_ns", latency.p95_ns);
    hf_json_set_known_real(object, "latency_max_ns", latency.max_ns);
    hf_json_set_known_real(object, "cycles", latency.median_cycles);
    hf_json_set_int(object, "samples",
                    result->sample_count ? (int64_t)result->sample_count : result->summary.deleted);
    hf_json_set_known(object, "ram_bytes", measured ? hf_result_ram_bytes(result) : 0);
    hf_json_set_known(object, "rom_bytes", measured ? hf_result_rom_bytes(result) : 0);
    hf_json_set_known(object, "image_bytes", result->image_bytes);
    hf_json_set_known_real(object, "accuracy_percent", result->has_accuracy ? result->accuracy_percent : -1);
    hf_json_set_text(object, "board", result->board_id);
    json_object_set_new(object, "modelled", json_boolean(result->modelled));
    hf_json_set_text(object, "firmware_id", result->firmware_id);
    hf_json_set_text(object, "image_sha256", result->image_sha256);
    hf_json_set_text(object, "clock_source", result->clock_source);
    hf_json_set_known(object, "clock_hz", result->clock_hz);
    return object;
}

static void show_trend(const hf_dispatched *task)
{
    const char *name = hf_query_needed(task->request, "name");
    const char *chip = name ? hf_query_needed(task->request, "chip") : NULL;
    int64_t limit = DEFAULT_NIGHTS, before = INT64_MAX;
    hf_trend_row *rows = NULL;
    size_t count = 0;
    hf_error err = {0};
    if (!chip || !hf_query_number(task->request, "limit", MOST_NIGHTS, &limit) ||
        !hf_query_number(task->request, "before", INT64_MAX, &before))
        return;
    if (hf_store_load_trend(task->store, name, chip, before, (size_t)limit, &rows, &count, &err) != HF_OK) {
        hf_answer_failure(task->request, &err);
        return;
    }
    json_t *list = json_array(), *answer = json_object();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, trend_object(&rows[i]));
    hf_json_set_text(answer, "name", name);
    hf_json_set_text(answer, "chip", chip);
    json_object_set_new(answer, "results", list);
    hf_rows_free(&hf_trend_row_type, rows, count);
    hf_answer_json(task->request, 200, answer);
}

void hf_get_trend(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, show_trend);
}

/* ---- A board ---- */

static json_t *check_object(const hf_health_check_row *row)
{
    json_t *object = json_object();
    hf_json_set_int(object, "at_ms", row->at_ms);
    hf_json_set_text(object, "kind", hf_health_check_kind_name(row->kind));
    json_object_set_new(object, "passed", json_boolean(row->passed));
    json_object_set_new(object, "drifted", json_boolean(row->drifted));
    hf_json_set_known(object, "duration_ns", row->duration_ns);
    hf_json_set_known(object, "cycles", row->cycles);
    json_object_set_new(object, "drift", row->cycles ? json_real(row->drift) : json_null());
    hf_json_set_known(object, "clock_hz", row->clock_hz);
    hf_json_set_known_real(object, "clock_ratio", row->clock_ratio);
    hf_json_set_text(object, "clock_source", row->clock_source);
    hf_json_set_text(object, "firmware_id", row->firmware_id);
    hf_json_set_text(object, "fault", row->fault);
    hf_json_set_text(object, "message", row->message);
    return object;
}

static json_t *failure_object(const hf_board_failure_row *row)
{
    json_t *object = json_object();
    hf_json_set_int(object, "run_id", row->run_id);
    hf_json_set_text(object, "run_name", row->run_name);
    hf_json_set_text(object, "model", row->model);
    hf_json_set_int(object, "at_ms", row->failure.at_ms);
    hf_json_set_text(object, "fault", row->failure.fault);
    hf_json_set_text(object, "message", row->failure.message);
    hf_json_set_text(object, "transcript", row->failure.transcript);
    json_object_set_new(object, "dead", json_boolean(row->failure.dead));
    return object;
}

/* A board of the farm, and how many days of its past are asked for. */
typedef struct past {
    const char *id, *chip;
    bool modelled;
    int64_t days;
} past;

static hf_status add_days(hf_store *store, const past *of, json_t *answer, hf_error *err)
{
    hf_board_day_row *rows = NULL;
    size_t count = 0;
    hf_status status = hf_store_list_board_days(store, of->id, of->chip, of->modelled,
                                                hf_wall_ms() - of->days * MS_PER_DAY, &rows, &count, err);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("{s:I, s:i, s:i}", "day_ms", (json_int_t)rows[i].day * MS_PER_DAY,
                                        "succeeded", rows[i].succeeded, "failed", rows[i].failed));
    json_object_set_new(answer, "days", list);
    free(rows);
    return status;
}

static hf_status add_checks(hf_store *store, const past *of, json_t *answer, hf_error *err)
{
    hf_health_check_row *rows = NULL;
    size_t count = 0;
    const int64_t since_ms = hf_wall_ms() - of->days * MS_PER_DAY;
    hf_status status =
        hf_store_list_health_checks(store, of->id, of->chip, of->modelled, MOST_CHECKS, &rows, &count, err);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        if (rows[i].at_ms >= since_ms)
            json_array_append_new(list, check_object(&rows[i]));
    json_object_set_new(answer, "checks", list);
    hf_rows_free(&hf_health_check_row_type, rows, count);
    return status;
}

static hf_status add_failures(hf_store *store, const past *of, json_t *answer, hf_error *err)
{
    hf_board_failure_row *rows = NULL;
    size_t count = 0;
    hf_status status = hf_store_list_board_failures(store, of->id, of->chip, of->modelled, MOST_FAILURES,
                                                    &rows, &count, err);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, failure_object(&rows[i]));
    json_object_set_new(answer, "failures", list);
    hf_rows_free(&hf_board_failure_row_type, rows, count);
    return status;
}

static void show_board(const hf_dispatched *task)
{
    const char *id = hf_http_request_segment(task->request, 0);
    const uint32_t board = hf_farm_find_board(task->daemon->farm, id);
    past of = {.days = DEFAULT_DAYS};
    hf_error err = {0};
    if (board == HF_FARM_NO_BOARD) {
        hf_http_respond_error(task->request, 404, "the farm has no board '%s'", id);
        return;
    }
    if (!hf_query_number(task->request, "days", MOST_DAYS, &of.days))
        return;
    const hf_farm_board *known = &task->daemon->farm->boards[board];
    of.id = known->config.id;
    of.chip = known->chip->name;
    of.modelled = hf_board_config_modelled(&known->config);
    json_t *answer = json_object();
    hf_status status = add_days(task->store, &of, answer, &err);
    if (status == HF_OK)
        status = add_checks(task->store, &of, answer, &err);
    if (status == HF_OK)
        status = add_failures(task->store, &of, answer, &err);
    if (status == HF_OK) {
        hf_answer_json(task->request, 200, answer);
    } else {
        json_decref(answer);
        hf_answer_failure(task->request, &err);
    }
}

void hf_get_board_history(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, show_board);
}
