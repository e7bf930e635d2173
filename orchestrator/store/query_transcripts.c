/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "query.h"
#include "store/transcripts.h"
#include "transcript_zlib.h"

hf_status hf_store_list_transcripts(hf_store *store, int64_t run_id, hf_transcript_row **rows, size_t *count,
                                    hf_error *err)
{
    /* Failures of boards have no number of their own: they are counted. */
    hf_sql query = hf_sql_start(
        store, "listing transcripts",
        "SELECT failures.id, results.name, coalesce(results.chip, boards.chip), boards.name,"
        " coalesce(attempts.number, row_number() OVER (PARTITION BY failures.board_id, failures.attempt_id "
        "IS NULL"
        "  ORDER BY failures.id)),"
        " at_ms, failures.fault, failures.message, (transcript IS NOT NULL OR transcript_zlib IS NOT NULL)"
        " FROM failures JOIN boards ON boards.id = failures.board_id"
        " LEFT JOIN attempts ON attempts.id = failures.attempt_id"
        " LEFT JOIN results ON results.id = failures.result_id"
        " WHERE failures.run_id = ? AND dead = 0 ORDER BY failures.id",
        "i", run_id);
    hf_transcript_row *found = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_transcript_row *row = hf_query_append(&query, (void **)&found, used, sizeof *row);
        if (!row)
            break;
        used++;
        row->id = hf_sql_int(&query, 0, 1, INT64_MAX);
        row->model = hf_sql_text(&query, 1);
        row->chip = hf_sql_needed_text(&query, 2);
        row->board_id = hf_sql_needed_text(&query, 3);
        row->number = (int32_t)hf_sql_int(&query, 4, 1, INT32_MAX);
        row->at_ms = hf_sql_time(&query, 5);
        row->fault = hf_sql_needed_text(&query, 6);
        row->message = hf_sql_needed_text(&query, 7);
        row->stored = hf_sql_int(&query, 8, 0, 1) != 0;
    }
    return hf_query_done(&query, &hf_transcript_row_type, found, used, (void **)rows, count, err);
}

hf_status hf_store_load_transcript(hf_store *store, int64_t id, char **text, hf_error *err)
{
    char *found = NULL;
    hf_sql query = hf_sql_start(store, "reading a transcript",
                                "SELECT transcript, transcript_zlib FROM failures WHERE id = ?", "i", id);
    if (hf_sql_row(&query))
        found = hf_sql_transcript(&query, 0, 1);
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && !found) /* between the list and now */
        status = HF_FAIL(err, HF_ENOTFOUND, "the transcript has just been deleted");
    if (status == HF_OK)
        *text = found;
    else
        free(found);
    return status;
}

static hf_status show(hf_store *store, const hf_report *report, const hf_transcript_choice *choice, bool raw,
                      hf_buffer *out, hf_error *err)
{
    hf_transcript_row *rows = NULL;
    const hf_transcript_row *row = NULL;
    size_t count = 0;
    char *text = NULL;
    hf_status status = hf_store_list_transcripts(store, report->run.id, &rows, &count, err);
    if (status == HF_OK && !choice->attempt)
        status = hf_transcripts_render(report, rows, count, choice, out, err);
    else if (status == HF_OK)
        status = hf_transcript_choose(report, rows, count, choice, &row, err);
    if (status == HF_OK && row)
        status = hf_store_load_transcript(store, row->id, &text, err);
    if (text && raw)
        hf_buffer_puts(out, text);
    else if (text)
        hf_transcript_render(row, text, out);
    free(text);
    hf_rows_free(&hf_transcript_row_type, rows, count);
    return status;
}

hf_status hf_store_show_transcript(hf_store *store, const char *run, const hf_transcript_choice *choice,
                                   bool raw, hf_buffer *out, hf_error *err)
{
    int64_t run_id = 0;
    hf_report report = {0};
    hf_status status = run ? hf_store_find_run(store, run, &run_id, err) : HF_OK;
    if (status == HF_OK)
        status = hf_store_load_parts(store, run_id, 0, &report, err);
    if (status == HF_OK)
        status = show(store, &report, choice, raw, out, err);
    hf_report_free(&report);
    return status;
}
