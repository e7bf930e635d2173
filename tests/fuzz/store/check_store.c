/* SPDX-License-Identifier: Apache-2.0 */
#include "check_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "page/page.h"
#include "report/latency_statistics.h"
#include "report/outputs.h"
#include "report/render.h"
#include "store/board_health.h"
#include "store/run_tags.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#define FIGURE_MAX (INT64_C(1) << 45)

static void check_result(const hf_result_row *row)
{
    CHECK(row->name && row->family && row->chip);
    CHECK(row->macs >= 0 && row->macs <= FIGURE_MAX && row->image_bytes >= 0 &&
          row->image_bytes <= FIGURE_MAX);
    CHECK(hf_result_ram_bytes(row) >= 0 && hf_result_rom_bytes(row) >= 0 &&
          hf_result_layers_cycles(row) >= 0);
    for (size_t i = 0; i < row->layer_count; i++)
        CHECK(row->layers[i].cycles >= 0);
    for (size_t i = 0; i < row->sample_count; i++)
        CHECK(row->samples[i].cycles > 0 && row->samples[i].instructions >= 0);
}

static void render_all(const hf_report *report)
{
    static void (*const renderers[])(const hf_report *report, hf_buffer *out) = {
        hf_render_csv, hf_render_layers_csv, hf_render_layers_table, hf_render_json};
    hf_buffer out = HF_BUFFER_INIT;
    for (size_t i = 0; i < sizeof renderers / sizeof renderers[0]; i++) {
        renderers[i](report, &out);
        hf_buffer_clear(&out);
    }
    hf_render_table(report, 80, true, &out);
    hf_buffer_clear(&out);
    hf_page_render(report, NULL, &out);
    hf_buffer_free(&out);
}

static void render_outputs(const hf_report *report)
{
    const hf_outputs_choice all = {0}, second = {.output = 2, .real = true};
    hf_buffer out = HF_BUFFER_INIT;
    hf_error err = {0};
    CHECK(hf_render_outputs_csv(report, &all, &out, &err) == HF_OK || err.message[0]);
    hf_buffer_clear(&out);
    hf_error_clear(&err);
    CHECK(hf_render_outputs_npy(report, &second, &out, &err) == HF_OK || err.message[0]);
    hf_buffer_free(&out);
}

static bool check_report(hf_store *store, int64_t run_id)
{
    hf_report report = {0};
    hf_error err = {0};
    hf_status status = hf_store_load_report(store, run_id, &report, &err);
    if (status != HF_OK) {
        CHECK(err.message[0] && err.status == status);
        return false;
    }
    CHECK(report.run.name && report.run.key && report.run.duration_ns >= 0);
    for (size_t i = 0; i < report.result_count; i++)
        check_result(&report.results[i]);
    for (size_t i = 0; i < report.attempt_count; i++)
        CHECK(report.attempt_results[i] < report.result_count && report.attempts[i].board_id);
    render_all(&report);
    for (size_t i = 0; i < report.result_count && status == HF_OK; i++)
        status = hf_store_load_outputs(store, run_id, &report.results[i], &err);
    CHECK(status == HF_OK || err.message[0]);
    if (status == HF_OK)
        render_outputs(&report);
    hf_report_free(&report);
    return status == HF_OK;
}

static bool check_runs(hf_store *store)
{
    hf_error err = {0};
    hf_run_row *runs = NULL;
    size_t count = 0;
    if (hf_store_list_runs(store, &runs, &count, &err) != HF_OK) {
        CHECK(err.message[0]);
        return false;
    }
    bool whole = true;
    hf_buffer out = HF_BUFFER_INIT;
    hf_render_runs(runs, count, &out);
    hf_buffer_free(&out);
    for (size_t i = 0; i < count; i++)
        whole &= check_report(store, runs[i].id);
    hf_rows_free(&hf_run_row_type, runs, count);
    return whole;
}

static bool check_boards(hf_store *store)
{
    hf_error err = {0};
    hf_board_history_row *boards = NULL;
    size_t count = 0;
    if (hf_store_list_boards(store, &boards, &count, &err) != HF_OK) {
        CHECK(err.message[0]);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        CHECK(boards[i].id && boards[i].chip);
    hf_rows_free(&hf_board_history_row_type, boards, count);
    return true;
}

static bool check_health(hf_store *store)
{
    hf_error err = {0};
    hf_tag_row *tags = NULL;
    hf_board_state_row *states = NULL;
    hf_health_check_row *checks = NULL;
    size_t tag_count = 0, state_count = 0, check_count = 0;
    const bool whole =
        hf_store_list_tags(store, &tags, &tag_count, &err) == HF_OK &&
        hf_store_list_board_states(store, &states, &state_count, &err) == HF_OK &&
        hf_store_list_health_checks(store, NULL, NULL, false, 100, &checks, &check_count, &err) == HF_OK;
    CHECK(whole || err.message[0]);
    for (size_t i = 0; i < tag_count; i++)
        CHECK(tags[i].name && tags[i].run_key && tags[i].run_name);
    for (size_t i = 0; i < state_count; i++)
        CHECK(states[i].id && states[i].chip && states[i].quarantine_count >= 0);
    for (size_t i = 0; i < check_count; i++)
        CHECK(checks[i].board_id && checks[i].chip && checks[i].cycles >= 0);
    hf_rows_free(&hf_tag_row_type, tags, tag_count);
    hf_rows_free(&hf_board_state_row_type, states, state_count);
    hf_rows_free(&hf_health_check_row_type, checks, check_count);
    return whole;
}

bool check_store(const char *path)
{
    hf_store *store = NULL;
    hf_error err = {0};
    bool whole = hf_store_open_readonly(path, &store, &err) == HF_OK;
    CHECK(whole || err.message[0]);
    if (whole) {
        int64_t run_id = 0;
        whole = check_runs(store);
        whole &= check_boards(store);
        whole &= check_health(store);
        (void)hf_store_find_run(store, "small", &run_id, NULL); /* found or not: it must not crash */
        hf_store_close(store);
    }
    hf_error_clear(&err);
    store = NULL;
    if (hf_store_open(path, &store, &err) != HF_OK)
        CHECK(err.message[0]);
    else
        hf_store_close(store);
    return whole;
}
