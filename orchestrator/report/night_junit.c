/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit XML. There is no standard; this is what Jenkins, GitLab and GitHub's actions read. */
#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "night_texts.h"
#include "report/c_locale.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"

/* Readers refuse files of more than 30 MB: 10,000 results with messages of this size stay below. */
#define MOST_MESSAGE_BYTES 1000

/* A case that is a failure, an error or skipped. */
typedef struct verdict {
    const char *element; /* "failure", "error", "skipped"; NULL = passed */
    const char *type;
    hf_buffer message;
} verdict;

typedef struct writer {
    xmlTextWriterPtr xml;
    const hf_night *night;
    int64_t *took_ns; /* attempts of each result */
    char **names;     /* of the cases, unique on a chip */
    bool failed;
} writer;

/* XML allows no control characters but tab, line feed and return, and no byte that is not UTF-8. */
static void put_clean(const char *text, size_t most, hf_buffer *out)
{
    const size_t begin = out->size;
    while (*text && out->size - begin < most) {
        const size_t length = hf_utf8_length(text);
        const bool control = length == 1 && (unsigned char)*text < 0x20 && !strchr("\t\n\r", *text);
        /* U+FFFE and U+FFFF are no characters (XML 1.0, section 2.2). */
        const bool none =
            length == 3 && (memcmp(text, "\xEF\xBF\xBE", 3) == 0 || memcmp(text, "\xEF\xBF\xBF", 3) == 0);
        if (!length || control || none)
            hf_buffer_puts(out, HF_UTF8_REPLACEMENT);
        else
            hf_buffer_append(out, text, length);
        text += length ? length : 1;
    }
    if (*text)
        hf_buffer_puts(out, "...");
}

static void attribute(writer *self, const char *name, const char *value)
{
    hf_buffer clean = HF_BUFFER_INIT;
    put_clean(value, MOST_MESSAGE_BYTES, &clean);
    self->failed |= clean.failed || xmlTextWriterWriteAttribute(self->xml, BAD_CAST name,
                                                                BAD_CAST hf_buffer_text(&clean)) < 0;
    hf_buffer_free(&clean);
}

static void attribute_number(writer *self, const char *name, size_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", value);
    attribute(self, name, text);
}

static void attribute_seconds(writer *self, const char *name, int64_t ns)
{
    char text[32];
    snprintf(text, sizeof text, "%.3f", (double)ns / 1e9);
    attribute(self, name, text);
}

static void start(writer *self, const char *element)
{
    self->failed |= xmlTextWriterStartElement(self->xml, BAD_CAST element) < 0;
}

static void end(writer *self)
{
    self->failed |= xmlTextWriterEndElement(self->xml) < 0;
}

/* ---- Cases ---- */

static void judge(const hf_night *night, size_t index, verdict *out)
{
    const hf_report *report = night->report;
    const hf_result_row *row = &report->results[index];
    const bool regressed = hf_night_regressed(night, index);
    *out = (verdict){0};
    if (row->outcome == HF_RESULT_FAILED) {
        const bool is_job = row->fault && strcmp(row->fault, "job") == 0;
        out->element = is_job ? "failure" : "error";
        out->type = row->fault ? row->fault : "unknown";
        hf_buffer_puts(&out->message, row->message ? row->message : "no reason was recorded");
    } else if (regressed) {
        out->element = "failure";
        out->type = "regression";
        hf_night_put_regression(hf_night_compared(night, index), &out->message);
        if (row->outcome == HF_RESULT_MEASURED && hf_report_missed(report, row)) {
            hf_buffer_puts(&out->message, "; ");
            hf_night_put_missed(report, row, &out->message);
        } else if (row->message) {
            hf_buffer_printf(&out->message, ", now: %s", row->message);
        }
    } else if (row->outcome == HF_RESULT_MEASURED) {
        if (!hf_report_missed(report, row))
            return;
        out->element = "failure";
        out->type = "limit";
        hf_night_put_missed(report, row, &out->message);
    } else {
        out->element = "skipped";
        out->type = hf_result_outcome_name(row->outcome);
        hf_buffer_puts(&out->message, row->message ? row->message : "the run ended first");
    }
}

static void put_output(writer *self, const hf_result_row *row)
{
    hf_latency latency;
    if (row->outcome != HF_RESULT_MEASURED || !hf_result_latency(row, &latency))
        return;
    char time[32], ram[32], rom[32];
    hf_buffer text = HF_BUFFER_INIT, clean = HF_BUFFER_INIT;
    hf_format_ns(latency.median_ns, time, sizeof time);
    hf_format_bytes((double)hf_result_ram_bytes(row), ram, sizeof ram);
    hf_format_bytes((double)hf_result_rom_bytes(row), rom, sizeof rom);
    hf_buffer_printf(&text, "latency %s %s, RAM %s, ROM %s, on %s", time, hf_timing_name(row->modelled), ram,
                     rom, row->board_id);
    put_clean(hf_buffer_text(&text), MOST_MESSAGE_BYTES, &clean);
    self->failed |=
        text.failed || clean.failed ||
        xmlTextWriterWriteElement(self->xml, BAD_CAST "system-out", BAD_CAST hf_buffer_text(&clean)) < 0;
    hf_buffer_free(&text);
    hf_buffer_free(&clean);
}

static void put_case(writer *self, const char *class_name, const char *name, int64_t took_ns,
                     const verdict *of, const hf_result_row *row)
{
    start(self, "testcase");
    attribute(self, "classname", class_name);
    attribute(self, "name", name);
    attribute_seconds(self, "time", took_ns);
    if (of->element) {
        start(self, of->element);
        attribute(self, "message", hf_buffer_text(&of->message));
        attribute(self, "type", of->type);
        end(self);
    }
    if (row)
        put_output(self, row);
    end(self);
}

/* ---- Suites ---- */

typedef struct suite_counts {
    size_t tests, failures, errors, skipped;
    int64_t took_ns;
} suite_counts;

static void count_case(suite_counts *counts, const verdict *of, int64_t took_ns)
{
    counts->tests++;
    counts->failures += of->element && strcmp(of->element, "failure") == 0;
    counts->errors += of->element && strcmp(of->element, "error") == 0;
    counts->skipped += of->element && strcmp(of->element, "skipped") == 0;
    counts->took_ns += took_ns;
}

static void put_property(writer *self, const char *name, const char *value)
{
    if (!value)
        return;
    start(self, "property");
    attribute(self, "name", name);
    attribute(self, "value", value);
    end(self);
}

static void start_suite(writer *self, const char *name, const suite_counts *counts)
{
    const hf_run_row *run = &self->night->report->run;
    char when[32] = "", host[256] = "";
    const time_t seconds = (time_t)(run->started_ms / 1000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(host, sizeof host, "%.*s", (int)strcspn(run->host, " "), run->host);
    start(self, "testsuite");
    attribute(self, "name", name);
    attribute_number(self, "tests", counts->tests);
    attribute_number(self, "failures", counts->failures);
    attribute_number(self, "errors", counts->errors);
    attribute_number(self, "skipped", counts->skipped);
    attribute_seconds(self, "time", counts->took_ns);
    attribute(self, "timestamp", when);
    attribute(self, "hostname", host);
    start(self, "properties");
    put_property(self, "run", run->key);
    put_property(self, "spec", run->name);
    put_property(self, "hilfarm", run->hilfarm_version);
    put_property(self, "baseline", self->night->comparison ? self->night->comparison->before->run.key : NULL);
    end(self);
}

/* The results on one chip. `first` is the first of them. */
static void put_chip(writer *self, size_t first)
{
    const hf_report *report = self->night->report;
    const char *chip = report->results[first].chip;
    suite_counts counts = {0};
    hf_buffer name = HF_BUFFER_INIT;
    verdict of;
    for (size_t i = first; i < report->result_count; i++) {
        if (strcmp(report->results[i].chip, chip) != 0)
            continue;
        judge(self->night, i, &of);
        count_case(&counts, &of, self->took_ns[i]);
        hf_buffer_free(&of.message);
    }
    hf_buffer_printf(&name, "%s.%s", report->run.name, chip);
    start_suite(self, hf_buffer_text(&name), &counts);
    for (size_t i = first; i < report->result_count; i++) {
        if (strcmp(report->results[i].chip, chip) != 0)
            continue;
        judge(self->night, i, &of);
        self->failed |= of.message.failed;
        put_case(self, hf_buffer_text(&name), self->names[i], self->took_ns[i], &of, &report->results[i]);
        hf_buffer_free(&of.message);
    }
    end(self);
    self->failed |= name.failed;
    hf_buffer_free(&name);
}

static void judge_board(const hf_report *report, size_t index, verdict *out)
{
    const char *dead = hf_report_dead_board(report, report->boards[index].id);
    *out = (verdict){.element = dead ? "error" : NULL, .type = "board"};
    if (dead)
        hf_buffer_puts(&out->message, dead);
}

static void put_boards(writer *self)
{
    const hf_report *report = self->night->report;
    suite_counts counts = {0};
    hf_buffer name = HF_BUFFER_INIT;
    verdict of;
    for (size_t i = 0; i < report->board_count; i++) {
        judge_board(report, i, &of);
        count_case(&counts, &of, 0);
        hf_buffer_free(&of.message);
    }
    if (!counts.tests)
        return;
    hf_buffer_printf(&name, "%s.boards", report->run.name);
    start_suite(self, hf_buffer_text(&name), &counts);
    for (size_t i = 0; i < report->board_count; i++) {
        judge_board(report, i, &of);
        put_case(self, hf_buffer_text(&name), report->boards[i].id, 0, &of, NULL);
        hf_buffer_free(&of.message);
    }
    end(self);
    self->failed |= name.failed;
    hf_buffer_free(&name);
}

/* ---- Names ---- */

static int compare_rows(const void *a, const void *b)
{
    const hf_result_row *const *x = a, *const *y = b;
    int order = strcmp((*x)->chip, (*y)->chip);
    order = order ? order : strcmp((*x)->name, (*y)->name);
    return order ? order : (*x > *y) - (*x < *y);
}

/* Readers drop a case whose name they know already: the second of a name gets a number. */
static bool make_names(writer *self)
{
    const hf_report *report = self->night->report;
    const hf_result_row **sorted = calloc(report->result_count + 1, sizeof(void *));
    size_t same = 1;
    for (size_t i = 0; sorted && i < report->result_count; i++)
        sorted[i] = &report->results[i];
    if (sorted)
        qsort(sorted, report->result_count, sizeof(void *), compare_rows);
    bool ok = sorted != NULL;
    for (size_t i = 0; ok && i < report->result_count; i++) {
        const bool again = i > 0 && strcmp(sorted[i - 1]->chip, sorted[i]->chip) == 0 &&
                           strcmp(sorted[i - 1]->name, sorted[i]->name) == 0;
        same = again ? same + 1 : 1;
        char **name = &self->names[sorted[i] - report->results];
        ok = (same > 1 ? asprintf(name, "%s (%zu)", sorted[i]->name, same)
                       : asprintf(name, "%s", sorted[i]->name)) >= 0;
        if (!ok)
            *name = NULL;
    }
    free(sorted);
    return ok;
}

static bool prepare(writer *self)
{
    const hf_report *report = self->night->report;
    self->took_ns = calloc(report->result_count + 1, sizeof *self->took_ns);
    self->names = calloc(report->result_count + 1, sizeof *self->names);
    for (size_t i = 0; self->took_ns && i < report->attempt_count; i++)
        self->took_ns[report->attempt_results[i]] += report->attempts[i].duration_ns;
    return self->took_ns && self->names && make_names(self);
}

static void put_suites(writer *self)
{
    const hf_report *report = self->night->report;
    start(self, "testsuites");
    attribute(self, "name", report->run.name);
    for (size_t i = 0; i < report->result_count; i++)
        if (hf_report_first_of_chip(report, i))
            put_chip(self, i);
    put_boards(self);
    end(self);
}

void hf_night_render_junit(const hf_night *night, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    writer self = {.night = night};
    xmlBufferPtr bytes = xmlBufferCreate();
    self.xml = bytes ? xmlNewTextWriterMemory(bytes, 0) : NULL;
    self.failed = !self.xml || !prepare(&self);
    if (!self.failed) {
        xmlTextWriterSetIndent(self.xml, 1);
        self.failed = xmlTextWriterStartDocument(self.xml, NULL, "UTF-8", NULL) < 0;
        put_suites(&self);
        self.failed |= xmlTextWriterEndDocument(self.xml) < 0;
    }
    xmlFreeTextWriter(self.xml); /* flushes; NULL is allowed */
    if (!self.failed)
        hf_buffer_append(out, xmlBufferContent(bytes), (size_t)xmlBufferLength(bytes));
    out->failed |= self.failed;
    if (bytes)
        xmlBufferFree(bytes);
    for (size_t i = 0; self.names && i < night->report->result_count; i++)
        free(self.names[i]);
    free(self.names);
    free(self.took_ns);
    hf_c_locale_leave(before);
}
