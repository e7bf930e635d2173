/* SPDX-License-Identifier: Apache-2.0 */
/* Trains several variations side by side, one child process each. */
#include "train/train.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "trainer_process.h"
#include "training_cache.h"
#include "training_queue.h"
#include "work.h"

#define MAX_JOBS     64
#define STOP_WAIT_MS 120000 /* a stopped training still calibrates and writes its result */

/* One training under way. */
typedef struct slot {
    bool is_used;
    hf_training_work work;
    hf_trainer trainer;
} slot;

typedef struct scheduler {
    const hf_training_options *options;
    const hf_training_item *items;
    uint32_t count, jobs;
    hf_training_queue queue;
    char torch[32]; /* version of the trainer's torch; "" = no trainer */
    hf_training_sets sets;
    bool is_stopping;
    hf_deadline stop_by;
    slot slots[MAX_JOBS];
    hf_training_summary summary;
} scheduler;

/* ---- What the caller hears ---- */

static void tell(const scheduler *s, hf_training_progress p, uint32_t item)
{
    p.item = item;
    p.name = s->items[item].name;
    p.number = item + 1;
    p.count = s->count;
    if (s->options->progress)
        s->options->progress(s->options->user, &p);
}

static void tell_of_slot(const scheduler *s, const slot *of, hf_training_event event, const char *message)
{
    hf_training_progress p = of->trainer.last;
    p.event = event;
    p.slot = (uint32_t)(of - s->slots);
    p.message = message;
    p.float_percent = p.int8_percent = -1;
    tell(s, p, of->work.index);
}

/* ---- One training ---- */

/* Whether a record is that of a training, as far as it is wanted. */
static bool is_enough(const scheduler *s, const hf_training_work *work, const hf_training_record *record)
{
    const uint32_t until = work->item->until_epoch;
    return (record->complete || (until && record->epochs >= until)) && strcmp(record->key, work->key) == 0 &&
           (!*s->torch || strcmp(record->torch, s->torch) == 0);
}

/* Whether the file is there already; tells so. */
static bool is_kept(scheduler *s, const hf_training_work *work)
{
    const char *path = work->item->tflite_path;
    hf_training_record record = {0};
    if ((hf_training_record_read(path, &record, NULL) != HF_OK || !is_enough(s, work, &record)) &&
        (!hf_training_cache_restore(s->options->cache, work->key, path) ||
         hf_training_record_read(path, &record, NULL) != HF_OK || !is_enough(s, work, &record)))
        return false;
    s->summary.kept++;
    const hf_training_progress p = {.event = HF_TRAINING_KEPT,
                                    .epoch = record.epochs,
                                    .epochs = record.epochs,
                                    .validation_percent = record.validation_percent,
                                    .float_percent = record.float_percent,
                                    .int8_percent = record.int8_percent,
                                    .message = *record.warning ? record.warning : NULL};
    tell(s, p, work->index);
    return true;
}

static void tell_failure(scheduler *s, uint32_t item, const char *message)
{
    s->summary.failed++;
    tell(s, (hf_training_progress){.event = HF_TRAINING_FAILED, .message = message}, item);
}

static hf_status make_folder_of(const char *path, hf_error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return HF_OK;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return hf_make_dirs(folder, err);
}

static hf_status no_trainer(const scheduler *s, uint32_t item, hf_error *err)
{
    const char *name = s->items[item].name, *program = s->options->program;
    if (program && access(program, X_OK) == 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ECHILD,
                          "%s has to be trained, but %s does not say its version: try %s --version", name,
                          program, program);
    return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                      "%s has to be trained, and " HF_TRAINING_NO_TRAINER, name);
}

/* @param started whether a trainer is at work afterwards */
static hf_status start(scheduler *s, uint32_t item, slot *into, bool *started, hf_error *err)
{
    hf_training_work work = {.lock = -1};
    hf_status status = hf_training_work_init(&s->sets, &s->items[item], item, &work, err);
    if (status == HF_OK)
        status = make_folder_of(s->items[item].tflite_path, err);
    if (status == HF_OK && is_kept(s, &work)) {
        hf_training_work_free(&work);
        return HF_OK;
    }
    if (status == HF_OK && !*s->torch)
        status = no_trainer(s, item, err);
    if (status == HF_OK)
        status = hf_training_work_prepare(&work, err);
    if (status == HF_OK && *work.warning)
        tell(s, (hf_training_progress){.event = HF_TRAINING_WARNING, .message = work.warning}, item);
    if (status == HF_OK)
        status = hf_trainer_start(s->options->program, work.folder, &into->trainer, err);
    if (status != HF_OK) {
        hf_training_work_free(&work);
        return status;
    }
    into->is_used = *started = true;
    into->work = work;
    tell_of_slot(s, into, HF_TRAINING_STARTED, NULL);
    return HF_OK;
}

/* Starts the next training that is necessary. @return HF_OK also if there is none, or none yet */
static hf_status start_next(scheduler *s, slot *into, hf_error *err)
{
    bool started = false, is_orphan = false;
    for (uint32_t item; !started && hf_training_queue_take(&s->queue, &item, &is_orphan);) {
        hf_error error = {0};
        hf_status status = HF_OK;
        if (is_orphan)
            (void)HF_FAIL_AS(&error, HF_FAULT_NONE, HF_ENOTFOUND, "what it learns from was not trained");
        else
            status = start(s, item, into, &started, &error);
        if (is_orphan || status == HF_EBUSY) /* of no concern to the others */
            tell_failure(s, item, error.message);
        else if (status != HF_OK) {
            if (err)
                *err = error;
            return status;
        }
        if (!started)
            hf_training_queue_end(&s->queue, item, error.status == HF_OK);
    }
    return HF_OK;
}

static void finish(scheduler *s, slot *of)
{
    hf_trainer *t = &of->trainer;
    hf_error error = {0};
    hf_training_record record = {.complete = !t->is_stopped && !t->is_paused,
                                 .validation_percent = t->validation_percent,
                                 .seconds = t->seconds};
    snprintf(record.torch, sizeof record.torch, "%s", t->torch);
    const bool good =
        t->is_done && hf_training_work_finish(&of->work, t->history, !t->is_paused, &record, &error) == HF_OK;
    if (good) {
        hf_training_progress p = t->last;
        p.event = t->is_stopped ? HF_TRAINING_STOPPED : HF_TRAINING_DONE;
        p.slot = (uint32_t)(of - s->slots);
        p.epoch = record.epochs;
        p.validation_percent = record.validation_percent;
        p.float_percent = record.float_percent;
        p.int8_percent = record.int8_percent;
        p.message = *record.warning ? record.warning : NULL;
        *(t->is_stopped ? &s->summary.stopped : &s->summary.trained) += 1;
        if (record.complete)
            hf_training_cache_keep(s->options->cache, of->work.key, of->work.item->tflite_path);
        tell(s, p, of->work.index);
    } else if (s->is_stopping && !t->is_done) {
        s->summary.stopped++;
        tell_of_slot(s, of, HF_TRAINING_STOPPED, "no epoch had ended, nothing is kept");
    } else {
        s->summary.failed++;
        const char *why = t->is_done ? error.message : t->message;
        tell_of_slot(s, of, HF_TRAINING_FAILED, *why ? why : "hilfarm-train ended without a result");
    }
    hf_training_queue_end(&s->queue, of->work.index, good);
    hf_trainer_end(t);
    hf_training_work_free(&of->work);
    of->is_used = false;
}

/* ---- All of them ---- */

static void request_stop(scheduler *s)
{
    s->is_stopping = true;
    s->summary.cancelled = true;
    s->stop_by = hf_deadline_in_ms(STOP_WAIT_MS);
    for (uint32_t i = 0; i < s->jobs; i++)
        if (s->slots[i].is_used)
            kill(hf_child_pid(s->slots[i].trainer.child), SIGTERM);
}

static void serve(scheduler *s, slot *of)
{
    hf_trainer *t = &of->trainer;
    const bool alive = hf_child_alive(t->child);
    if (t->changed && !t->is_done)
        tell_of_slot(s, of, t->epoch_ended ? HF_TRAINING_EPOCH : HF_TRAINING_BATCH, NULL);
    t->changed = false;
    t->epoch_ended = false;
    if (!alive)
        finish(s, of);
}

/* Waits until a child says something or ends, or until the caller wants to stop. @return false if nothing is under way */
static bool wait_and_serve(scheduler *s)
{
    struct pollfd fds[2 * MAX_JOBS + 1];
    slot *of[2 * MAX_JOBS + 1];
    nfds_t count = 0;
    for (uint32_t i = 0; i < s->jobs; i++) {
        if (!s->slots[i].is_used)
            continue;
        of[count] = &s->slots[i];
        fds[count++] = (struct pollfd){.fd = hf_child_fd(s->slots[i].trainer.child), .events = POLLIN};
        of[count] = &s->slots[i];
        fds[count++] = (struct pollfd){.fd = hf_child_exit_fd(s->slots[i].trainer.child), .events = POLLIN};
    }
    if (count == 0)
        return false;
    const nfds_t children = count;
    if (s->options->cancel_fd >= 0 && !s->is_stopping)
        fds[count++] = (struct pollfd){.fd = s->options->cancel_fd, .events = POLLIN};
    const int left = s->is_stopping ? (int)hf_deadline_left_ms(s->stop_by) : -1;
    if (poll(fds, count, left) == 0) /* they do not stop: end them */
        for (nfds_t i = 0; i < children; i += 2)
            finish(s, of[i]);
    for (nfds_t i = 0; i < children; i++)
        if (fds[i].revents && of[i]->is_used)
            serve(s, of[i]);
    if (count > children && fds[children].revents)
        request_stop(s);
    return true;
}

static uint32_t job_count(const hf_training_options *options)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const uint32_t wanted = options->jobs ? options->jobs : processors > 0 ? (uint32_t)processors : 1;
    return wanted < MAX_JOBS ? wanted : MAX_JOBS;
}

static bool cancel_requested(const scheduler *s)
{
    struct pollfd fd = {.fd = s->options->cancel_fd, .events = POLLIN};
    return s->options->cancel_fd >= 0 && poll(&fd, 1, 0) == 1;
}

static hf_status run(scheduler *s, hf_error *err)
{
    hf_status status = HF_OK;
    do {
        for (uint32_t i = 0; i < s->jobs && status == HF_OK && !s->is_stopping; i++) {
            if (cancel_requested(s))
                request_stop(s);
            else if (!s->slots[i].is_used)
                status = start_next(s, &s->slots[i], err);
        }
        if (status != HF_OK && !s->is_stopping)
            request_stop(s);
    } while (wait_and_serve(s));
    s->summary.cancelled &= status == HF_OK;
    return status;
}

hf_status hf_train_items(const hf_training_item *items, uint32_t count, const hf_training_options *options,
                         hf_training_summary *out, hf_error *err)
{
    scheduler *s = calloc(1, sizeof *s);
    if (!s)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
    s->options = options;
    s->items = items;
    s->count = count;
    s->jobs = job_count(options);
    if (options->program)
        hf_trainer_torch_version(options->program, s->torch);
    hf_status status = hf_training_queue_init(&s->queue, items, count, err);
    if (status == HF_OK)
        status = run(s, err);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || items[i].recipe != items[i - 1].recipe)
            hf_training_clean_up(items[i].recipe);
    if (status == HF_OK)
        *out = s->summary;
    hf_training_queue_free(&s->queue);
    hf_training_sets_free(&s->sets);
    free(s);
    return status;
}
