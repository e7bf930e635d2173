/* SPDX-License-Identifier: Apache-2.0 */
#include "recording.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "fault_vfs.h"
#include "sample.h"
#include "store/write_queue.h"

#define OF_A_STORE 20 /* disturbances until the next store */

enum { KILL, LOCK, LOCK_AND_KILL, FULL, FULL_AND_KILL, KIND_COUNT };
static const char *const kinds[KIND_COUNT] = {"killed", "store locked", "store locked, killed", "disk full",
                                              "disk full, killed"};

/* ---- The process that records ---- */

static volatile sig_atomic_t disk_is_full;

static void on_signal(int number)
{
    disk_is_full = number == SIGUSR1;
}

static void follow_disk(void)
{
    static bool full;
    if (full != (disk_is_full != 0)) {
        full = !full;
        fault_vfs_arm(full ? FAULT_FULL : FAULT_NONE, 1);
    }
}

static hf_store *begin(const char *db, hf_report *report, int64_t *run_id)
{
    hf_store *store = NULL;
    hf_error err = {0};
    hf_status status = hf_store_open(db, &store, &err);
    if (status == HF_OK && *run_id)
        status = hf_store_resume_run(store, *run_id, report->run.host, getpid(), &err);
    else if (status == HF_OK)
        status = hf_store_begin_run(store, &report->run, run_id, &err);
    if (status == HF_OK)
        status = hf_store_add_board(store, *run_id, &report->boards[0], &err);
    if (status != HF_OK)
        recording_give_up("a run could not begin", err.message);
    return store;
}

/* Writes the number of each attempt once it is recorded, until it is killed. */
static void record(const char *db, int64_t run_id, int first, int tell)
{
    const hf_write_queue_options options = {.busy_ms = 2, .retry_ms = 2};
    hf_report report;
    hf_write_queue *queue = NULL;
    hf_error err = {0};
    sample_small(&report);
    fault_vfs_install();
    fault_vfs_arm(FAULT_NONE, 0);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    hf_store *store = begin(db, &report, &run_id);
    if (hf_write_queue_start(store, run_id, &options, &queue, &err) != HF_OK)
        recording_give_up("a run could not begin", err.message);
    hf_write_queue_add_result(queue, 0, &report.results[0]);
    for (int number = first;; number++) {
        hf_attempt_row attempt = report.attempts[number % 3 ? 0 : 1];
        attempt.number = number;
        attempt.started_ms += number;
        const uint64_t ticket =
            hf_write_queue_add_attempt(queue, 0, &attempt, number % 3 ? &report.results[0] : NULL);
        hf_write_queue_status status;
        do {
            follow_disk();
            hf_write_queue_status_get(queue, &status);
            poll(NULL, 0, status.kept < ticket ? 1 : 0);
        } while (status.kept < ticket);
        if (status.in_memory_only || write(tell, &number, sizeof number) != sizeof number)
            recording_give_up("a record is in memory only", status.cause.message);
    }
}

/* ---- The disturbances ---- */

typedef struct recorder {
    pid_t pid;
    int told; /* descriptor */
    int last; /* number it wrote */
} recorder;

static void start(recorder *self, const char *db, bool resume)
{
    int ends[2];
    if (pipe(ends) != 0)
        recording_give_up("making a pipe", db);
    fflush(NULL);
    self->pid = fork();
    if (self->pid == 0) {
        close(ends[0]);
        record(db, resume, self->last + 1, ends[1]);
    }
    close(ends[1]);
    self->told = ends[0];
}

static void listen_for(recorder *self, int milliseconds)
{
    struct pollfd waiting = {.fd = self->told, .events = POLLIN};
    int number = 0;
    poll(NULL, 0, milliseconds);
    while (poll(&waiting, 1, 0) == 1 && read(self->told, &number, sizeof number) == sizeof number)
        self->last = number;
}

static void disturb(recorder *self, const char *db, int kind)
{
    sqlite3 *lock = NULL;
    if (kind == LOCK || kind == LOCK_AND_KILL)
        lock = recording_lock(db);
    if (kind == FULL || kind == FULL_AND_KILL)
        kill(self->pid, SIGUSR1);
    if (kind != KILL)
        listen_for(self, 5 + (int)recording_draw(40));
    if (kind == KILL || kind == LOCK_AND_KILL || kind == FULL_AND_KILL)
        kill(self->pid, SIGKILL);
    sqlite3_close(lock);
    if (kind == FULL)
        kill(self->pid, SIGUSR2);
}

/* Waits for the killed process and checks what it left. */
static void check(recorder *self, const char *db, recording_tally *tally)
{
    int status = 0;
    waitpid(self->pid, &status, 0);
    if (!WIFSIGNALED(status))
        recording_give_up("the recording process ended by itself", db);
    listen_for(self, 0);
    close(self->told);
    hf_store *store = NULL;
    hf_error err = {0};
    if (hf_store_open(db, &store, &err) != HF_OK)
        recording_give_up("opening the store again", err.message);
    hf_store_close(store);
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM attempts WHERE number <= %d", self->last);
    const int64_t there = recording_number(db, sql);
    tally->lost += self->last > there ? (int)(self->last - there) : 0;
    tally->doubled += (int)recording_number(db, "SELECT count(*) - count(DISTINCT number) FROM attempts");
    tally->doubled += (int)recording_number(
        db, "SELECT count(*) - 2 * (SELECT count(*) FROM attempts WHERE succeeded) FROM samples");
    /* An attempt that was stored but not announced counts too. */
    self->last = (int)recording_number(db, "SELECT coalesce(max(number), 0) FROM attempts");
}

void recording_write_queues(int disturbances, recording_tally *tally)
{
    int counts[KIND_COUNT] = {0};
    for (int done = 0; done < disturbances;) {
        char folder[] = "/tmp/hilfarm-trust-XXXXXX", db[64];
        if (!mkdtemp(folder))
            recording_give_up("making a folder", folder);
        snprintf(db, sizeof db, "%s/farm.db", folder);
        recorder self = {0};
        bool running = false, begun = false;
        for (int i = 0; i < OF_A_STORE && done < disturbances; i++, done++) {
            if (!running)
                start(&self, db, begun);
            const int first = self.last;
            for (int tries = 0; self.last == first && tries < 5000; tries++)
                listen_for(&self, 2);
            if (self.last == first)
                recording_give_up("nothing is recorded", db);
            begun = true;
            listen_for(&self, (int)recording_draw(30));
            const int kind = (int)recording_draw(KIND_COUNT);
            disturb(&self, db, kind);
            running = kind == LOCK || kind == FULL;
            if (!running)
                check(&self, db, tally);
            counts[kind]++;
            tally->disturbances++;
        }
        if (running) {
            kill(self.pid, SIGKILL);
            check(&self, db, tally);
        }
        tally->announced += self.last;
        (void)hf_remove_tree(folder, NULL); /* a leftover folder in /tmp is harmless */
    }
    for (int i = 0; i < KIND_COUNT; i++)
        fprintf(stderr, "%3d times: %s (a recording process without boards)\n", counts[i], kinds[i]);
}
