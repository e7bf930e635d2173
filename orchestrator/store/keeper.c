/* SPDX-License-Identifier: Apache-2.0 */
#include "store/keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "change.h"
#include "recover.h"
#include "sql.h"

#define BUSY_MS      1000
#define RETRY_MS     500
#define MOST_RECORDS 20000
#define MOST_BYTES   (UINT64_C(64) * 1024 * 1024)
#define MOST_MS      (UINT64_C(3600) * 1000)
#define HANG_MS      2000 /* for a write under way when time is up */

/* A record on its way into the store. */
typedef struct waiting {
    struct waiting *next;
    uint64_t ticket;
    bool in_file;
    size_t size_bytes;
    uint8_t bytes[];
} waiting;

struct hf_keeper {
    hf_store *store;
    char *run_key;
    hf_keeper_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    /* Under the mutex. */
    waiting *first, *last;
    uint64_t last_ticket;
    uint64_t bytes;
    bool behind; /* the first one was tried in vain */
    bool quit, gone;
    hf_deadline quit_at;
    uint64_t took_ns; /* when the store last took one, or the first began to wait */
    hf_keeper_status status;
};

/* ---- The thread ---- */

/* With the mutex held. */
static void tell(hf_keeper *keeper)
{
    if (keeper->options.changed)
        keeper->options.changed(keeper->options.user);
}

static hf_status store_one(hf_keeper *keeper, const waiting *record, hf_error *err)
{
    hf_change change;
    size_t used = 0;
    hf_status status = hf_change_decode(record->bytes, record->size_bytes, &change, &used);
    if (status != HF_OK)
        return HF_FAIL_AS(err, HF_FAULT_FARM, status, "no memory to record what run %s did", keeper->run_key);
    keeper->store->failure = SQLITE_OK;
    status = hf_change_apply(keeper->store, &change, err);
    hf_change_free(&change);
    return status;
}

/* With the mutex held, as is what follows. */
static void took_first(hf_keeper *keeper)
{
    waiting *record = keeper->first;
    keeper->first = record->next;
    if (!keeper->first)
        keeper->last = NULL;
    keeper->bytes -= record->size_bytes;
    keeper->took_ns = hf_now_ns();
    if (record->ticket > keeper->status.kept)
        keeper->status.kept = record->ticket;
    free(record);
}

static void caught_up(hf_keeper *keeper)
{
    hf_run_file *file = keeper->store->run_file; /* gone if the run's end was among them */
    if (keeper->behind && file && hf_run_file_bytes(file))
        (void)hf_run_file_clear(file, NULL); /* records that stay are stored again, which changes nothing */
    keeper->behind = false;
    hf_error_clear(&keeper->status.cause);
    keeper->status.gave_up = false;
}

static bool is_beyond_bound(const hf_keeper *keeper, uint32_t records)
{
    return records > keeper->options.most_records || keeper->bytes > keeper->options.most_bytes ||
           hf_now_ns() - keeper->took_ns > keeper->options.most_ms * HF_NS_PER_MS;
}

/* Puts into the run's file what is not there yet. The mutex is given up while it writes: only this thread
 * takes records from the list. */
static void keep(hf_keeper *keeper)
{
    bool file_works = keeper->store->run_file != NULL;
    for (waiting *record = keeper->first; record; record = record->next) {
        if (!record->in_file && file_works) {
            pthread_mutex_unlock(&keeper->mutex);
            file_works =
                hf_run_file_append(keeper->store->run_file, record->bytes, record->size_bytes, NULL) == HF_OK;
            pthread_mutex_lock(&keeper->mutex);
            record->in_file = file_works;
        }
        if (record->ticket > keeper->status.kept)
            keeper->status.kept = record->ticket;
    }
}

static void count_waiting(hf_keeper *keeper)
{
    keeper->status.waiting = keeper->status.in_memory_only = 0;
    for (const waiting *record = keeper->behind ? keeper->first : NULL; record; record = record->next) {
        keeper->status.waiting++;
        keeper->status.in_memory_only += !record->in_file;
    }
    if (keeper->behind && is_beyond_bound(keeper, keeper->status.waiting))
        keeper->status.gave_up = true;
}

/* One round: as much as the store takes; what it does not take is kept. */
static void work(hf_keeper *keeper)
{
    hf_error cause = {0};
    hf_status status = HF_OK;
    if (keeper->behind)
        keep(keeper); /* what has come since, before the next try may have to wait for a lock */
    else
        keeper->took_ns = hf_now_ns();
    while (status == HF_OK && keeper->first) {
        const waiting *record = keeper->first;
        pthread_mutex_unlock(&keeper->mutex);
        status = store_one(keeper, record, &cause);
        pthread_mutex_lock(&keeper->mutex);
        if (status == HF_OK) {
            took_first(keeper);
            if (!keeper->behind)
                tell(keeper);
        }
    }
    if (status == HF_OK) {
        caught_up(keeper);
    } else {
        keeper->behind = true;
        keeper->status.cause = cause;
        if (status == HF_ESTORE && !hf_store_failure_may_pass(keeper->store))
            keeper->status.gave_up = true;
        keep(keeper);
    }
    count_waiting(keeper);
    tell(keeper);
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

/* @return false when the thread is to end */
static bool wait_for_work(hf_keeper *keeper)
{
    const uint64_t seen = keeper->last_ticket;
    if (!keeper->behind) {
        while (!keeper->first && !keeper->quit)
            pthread_cond_wait(&keeper->wake, &keeper->mutex);
        return keeper->first != NULL;
    }
    if (keeper->quit && (hf_deadline_passed(keeper->quit_at) || keeper->status.gave_up))
        return false;
    const struct timespec retry = in_ms(keeper->options.retry_ms);
    while (keeper->last_ticket == seen &&
           pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &retry) == 0) {
        if (keeper->quit)
            break;
    }
    return true;
}

static void *thread_main(void *argument)
{
    hf_keeper *keeper = argument;
    pthread_mutex_lock(&keeper->mutex);
    while (wait_for_work(keeper))
        work(keeper);
    keeper->gone = true;
    pthread_mutex_unlock(&keeper->mutex);
    return NULL;
}

/* ---- The caller's side ---- */

static void free_keeper(hf_keeper *keeper)
{
    for (waiting *record = keeper->first; record;) {
        waiting *next = record->next;
        free(record);
        record = next;
    }
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper->run_key);
    free(keeper);
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

static void make_wake(hf_keeper *keeper)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&keeper->mutex, NULL);
}

hf_status hf_keeper_start(hf_store *store, int64_t run_id, const hf_keeper_options *options, hf_keeper **out,
                          hf_error *err)
{
    hf_keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record the run");
    make_wake(keeper);
    keeper->store = store;
    keeper->options = options ? *options : (hf_keeper_options){0};
    hf_keeper_options *of = &keeper->options;
    of->busy_ms = of->busy_ms ? of->busy_ms : BUSY_MS;
    of->retry_ms = of->retry_ms ? of->retry_ms : RETRY_MS;
    of->most_records = of->most_records ? of->most_records : MOST_RECORDS;
    of->most_bytes = of->most_bytes ? of->most_bytes : MOST_BYTES;
    of->most_ms = of->most_ms ? of->most_ms : MOST_MS;
    hf_status status = read_key(store, run_id, &keeper->run_key, err);
    if (status == HF_OK) {
        sqlite3_busy_timeout(store->db, (int)of->busy_ms);
        int result = pthread_create(&keeper->thread, NULL, thread_main, keeper);
        if (result != 0)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread to record the run: %s",
                                strerror(result));
    }
    if (status == HF_OK)
        *out = keeper;
    else
        free_keeper(keeper);
    return status;
}

/* Takes a change in; what it points to stays the caller's. */
static uint64_t take(hf_keeper *keeper, hf_change *change)
{
    hf_buffer bytes = HF_BUFFER_INIT;
    change->run_key = keeper->run_key;
    hf_change_encode(change, &bytes);
    waiting *record = bytes.failed ? NULL : malloc(sizeof *record + bytes.size);
    pthread_mutex_lock(&keeper->mutex);
    const uint64_t ticket = ++keeper->last_ticket;
    if (record) {
        *record = (waiting){.ticket = ticket, .size_bytes = bytes.size};
        memcpy(record->bytes, bytes.data, bytes.size);
        if (keeper->last)
            keeper->last->next = record;
        else
            keeper->first = record;
        keeper->last = record;
        keeper->bytes += record->size_bytes;
    } else {
        keeper->status.lost++;
        keeper->status.gave_up = true;
        (void)HF_FAIL_AS(&keeper->status.cause, HF_FAULT_FARM, HF_ENOMEM,
                         "no memory to record what run %s did", keeper->run_key);
    }
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
    hf_buffer_free(&bytes);
    return ticket;
}

uint64_t hf_keeper_add_result(hf_keeper *keeper, int32_t position, const hf_result_row *row)
{
    hf_change change = {.kind = HF_CHANGE_RESULT, .position = position, .has_result = true, .result = *row};
    return take(keeper, &change);
}

uint64_t hf_keeper_add_attempt(hf_keeper *keeper, int32_t position, const hf_attempt_row *attempt,
                               const hf_result_row *measured)
{
    hf_change change = {
        .kind = HF_CHANGE_ATTEMPT, .position = position, .has_result = measured, .attempt = *attempt};
    change.attempt.succeeded = measured != NULL;
    if (measured)
        change.result = *measured;
    return take(keeper, &change);
}

/* A change only reads what it is encoded from. */
#define BORROW(text) ((char *)(text))

uint64_t hf_keeper_close_result(hf_keeper *keeper, int32_t position, hf_result_outcome outcome,
                                const char *fault, const char *message)
{
    hf_change change = {.kind = HF_CHANGE_OUTCOME,
                        .position = position,
                        .outcome = (int32_t)outcome,
                        .fault = BORROW(fault),
                        .message = BORROW(message)};
    return take(keeper, &change);
}

uint64_t hf_keeper_add_failure(hf_keeper *keeper, const hf_failure_row *failure)
{
    hf_change change = {.kind = HF_CHANGE_FAILURE, .failure = *failure};
    return take(keeper, &change);
}

uint64_t hf_keeper_finish_run(hf_keeper *keeper, hf_run_state state, int64_t finished_ms, int64_t duration_ns,
                              const char *openocd_version)
{
    hf_change change = {.kind = HF_CHANGE_FINISH,
                        .outcome = (int32_t)state,
                        .message = BORROW(openocd_version),
                        .finished_ms = finished_ms,
                        .duration_ns = duration_ns};
    return take(keeper, &change);
}

void hf_keeper_mute(hf_keeper *keeper)
{
    pthread_mutex_lock(&keeper->mutex);
    keeper->options.changed = NULL;
    pthread_mutex_unlock(&keeper->mutex);
}

void hf_keeper_status_get(hf_keeper *keeper, hf_keeper_status *out)
{
    pthread_mutex_lock(&keeper->mutex);
    *out = keeper->status;
    out->waiting_ms = keeper->behind ? (hf_now_ns() - keeper->took_ns) / HF_NS_PER_MS : 0;
    pthread_mutex_unlock(&keeper->mutex);
}

/* Waits for the thread's end. @return false: it hangs in a write */
static bool join(hf_keeper *keeper, uint32_t patience_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at = in_ms(patience_ms + keeper->options.busy_ms + HANG_MS);
    return pthread_clockjoin_np(keeper->thread, NULL, CLOCK_MONOTONIC, &at) == 0;
}

/* What became of what is not in the store. */
static hf_status say_where(const hf_keeper *keeper, hf_error *err)
{
    const hf_keeper_status *status = &keeper->status;
    const hf_run_file *file = keeper->store->run_file;
    const char *why = status->cause.message[0] ? status->cause.message : "it cannot be written";
    if (status->lost || status->in_memory_only || !file)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE,
                          "%u of the run's last records are lost, as neither: %.300s; "
                          "nor was there room to keep them",
                          status->lost + status->in_memory_only, why);
    return HF_FAIL_AS(
        err, HF_FAULT_FARM, HF_ESTORE,
        "%.200s; %u record%s kept in %.160s and stored by the next hilfarm that opens the store", why,
        status->waiting, status->waiting == 1 ? " is" : "s are", hf_run_file_path(file));
}

hf_status hf_keeper_stop(hf_keeper *keeper, uint32_t patience_ms, hf_error *err)
{
    pthread_mutex_lock(&keeper->mutex);
    keeper->quit = true;
    keeper->options.changed = NULL;
    keeper->quit_at = hf_deadline_in_ms(patience_ms);
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
    if (!join(keeper, patience_ms)) {
        pthread_mutex_lock(&keeper->mutex);
        keeper->store->hung = true;
        hf_status status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_ETIMEOUT,
                       "store %s: a write hangs and was abandoned; what it was to write is lost "
                       "unless it ends after all",
                       keeper->store->path);
        pthread_mutex_unlock(&keeper->mutex);
        pthread_detach(keeper->thread);
        return status; /* the thread still uses it all */
    }
    hf_status status = keeper->first || keeper->status.lost ? say_where(keeper, err) : HF_OK;
    free_keeper(keeper);
    return status;
}
