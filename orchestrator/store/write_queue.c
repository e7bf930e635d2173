/* SPDX-License-Identifier: Apache-2.0 */
#include "store/write_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "crash_recovery.h"
#include "journal_record.h"
#include "sql_statement.h"

#define BUSY_MS      1000
#define RETRY_MS     500
#define MOST_RECORDS 20000
#define MOST_BYTES   (UINT64_C(64) * 1024 * 1024)
#define MOST_MS      (UINT64_C(3600) * 1000)
#define HANG_MS      2000 /* for a write that is in progress at the deadline */

/* A record that waits for the store. */
typedef struct waiting {
    struct waiting *next;
    uint64_t ticket;
    bool in_file;
    size_t size_bytes;
    uint8_t bytes[];
} waiting;

struct hf_write_queue {
    hf_store *store;
    char *run_key;
    hf_write_queue_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    /* Under the mutex. */
    waiting *first, *last;
    uint64_t last_ticket;
    uint64_t bytes;
    bool behind; /* the store did not accept the first record */
    bool quit, gone;
    hf_deadline quit_at;
    uint64_t accepted_ns; /* when the store last accepted a record, or the first began to wait */
    hf_write_queue_status status;
};

/* ---- Writer thread ---- */

/* With the mutex held. */
static void notify(hf_write_queue *queue)
{
    if (queue->options.changed)
        queue->options.changed(queue->options.user);
}

static hf_status store_one(hf_write_queue *queue, const waiting *record, hf_error *err)
{
    hf_journal_record change;
    size_t used = 0;
    hf_status status = hf_journal_decode(record->bytes, record->size_bytes, &change, &used);
    if (status != HF_OK)
        return HF_FAIL_AS(err, HF_FAULT_FARM, status, "no memory to record what run %s did", queue->run_key);
    queue->store->failure = SQLITE_OK;
    status = hf_journal_apply(queue->store, &change, err);
    hf_journal_free(&change);
    return status;
}

/* With the mutex held, like the following functions. */
static void remove_first(hf_write_queue *queue)
{
    waiting *record = queue->first;
    queue->first = record->next;
    if (!queue->first)
        queue->last = NULL;
    queue->bytes -= record->size_bytes;
    queue->accepted_ns = hf_now_ns();
    if (record->ticket > queue->status.kept)
        queue->status.kept = record->ticket;
    free(record);
}

static void clear_backlog(hf_write_queue *queue)
{
    hf_run_journal *file = queue->store->run_file; /* NULL if the end of the run was among them */
    if (queue->behind && file && hf_run_journal_bytes(file))
        (void)hf_run_journal_clear(file,
                                   NULL); /* records that remain are stored again, which has no effect */
    queue->behind = false;
    hf_error_clear(&queue->status.cause);
    queue->status.gave_up = false;
}

static bool is_beyond_bound(const hf_write_queue *queue, uint32_t records)
{
    return records > queue->options.most_records || queue->bytes > queue->options.most_bytes ||
           hf_now_ns() - queue->accepted_ns > queue->options.most_ms * HF_NS_PER_MS;
}

/* Appends waiting records to the journal. Releases the mutex while it writes: only this thread removes records
 * from the list. */
static void journal_waiting(hf_write_queue *queue)
{
    bool file_works = queue->store->run_file != NULL;
    for (waiting *record = queue->first; record; record = record->next) {
        if (!record->in_file && file_works) {
            pthread_mutex_unlock(&queue->mutex);
            file_works = hf_run_journal_append(queue->store->run_file, record->bytes, record->size_bytes,
                                               NULL) == HF_OK;
            pthread_mutex_lock(&queue->mutex);
            record->in_file = file_works;
        }
        if (record->ticket > queue->status.kept)
            queue->status.kept = record->ticket;
    }
}

static void count_waiting(hf_write_queue *queue)
{
    queue->status.waiting = queue->status.in_memory_only = 0;
    for (const waiting *record = queue->behind ? queue->first : NULL; record; record = record->next) {
        queue->status.waiting++;
        queue->status.in_memory_only += !record->in_file;
    }
    if (queue->behind && is_beyond_bound(queue, queue->status.waiting))
        queue->status.gave_up = true;
}

/* Writes as many records as the store accepts; the rest goes to the journal. */
static void work(hf_write_queue *queue)
{
    hf_error cause = {0};
    hf_status status = HF_OK;
    if (queue->behind)
        journal_waiting(queue); /* new records first, because the next attempt may wait for a lock */
    else
        queue->accepted_ns = hf_now_ns();
    while (status == HF_OK && queue->first) {
        const waiting *record = queue->first;
        pthread_mutex_unlock(&queue->mutex);
        status = store_one(queue, record, &cause);
        pthread_mutex_lock(&queue->mutex);
        if (status == HF_OK) {
            remove_first(queue);
            if (!queue->behind)
                notify(queue);
        }
    }
    if (status == HF_OK) {
        clear_backlog(queue);
    } else {
        queue->behind = true;
        queue->status.cause = cause;
        if (status == HF_ESTORE && !hf_store_failure_may_pass(queue->store))
            queue->status.gave_up = true;
        journal_waiting(queue);
    }
    count_waiting(queue);
    notify(queue);
}

static struct timespec in_ms(uint32_t milliseconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    const uint64_t ns = (uint64_t)at.tv_nsec + milliseconds * HF_NS_PER_MS;
    at.tv_sec += (time_t)(ns / HF_NS_PER_S);
    at.tv_nsec = (long)(ns % HF_NS_PER_S);
    return at;
}

/* @return false when the thread must end */
static bool wait_for_work(hf_write_queue *queue)
{
    const uint64_t seen = queue->last_ticket;
    if (!queue->behind) {
        while (!queue->first && !queue->quit)
            pthread_cond_wait(&queue->wake, &queue->mutex);
        return queue->first != NULL;
    }
    if (queue->quit && (hf_deadline_passed(queue->quit_at) || queue->status.gave_up))
        return false;
    const struct timespec retry = in_ms(queue->options.retry_ms);
    while (queue->last_ticket == seen && pthread_cond_timedwait(&queue->wake, &queue->mutex, &retry) == 0) {
        if (queue->quit)
            break;
    }
    return true;
}

static void *thread_main(void *argument)
{
    hf_write_queue *queue = argument;
    pthread_mutex_lock(&queue->mutex);
    while (wait_for_work(queue))
        work(queue);
    queue->gone = true;
    pthread_mutex_unlock(&queue->mutex);
    return NULL;
}

/* ---- The caller's side ---- */

static void free_queue(hf_write_queue *queue)
{
    for (waiting *record = queue->first; record;) {
        waiting *next = record->next;
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

static void make_wake(hf_write_queue *queue)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&queue->mutex, NULL);
}

hf_status hf_write_queue_start(hf_store *store, int64_t run_id, const hf_write_queue_options *options,
                               hf_write_queue **out, hf_error *err)
{
    hf_write_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record the run");
    make_wake(queue);
    queue->store = store;
    queue->options = options ? *options : (hf_write_queue_options){0};
    hf_write_queue_options *of = &queue->options;
    of->busy_ms = of->busy_ms ? of->busy_ms : BUSY_MS;
    of->retry_ms = of->retry_ms ? of->retry_ms : RETRY_MS;
    of->most_records = of->most_records ? of->most_records : MOST_RECORDS;
    of->most_bytes = of->most_bytes ? of->most_bytes : MOST_BYTES;
    of->most_ms = of->most_ms ? of->most_ms : MOST_MS;
    hf_status status = read_key(store, run_id, &queue->run_key, err);
    if (status == HF_OK) {
        sqlite3_busy_timeout(store->db, (int)of->busy_ms);
        int result = pthread_create(&queue->thread, NULL, thread_main, queue);
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
    waiting *entry = bytes.failed ? NULL : malloc(sizeof *entry + bytes.size);
    pthread_mutex_lock(&queue->mutex);
    const uint64_t ticket = ++queue->last_ticket;
    if (entry) {
        *entry = (waiting){.ticket = ticket, .size_bytes = bytes.size};
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
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at = in_ms(patience_ms + queue->options.busy_ms + HANG_MS);
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
