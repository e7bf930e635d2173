/* SPDX-License-Identifier: Apache-2.0 */
#include "train_models.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cache_access.h"
#include "input_files.h"
#include "locations.h"
#include "output.h"
#include "signals.h"
#include "spec/diagnostics.h"
#include "train/train.h"
#include "train_limits.h"

/* What the two callbacks of a training need. */
typedef struct shown_training {
    hf_cli_training_screen display;
    hf_cli_train_limits limits;
} shown_training;

static void erase(hf_cli_training_screen *s)
{
    if (s->drawn)
        printf("\033[%uF\033[J", s->drawn);
    s->drawn = 0;
}

static void draw(hf_cli_training_screen *s)
{
    const int width = hf_cli_columns(), columns = width > 20 ? width : 80;
    for (uint32_t i = 0; i < HF_CLI_TRAINING_LINES; i++)
        if (s->lines[i][0]) {
            printf("%.*s\n", columns - 1, s->lines[i]);
            s->drawn++;
        }
    fflush(stdout);
}

static void put_percent(hf_buffer *out, const char *what, double percent)
{
    if (percent >= 0)
        hf_buffer_printf(out, ", %s %.2f %%", what, percent);
}

/* "[2/8] NAME: epoch 3 of 10, loss 0.412, training 85.20 %, validation 86.01 %, 1 min 20 s left" */
static void describe(const hf_training_progress *p, hf_buffer *out)
{
    hf_buffer_printf(out, "[%u/%u] %s: ", p->number, p->count, p->name);
    switch (p->event) {
    case HF_TRAINING_KEPT:
        hf_buffer_printf(out, "trained before, %u epoch%s", p->epochs, p->epochs == 1 ? "" : "s");
        break;
    case HF_TRAINING_WARNING:
        hf_buffer_printf(out, "warning: %s", p->message);
        return;
    case HF_TRAINING_STARTED:
        hf_buffer_puts(out, "training begins");
        return;
    case HF_TRAINING_BATCH:
    case HF_TRAINING_EPOCH:
        hf_buffer_printf(out, "epoch %u of %u", p->epoch, p->epochs);
        if (p->loss >= 0 && p->training_percent >= 0)
            hf_buffer_printf(out, ", loss %.3f, training %.2f %%", p->loss, p->training_percent);
        put_percent(out, "validation", p->validation_percent);
        if (p->event == HF_TRAINING_BATCH && p->seconds_left >= 0) {
            char left[32];
            hf_cli_format_duration((uint64_t)(p->seconds_left * 1e9), left, sizeof left);
            hf_buffer_printf(out, ", about %s left", left);
        }
        return;
    case HF_TRAINING_DONE:
        hf_buffer_printf(out, "trained, %u epoch%s", p->epoch, p->epoch == 1 ? "" : "s");
        break;
    case HF_TRAINING_STOPPED:
        if (p->message) {
            hf_buffer_printf(out, "stopped: %s", p->message);
            return;
        }
        hf_buffer_printf(out, "stopped after %u of %u epochs, the best is kept", p->epoch, p->epochs);
        break;
    case HF_TRAINING_FAILED:
        hf_buffer_printf(out, "failed: %s", p->message);
        return;
    }
    put_percent(out, "validation", p->validation_percent);
    put_percent(out, "test", p->float_percent);
    put_percent(out, "as int8", p->int8_percent);
}

static bool ends_training(hf_training_event event)
{
    return event == HF_TRAINING_DONE || event == HF_TRAINING_STOPPED || event == HF_TRAINING_FAILED;
}

/* What is no line of progress, but for standard error; --quiet does not silence it. */
static void show_trouble(const hf_training_progress *p, const char *text)
{
    if (p->event == HF_TRAINING_FAILED || p->event == HF_TRAINING_WARNING)
        fprintf(stderr, "%s\n", text);
    else if (p->message && (p->event == HF_TRAINING_DONE || p->event == HF_TRAINING_KEPT))
        fprintf(stderr, "[%u/%u] %s: warning: %s\n", p->number, p->count, p->name, p->message);
}

void hf_cli_show_training(void *user, const hf_training_progress *p)
{
    hf_cli_training_screen *s = user;
    hf_buffer line = HF_BUFFER_INIT;
    describe(p, &line);
    const char *text = hf_buffer_text(&line);
    const bool within = p->event == HF_TRAINING_BATCH || (s->live && p->event == HF_TRAINING_EPOCH) ||
                        p->event == HF_TRAINING_STARTED;
    const bool is_line = !within && p->event != HF_TRAINING_FAILED && p->event != HF_TRAINING_WARNING;
    if (!s->quiet && s->live) {
        erase(s);
        if (within && p->slot < HF_CLI_TRAINING_LINES)
            snprintf(s->lines[p->slot], sizeof s->lines[0], "  %s", text);
        else if (ends_training(p->event) && p->slot < HF_CLI_TRAINING_LINES)
            s->lines[p->slot][0] = '\0';
        if (is_line)
            printf("%s\n", text);
        fflush(stdout);
        show_trouble(p, text);
        draw(s);
    } else {
        if (!s->quiet && is_line)
            puts(text);
        fflush(stdout);
        show_trouble(p, text);
    }
    hf_buffer_free(&line);
}

static void show(void *user, const hf_training_progress *p)
{
    shown_training *s = user;
    hf_cli_show_training(&s->display, p);
}

/* What could not be measured is not trained. */
static bool is_wanted(void *user, const hf_spec_variation *variation)
{
    const shown_training *s = user;
    char why[HF_CANNOT_FIT_SIZE];
    if (!hf_cli_train_limits_exceeded(&s->limits, variation, why))
        return true;
    if (!s->display.quiet)
        printf("%s: not trained: %s\n", variation->name, why);
    return false;
}

static void print_summary(const hf_training_summary *summary)
{
    printf("trained: %u new, %u kept from before, %u failed%s", summary->trained, summary->kept,
           summary->failed, summary->stopped ? "" : "\n");
    if (summary->stopped)
        printf(", %u stopped: the same command continues them\n", summary->stopped);
    fflush(stdout);
}

bool hf_cli_is_trained(const hf_spec *spec)
{
    for (uint32_t i = 0; i < spec->variation_count; i++)
        if (spec->variations[i].training)
            return true;
    return false;
}

/* A spec whose classes were checked: otherwise one training after the other would find what does not fit. */
static hf_exit train(const hf_spec *spec, const hf_cli_training *how)
{
    shown_training shown = {
        .display = {.live = !how->plain && hf_cli_is_terminal(STDOUT_FILENO), .quiet = how->quiet},
        .limits = hf_cli_train_limits_of(spec, how->firmware_dir)};
    hf_cli_signals signals;
    hf_training_summary summary = {0};
    hf_error err = {0};
    hf_cli_signals_catch(&signals);
    hf_cache *cache = hf_cli_training_cache(how->no_cache);
    const hf_training_options options = {.program = hf_cli_trainer(how->trainer),
                                         .jobs = how->jobs,
                                         .only = how->only,
                                         .cache = cache,
                                         .cancel_fd = signals.fd,
                                         .is_wanted = is_wanted,
                                         .progress = show,
                                         .user = &shown};
    hf_status status = hf_train(spec, &options, &summary, &err);
    hf_cache_close(cache);
    hf_cli_signals_release(&signals);
    if (status != HF_OK) {
        fprintf(stderr, "hilfarm: %s\n", err.message);
        return status == HF_ENOMEM || status == HF_EIO ? HF_EXIT_FARM : HF_EXIT_BAD_INPUT;
    }
    if (!how->quiet)
        print_summary(&summary);
    return summary.cancelled ? HF_EXIT_INTERRUPTED : summary.failed ? HF_EXIT_SOME_FAILED : HF_EXIT_OK;
}

hf_exit hf_cli_train(const hf_spec *spec, const hf_cli_training *how)
{
    const hf_exit checked = hf_cli_check_training_classes(spec, "nothing was trained");
    return checked == HF_EXIT_OK ? train(spec, how) : checked;
}

hf_exit hf_cli_train_first(const char *spec_path, const hf_cli_run_options *options)
{
    hf_diagnostics *ignored = hf_diagnostics_new();
    hf_spec *spec = NULL;
    hf_exit exit_status = HF_EXIT_OK;
    const hf_cli_training how = {.only = options->only,
                                 .quiet = options->quiet,
                                 .plain = options->plain,
                                 .no_cache = options->no_cache,
                                 .firmware_dir = options->programs.firmware_dir};
    if (ignored && hf_spec_load(spec_path, &spec, ignored, NULL) == HF_OK)
        exit_status = hf_cli_check_training_classes(spec, "nothing was run");
    if (spec && exit_status == HF_EXIT_OK && !options->dry_run && hf_cli_is_trained(spec))
        exit_status = train(spec, &how);
    hf_spec_free(spec);
    hf_diagnostics_free(ignored);
    return exit_status;
}
