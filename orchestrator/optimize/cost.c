/* SPDX-License-Identifier: Apache-2.0 */
/* What a search costs, before it begins. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "datasets/dataset.h"
#include "state.h"

/* A training takes about so many multiply-accumulates of its forward pass a second on one core, and so long a sample besides:
 * 12 CPU s for an epoch of 60,000 images of 32x32 with mobilenetv1_0.25, 20 at 48x48. */
#define FORWARD_MACS_PER_SECOND 5e9
#define SECONDS_PER_SAMPLE      6e-5

static double seconds_per_epoch_of(double samples, double macs)
{
    return samples * (macs / FORWARD_MACS_PER_SECOND + SECONDS_PER_SAMPLE);
}

/* How long the trainings of this search took, divided by the estimate of each; 1 if there are none. Trainings that were found in a cache
 * count with the time that they took when they were made. */
static double experience(const hf_optimizer *o, double samples)
{
    double taken = 0, estimated = 0;
    for (uint32_t c = 0; c < o->space.count; c++) {
        hf_training_record record = {0};
        if (!hf_facts_have(o, HF_SEARCH_TRAINED, c) && !hf_facts_have(o, HF_SEARCH_FINISHED, c))
            continue;
        char *path = hf_optimizer_weights_path(o, c);
        if (path && hf_training_record_read(path, &record, NULL) == HF_OK) {
            taken += record.seconds;
            estimated += record.epochs * seconds_per_epoch_of(samples, (double)o->space.candidates[c].macs);
        }
        free(path);
    }
    return estimated > 0 && taken > 0 ? taken / estimated : 1;
}

static double seconds_per_epoch(const hf_optimizer *o, double mean_macs, hf_error *err)
{
    hf_dataset data = {0};
    if (!o->options.spec->training.data_path)
        return 0;
    if (hf_dataset_open(o->options.spec->training.data_path, &data, err) != HF_OK)
        return -1;
    const double samples = data.sample_count;
    hf_dataset_free(&data);
    return seconds_per_epoch_of(samples, mean_macs) * experience(o, samples);
}

uint64_t hf_optimizer_epochs_done(const hf_optimizer *o)
{
    uint64_t sum = 0;
    for (uint32_t c = 0; c < o->space.count; c++) {
        uint32_t rung = 0, whole = 0;
        for (size_t i = 0; i < o->facts.count; i++) {
            const hf_search_fact *f = &o->facts.items[i];
            if (f->candidate == c && f->kind == HF_SEARCH_TRAINED && f->epochs > rung)
                rung = f->epochs;
            if (f->candidate == c && f->kind == HF_SEARCH_FINISHED)
                whole = f->epochs;
        }
        sum += whole ? whole : rung;
    }
    return sum;
}

/* The rungs before anything is measured: all that can meet the limits may enter. @param measured set to their number */
static hf_search_rungs rungs_at_most(const hf_optimizer *o, uint32_t possible, uint32_t *measured)
{
    *measured = possible < o->settings.max_measured ? possible : o->settings.max_measured;
    return hf_search_plan_rungs(&o->settings, *measured, o->settings.budget_epochs);
}

/* Winners that the rungs leave. */
static uint32_t winners_at_most(const hf_optimizer *o, const hf_search_rungs *rungs)
{
    return o->settings.winners < rungs->finalists ? o->settings.winners : rungs->finalists;
}

hf_status hf_optimizer_cost(hf_optimizer *o, hf_optimize_cost *out, hf_error *err)
{
    hf_optimize_cost cost = {.variations = o->space.count, .training_seconds = -1};
    double macs = 0;
    for (uint32_t i = 0; i < o->space.count; i++) {
        cost.possible += !o->space.candidates[i].cannot_fit;
        macs += o->space.candidates[i].cannot_fit ? 0 : (double)o->space.candidates[i].macs;
    }
    for (size_t i = 0; i < o->facts.count; i++)
        cost.measurements_done += o->facts.items[i].kind == HF_SEARCH_MEASURED;
    uint32_t measured;
    const hf_search_rungs rungs = rungs_at_most(o, cost.possible, &measured);
    const uint64_t planned = o->plan.epochs_planned ? o->plan.epochs_planned : rungs.total_epochs;
    cost.epochs_done = hf_optimizer_epochs_done(o);
    if (o->options.spec->optimization.strategy == HF_SPEC_STRATEGY_PAPER) {
        for (uint32_t i = 0; i < o->plan.winner_count; i++)
            cost.measurements += !o->facts.has_result[o->plan.winners[i]];
        cost.measurements_done = o->plan.winner_count - cost.measurements;
        cost.epochs =
            o->plan.epochs_planned > cost.epochs_done ? o->plan.epochs_planned - cost.epochs_done : 0;
    } else if (o->plan.step != HF_SEARCH_DONE) {
        cost.measurements =
            (o->plan.step == HF_SEARCH_MEASURE ? o->plan.todo_count : 0) + winners_at_most(o, &rungs);
        cost.epochs = planned > cost.epochs_done ? planned - cost.epochs_done : 0;
    }
    cost.exhaustive_epochs = (uint64_t)measured * o->settings.epochs;
    const double each = cost.possible ? seconds_per_epoch(o, macs / cost.possible, err) : 0;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const double jobs = o->options.jobs ? o->options.jobs : processors > 0 ? (double)processors : 1;
    if (each >= 0)
        cost.training_seconds = (double)cost.epochs * each / jobs;
    else
        return err ? err->status : HF_EIO;
    *out = cost;
    return HF_OK;
}

static void put_time(hf_buffer *out, double seconds)
{
    if (seconds >= 90)
        hf_buffer_printf(out, "%.0f min", seconds / 60);
    else
        hf_buffer_printf(out, "%.0f s", seconds);
}

/* The strategy of the paper: its path is known already. */
static void print_path(const hf_optimizer *o, const hf_optimize_cost *cost, hf_buffer *out)
{
    if (cost->epochs) {
        hf_buffer_printf(out, "epochs: %" PRIu64 " to do, %" PRIu64 " done; about ", cost->epochs,
                         cost->epochs_done);
        put_time(out, cost->training_seconds);
        hf_buffer_putc(out, '\n');
    }
    for (size_t i = 0; i < o->plan.decision_count; i++)
        hf_buffer_printf(out, "%s %s: %s\n", o->plan.decisions[i].kept ? "+" : " ",
                         o->space.candidates[o->plan.decisions[i].candidate].name,
                         o->plan.decisions[i].reason);
}

static void print_rungs(const hf_optimizer *o, const hf_search_rungs *rungs, hf_buffer *out)
{
    const uint32_t wanted = o->settings.winners, winners = winners_at_most(o, rungs);
    hf_buffer_puts(out, "trainings:");
    for (uint32_t r = 0; r < rungs->count; r++)
        hf_buffer_printf(out, " %" PRIu32 " variation%s until epoch %" PRIu32 ",", rungs->candidates[r],
                         rungs->candidates[r] == 1 ? "" : "s", rungs->epochs[r]);
    hf_buffer_printf(out, "%s %" PRIu32 " to the end, epoch %" PRIu32, rungs->count ? " the best" : "",
                     rungs->finalists, o->settings.epochs);
    if (winners == 1)
        hf_buffer_puts(out, "; the best of them is measured with its trained weights\n");
    else
        hf_buffer_printf(out, "; the best %" PRIu32 " of them are measured with their trained weights\n",
                         winners);
    if (wanted > winners)
        hf_buffer_printf(
            out, "optimize.winners: %" PRIu32 " are wanted, but only %" PRIu32 " can be trained to the end\n",
            wanted, winners);
    if (!rungs->count && rungs->finalists > 1)
        hf_buffer_puts(
            out, "  no rungs: training all of them to the end costs no more than the budget of epochs\n");
    if (rungs->finalists == 1 && o->settings.budget_epochs)
        hf_buffer_printf(out,
                         "  only one is trained to the end, without comparison: expected a larger "
                         "optimize.epochs than %" PRIu64 "\n",
                         o->settings.budget_epochs);
}

void hf_optimizer_print_plan(hf_optimizer *o, const hf_optimize_cost *cost, double measure_seconds,
                             hf_buffer *out)
{
    uint32_t measured;
    const hf_search_rungs rungs = rungs_at_most(o, cost->possible, &measured);
    hf_buffer_printf(out,
                     "search space: %" PRIu32 " variations, %" PRIu32 " can meet the limits by analysis\n",
                     cost->variations, cost->possible);
    if (o->plan.step == HF_SEARCH_DONE) {
        hf_buffer_puts(out, "nothing is left to do\n");
        return;
    }
    hf_buffer_printf(out, "measurements: %" PRIu32 " to do, %" PRIu32 " done", cost->measurements,
                     cost->measurements_done);
    if (measure_seconds > 0) {
        hf_buffer_puts(out, ", about ");
        put_time(out, measure_seconds * cost->measurements);
    }
    hf_buffer_putc(out, '\n');
    if (o->options.spec->optimization.strategy == HF_SPEC_STRATEGY_PAPER) {
        print_path(o, cost, out);
        return;
    }
    print_rungs(o, &rungs, out);
    hf_buffer_printf(out, "epochs: %" PRIu64 " to do, %" PRIu64 " done; training all would take %" PRIu64,
                     cost->epochs, cost->epochs_done, cost->exhaustive_epochs);
    if (cost->training_seconds >= 0) {
        hf_buffer_puts(out, "; about ");
        put_time(out, cost->training_seconds);
    }
    if (o->options.spec->optimization.budget_ms) {
        const double left = (double)o->options.spec->optimization.budget_ms / 1000 - hf_optimizer_seconds(o);
        hf_buffer_puts(out, "; ends after ");
        put_time(out, left > 0 ? left : 0);
        hf_buffer_puts(out, " at the latest, with the best so far");
    }
    hf_buffer_putc(out, '\n');
}
