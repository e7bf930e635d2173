/* SPDX-License-Identifier: Apache-2.0 */
/* Trains several variations side by side, one child process each. */
#include "train/train.h"

#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "trainer_process.h"
#include "work.h"

#define MAX_JOBS     64
#define STOP_WAIT_MS 120000 /* a stopped training still calibrates and writes its result */

/* One training under way. */
typedef struct slot {
    bool is_used;
    uint32_t number; /* of the training, from 1 */
    hf_training_work work;
    hf_trainer trainer;
} slot;

typedef struct scheduler {
    const hf_training_options *options;
    hf_training_set set;
    uint32_t jobs, count; /* trainings of the spec */
    uint32_t next;        /* variation to look at */
    uint32_t number;      /* of the trainings looked at */
    bool is_stopping;
    hf_deadline stop_by;
    slot slots[MAX_JOBS];
    hf_training_summary summary;
} scheduler;

/* ---- What the caller hears ---- */

static void tell(const scheduler *s, hf_training_progress p, const hf_spec_variation *variation,
                 uint32_t number)
{
    p.variation = (uint32_t)(variation - s->set.spec->variations);
    p.name = variation->name;
    p.number = number;
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
    tell(s, p, of->work.variation, of->number);
}

/* ---- One training ---- */

/* Whether a name matches one of some patterns with commas between. */
static bool matches(const char *patterns, const char *name)
{
    char pattern[256];
    for (const char *at = patterns; at;) {
        const size_t length = strcspn(at, ",");
        snprintf(pattern, sizeof pattern, "%.*s", (int)length, at);
        if (fnmatch(pattern, name, 0) == 0)
            return true;
        at = at[length] ? at + length + 1 : NULL;
    }
    return false;
}

static bool is_wanted(const scheduler *s, const hf_spec_variation *variation)
{
    return variation->trained && (!s->options->only || matches(s->options->only, variation->name));
}

/* Whether the file is there already; tells so. */
static bool is_kept(scheduler *s, const hf_training_work *work)
{
    hf_training_record record = {0};
    const uint32_t until = s->options->until_epoch;
    if (hf_training_record_read(work->variation->weights_path, &record, NULL) != HF_OK ||
        !(record.complete || (until && record.epochs >= until)) || strcmp(record.key, work->key) != 0 ||
        (*s->set.torch && strcmp(record.torch, s->set.torch) != 0))
        return false;
    s->summary.kept++;
    const hf_training_progress p = {.event = HF_TRAINING_KEPT,
                                    .epoch = record.epochs,
                                    .epochs = record.epochs,
                                    .validation_percent = record.validation_percent,
                                    .float_percent = record.float_percent,
                                    .int8_percent = record.int8_percent};
    tell(s, p, work->variation, s->number);
    return true;
}

/* Starts the next training that is necessary. @return HF_OK also if there is none */
static hf_status start_next(scheduler *s, slot *into, hf_error *err)
{
    const hf_spec *spec = s->set.spec;
    while (s->next < spec->variation_count) {
        const uint32_t index = s->next++;
        if (!is_wanted(s, &spec->variations[index]))
            continue;
        s->number++;
        hf_training_work work = {0};
        hf_status status = hf_training_work_init(&s->set, index, &work, err);
        if (status == HF_OK && is_kept(s, &work)) {
            hf_training_work_free(&work);
            continue;
        }
        if (status == HF_OK && !*s->set.torch)
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                                "%s has to be trained, and " HF_TRAINING_NO_TRAINER, work.variation->name);
        if (status == HF_OK)
            status = hf_training_work_prepare(&s->set, &work, s->options->until_epoch, err);
        if (status == HF_OK)
            status = hf_trainer_start(s->options->program, work.folder, &into->trainer, err);
        if (status != HF_OK) {
            hf_training_work_free(&work);
            return status;
        }
        into->is_used = true;
        into->number = s->number;
        into->work = work;
        tell_of_slot(s, into, HF_TRAINING_STARTED, NULL);
        return HF_OK;
    }
    return HF_OK;
}

/* Makes the file of a training that has ended. */
static void finish(scheduler *s, slot *of)
{
    hf_trainer *t = &of->trainer;
    hf_error error = {0};
    hf_training_record record = {
        .complete = !t->is_stopped, .validation_percent = t->validation_percent, .seconds = t->seconds};
    snprintf(record.torch, sizeof record.torch, "%s", t->torch);
    if (t->is_done && hf_training_work_finish(&s->set, &of->work, t->history, &record, &error) == HF_OK) {
        const uint32_t until = s->options->until_epoch;
        const bool stopped = t->is_stopped && (!until || record.epochs < until);
        hf_training_progress p = t->last;
        p.event = stopped ? HF_TRAINING_STOPPED : HF_TRAINING_DONE;
        p.slot = (uint32_t)(of - s->slots);
        p.epoch = record.epochs;
        p.validation_percent = record.validation_percent;
        p.float_percent = record.float_percent;
        p.int8_percent = record.int8_percent;
        *(stopped ? &s->summary.stopped : &s->summary.trained) += 1;
        tell(s, p, of->work.variation, of->number);
    } else if (s->is_stopping && !t->is_done) {
        s->summary.stopped++;
        tell_of_slot(s, of, HF_TRAINING_STOPPED, "no epoch had ended, nothing is kept");
    } else {
        s->summary.failed++;
        const char *why = t->is_done ? error.message : t->message;
        tell_of_slot(s, of, HF_TRAINING_FAILED, *why ? why : "hilfarm-train ended without a result");
    }
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

/* Removes what the trainings shared, unless one of them is to be continued. */
static void clean_up(const scheduler *s)
{
    char *path = NULL;
    if (s->summary.stopped || s->summary.failed || s->summary.cancelled || s->options->only ||
        s->options->until_epoch || asprintf(&path, "%s/.training", s->set.spec->training.models_dir) < 0)
        return;
    (void)hf_remove_tree(path, NULL); /* a leftover does no harm */
    free(path);
}

hf_status hf_train(const hf_spec *spec, const hf_training_options *options, hf_training_summary *out,
                   hf_error *err)
{
    scheduler *s = calloc(1, sizeof *s);
    if (!s)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a training");
    s->options = options;
    s->jobs = job_count(options);
    hf_status status = hf_training_set_init(&s->set, spec, err);
    for (uint32_t i = 0; i < spec->variation_count; i++)
        s->count += is_wanted(s, &spec->variations[i]);
    if (status == HF_OK && options->program)
        hf_trainer_torch_version(options->program, s->set.torch);
    if (status == HF_OK)
        status = run(s, err);
    if (status == HF_OK) {
        clean_up(s);
        *out = s->summary;
    }
    hf_training_set_free(&s->set);
    free(s);
    return status;
}
