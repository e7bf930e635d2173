/* SPDX-License-Identifier: Apache-2.0 */
#include "search/paper.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper_factors.h"

#define NONE UINT32_MAX

typedef struct walk {
    const hf_paper_problem *problem;
    hf_paper_path path;
    hf_status status;
    hf_error *err;
} walk;

typedef enum limit { ROM = 1, RAM = 2, MACS = 4 } limit;

/* ---- Steps ---- */

static uint32_t fails(const walk *w, const hf_paper_figures *f)
{
    const hf_paper_limits *l = &w->problem->limits;
    return (l->rom_bytes && f->rom_bytes > l->rom_bytes ? ROM : 0u) |
           (l->ram_bytes && f->ram_bytes > l->ram_bytes ? RAM : 0u) |
           (l->macs && f->macs > l->macs ? MACS : 0u);
}

/* "ROM 294.6 KB of 250.0 fails" or "ROM 244.1 KB, RAM 54.0 KB, 6.23 M MACs: all limits are met" */
static void describe(const walk *w, const hf_paper_figures *f, char *text, size_t size)
{
    const hf_paper_limits *l = &w->problem->limits;
    const uint32_t failed = fails(w, f);
    char rom[64] = "", ram[64] = "", macs[64] = "";
    if (failed & ROM)
        snprintf(rom, sizeof rom, "ROM fails with %.1f KB of %.1f", (double)f->rom_bytes / 1024,
                 (double)l->rom_bytes / 1024);
    if (failed & RAM)
        snprintf(ram, sizeof ram, "RAM fails with %.1f KB of %.1f", (double)f->ram_bytes / 1024,
                 (double)l->ram_bytes / 1024);
    if (failed & MACS)
        snprintf(macs, sizeof macs, "MACs fail with %.2f M of %.2f", (double)f->macs / 1e6,
                 (double)l->macs / 1e6);
    if (failed)
        snprintf(text, size, "%s%s%s%s%s", rom, *rom && (*ram || *macs) ? ", " : "", ram,
                 *ram && *macs ? ", " : "", macs);
    else
        snprintf(text, size, "all limits are met with ROM %.1f KB, RAM %.1f KB, %.2f M MACs",
                 (double)f->rom_bytes / 1024, (double)f->ram_bytes / 1024, (double)f->macs / 1e6);
}

/* Looks at a variation. @param why what led to it @return the step's number, or -1 after a failure */
static long look(walk *w, uint32_t index, bool own, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static long look(walk *w, uint32_t index, bool own, const char *format, ...)
{
    hf_paper_step step = {.index = index, .own = own};
    char why[256], verdict[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    if (w->status == HF_OK)
        w->status = w->problem->analyse(w->problem->user, index, own, &step.figures, w->err);
    if (w->status != HF_OK)
        return -1;
    step.meets = fails(w, &step.figures) == 0;
    describe(w, &step.figures, verdict, sizeof verdict);
    hf_paper_step *grown = reallocarray(w->path.steps, w->path.count + 1, sizeof *grown);
    if (grown)
        w->path.steps = grown;
    if (!grown || asprintf(&step.reason, "%s: %s", why, verdict) < 0) {
        w->status = HF_FAIL_AS(w->err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the steps");
        return -1;
    }
    grown[w->path.count++] = step;
    return (long)w->path.count - 1;
}

static const hf_paper_figures *figures(const walk *w, long step)
{
    return &w->path.steps[step].figures;
}

static bool meets(const walk *w, long step)
{
    return step >= 0 && w->path.steps[step].meets;
}

static void keep(walk *w, long step)
{
    if (step >= 0)
        w->path.steps[step].kept = true;
}

/* ---- Moves within the search space ---- */

static bool same_but(const hf_variation *a, const hf_variation *b, hf_factor changed)
{
    if (strcmp(a->family, b->family) != 0 || a->head != b->head)
        return false;
    for (hf_factor f = 0; f < HF_FACTOR_COUNT; f++)
        if (f != changed && hf_paper_factor(a, f) != hf_paper_factor(b, f))
            return false;
    return true;
}

/* As `from`, with another value of one factor and the others as they are, also those that had their default. */
static uint32_t find(const walk *w, const hf_variation *from, hf_factor factor, double value)
{
    hf_variation wanted = *from;
    for (hf_factor f = HF_FACTOR_L; f < HF_FACTOR_COUNT; f++) {
        wanted.factors[f] = hf_paper_factor(from, f);
        wanted.set |= 1u << f;
    }
    wanted.factors[factor] = value;
    for (uint32_t i = 0; i < w->problem->count; i++)
        if (same_but(&wanted, &w->problem->space[i], HF_FACTOR_COUNT))
            return i;
    return NONE;
}

/* The next value of a factor in the space, downwards or upwards, for which there is a variation that is otherwise the same. */
static uint32_t next_value(const walk *w, const hf_variation *from, hf_factor factor, bool up)
{
    const double now = hf_paper_factor(from, factor);
    uint32_t best = NONE;
    double best_value = 0;
    for (uint32_t i = 0; i < w->problem->count; i++) {
        const hf_variation *v = &w->problem->space[i];
        const double value = hf_paper_factor(v, factor);
        if (strcmp(v->family, from->family) != 0 || (up ? value <= now : value >= now) ||
            (best != NONE && (up ? value >= best_value : value <= best_value)))
            continue;
        const uint32_t found = find(w, from, factor, value);
        if (found != NONE) {
            best = found;
            best_value = value;
        }
    }
    return best;
}

/* Whether all optional factors have their defaults. */
static bool is_plain(const hf_variation *v)
{
    const hf_variation bare = {.family = v->family,
                               .factors = {[HF_FACTOR_ALPHA] = v->factors[HF_FACTOR_ALPHA]}};
    for (hf_factor f = HF_FACTOR_L; f < HF_FACTOR_COUNT; f++)
        if (hf_paper_factor(v, f) != hf_paper_factor(&bare, f))
            return false;
    return true;
}

/* The next width in the space of a network without other changes. */
static uint32_t plain_width(const walk *w, const char *family, double above)
{
    uint32_t best = NONE;
    for (uint32_t i = 0; i < w->problem->count; i++) {
        const hf_variation *v = &w->problem->space[i];
        const double alpha = v->factors[HF_FACTOR_ALPHA];
        if (strcmp(v->family, family) == 0 && is_plain(v) && alpha > above &&
            (best == NONE || alpha < w->problem->space[best].factors[HF_FACTOR_ALPHA]))
            best = i;
    }
    return best;
}

/* ---- The strategy ---- */

/* The smallest width at which exactly one limit fails; a larger one would need larger cuts. @return its step; -1 = none */
static long find_benchmark(walk *w, const char *family, long *widest)
{
    double alpha = 0;
    *widest = -1;
    for (uint32_t i; w->status == HF_OK && (i = plain_width(w, family, alpha)) != NONE;) {
        alpha = w->problem->space[i].factors[HF_FACTOR_ALPHA];
        const long step = look(w, i, false, "width multiplier %g", alpha);
        if (meets(w, step))
            *widest = step;
        else if (step >= 0)
            return step;
    }
    return -1;
}

/* Fewer repetitions alone, the smallest change to the network; then a wider one if the limits allow it. */
static void cut_repetitions(walk *w, long benchmark)
{
    const hf_variation *at = &w->problem->space[w->path.steps[benchmark].index];
    const double share = figures(w, benchmark)->shares[HF_FACTOR_L];
    long step = benchmark;
    while (w->status == HF_OK && !meets(w, step)) {
        const uint32_t next = next_value(w, at, HF_FACTOR_L, false);
        if (next == NONE)
            return;
        step =
            look(w, next, false,
                 "ROM fails: %.0f %% of the parameters lie in the repeated blocks; l %g -> %g", 100 * share,
                 hf_paper_factor(at, HF_FACTOR_L), hf_paper_factor(&w->problem->space[next], HF_FACTOR_L));
        at = &w->problem->space[next];
    }
    keep(w, step);
    const uint32_t wider = next_value(w, at, HF_FACTOR_ALPHA, true);
    if (wider == NONE || w->status != HF_OK)
        return;
    const hf_variation *to = &w->problem->space[wider];
    if (meets(w, look(w, wider, false, "raise the width multiplier %g -> %g", at->factors[HF_FACTOR_ALPHA],
                      to->factors[HF_FACTOR_ALPHA])))
        keep(w, (long)w->path.count - 1);
}

/* Cuts until the limits are met. @return the step, or one that does not meet them if nothing is left to cut */
static long cut(walk *w, long step)
{
    uint32_t number = 0;
    while (w->status == HF_OK && step >= 0 && !meets(w, step)) {
        const hf_variation *at = &w->problem->space[w->path.steps[step].index];
        const uint32_t failed = fails(w, figures(w, step));
        const hf_paper_cut *which = hf_paper_cut_at(at->family, number);
        if (failed != ROM || !which)
            return step;
        const uint32_t next = next_value(w, at, which->factor, false);
        if (next == NONE) {
            number++;
            continue;
        }
        step = look(w, next, false, "ROM fails: %.0f %% of the parameters lie in %s; %s %g -> %g",
                    100 * figures(w, step)->shares[which->factor], which->part, hf_factor_name(which->factor),
                    hf_paper_factor(at, which->factor),
                    hf_paper_factor(&w->problem->space[next], which->factor));
    }
    return step;
}

/* Raises the width as far as the limits allow, and cuts again where they fail. @return the last step that met them */
static long raise_and_cut(walk *w, long step)
{
    long best = -1;
    while (w->status == HF_OK && meets(w, step)) {
        best = step;
        const hf_variation *at = &w->problem->space[w->path.steps[step].index];
        const uint32_t wider = next_value(w, at, HF_FACTOR_ALPHA, true);
        if (wider == NONE)
            break;
        step = cut(w, look(w, wider, false, "raise the width multiplier %g -> %g",
                           at->factors[HF_FACTOR_ALPHA], w->problem->space[wider].factors[HF_FACTOR_ALPHA]));
        if (meets(w, step))
            keep(w, best); /* so far as it goes with these cuts */
    }
    keep(w, best);
    return best;
}

/* ---- Beyond ---- */

static void raise_by_own_sizes(walk *w, uint32_t index)
{
    for (bool met = true; met && w->status == HF_OK;) {
        const hf_variation *at = &w->problem->space[index];
        const uint32_t wider = next_value(w, at, HF_FACTOR_ALPHA, true);
        if (wider == NONE)
            return;
        const long step =
            look(w, wider, true, "beyond the paper, by hilfarm's own sizes: width multiplier %g -> %g",
                 at->factors[HF_FACTOR_ALPHA], w->problem->space[wider].factors[HF_FACTOR_ALPHA]);
        met = meets(w, step);
        if (met)
            keep(w, step);
        index = wider;
    }
}

/* Gives channels back that were cut. */
static void restore_by_own_sizes(walk *w, uint32_t index)
{
    const char *family = w->problem->space[index].family;
    const hf_paper_cut *which;
    for (uint32_t number = 0; (which = hf_paper_cut_at(family, number)) != NULL; number++) {
        uint32_t at = index;
        for (bool met = true; met && w->status == HF_OK;) {
            const uint32_t more = next_value(w, &w->problem->space[at], which->factor, true);
            if (more == NONE)
                break;
            const long step =
                look(w, more, true, "beyond the paper, by hilfarm's own sizes: more in %s, %s %g -> %g",
                     which->part, hf_factor_name(which->factor),
                     hf_paper_factor(&w->problem->space[at], which->factor),
                     hf_paper_factor(&w->problem->space[more], which->factor));
            met = meets(w, step);
            if (met)
                keep(w, step);
            at = more;
        }
    }
}

static void go_beyond(walk *w, long benchmark, long best)
{
    if (benchmark >= 0) {
        const uint32_t index = w->path.steps[benchmark].index;
        const long step = look(w, index, true, "the benchmark by hilfarm's own sizes");
        if (meets(w, step)) {
            keep(w, step);
            raise_by_own_sizes(w, index);
        }
    }
    if (best < 0 || w->status != HF_OK)
        return;
    const uint32_t index = w->path.steps[best].index;
    raise_by_own_sizes(w, index);
    restore_by_own_sizes(w, index);
}

static void follow_family(walk *w, const char *family)
{
    long widest = -1;
    const long benchmark = find_benchmark(w, family, &widest);
    long best = widest;
    if (benchmark >= 0 && fails(w, figures(w, benchmark)) == ROM) {
        const hf_paper_cut *first = hf_paper_cut_at(family, 0);
        if (strcmp(family, "mobilenetv1") == 0)
            cut_repetitions(w, benchmark);
        const long found = first ? raise_and_cut(w, cut(w, benchmark)) : -1;
        best = found >= 0 ? found : widest;
    } /* peak memory or MACs: the smaller width multiplier before it */
    if (best == widest)
        keep(w, widest);
    if (w->problem->own_beyond)
        go_beyond(w, benchmark, best);
}

hf_status hf_paper_follow(const hf_paper_problem *problem, hf_paper_path *out, hf_error *err)
{
    walk w = {.problem = problem, .err = err};
    for (uint32_t i = 0; i < problem->count && w.status == HF_OK; i++) {
        bool first = true;
        for (uint32_t j = 0; j < i && first; j++)
            first = strcmp(problem->space[i].family, problem->space[j].family) != 0;
        if (first)
            follow_family(&w, problem->space[i].family);
    }
    if (w.status != HF_OK) {
        hf_paper_path_free(&w.path);
        return w.status;
    }
    *out = w.path;
    return HF_OK;
}

void hf_paper_path_free(hf_paper_path *path)
{
    for (size_t i = 0; i < path->count; i++)
        free(path->steps[i].reason);
    free(path->steps);
    *path = (hf_paper_path){0};
}
