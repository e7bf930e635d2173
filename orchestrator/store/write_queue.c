/* SPDX-License-Identifier: Apache-2.0 */
#include "write_queue_state.h"

#include <stdlib.h>
#include <string.h>

#include "journal_record.h"
#include "sql_statement.h"

#define BUSY_MS      1000
#define RETRY_MS     500
#define LINGER_MS    5000
#define MOST_RECORDS 20000
#define MOST_BYTES   (UINT64_C(64) * 1024 * 1024)
#define MOST_MS      (UINT64_C(3600) * 1000)
#define HANG_MS      2000 /* for a write that is in progress at the deadline */

static void free_queue(hf_write_queue *queue)
{
    for (hf_waiting *record = queue->first; record;) {
        hf_waiting *next = record->next;
        free(record);
        record = next;
    }
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->mutex);
    free(queue->run_key);
    free(queue);
}

static hf_status read_key(hf_store *store, int64_t run_id, char **key, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "looking for a run", "SELECT key FROM runs WHERE id = ?", "i", run_id);
    *key = hf_sql_row(&query) ? hf_sql_needed_text(&query, 0) : NULL;
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && !*key)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run %lld", store->path,
                            (long long)run_id);
    return status;
}

hf_status hf_write_queue_start(hf_store *store, int64_t run_id, const hf_write_queue_options *options,
                               hf_write_queue **out, hf_error *err)
{
    hf_write_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record the run");
    hf_condition_init(&queue->wake);
    pthread_mutex_init(&queue->mutex, NULL);
    queue->store = store;
    queue->options = options ? *options : (hf_write_queue_options){0};
    hf_write_queue_options *of = &queue->options;
    of->busy_ms = of->busy_ms ? of->busy_ms : BUSY_MS;
    of->retry_ms = of->retry_ms ? of->retry_ms : RETRY_MS;
    of->linger_ms = of->linger_ms ? of->linger_ms : LINGER_MS;
    of->most_records = of->most_records ? of->most_records : MOST_RECORDS;
    of->most_bytes = of->most_bytes ? of->most_bytes : MOST_BYTES;
    of->most_ms = of->most_ms ? of->most_ms : MOST_MS;
    hf_status status = read_key(store, run_id, &queue->run_key, err);
    if (status == HF_OK) {
        sqlite3_busy_timeout(store->db, (int)of->busy_ms);
        int result = pthread_create(&queue->thread, NULL, hf_write_queue_thread, queue);
        if (result != 0)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread to record the run: %s",
                                strerror(result));
    }
    if (status == HF_OK)
        *out = queue;
    else
        free_queue(queue);
    return status;
}

/* Encodes and appends a record; the caller still owns what it points to. */
static uint64_t enqueue(hf_write_queue *queue, hf_journal_record *record)
{
    hf_buffer bytes = HF_BUFFER_INIT;
    record->run_key = queue->run_key;
    hf_journal_encode(record, &bytes);
    /* What was analysed can be analysed again: it waits a moment for a record that somebody waits for. */
    const bool lingers = record->kind == HF_JOURNAL_RESULT || record->kind == HF_JOURNAL_PLAN;
    const hf_deadline write_by = hf_deadline_in_ms(lingers ? queue->options.linger_ms : 0);
    hf_waiting *entry = bytes.failed ? NULL : malloc(sizeof *entry + bytes.size);
    pthread_mutex_lock(&queue->mutex);
    const uint64_t ticket = ++queue->last_ticket;
    if (entry) {
        *entry = (hf_waiting){.ticket = ticket, .write_by = write_by, .size_bytes = bytes.size};
        memcpy(entry->bytes, bytes.data, bytes.size);
        if (queue->last)
            queue->last->next = entry;
        else
            queue->first = entry;
        queue->last = entry;
        queue->bytes += entry->size_bytes;
    } else {
        queue->status.lost++;
        queue->status.gave_up = true;
        (void)HF_FAIL_AS(&queue->status.cause, HF_FAULT_FARM, HF_ENOMEM,
                         "no memory to record what run %s did", queue->run_key);
    }
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
    hf_buffer_free(&bytes);
    return ticket;
}

uint64_t hf_write_queue_add_result(hf_write_queue *queue, int32_t position, const hf_result_row *row)
{
    hf_journal_record record = {
        .kind = HF_JOURNAL_RESULT, .position = position, .has_result = true, .result = *row};
    return enqueue(queue, &record);
}

uint64_t hf_write_queue_add_plan(hf_write_queue *queue, const hf_result_row *rows, size_t count)
{
    hf_journal_record record = {
        .kind = HF_JOURNAL_PLAN, .planned = (hf_result_row *)rows, .planned_count = count};
    return enqueue(queue, &record);
}

uint64_t hf_write_queue_add_attempt(hf_write_queue *queue, int32_t position, const hf_attempt_row *attempt,
                                    const hf_result_row *measured)
{
    hf_journal_record record = {
        .kind = HF_JOURNAL_ATTEMPT, .position = position, .has_result = measured, .attempt = *attempt};
    record.attempt.succeeded = measured != NULL;
    if (measured)
        record.result = *measured;
    return enqueue(queue, &record);
}

/* Encoding a record only reads its strings. */
#define BORROW(text) ((char *)(text))

uint64_t hf_write_queue_close_result(hf_write_queue *queue, int32_t position, hf_result_outcome outcome,
                                     const char *fault, const char *message)
{
    hf_journal_record record = {.kind = HF_JOURNAL_OUTCOME,
                                .position = position,
                                .outcome = (int32_t)outcome,
                                .fault = BORROW(fault),
                                .message = BORROW(message)};
    return enqueue(queue, &record);
}

uint64_t hf_write_queue_add_failure(hf_write_queue *queue, const hf_failure_row *failure)
{
    hf_journal_record record = {.kind = HF_JOURNAL_FAILURE, .failure = *failure};
    return enqueue(queue, &record);
}

uint64_t hf_write_queue_finish_run(hf_write_queue *queue, hf_run_state state, int64_t finished_ms,
                                   int64_t duration_ns, const char *openocd_version)
{
    hf_journal_record record = {.kind = HF_JOURNAL_FINISH,
                                .outcome = (int32_t)state,
                                .message = BORROW(openocd_version),
                                .finished_ms = finished_ms,
                                .duration_ns = duration_ns};
    return enqueue(queue, &record);
}

void hf_write_queue_mute(hf_write_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->options.changed = NULL;
    pthread_mutex_unlock(&queue->mutex);
}

void hf_write_queue_status_get(hf_write_queue *queue, hf_write_queue_status *out)
{
    pthread_mutex_lock(&queue->mutex);
    *out = queue->status;
    out->waiting_ms = queue->behind ? (hf_now_ns() - queue->accepted_ns) / HF_NS_PER_MS : 0;
    pthread_mutex_unlock(&queue->mutex);
}

/* Waits for the end of the thread. @return false: it hangs in a write */
static bool join(hf_write_queue *queue, uint32_t patience_ms)
{
    const struct timespec at = hf_timespec_in_ms((uint64_t)patience_ms + queue->options.busy_ms + HANG_MS);
    return pthread_clockjoin_np(queue->thread, NULL, CLOCK_MONOTONIC, &at) == 0;
}

/* Reports where the records are that are not in the store. */
static hf_status report_location(const hf_write_queue *queue, hf_error *err)
{
    const hf_write_queue_status *status = &queue->status;
    const hf_run_journal *file = queue->store->run_file;
    const char *why = status->cause.message[0] ? status->cause.message : "it cannot be written";
    if (status->lost || status->in_memory_only || !file)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE,
                          "%u of the run's last records are lost: %.300s; "
                          "the journal could not be written either",
                          status->lost + status->in_memory_only, why);
    return HF_FAIL_AS(
        err, HF_FAULT_FARM, HF_ESTORE,
        "%.200s; %u record%s kept in %.160s, and the next hilfarm that opens the store writes them", why,
        status->waiting, status->waiting == 1 ? " is" : "s are", hf_run_journal_path(file));
}

hf_status hf_write_queue_stop(hf_write_queue *queue, uint32_t patience_ms, hf_error *err)
{
    pthread_mutex_lock(&queue->mutex);
    queue->quit = true;
    queue->options.changed = NULL;
    queue->quit_at = hf_deadline_in_ms(patience_ms);
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
    if (!join(queue, patience_ms)) {
        pthread_mutex_lock(&queue->mutex);
        queue->store->hung = true;
        hf_status status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_ETIMEOUT,
                       "store %s: a write hangs and was abandoned; its records are lost unless it "
                       "completes later",
                       queue->store->path);
        pthread_mutex_unlock(&queue->mutex);
        pthread_detach(queue->thread);
        return status; /* the thread still uses the queue */
    }
    hf_status status = queue->first || queue->status.lost ? report_location(queue, err) : HF_OK;
    free_queue(queue);
    return status;
}
