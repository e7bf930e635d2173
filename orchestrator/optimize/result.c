/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a search, with the proof of each point. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/render.h"
#include "state.h"

static double accuracy_of(const hf_optimize_point *p)
{
    return p->result.has_accuracy ? p->result.accuracy_percent : p->training.validation_percent;
}

static void mark_front(hf_optimize_point *points, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        points[i].on_front = true;
        for (uint32_t j = 0; j < count; j++) {
            const double more = accuracy_of(&points[j]) - accuracy_of(&points[i]),
                         slower = points[j].result.latency_ns - points[i].result.latency_ns;
            if (more >= 0 && slower <= 0 && (more > 0 || slower < 0))
                points[i].on_front = false;
        }
    }
}

hf_status hf_optimizer_collect(hf_optimizer *o, hf_error *err)
{
    hf_status status = HF_OK;
    if (o->points)
        return HF_OK;
    o->points = calloc(o->plan.winner_count + 1, sizeof *o->points);
    if (!o->points)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the result");
    for (uint32_t i = 0; i < o->plan.winner_count && status == HF_OK; i++) {
        const uint32_t candidate = o->plan.winners[i];
        if (!o->facts.has_result[candidate])
            continue;
        hf_optimize_point *p = &o->points[o->point_count++];
        uint64_t size = 0;
        const bool trains = o->options.spec->training.data_path != NULL;
        *p = (hf_optimize_point){
            .training = {.validation_percent = -1, .float_percent = -1, .int8_percent = -1},
            .variation = &o->options.spec->variations[candidate],
            .result = o->facts.results[candidate],
            .tflite_path = hf_optimizer_weights_path(o, candidate)};
        if (!trains) {
            free(p->tflite_path);
            p->tflite_path = NULL;
            continue;
        }
        if (!p->tflite_path)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the result");
        status = hf_training_record_read(p->tflite_path, &p->training, err);
        if (status == HF_OK)
            status = hf_sha256_file(p->tflite_path, p->sha256, &size, err);
        else if (status == HF_ENOTFOUND)
            (void)HF_FAIL_AS(err, HF_FAULT_NONE, status, "%s: not the file that was trained", p->tflite_path);
    }
    mark_front(o->points, o->point_count);
    return status;
}

const hf_optimize_point *hf_optimizer_points(const hf_optimizer *o, uint32_t *count)
{
    *count = o->point_count;
    return o->points;
}

/* ---- For people ---- */

static void put_point(const hf_optimize_point *p, hf_buffer *out)
{
    const hf_optimize_result *r = &p->result;
    char latency[32], ram[32], rom[32], accuracy[64];
    hf_format_bytes((double)r->ram_bytes, ram, sizeof ram);
    hf_format_bytes((double)r->rom_bytes, rom, sizeof rom);
    snprintf(latency, sizeof latency, "%.4g ms%s", r->latency_ns / 1e6, r->modelled ? "*" : "");
    if (!p->tflite_path)
        snprintf(accuracy, sizeof accuracy, "not trained");
    else if (r->has_accuracy)
        snprintf(accuracy, sizeof accuracy, "%.2f %% (%.1f..%.1f)", r->accuracy_percent,
                 r->accuracy_low_percent, r->accuracy_high_percent);
    else
        snprintf(accuracy, sizeof accuracy, "%.2f %% validation", p->training.validation_percent);
    if (!p->tflite_path)
        hf_buffer_printf(out, "%-42s %22s %10s %9s %9s  bit-exact with generated weights\n",
                         p->variation->name, accuracy, latency, ram, rom);
    else
        hf_buffer_printf(out, "%-42s %22s %10s %9s %9s  %3" PRIu32 " epochs%s  bit-exact  %.12s%s\n",
                         p->variation->name, accuracy, latency, ram, rom, p->training.epochs,
                         p->training.complete ? "" : " (paused)", p->sha256, p->on_front ? "  front" : "");
}

void hf_optimizer_text(const hf_optimizer *o, hf_buffer *out)
{
    bool modelled = false;
    if (!o->point_count) {
        hf_buffer_puts(out, "no variation was found that meets the limits\n");
        return;
    }
    hf_buffer_printf(out, "%-42s %22s %10s %9s %9s  trained, output, SHA-256 of the file\n",
                     o->options.spec->training.data_path ? "result, best first" : "result, largest first",
                     "accuracy as int8 (95 %)", "latency", "RAM", "ROM");
    for (uint32_t i = 0; i < o->point_count; i++) {
        put_point(&o->points[i], out);
        modelled |= o->points[i].result.modelled;
    }
    hf_paper_put_published(o, out);
    if (modelled)
        hf_buffer_puts(out,
                       "* modelled: from a virtual board, whose cycle counts come from a timing model\n");
}

/* ---- For programs ---- */

static json_t *decision_json(const hf_optimizer *o, const hf_search_decision *d)
{
    return json_pack("{s:s, s:I, s:s?, s:b, s:s}", "step", hf_search_step_name(d->step), "epochs",
                     (json_int_t)d->epochs, "name",
                     d->candidate < 0 ? NULL : o->space.candidates[d->candidate].name, "kept", (int)d->kept,
                     "reason", d->reason);
}

static json_t *accuracy_json(const hf_optimize_result *r)
{
    if (!r->has_accuracy)
        return json_null();
    return json_pack("{s:f, s:f, s:f}", "percent", r->accuracy_percent, "low", r->accuracy_low_percent,
                     "high", r->accuracy_high_percent);
}

static json_t *point_json(const hf_optimizer *o, const hf_optimize_point *p)
{
    const hf_optimize_result *r = &p->result;
    const hf_search_candidate *c = &o->space.candidates[r->variation];
    return json_pack(
        "{s:s, s:s, s:I, s:I, s:f, s:b, s:I, s:I, s:o, s:f, s:I, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:b, "
        "s:b}",
        "name", c->name, "family", c->family, "macs", (json_int_t)c->macs, "params", (json_int_t)c->params,
        "latency_ns", r->latency_ns, "modelled", (int)r->modelled, "ram_bytes", (json_int_t)r->ram_bytes,
        "rom_bytes", (json_int_t)r->rom_bytes, "accuracy", accuracy_json(r), "validation_percent",
        p->training.validation_percent, "epochs", (json_int_t)p->training.epochs, "complete",
        (int)p->training.complete, "tflite", p->tflite_path, "tflite_sha256", p->sha256, "image_sha256",
        r->image_sha256, "run", r->run, "board", r->board, "chip", r->chip, "bit_exact", (int)r->measured,
        "on_front", (int)p->on_front);
}

static json_t *fact_json(const hf_optimizer *o, const hf_search_fact *f)
{
    return json_pack("{s:s, s:I, s:f, s:f}", "name", o->space.candidates[f->candidate].name, "epochs",
                     (json_int_t)f->epochs, "loss", f->loss, "validation_percent", f->validation_percent);
}

void hf_optimizer_json(const hf_optimizer *o, hf_buffer *out)
{
    static const char *const goals[] = {"accuracy", "latency", "front"};
    json_t *decisions = json_array(), *points = json_array(), *trained = json_array();
    uint64_t epochs = 0;
    for (size_t i = 0; i < o->plan.decision_count; i++)
        json_array_append_new(decisions, decision_json(o, &o->plan.decisions[i]));
    for (uint32_t i = 0; i < o->point_count; i++)
        json_array_append_new(points, point_json(o, &o->points[i]));
    /* Not in the order in which trainings ended: they run side by side. */
    for (uint32_t c = 0; c < o->space.count; c++)
        for (size_t i = 0; i < o->facts.count; i++)
            if (o->facts.items[i].kind == HF_SEARCH_TRAINED && o->facts.items[i].candidate == c)
                json_array_append_new(trained, fact_json(o, &o->facts.items[i]));
    epochs = hf_optimizer_epochs_done(o);
    json_t *all = json_pack(
        "{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:o, s:o, s:o}", "version", 1, "name",
        o->options.spec->name, "strategy",
        o->options.spec->optimization.strategy == HF_SPEC_STRATEGY_PAPER ? "paper" : "search", "objective",
        goals[o->options.spec->optimization.goal], "variations", (json_int_t)o->space.count, "epochs_planned",
        (json_int_t)o->plan.epochs_planned, "epochs", (json_int_t)epochs, "seconds", hf_optimizer_seconds(o),
        "result", points, "trained", trained, "decisions", decisions);
    char *text = all ? json_dumps(all, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    hf_buffer_puts(out, text ? text : "");
    hf_buffer_putc(out, '\n');
    out->failed |= !text;
    free(text);
    json_decref(all);
}
