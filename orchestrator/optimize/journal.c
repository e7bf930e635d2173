/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of a search: one JSON object a line (FORMAT.md). Each line is on disk before anything follows from it. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "state.h"

#define MAX_BYTES ((size_t)256 << 20)

static const char *const kinds[] = {"measured", "trained", "finished", "proved", "failed", "out_of_time"};
#define KIND_COUNT 6

double hf_optimizer_seconds(const hf_optimizer *o)
{
    return o->seconds_before + (double)(hf_now_ns() - o->started_ns) / 1e9;
}

/* ---- Lines ---- */

static json_t *result_json(const hf_optimize_result *r)
{
    return json_pack("{s:f, s:b, s:I, s:I, s:b, s:f, s:f, s:f, s:s, s:s, s:s, s:s}", "latency_ns",
                     r->latency_ns, "modelled", (int)r->modelled, "ram_bytes", (json_int_t)r->ram_bytes,
                     "rom_bytes", (json_int_t)r->rom_bytes, "has_accuracy", (int)r->has_accuracy,
                     "accuracy_percent", r->accuracy_percent, "accuracy_low_percent", r->accuracy_low_percent,
                     "accuracy_high_percent", r->accuracy_high_percent, "board", r->board, "chip", r->chip,
                     "run", r->run, "image_sha256", r->image_sha256);
}

static double real(const json_t *from, const char *name)
{
    return json_number_value(json_object_get(from, name));
}

static void text(const json_t *from, const char *name, char *to, size_t size)
{
    const char *value = json_string_value(json_object_get(from, name));
    snprintf(to, size, "%s", value ? value : "");
}

static void read_result(const json_t *from, hf_optimize_result *r)
{
    *r = (hf_optimize_result){.measured = true,
                              .is_final = true,
                              .latency_ns = real(from, "latency_ns"),
                              .modelled = json_is_true(json_object_get(from, "modelled")),
                              .ram_bytes = json_integer_value(json_object_get(from, "ram_bytes")),
                              .rom_bytes = json_integer_value(json_object_get(from, "rom_bytes")),
                              .has_accuracy = json_is_true(json_object_get(from, "has_accuracy")),
                              .accuracy_percent = real(from, "accuracy_percent"),
                              .accuracy_low_percent = real(from, "accuracy_low_percent"),
                              .accuracy_high_percent = real(from, "accuracy_high_percent")};
    text(from, "board", r->board, sizeof r->board);
    text(from, "chip", r->chip, sizeof r->chip);
    text(from, "run", r->run, sizeof r->run);
    text(from, "image_sha256", r->image_sha256, sizeof r->image_sha256);
}

static hf_status write_line(hf_optimizer *o, json_t *line, hf_error *err)
{
    char *written = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(line);
    char *all = NULL;
    hf_status status = HF_OK;
    if (!written || asprintf(&all, "%s\n", written) < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the journal");
    if (status == HF_OK)
        status = hf_write_all(o->journal_fd, o->journal_path, all, strlen(all), err);
    if (status == HF_OK && fdatasync(o->journal_fd) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", o->journal_path, strerror(errno));
    free(written);
    free(all);
    return status;
}

/* ---- Facts ---- */

hf_status hf_facts_add(hf_optimizer *o, const hf_search_fact *fact, const hf_optimize_result *result,
                       hf_error *err)
{
    hf_search_fact *grown = reallocarray(o->facts.items, o->facts.count + 1, sizeof *grown);
    if (!grown)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %zu facts", o->facts.count);
    o->facts.items = grown;
    grown[o->facts.count++] = *fact;
    if (fact->kind == HF_SEARCH_TRAINED || fact->kind == HF_SEARCH_FINISHED)
        o->facts.has_result[fact->candidate] = false; /* of weights that are no longer there */
    if (result) {
        o->facts.results[fact->candidate] = *result;
        o->facts.results[fact->candidate].variation = fact->candidate;
        o->facts.has_result[fact->candidate] = true;
    }
    return HF_OK;
}

bool hf_facts_have(const hf_optimizer *o, hf_search_fact_kind kind, uint32_t candidate)
{
    for (size_t i = 0; i < o->facts.count; i++)
        if (o->facts.items[i].kind == kind &&
            (kind == HF_SEARCH_OUT_OF_TIME || o->facts.items[i].candidate == candidate))
            return true;
    return false;
}

hf_status hf_journal_add(hf_optimizer *o, hf_search_fact fact, const hf_optimize_result *result,
                         hf_error *err)
{
    const bool of_one = fact.kind != HF_SEARCH_OUT_OF_TIME;
    json_t *line =
        json_pack("{s:s, s:s, s:I, s:f, s:f}", "fact", kinds[fact.kind], "name",
                  of_one ? o->space.candidates[fact.candidate].name : "", "epochs", (json_int_t)fact.epochs,
                  "value", fact.value, "seconds", hf_optimizer_seconds(o));
    if (line && (fact.kind == HF_SEARCH_TRAINED || fact.kind == HF_SEARCH_FINISHED)) {
        (void)json_object_set_new(line, "validation_percent", json_real(fact.validation_percent));
        (void)json_object_set_new(line, "loss", json_real(fact.loss));
    }
    if (line && result)
        (void)json_object_set_new(line, "result", result_json(result)); /* without memory the line is short */
    if (line && !of_one)
        (void)json_object_set_new(line, "budget_ms",
                                  json_integer((json_int_t)o->options.spec->optimization.budget_ms));
    hf_status status = write_line(o, line, err);
    return status == HF_OK ? hf_facts_add(o, &fact, result, err) : status;
}

static int64_t candidate_of(const hf_optimizer *o, const char *name)
{
    for (uint32_t i = 0; i < o->space.count; i++)
        if (strcmp(o->space.candidates[i].name, name) == 0)
            return i;
    return -1;
}

/* What is said of variations that are no longer in the spec does not matter, and a larger budget ends an earlier end. */
static hf_status take_fact(hf_optimizer *o, const json_t *line, hf_error *err)
{
    const char *kind = json_string_value(json_object_get(line, "fact")),
               *name = json_string_value(json_object_get(line, "name"));
    const json_t *result = json_object_get(line, "result");
    hf_optimize_result read = {0};
    hf_search_fact fact = {.epochs = (uint32_t)json_integer_value(json_object_get(line, "epochs")),
                           .value = real(line, "value"),
                           .validation_percent = real(line, "validation_percent"),
                           .loss = real(line, "loss")};
    o->seconds_before = real(line, "seconds");
    for (fact.kind = 0; kind && fact.kind < KIND_COUNT && strcmp(kinds[fact.kind], kind) != 0;)
        fact.kind++;
    if (!kind || !name || fact.kind == KIND_COUNT)
        return HF_OK;
    const uint64_t budget_ms = o->options.spec->optimization.budget_ms;
    if (fact.kind == HF_SEARCH_OUT_OF_TIME) {
        const uint64_t then = (uint64_t)json_integer_value(json_object_get(line, "budget_ms"));
        return budget_ms && budget_ms <= then ? hf_facts_add(o, &fact, NULL, err) : HF_OK;
    }
    const int64_t candidate = candidate_of(o, name);
    if (candidate < 0)
        return HF_OK;
    fact.candidate = (uint32_t)candidate;
    if (result)
        read_result(result, &read);
    return hf_facts_add(o, &fact, result ? &read : NULL, err);
}

/* ---- Opening ---- */

/* @param whole set to the size of the complete lines */
static hf_status read_lines(hf_optimizer *o, char *all, const char *identity, size_t *whole, hf_error *err)
{
    hf_status status = HF_OK;
    bool first = true;
    for (char *line = all, *end; status == HF_OK && (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        json_t *read = json_loads(line, 0, NULL);
        const char *of = json_string_value(json_object_get(read, "search"));
        if (!json_is_object(read) || (first && !of))
            status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "%s: not the journal of a search",
                                o->journal_path);
        else if (first && strcmp(of, identity) != 0)
            status =
                HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                           "%s belongs to a search with other trainings, chips or limits: choose another "
                           "\"folder\" in \"optimize\", or remove this one",
                           o->journal_path);
        else if (!first)
            status = take_fact(o, read, err);
        json_decref(read);
        first = false;
        *whole = (size_t)(end + 1 - all);
    }
    return status;
}

/* Opens the journal for this process alone. */
static hf_status lock(hf_optimizer *o, hf_error *err)
{
    o->journal_fd = open(o->journal_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (o->journal_fd >= 0 && flock(o->journal_fd, LOCK_EX | LOCK_NB) == 0)
        return HF_OK;
    if (o->journal_fd >= 0 && errno == EWOULDBLOCK)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EBUSY, "%s: another hilfarm optimize uses this folder",
                          o->journal_path);
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", o->journal_path, strerror(errno));
}

static hf_status begin(hf_optimizer *o, const char *identity, hf_error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0, whole = 0;
    hf_status status = HF_OK;
    if (!o->options.read_only)
        status = lock(o, err);
    if (status == HF_OK && access(o->journal_path, F_OK) == 0)
        status = hf_file_read(o->journal_path, MAX_BYTES, &bytes, &size, err);
    if (status == HF_OK && bytes)
        status = read_lines(o, (char *)bytes, identity, &whole, err);
    free(bytes);
    if (status != HF_OK || o->options.read_only)
        return status;
    if (ftruncate(o->journal_fd, (off_t)whole) != 0 || lseek(o->journal_fd, 0, SEEK_END) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "%s: %s", o->journal_path, strerror(errno));
    return whole ? HF_OK : write_line(o, json_pack("{s:s}", "search", identity), err);
}

hf_status hf_journal_open(hf_optimizer *o, hf_error *err)
{
    const char *folder = o->options.spec->optimization.folder;
    char *text_of = hf_search_identity(&o->options);
    char identity[HF_SHA256_HEX_SIZE];
    hf_status status = o->options.read_only ? HF_OK : hf_make_dirs(folder, err);
    if (status == HF_OK && (!text_of || asprintf(&o->journal_path, "%s/journal", folder) < 0))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the journal");
    if (status == HF_OK) {
        hf_sha256_hex(text_of, strlen(text_of), identity);
        status = begin(o, identity, err);
    }
    free(text_of);
    return status;
}
