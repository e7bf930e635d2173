/* SPDX-License-Identifier: Apache-2.0 */
/* The summary for programs: a command or a server that is told that a run has ended. */
#include <stdio.h>
#include <stdlib.h>

#include "night_texts.h"
#include "report/json_members.h"

#define VERSION   1
#define MOST_ROWS 100

static json_t *run_object(const hf_run_row *run)
{
    json_t *object = json_object();
    hf_json_set_int(object, "id", run->id);
    hf_json_set_text(object, "key", run->key);
    hf_json_set_text(object, "name", run->name);
    hf_json_set_text(object, "owner", run->owner);
    hf_json_set_text(object, "state", hf_run_state_name(run->state));
    hf_json_set_int(object, "started_ms", run->started_ms);
    hf_json_set_known(object, "finished_ms", run->finished_ms);
    hf_json_set_known(object, "duration_ns", run->duration_ns);
    hf_json_set_text(object, "host", run->host);
    return object;
}

static json_t *counts_object(const hf_night *night, const hf_night_counts *counts)
{
    json_t *object = json_object();
    const struct {
        const char *key;
        size_t value;
        bool known;
    } members[] = {
        {"results", night->report->result_count, true},
        {"measured", counts->measured, true},
        {"failed", counts->failed, true},
        {"not_run", counts->not_run, true},
        {"pruned", counts->pruned, true},
        {"missed", counts->missed, true},
        {"regressed", counts->regressed, night->comparison != NULL},
        {"improved", counts->improved, night->comparison != NULL},
        {"boards_dead", counts->dead, true},
        {"boards_attention", counts->attention, true},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set_new(object, members[i].key,
                            members[i].known ? json_integer((json_int_t)members[i].value) : json_null());
    return object;
}

static json_t *result_object(const hf_result_row *row)
{
    json_t *object = json_object();
    hf_json_set_text(object, "name", row->name);
    hf_json_set_text(object, "chip", row->chip);
    return object;
}

static json_t *regressions(const hf_night *night)
{
    json_t *array = json_array();
    for (size_t i = 0; i < night->report->result_count && json_array_size(array) < MOST_ROWS; i++) {
        if (!hf_night_regressed(night, i))
            continue;
        const hf_result_comparison *result = hf_night_compared(night, i);
        json_t *object = result_object(&night->report->results[i]), *changes = json_array();
        for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
            const hf_quantity_change *quantity = &result->quantities[q];
            if (quantity->change != HF_CHANGE_REGRESSED)
                continue;
            json_t *change = json_object();
            hf_json_set_text(change, "quantity", hf_quantity_name((hf_quantity)q));
            json_object_set_new(change, "before", json_real(quantity->before));
            json_object_set_new(change, "after", json_real(quantity->after));
            json_object_set_new(change, "change_percent", json_real(quantity->percent));
            json_array_append_new(changes, change);
        }
        json_object_set_new(object, "changes", changes);
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *failures(const hf_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->result_count && json_array_size(array) < MOST_ROWS; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->outcome != HF_RESULT_FAILED)
            continue;
        json_t *object = result_object(row);
        hf_json_set_text(object, "fault", row->fault);
        hf_json_set_text(object, "message", row->message);
        json_array_append_new(array, object);
    }
    return array;
}

static void add_board(json_t *array, const char *id, const char *chip, const char *why)
{
    json_t *object = json_object();
    hf_json_set_text(object, "id", id);
    hf_json_set_text(object, "chip", chip);
    hf_json_set_text(object, "why", why);
    json_array_append_new(array, object);
}

static json_t *boards(const hf_night *night)
{
    const hf_report *report = night->report;
    json_t *array = json_array();
    for (size_t i = 0; i < report->board_count; i++) {
        const char *dead = hf_report_dead_board(report, report->boards[i].id);
        if (dead)
            add_board(array, report->boards[i].id, report->boards[i].chip, dead);
    }
    for (size_t i = 0; i < night->state_count; i++)
        if (hf_night_needs_attention(night, i))
            add_board(array, night->states[i].id, night->states[i].chip, night->states[i].attention);
    return array;
}

static json_t *files(const hf_night *night)
{
    static const struct {
        const char *key, *name;
    } names[] = {{"html", "report.html"}, {"csv", "results.csv"}, {"layers_csv", "layers.csv"}};
    if (!night->folder)
        return json_null();
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", night->folder, names[i].name) < 0)
            path = NULL;
        hf_json_set_text(object, names[i].key, path);
        free(path);
    }
    return object;
}

void hf_night_render_json(const hf_night *night, hf_buffer *out)
{
    hf_night_counts counts;
    hf_buffer subject = HF_BUFFER_INIT;
    json_t *root = json_object();
    hf_night_count(night, &counts);
    hf_night_render_subject(night, &subject);
    hf_json_set_int(root, "version", VERSION);
    hf_json_set_text(root, "subject", hf_buffer_text(&subject));
    json_object_set_new(root, "green", json_boolean(counts.green));
    json_object_set_new(root, "run", run_object(&night->report->run));
    json_object_set_new(root, "baseline",
                        night->comparison ? run_object(&night->comparison->before->run) : json_null());
    json_object_set_new(root, "counts", counts_object(night, &counts));
    json_object_set_new(root, "regressions", regressions(night));
    json_object_set_new(root, "failures", failures(night->report));
    json_object_set_new(root, "boards", boards(night));
    json_object_set_new(root, "files", files(night));
    char *text = json_object_size(root) == 10 ? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(root);
    if (text)
        hf_buffer_printf(out, "%s\n", text);
    out->failed |= !text || subject.failed;
    hf_buffer_free(&subject);
    free(text);
}
