/* SPDX-License-Identifier: Apache-2.0 */
/* The page is well-formed for any text, self-contained and complete. */
#include "hf_test.h"

#include <ctype.h>

#include "report/render.h"
#include "sample.h"

#define MOST_OPEN  64
#define MOST_NAMES 512
#define NAME_SIZE  64

static char *page_of(hf_report *report)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_render_html(report, &out);
    hf_report_free(report);
    char *page = hf_buffer_take(&out);
    assert_non_null(page);
    return page;
}

static char *page(void (*make)(hf_report *report))
{
    hf_report report;
    make(&report);
    return page_of(&report);
}

/* What parsing the page finds. */
typedef struct page_walk {
    char open[MOST_OPEN][NAME_SIZE];
    size_t depth;
    char ids[MOST_NAMES][NAME_SIZE], links[MOST_NAMES][NAME_SIZE];
    size_t id_count, link_count;
    size_t scripts;
} page_walk;

static const char *read_name(const char *at, char name[NAME_SIZE])
{
    size_t size = 0;
    memset(name, 0, NAME_SIZE);
    for (; isalnum((unsigned char)*at) || *at == '-'; at++) {
        assert_true(size + 1 < NAME_SIZE);
        name[size++] = *at;
    }
    name[size] = '\0';
    assert_true(size > 0);
    return at;
}

static bool holds_no_number(const char *value)
{
    return strstr(value, "nan") || strstr(value, "inf");
}

static const char *read_attribute(page_walk *walk, const char *at)
{
    char name[NAME_SIZE], value[512];
    size_t size = 0;
    at = read_name(at, name);
    assert_int_not_equal(strncmp(name, "on", 2), 0); /* no handlers */
    assert_string_not_equal(name, "src");
    if (*at != '=')
        return at;
    assert_int_equal(at[1], '"');
    for (at += 2; *at != '"'; at++) {
        assert_true(*at && size + 1 < sizeof value);
        value[size++] = *at;
    }
    value[size] = '\0';
    assert_null(strpbrk(value, "<>"));
    if (strcmp(name, "id") == 0 || strcmp(name, "href") == 0) {
        bool link = *name == 'h';
        size_t *count = link ? &walk->link_count : &walk->id_count;
        assert_true(*count < MOST_NAMES && size < NAME_SIZE);
        assert_true(!link || *value == '#'); /* nothing outside the page */
        snprintf((link ? walk->links : walk->ids)[(*count)++], NAME_SIZE, "%.*s", NAME_SIZE - 1,
                 link ? value + 1 : value);
    } else if (strcmp(name, "class") != 0 && strcmp(name, "title") != 0 && strcmp(name, "aria-label") != 0) {
        assert_false(holds_no_number(value));
    }
    return at + 1;
}

/* Parses one tag, from '<' to '>'. */
static const char *read_tag(page_walk *walk, const char *at)
{
    static const char *const voids[] = {"meta", "wbr"};
    char name[NAME_SIZE];
    if (at[1] == '/') {
        at = read_name(at + 2, name);
        assert_true(walk->depth > 0);
        assert_string_equal(walk->open[--walk->depth], name);
        assert_int_equal(*at, '>');
        return at + 1;
    }
    at = read_name(at + 1, name);
    while (*at == ' ' || *at == '\n') {
        at++;
        at = read_attribute(walk, at);
    }
    if (at[0] == '/') {
        assert_int_equal(at[1], '>');
        return at + 2;
    }
    assert_int_equal(*at, '>');
    for (size_t i = 0; i < sizeof voids / sizeof voids[0]; i++)
        if (strcmp(name, voids[i]) == 0)
            return at + 1;
    if (strcmp(name, "script") == 0 || strcmp(name, "style") == 0) {
        walk->scripts += strcmp(name, "script") == 0;
        char end[NAME_SIZE + 4];
        snprintf(end, sizeof end, "</%s>", name);
        at = strstr(at, end);
        assert_non_null(at);
        return at + strlen(end);
    }
    assert_true(walk->depth < MOST_OPEN);
    snprintf(walk->open[walk->depth++], NAME_SIZE, "%s", name);
    return at + 1;
}

/* Well-formed: tags nest and close, attributes are quoted, references are known, links have targets. */
static void check_page(const char *text)
{
    page_walk *found = calloc(1, sizeof *found);
    assert_non_null(found);
    static const char doctype[] = "<!DOCTYPE html>";
    assert_memory_equal(text, doctype, strlen(doctype));
    for (const char *at = text + strlen(doctype); *at;) {
        if (*at == '<') {
            at = read_tag(found, at);
            continue;
        }
        if (*at == '&')
            assert_true(strcspn(at, ";") < 9);
        assert_int_not_equal(*at, '>');
        assert_true((unsigned char)*at >= ' ' || *at == '\n' || *at == '\t');
        at++;
    }
    assert_int_equal(found->depth, 0);
    assert_int_equal(found->scripts, 1);
    for (size_t i = 0; i < found->id_count; i++)
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(found->ids[i], found->ids[other]);
    for (size_t i = 0; i < found->link_count; i++) {
        bool leads = false;
        for (size_t id = 0; id < found->id_count; id++)
            leads |= strcmp(found->links[i], found->ids[id]) == 0;
        assert_true(leads);
    }
    assert_null(strstr(text, "://"));
    assert_null(strstr(text, "@import"));
    free(found);
}

static void every_page_is_well_formed(void **state)
{
    (void)state;
    static void (*const makers[])(hf_report * report) = {sample_sweep, sample_small, sample_outage,
                                                         sample_empty};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        char *text = page(makers[i]);
        check_page(text);
        free(text);
    }
}

static size_t occurrences(const char *text, const char *what)
{
    size_t count = 0;
    for (text = strstr(text, what); text; text = strstr(text + 1, what))
        count++;
    return count;
}

static void hostile_texts_are_escaped(void **state)
{
    (void)state;
    char *text = page(sample_hostile);
    check_page(text);
    assert_int_equal(occurrences(text, "<script"), 1);
    assert_null(strstr(text, "alert('"));
    assert_true(occurrences(text, "alert(&#39;x&amp;y&#39;)") > 100);
    assert_null(strchr(text, '\xff'));
    free(text);
}

static void everything_is_on_the_page(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "mobilenet_sweep",
        "2025-11-22 16:30:00 +0000",
        "RAM &le; 250.0 KB, ROM &le; 250.0 KB, MACs &le; 60.0 M",
        "<b>11 of 14</b>",
        "<b>8.114 ms</b>",                               /* fastest */
        "<b>24.83 ms</b>",                               /* in the table, without any script */
        "title=\"8.061 ms .. 8.168 ms\">&plusmn;0.66 %", /* spread */
        "missed: ROM",                                   /* verdict */
        "Latency against multiply-accumulates",          /* charts */
        "Peak memory against model size",
        "RAM limit",
        "ROM limit",
        "MACs limit",
        "Median latency by variation",
        "block13/pointwise", /* layers */
        "All 5 inferences took the same number of cycles.",
        "waiting for the firmware&#39;s greeting after reset", /* failures */
        "planning memory: the arena needs 1204224 bytes",
        "flash write failed at address 0x08040000", /* transcript */
        "starting OpenOCD: it ended with status 1", /* a board's */
        "measured at a later attempt",
        "Open On-Chip Debugger 0.12.0", /* provenance */
        "alpha: [0.1, 0.25]",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "bench-l4-0.1.0-9b01d2e4",
        "bench Linux 6.1.0 x86_64",
    };
    char *text = page(sample_sweep);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        if (!strstr(text, expected[i]))
            fail_msg("not on the page: %s", expected[i]);
    /* Eight results are modelled; the legends of two charts explain the marks. */
    assert_int_equal(occurrences(text, "<circle class=\"dot hollow\" cx="), 8 + 2);
    assert_int_equal(occurrences(text, "fill=\"url(#hatch)\""), 8);
    free(text);
}

static void every_modelled_result_is_marked(void **state)
{
    (void)state;
    char *text = page(sample_sweep);
    assert_non_null(strstr(text, "<b>Modelled timing.</b>"));
    assert_true(occurrences(text, "<span class=\"badge warn\">modelled</span>") >= 8 + 8 + 2);
    assert_true(occurrences(text, "(modelled)</title>") >= 8);
    assert_int_equal(occurrences(text, "Measurement (modelled)"), 8);
    assert_int_equal(occurrences(text, "Cycles (modelled)"), 8);
    free(text);

    hf_report report;
    sample_sweep(&report);
    for (size_t i = 0; i < report.result_count; i++)
        report.results[i].modelled = false;
    for (size_t i = 0; i < report.board_count; i++)
        report.boards[i].modelled = false;
    text = page_of(&report);
    assert_null(strcasestr(text, "modelled"));
    free(text);
}

/* A layer's share of the cycles is a figure and a bar; a layer that is part of another has neither. */
static void layers_show_their_share(void **state)
{
    (void)state;
    hf_report report;
    sample_sweep(&report);
    hf_result_row *row = &report.results[0];
    assert_true(row->outcome == HF_RESULT_MEASURED && row->layer_count > 3);
    for (size_t l = 0; l < row->layer_count; l++)
        row->layers[l].cycles = 0;
    row->layers[0].cycles = 6000;
    row->layers[0].macs = 3000;
    row->layers[1].cycles = 1500;
    row->layers[1].macs = 0;
    row->layers[2].cycles = 500;
    char *text = page_of(&report);
    assert_non_null(strstr(text, "background-size:100.0% 70%\">75.0 %</td><td class=\"n\">0.500</td>"));
    assert_non_null(strstr(text, "background-size:25.0% 70%\">18.8 %</td><td class=\"n\">-</td>"));
    assert_non_null(strstr(text, "background-size:8.3% 70%\">6.2 %</td>"));
    assert_non_null(strstr(text, "</td><td class=\"n\">-</td><td class=\"n\">-</td><td class=\"n\">-</td>"));
    check_page(text);
    free(text);
}

/* Figures at the limits of their ranges. */
static void extreme_figures_are_rendered(void **state)
{
    (void)state;
    const int64_t extremes[] = {0, 1, INT64_C(1) << 40, INT64_MAX / 8};
    for (size_t e = 0; e < sizeof extremes / sizeof extremes[0]; e++) {
        hf_report report;
        sample_sweep(&report);
        report.run.limits = (hf_limits){extremes[e], extremes[e], extremes[e]};
        for (size_t i = 0; i < report.result_count; i += 2) {
            hf_result_row *row = &report.results[i];
            row->macs = row->params = row->image_bytes = row->peak_memory_bytes = extremes[e];
            row->arena_bytes = row->firmware_bytes = extremes[e];
            for (size_t s = 0; s < row->sample_count; s++)
                row->samples[s] = (hf_sample){extremes[e], extremes[e]};
            for (size_t l = 0; l < row->layer_count; l++)
                row->layers[l].cycles = row->layers[l].macs = l ? 0 : extremes[e];
        }
        char *text = page_of(&report);
        check_page(text);
        free(text);
    }
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_well_formed), cmocka_unit_test(hostile_texts_are_escaped),
        cmocka_unit_test(everything_is_on_the_page), cmocka_unit_test(every_modelled_result_is_marked),
        cmocka_unit_test(layers_show_their_share),   cmocka_unit_test(extreme_figures_are_rendered),
    };
    return cmocka_run_group_tests_name("report_html", tests, NULL, NULL);
}
