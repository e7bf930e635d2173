/* SPDX-License-Identifier: Apache-2.0 */
/* The strategy of the paper: its sizes by analysis, and what is done with its results. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"
#include "tflite/tflite.h"

/* ---- Analysis ---- */

/* Size of the .tflite file with generated weights: it does not depend on them. */
static hf_status tflite_bytes(const hf_optimizer *o, uint32_t index, int64_t *bytes, hf_error *err)
{
    hf_source source = hf_spec_source(o->options.spec, &o->options.spec->variations[index]);
    hf_graph *graph = NULL;
    uint8_t *file = NULL;
    size_t size = 0;
    source.weights_path = NULL;
    hf_status status = hf_source_load(&source, &graph, err);
    if (status == HF_OK)
        status = hf_tflite_write(graph, &file, &size, err);
    free(file);
    hf_graph_free(graph);
    *bytes = (int64_t)size;
    return status;
}

static void add_shares(const hf_scorecard *card, hf_paper_figures *out)
{
    int64_t all = 0;
    uint32_t blocks = 0;
    for (int32_t i = 0; i < card->layer_count; i++) {
        const char *name = card->layers[i].figures.name;
        all += card->layers[i].figures.params;
        if (strncmp(name, "block", 5) == 0)
            blocks = (uint32_t)strtoul(name + 5, NULL, 10);
    }
    for (int32_t i = 0; i < card->layer_count && all; i++) {
        const uint32_t bits = hf_paper_factors_of_layer(card->family, card->layers[i].figures.name, blocks);
        for (int f = 0; f < HF_FACTOR_COUNT; f++)
            if (bits >> f & 1)
                out->shares[f] += (double)card->layers[i].figures.params / (double)all;
    }
}

static hf_status analyse(void *user, uint32_t index, bool own, hf_paper_figures *out, hf_error *err)
{
    const hf_optimizer *o = user;
    const hf_firmware_footprint *firmware = &o->options.firmwares[0];
    const bool images = own || o->options.spec->optimization.rom == HF_SPEC_ROM_IMAGE;
    hf_scorecard card = {0};
    hf_status status = hf_space_score(&o->options, index, 1, &card, err);
    if (status != HF_OK)
        return status;
    *out = (hf_paper_figures){.rom_bytes = card.model_bytes + firmware->flash_bytes,
                              .ram_bytes = card.arena_bytes + firmware->static_bytes,
                              .macs = card.macs,
                              .params = card.params};
    add_shares(&card, out);
    if (!images) {
        out->ram_bytes = card.peak_memory_bytes;
        status = tflite_bytes(o, index, &out->rom_bytes, err);
    }
    hf_scorecard_free(&card);
    return status;
}

hf_status hf_paper_start(hf_optimizer *o, hf_error *err)
{
    const hf_spec *spec = o->options.spec;
    const uint32_t count = spec->variation_count;
    hf_variation *space = calloc(count, sizeof *space);
    const char **names = calloc(count, sizeof *names);
    hf_status status = space && names
                           ? HF_OK
                           : HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u variations", count);
    for (uint32_t i = 0; i < count && status == HF_OK; i++) {
        space[i] = spec->variations[i].variation;
        names[i] = spec->variations[i].name;
    }
    const hf_paper_problem problem = {.space = space,
                                      .names = names,
                                      .count = count,
                                      .limits = {.rom_bytes = spec->constraints.rom_bytes,
                                                 .ram_bytes = spec->constraints.ram_bytes,
                                                 .macs = spec->constraints.macs},
                                      .own_beyond = spec->optimization.rom == HF_SPEC_ROM_TFLITE,
                                      .user = o,
                                      .analyse = analyse};
    if (status == HF_OK)
        status = hf_paper_follow(&problem, &o->path, err);
    free(space);
    free(names);
    return status;
}

/* ---- Results ---- */

/* The results: what the strategy kept, each once, the largest first. */
static void add_winners(const hf_optimizer *o, hf_search_plan *plan)
{
    for (size_t i = 0; i < o->path.count; i++) {
        const uint32_t index = o->path.steps[i].index;
        bool known = !o->path.steps[i].kept || hf_facts_have(o, HF_SEARCH_FAILED, index);
        for (uint32_t w = 0; w < plan->winner_count && !known; w++)
            known = plan->winners[w] == index;
        if (known)
            continue;
        uint32_t at = plan->winner_count++;
        for (; at > 0 && o->space.candidates[plan->winners[at - 1]].macs < o->space.candidates[index].macs;
             at--)
            plan->winners[at] = plan->winners[at - 1];
        plan->winners[at] = index;
    }
}

static void add_todo(const hf_optimizer *o, hf_search_plan *plan, hf_search_fact_kind missing)
{
    for (uint32_t i = 0; i < plan->winner_count; i++)
        if (!hf_facts_have(o, missing, plan->winners[i]))
            plan->todo[plan->todo_count++] = plan->winners[i];
}

static hf_status add_decisions(const hf_optimizer *o, hf_search_plan *plan)
{
    plan->decisions = calloc(o->path.count + 1, sizeof *plan->decisions);
    for (size_t i = 0; plan->decisions && i < o->path.count; i++) {
        const hf_paper_step *step = &o->path.steps[i];
        plan->decisions[i] = (hf_search_decision){.step = HF_SEARCH_ANALYSE,
                                                  .candidate = step->index,
                                                  .kept = step->kept,
                                                  .reason = strdup(step->reason)};
        if (!plan->decisions[i].reason)
            return HF_ENOMEM;
        plan->decision_count++;
    }
    return plan->decisions ? HF_OK : HF_ENOMEM;
}

hf_status hf_paper_plan(hf_optimizer *o, hf_error *err)
{
    const bool trains = o->options.spec->training.data_path != NULL;
    hf_search_plan plan = {.step = HF_SEARCH_DONE};
    plan.todo = calloc(o->path.count + 1, sizeof *plan.todo);
    plan.winners = calloc(o->path.count + 1, sizeof *plan.winners);
    if (!plan.todo || !plan.winners || add_decisions(o, &plan) != HF_OK) {
        hf_search_plan_free(&plan);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the plan");
    }
    add_winners(o, &plan);
    plan.entrants = plan.winner_count;
    plan.epochs_planned = trains ? (uint64_t)plan.winner_count * o->settings.epochs : 0;
    if (trains && !hf_facts_have(o, HF_SEARCH_OUT_OF_TIME, 0))
        add_todo(o, &plan, HF_SEARCH_FINISHED);
    if (plan.todo_count) {
        plan.step = HF_SEARCH_FINISH;
    } else {
        add_todo(o, &plan, HF_SEARCH_PROVED);
        plan.step = plan.todo_count ? HF_SEARCH_PROVE : HF_SEARCH_DONE;
    }
    hf_search_plan_free(&o->plan);
    o->plan = plan;
    return HF_OK;
}

/* ---- What was published ---- */

static bool is_on_path(const hf_optimizer *o, uint32_t index)
{
    for (size_t i = 0; i < o->path.count; i++)
        if (o->path.steps[i].index == index)
            return true;
    return false;
}

static void put_row(const hf_optimizer *o, uint32_t index, hf_buffer *out)
{
    hf_paper_figures theirs = {0}, own = {0};
    if (analyse((void *)o, index, false, &theirs, NULL) != HF_OK ||
        analyse((void *)o, index, true, &own, NULL) != HF_OK)
        return;
    const hf_optimize_result *r = &o->facts.results[index];
    char latency[32] = "-", rom[32] = "-", ram[32] = "-";
    if (o->facts.has_result[index]) {
        snprintf(latency, sizeof latency, "%.4g ms%s", r->latency_ns / 1e6, r->modelled ? "*" : "");
        snprintf(rom, sizeof rom, "%.1f KB", (double)r->rom_bytes / 1024);
        snprintf(ram, sizeof ram, "%.1f KB", (double)r->ram_bytes / 1024);
    }
    hf_buffer_printf(
        out,
        "%-42s %6.4g %% %9" PRId64 " %8" PRId64 " %8.1f KB %8.1f KB %8.1f KB %9.1f KB %12s %12s %10s%s\n",
        o->space.candidates[index].name, o->options.spec->variations[index].accuracy_percent, theirs.macs,
        theirs.params, (double)theirs.rom_bytes / 1024, (double)theirs.ram_bytes / 1024,
        (double)own.rom_bytes / 1024, (double)own.ram_bytes / 1024, rom, ram, latency,
        is_on_path(o, index) ? "  on the path" : "");
}

void hf_paper_put_published(const hf_optimizer *o, hf_buffer *out)
{
    const hf_spec *spec = o->options.spec;
    double below = INFINITY;
    bool first = true;
    for (uint32_t done = 0;
         done < spec->variation_count;) { /* best first; equal ones in the order of the spec */
        double best = -1;
        for (uint32_t i = 0; i < spec->variation_count; i++)
            if (spec->variations[i].accuracy_percent < below && spec->variations[i].accuracy_percent > best)
                best = spec->variations[i].accuracy_percent;
        if (best < 0)
            break;
        if (first)
            hf_buffer_printf(out, "\n%-42s %8s %9s %8s %11s %11s %11s %12s %12s %12s %10s\n",
                             "accuracy given in the spec", "", "MACs", "params",
                             spec->optimization.rom == HF_SPEC_ROM_TFLITE ? ".tflite" : "ROM",
                             spec->optimization.rom == HF_SPEC_ROM_TFLITE ? "peak mem" : "RAM", "own ROM",
                             "own RAM", "measured ROM", "measured RAM", "latency");
        first = false;
        for (uint32_t i = 0; i < spec->variation_count; i++)
            if (spec->variations[i].accuracy_percent == best) {
                put_row(o, i, out);
                done++;
            }
        below = best;
    }
    if (!first)
        hf_buffer_puts(
            out,
            "own ROM and own RAM: hilfarm's by analysis, with the smallest firmware and without the stack. "
            "A run takes a larger and faster firmware where it fits; measured sizes are with that firmware "
            "and with the stack.\n");
}
