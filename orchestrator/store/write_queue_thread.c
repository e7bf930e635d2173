/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that writes the records of a run. */
#include "write_queue_state.h"

#include <stdlib.h>

#include "crash_recovery.h"
#include "journal_record.h"
#include "sql_statement.h"

#define GROUP_RECORDS 500 /* a transaction of more would hold the lock for long */

/* With the mutex held. */
static void notify(hf_write_queue *queue)
{
    if (queue->options.changed)
        queue->options.changed(queue->options.user);
}

static hf_status store_one(hf_write_queue *queue, const hf_waiting *record, hf_error *err)
{
    hf_journal_record change;
    size_t used = 0;
    hf_status status = hf_journal_decode(record->bytes, record->size_bytes, &change, &used);
    if (status != HF_OK)
        return HF_FAIL_AS(err, HF_FAULT_FARM, status, "no memory to record what run %s did", queue->run_key);
    status = hf_journal_apply(queue->store, &change, err);
    hf_journal_free(&change);
    return status;
}

/*
 * Stores records in one transaction: it is the sync at its end that takes time.
 * @param first, count of the list; later records may be appended meanwhile
 */
static hf_status store_group(hf_write_queue *queue, const hf_waiting *first, size_t count, hf_error *err)
{
    queue->store->failure = SQLITE_OK;
    hf_status status = hf_store_begin_group(queue->store, err);
    if (status != HF_OK)
        return status;
    const hf_waiting *record = first;
    for (size_t i = 0; status == HF_OK && i < count; i++) {
        status = store_one(queue, record, err);
        if (i + 1 < count)
            record = record->next;
    }
    return hf_store_end_group(queue->store, status, err);
}

/* With the mutex held, like the following functions. */
static void remove_first(hf_write_queue *queue)
{
    hf_waiting *record = queue->first;
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
    for (hf_waiting *record = queue->first; record; record = record->next) {
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
    for (const hf_waiting *record = queue->behind ? queue->first : NULL; record; record = record->next) {
        queue->status.waiting++;
        queue->status.in_memory_only += !record->in_file;
    }
    if (queue->behind && is_beyond_bound(queue, queue->status.waiting))
        queue->status.gave_up = true;
}

/* Another program writes: fewer records at a time would not help. */
static bool is_locked(const hf_store *store)
{
    return (store->failure & 0xff) == SQLITE_BUSY || (store->failure & 0xff) == SQLITE_LOCKED;
}

static size_t count_group(const hf_write_queue *queue, size_t most)
{
    size_t count = 0;
    for (const hf_waiting *record = queue->first; record && count < most; record = record->next)
        count++;
    return count;
}

/* Writes records until none is left or the store does not accept one. */
static hf_status write_groups(hf_write_queue *queue, hf_error *cause)
{
    size_t most = GROUP_RECORDS;
    while (queue->first) {
        const hf_waiting *first = queue->first;
        const size_t count = count_group(queue, most);
        pthread_mutex_unlock(&queue->mutex);
        hf_error_clear(cause);
        const hf_status status = store_group(queue, first, count, cause);
        pthread_mutex_lock(&queue->mutex);
        if (status != HF_OK && (count == 1 || is_locked(queue->store)))
            return status;
        /* One record of a group is to blame: those before it are stored one by one. */
        most = status == HF_OK ? most : 1;
        for (size_t i = 0; status == HF_OK && i < count; i++)
            remove_first(queue);
        if (status == HF_OK && !queue->behind)
            notify(queue);
    }
    return HF_OK;
}

/* Writes as many records as the store accepts; the rest goes to the journal. */
static void work(hf_write_queue *queue)
{
    hf_error cause = {0};
    if (queue->behind)
        journal_waiting(queue); /* new records first, because the next attempt may wait for a lock */
    else
        queue->accepted_ns = hf_now_ns();
    const hf_status status = write_groups(queue, &cause);
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

#define IDLE_MS 60000

/* How long the thread may wait for more records; 0 = one must be written now, and all others with it. */
static int may_linger_ms(const hf_write_queue *queue)
{
    int most = IDLE_MS;
    size_t count = 0;
    for (const hf_waiting *record = queue->first; record && most > 0; record = record->next) {
        if (++count == GROUP_RECORDS)
            return 0;
        const int left = hf_deadline_left_ms(record->write_by);
        most = left < most ? left : most;
    }
    return most;
}

/* @return false when the thread must end */
static bool wait_for_work(hf_write_queue *queue)
{
    const uint64_t seen = queue->last_ticket;
    if (!queue->behind) {
        int left_ms = 0;
        while (!queue->quit && (left_ms = may_linger_ms(queue)) > 0) {
            const struct timespec at = hf_timespec_in_ms((uint64_t)left_ms);
            pthread_cond_timedwait(&queue->wake, &queue->mutex, &at);
        }
        return queue->first != NULL;
    }
    if (queue->quit && (hf_deadline_passed(queue->quit_at) || queue->status.gave_up))
        return false;
    const struct timespec retry = hf_timespec_in_ms(queue->options.retry_ms);
    while (queue->last_ticket == seen && pthread_cond_timedwait(&queue->wake, &queue->mutex, &retry) == 0) {
        if (queue->quit)
            break;
    }
    return true;
}

void *hf_write_queue_thread(void *argument)
{
    hf_write_queue *queue = argument;
    pthread_mutex_lock(&queue->mutex);
    while (wait_for_work(queue))
        work(queue);
    queue->gone = true;
    pthread_mutex_unlock(&queue->mutex);
    return NULL;
}
