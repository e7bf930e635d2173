/* SPDX-License-Identifier: Apache-2.0 */
/* Trainings of a search, all by the spec's recipe: a rung pauses them, the end completes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "state.h"

#define LAST_PART 4 /* a training is judged by this part of its epochs, the last */

typedef struct session {
    hf_optimizer *o;
    hf_training_item *items; /* owned; of the plan's `todo` */
    char **paths;            /* owned: file of each */
    char *folder;            /* owned: of these files */
    hf_spec_training recipe;
    bool whole;
    hf_status status; /* of the journal */
    hf_error *err;
} session;

char *hf_optimizer_weights_path(const hf_optimizer *o, uint32_t variation)
{
    char *path = NULL;
    const int length = asprintf(&path, "%s/models/%s.tflite", o->options.spec->optimization.folder,
                                o->space.candidates[variation].name);
    return length < 0 ? NULL : path;
}

/* ---- What is trained ---- */

static hf_status make_session(hf_optimizer *o, session *s, hf_error *err)
{
    const hf_spec *spec = o->options.spec;
    const uint32_t count = o->plan.todo_count;
    s->o = o;
    s->err = err;
    s->whole = o->plan.step == HF_SEARCH_FINISH;
    s->recipe = spec->training;
    if (count && spec->variations[o->plan.todo[0]]
                     .training) /* the same of all, with the paths of what it learns from */
        s->recipe = *spec->variations[o->plan.todo[0]].training;
    s->items = calloc(count + 1, sizeof *s->items);
    s->paths = calloc(count + 1, sizeof *s->paths);
    bool failed = !s->items || !s->paths || asprintf(&s->folder, "%s/models", spec->optimization.folder) < 0;
    for (uint32_t i = 0; i < count && !failed; i++) {
        const hf_spec_variation *variation = &spec->variations[o->plan.todo[i]];
        s->paths[i] = hf_optimizer_weights_path(o, o->plan.todo[i]);
        s->items[i] = (hf_training_item){.name = variation->name,
                                         .variation = &variation->variation,
                                         .recipe = &s->recipe,
                                         .tflite_path = s->paths[i],
                                         .until_epoch = s->whole ? 0 : o->plan.epochs};
        failed = !s->paths[i];
    }
    if (failed)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u trainings", count);
    s->recipe.models_dir = s->folder;
    return HF_OK;
}

static void free_session(session *s)
{
    for (uint32_t i = 0; s->paths && i < s->o->plan.todo_count; i++)
        free(s->paths[i]);
    free(s->paths);
    free(s->items);
    free(s->folder);
}

/* ---- What is heard of it ---- */

static void note(session *s, hf_search_fact fact)
{
    if (s->status == HF_OK)
        s->status = hf_journal_add(s->o, fact, NULL, s->err);
}

/*
 * Reads from the epochs of a training what counts of it. A file that was there before may be trained further than the rung; what
 * counts is the same.
 */
static hf_status read_curve(const session *s, uint32_t item, hf_search_fact *fact, hf_error *err)
{
    hf_training_epoch *epochs = NULL;
    uint32_t count = 0;
    hf_status status = hf_training_curve_read(s->paths[item], &epochs, &count, err);
    if (status == HF_OK && (count < 1 || (!s->whole && count < fact->epochs)))
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: its record has %u epochs, expected %u",
                            s->paths[item], (unsigned)count, (unsigned)fact->epochs);
    /* At the end the mean of the last epochs, so that a single lucky one does not decide. */
    const uint32_t to = s->whole ? count : fact->epochs,
                   from = s->whole ? to - (to + LAST_PART - 1) / LAST_PART : 0;
    double best = -1, sum = 0;
    for (uint32_t i = from; status == HF_OK && i < to; i++) {
        best = epochs[i].validation_percent > best ? epochs[i].validation_percent : best;
        sum += epochs[i].validation_percent;
    }
    if (status == HF_OK) {
        fact->validation_percent = s->whole ? sum / (to - from) : best;
        fact->loss = epochs[to - 1].loss;
    }
    free(epochs);
    return status;
}

static void heard(void *user, const hf_training_progress *p)
{
    session *s = user;
    const hf_optimize_options *options = &s->o->options;
    const uint32_t candidate = s->o->plan.todo[p->item], epochs = s->o->plan.epochs;
    if (options->training)
        options->training(options->training_user, p);
    if (p->event == HF_TRAINING_FAILED) {
        /* Such as a full disk: out for now, but the next call tries it again. */
        const hf_search_fact fact = {.kind = HF_SEARCH_FAILED, .candidate = candidate};
        s->status = s->status == HF_OK ? hf_facts_add(s->o, &fact, NULL, s->err) : s->status;
    }
    if (p->event != HF_TRAINING_DONE && p->event != HF_TRAINING_KEPT)
        return;
    hf_search_fact fact = {.kind = s->whole ? HF_SEARCH_FINISHED : HF_SEARCH_TRAINED,
                           .candidate = candidate,
                           .epochs = s->whole ? options->spec->training.epochs : epochs};
    if (s->status == HF_OK)
        s->status = read_curve(s, p->item, &fact, s->err);
    fact.value = s->whole && p->int8_percent >= 0 ? p->int8_percent : fact.validation_percent;
    note(s, fact);
}

/* ---- When to stop ---- */

/* Readable when the caller wants to stop, or when the time of the search is over. @return -1 on failure */
static int stop_fd(const hf_optimizer *o, int *timer)
{
    const uint64_t budget_ms = o->options.spec->optimization.budget_ms;
    struct epoll_event event = {.events = EPOLLIN};
    const int both = epoll_create1(EPOLL_CLOEXEC);
    *timer = -1;
    if (both < 0)
        return -1;
    bool good =
        *o->options.cancel_fd < 0 || epoll_ctl(both, EPOLL_CTL_ADD, *o->options.cancel_fd, &event) == 0;
    if (good && budget_ms) {
        const double left = (double)budget_ms / 1000 - hf_optimizer_seconds(o);
        const uint64_t left_ns = left > 0 ? (uint64_t)(left * 1e9) : 1;
        const struct itimerspec when = {
            .it_value = {.tv_sec = (time_t)(left_ns / 1000000000), .tv_nsec = (long)(left_ns % 1000000000)}};
        *timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        good = *timer >= 0 && timerfd_settime(*timer, 0, &when, NULL) == 0 &&
               epoll_ctl(both, EPOLL_CTL_ADD, *timer, &event) == 0;
    }
    if (good)
        return both;
    close(both);
    return -1;
}

hf_status hf_optimizer_train(hf_optimizer *o, hf_error *err)
{
    session s = {0};
    hf_training_summary summary = {0};
    int timer = -1;
    hf_status status = make_session(o, &s, err);
    const int stop = stop_fd(o, &timer);
    if (status == HF_OK && stop < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no timer for the search");
    if (status == HF_OK) {
        const hf_training_options options = {.program = o->options.trainer,
                                             .jobs = o->options.jobs,
                                             .cache = o->options.cache,
                                             .cancel_fd = stop,
                                             .progress = heard,
                                             .user = &s};
        status = hf_train_items(s.items, o->plan.todo_count, &options, &summary, err);
        status = status == HF_OK ? s.status : status;
    }
    const double budget = (double)o->options.spec->optimization.budget_ms / 1000;
    if (status == HF_OK && summary.cancelled)
        status = budget > 0 && hf_optimizer_seconds(o) >= budget
                     ? HF_ETIMEOUT
                     : HF_FAIL_AS(err, HF_FAULT_NONE, HF_ECANCELLED, "stopped");
    if (timer >= 0)
        close(timer);
    if (stop >= 0)
        close(stop);
    free_session(&s);
    return status;
}
