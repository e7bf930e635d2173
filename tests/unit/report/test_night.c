/* SPDX-License-Identifier: Apache-2.0 */
/* What a CI system, a mail and a program are told of a run. */
#include "hf_test.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "report/night_report.h"
#include "sample.h"

static char *copy(const char *text)
{
    char *made = strdup(text);
    assert_non_null(made);
    return made;
}

static void assert_contains(const hf_buffer *out, const char *text)
{
    assert_false(out->failed);
    if (!strstr(out->data, text))
        fail_msg("expected '%s' in: %s", text, out->data);
}

static void expect_subject(const hf_night *night, const char *expected)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_night_render_subject(night, &out);
    assert_false(out.failed);
    assert_string_equal(hf_buffer_text(&out), expected);
    hf_buffer_free(&out);
}

/* The value of an XPath expression as text; the caller frees it. */
static char *query(const hf_buffer *xml, const char *expression)
{
    xmlDocPtr document = xmlReadMemory(xml->data, (int)xml->size, "junit.xml", NULL, XML_PARSE_NONET);
    assert_non_null(document);
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr object = xmlXPathEvalExpression(BAD_CAST expression, context);
    assert_non_null(object);
    xmlChar *text = xmlXPathCastToString(object);
    char *result = copy((const char *)text);
    xmlFree(text);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
    return result;
}

static void expect_query(const hf_buffer *xml, const char *expression, const char *expected)
{
    char *value = query(xml, expression);
    if (strcmp(value, expected) != 0)
        fail_msg("%s is '%s', expected '%s', in: %s", expression, value, expected, xml->data);
    free(value);
}

/* ---- The sample: net_a is measured and misses ROM, net_b failed on the serial line ---- */

static void subjects_count_what_is_wrong(void **state)
{
    (void)state;
    hf_report report;
    sample_small(&report);
    const hf_board_state_row states[] = {
        {.id = "other", .chip = "c", .attention = "cycles drifted"},
        {.id = "off", .chip = "c", .attention = "x", .disabled_reason = "repair"},
        {.id = "well", .chip = "c"}};
    hf_night night = {.report = &report};
    expect_subject(&night, "hilfarm small: 1 failed, 1 limit missed (1 of 2 measured)");
    night.states = states;
    night.state_count = 3;
    expect_subject(&night,
                   "hilfarm small: 1 failed, 1 board needs attention, 1 limit missed (1 of 2 measured)");
    report.run.state = HF_RUN_INTERRUPTED;
    night.state_count = 0;
    expect_subject(&night, "hilfarm small: interrupted, 1 failed, 1 limit missed (1 of 2 measured)");
    report.run.state = HF_RUN_DONE;
    report.run.limits = (hf_limits){0};
    report.results[1].outcome = HF_RESULT_PRUNED;
    expect_subject(&night, "hilfarm small: ok (1 of 2 measured, 1 pruned)");
    hf_night_counts counts;
    hf_night_count(&night, &counts);
    assert_true(counts.green);
    free(report.run.name);
    report.run.name = copy("a\r\nBcc: everyone");
    hf_buffer out = HF_BUFFER_INIT;
    hf_night_render_subject(&night, &out);
    assert_null(strpbrk(hf_buffer_text(&out), "\r\n"));
    hf_buffer_free(&out);
    hf_report_free(&report);
}

static void junit_counts_and_explains(void **state)
{
    (void)state;
    hf_report report;
    hf_buffer xml = HF_BUFFER_INIT;
    sample_small(&report);
    const hf_night night = {.report = &report};
    hf_night_render_junit(&night, &xml);
    assert_false(xml.failed);
    const char *chip = "//testsuite[@name='small.stm32l4r5zi']";
    char path[300];
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"/@tests", "2"},
        {"/@failures", "1"},
        {"/@errors", "1"},
        {"/@skipped", "0"},
        {"/@hostname", "bench"},
        {"/properties/property[@name='spec']/@value", "small"},
        {"/testcase[1]/@name", "net_a"},
        {"/testcase[1]/@classname", "small.stm32l4r5zi"},
        {"/testcase[1]/@time", "2.310"},
        {"/testcase[1]/failure/@type", "limit"},
        {"/testcase[1]/failure/@message", "ROM 284.0 KB, limit 250.0 KB"},
        {"/testcase[1]/system-out", "latency 101 us modelled, RAM 104.0 KB, ROM 284.0 KB, on virtual-1"},
        {"/testcase[2]/error/@type", "serial"},
        {"/testcase[2]/error/@message", "opening the port, \"COM\": no such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(path, sizeof path, "string(%s%s)", chip, cases[i].path);
        expect_query(&xml, path, cases[i].expected);
    }
    expect_query(&xml, "count(//testsuite[@name='small.boards']/testcase[not(error)])", "1");
    hf_buffer_clear(&xml);
    report.results[1].outcome = HF_RESULT_NOT_RUN;
    hf_night_render_junit(&night, &xml);
    expect_query(&xml, "string(//testcase[@name='net_b']/skipped/@type)", "not_run");
    hf_buffer_free(&xml);
    hf_report_free(&report);
}

/* Control characters, bytes that are not UTF-8, long messages, two cases of one name: any reader accepts the file. */
static void junit_survives_any_text(void **state)
{
    (void)state;
    hf_report report;
    hf_buffer xml = HF_BUFFER_INIT;
    sample_small(&report);
    free(report.results[1].message);
    char message[5000];
    memset(message, 'x', sizeof message);
    static const char hostile[] = "\x01\x1b[2J<&>\"\xff\xef\xbf\xbf]]>";
    memcpy(message, hostile, sizeof hostile - 1);
    message[sizeof message - 1] = '\0';
    report.results[1].message = copy(message);
    free(report.results[1].name);
    report.results[1].name = copy(report.results[0].name);
    const hf_night night = {.report = &report};
    hf_night_render_junit(&night, &xml);
    assert_false(xml.failed);
    expect_query(&xml, "string(//testcase[2]/@name)", "net_a (2)");
    char *text = query(&xml, "string(//testcase[2]/error/@message)");
    assert_memory_equal(text, "\xef\xbf\xbd\xef\xbf\xbd[2J<&>\"\xef\xbf\xbd\xef\xbf\xbd]]>xx", 24);
    assert_true(strlen(text) < 1100);
    free(text);
    hf_buffer_free(&xml);
    hf_report_free(&report);
}

/* ---- A regression ---- */

typedef struct pair {
    hf_report before, after;
    hf_run_comparison comparison;
    hf_night night;
} pair;

/* net_a is slower than before, net_b was measured before. */
static void make_pair(pair *self)
{
    sample_small(&self->before);
    sample_small(&self->after);
    self->before.run.id = 6;
    self->after.results[0].samples[0].cycles = self->after.results[0].samples[1].cycles = 12120;
    self->before.results[1].outcome = HF_RESULT_MEASURED;
    assert_int_equal(hf_run_compare(&self->before, &self->after, &self->comparison, NULL), HF_OK);
    self->night = (hf_night){.report = &self->after, .comparison = &self->comparison, .folder = "results/x"};
}

static void free_pair(pair *self)
{
    hf_run_comparison_free(&self->comparison);
    hf_report_free(&self->before);
    hf_report_free(&self->after);
}

static void regressions_are_failures(void **state)
{
    (void)state;
    pair self;
    hf_buffer out = HF_BUFFER_INIT;
    make_pair(&self);
    expect_subject(&self.night, "hilfarm small: 2 regressed, 1 failed, 1 limit missed (1 of 2 measured)");
    hf_night_render_junit(&self.night, &out);
    expect_query(&out, "string(//testcase[@name='net_a']/failure/@type)", "regression");
    expect_query(&out, "string(//testcase[@name='net_a']/failure/@message)",
                 "latency 101 us -> 121 us (+20.00 %); ROM 284.0 KB, limit 250.0 KB");
    expect_query(&out, "count(//testcase[@name='net_a']/failure)", "1");
    expect_query(&out, "string(//testcase[@name='net_b']/error/@type)", "serial");
    hf_buffer_clear(&out);

    hf_night_render_markdown(&self.night, &out);
    assert_contains(&out,
                    "## hilfarm small: 2 regressed, 1 failed, 1 limit missed (1 of 2 measured)\n\nRun 7 ");
    assert_contains(&out, "compared with run 6 (");
    assert_contains(&out,
                    "### Regressed\n\n- **net_a** on stm32l4r5zi: latency 101 us -> 121 us (+20.00 %)\n");
    assert_contains(&out, "### Failed\n\n- **net_b** on stm32l4r5zi: serial: opening the port, ");
    assert_contains(&out, "### Limits missed\n\n- **net_a** on stm32l4r5zi: ROM 284.0 KB, limit 250.0 KB\n");
    assert_contains(
        &out, "| net_a | stm32l4r5zi | 85.4 % | 121 us modelled | 104.0 KB | 284.0 KB | 21.9 M | missed |\n");
    assert_contains(&out, "| net_b | stm32l4r5zi | - | - | - | - | 61.0 M | failed |\n");
    hf_buffer_free(&out);
    free_pair(&self);
}

static void expect_variable(char *const *variables, const char *expected)
{
    for (; *variables; variables++)
        if (strcmp(*variables, expected) == 0)
            return;
    fail_msg("no variable %s", expected);
}

static void commands_get_variables(void **state)
{
    (void)state;
    pair self;
    char *variables[HF_NIGHT_VARIABLES + 1], key[64], owner[64];
    make_pair(&self);
    assert_true(hf_night_make_variables(&self.night, variables));
    const hf_run_row *run = &self.after.run;
    snprintf(key, sizeof key, "HILFARM_RUN=%s", run->key);
    snprintf(owner, sizeof owner, "HILFARM_OWNER=%s", run->owner ? run->owner : "");
    const char *const expected[] = {
        "HILFARM_SUBJECT=hilfarm small: 2 regressed, 1 failed, 1 limit missed (1 of 2 measured)",
        "HILFARM_STATUS=red",
        "HILFARM_STATE=done",
        "HILFARM_SPEC=small",
        owner,
        key,
        "HILFARM_RUN_NUMBER=7",
        "HILFARM_FAILED=1",
        "HILFARM_REGRESSED=2",
        "HILFARM_REPORT=results/x",
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        expect_variable(variables, expected[i]);
    hf_night_free_variables(variables);
    assert_null(variables[0]);
    free_pair(&self);
}

static void the_summary_is_json(void **state)
{
    (void)state;
    pair self;
    hf_buffer out = HF_BUFFER_INIT;
    make_pair(&self);
    hf_night_render_json(&self.night, &out);
    assert_false(out.failed);
    json_error_t error;
    json_t *root = json_loadb(out.data, out.size, 0, &error);
    assert_non_null(root);
    const char *name = NULL, *html = NULL, *fault = NULL, *quantity = NULL, *key = NULL;
    int green = 1, regressed = 0, failed = 0, baseline = 0, version = 0;
    double percent = 0;
    assert_int_equal(
        json_unpack_ex(root, &error, 0,
                       "{s:i, s:b, s:{s:s}, s:{s:i}, s:{s:i, s:i}, s:[{s:s, s:[{s:s, s:F}]}, {}],"
                       " s:[{s:s}], s:{s:s}}",
                       "version", &version, "green", &green, "run", "key", &key, "baseline", "id", &baseline,
                       "counts", "regressed", &regressed, "failed", &failed, "regressions", "name", &name,
                       "changes", "quantity", &quantity, "change_percent", &percent, "failures", "fault",
                       &fault, "files", "html", &html),
        0);
    assert_int_equal(version, 1);
    assert_false(green);
    assert_int_equal(regressed, 2);
    assert_int_equal(failed, 1);
    assert_int_equal(baseline, 6);
    assert_string_equal(name, "net_a");
    assert_string_equal(quantity, "latency");
    assert_true(percent > 19.9 && percent < 20.1);
    assert_string_equal(fault, "serial");
    assert_string_equal(html, "results/x/report.html");
    json_decref(root);
    hf_buffer_free(&out);
    free_pair(&self);
}

/* Boards that are dead or need attention are in every format; long lists are cut. */
static void boards_and_long_lists(void **state)
{
    (void)state;
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    sample_outage(&report);
    const hf_board_state_row states[] = {
        {.id = "nucleo-9",
         .chip = "c",
         .attention = "cycles *drifted* by a_b _c_ <d> [e](f) | g - 1.5 (+2 %)!"}};
    const hf_night night = {.report = &report, .states = states, .state_count = 1};
    hf_night_counts counts;
    hf_night_count(&night, &counts);
    assert_true(counts.dead > 0);
    assert_false(counts.green);
    hf_night_render_markdown(&night, &out);
    assert_contains(&out, "### Boards\n\n- **");
    assert_contains(
        &out, "- **nucleo-9**: cycles \\*drifted\\* by a_b \\_c\\_ \\<d> \\[e](f) \\| g - 1.5 (+2 %)!\n");
    hf_buffer_clear(&out);
    hf_night_render_json(&night, &out);
    assert_contains(&out, "\"why\": \"cycles *drifted* by ");
    hf_buffer_clear(&out);
    hf_night_render_junit(&night, &out);
    char dead[24];
    snprintf(dead, sizeof dead, "%zu", counts.dead);
    expect_query(&out, "string(//testsuite[contains(@name, '.boards')]/@errors)", dead);
    hf_buffer_clear(&out);
    hf_report_free(&report);

    sample_small(&report);
    hf_result_row one = report.results[1], *many = calloc(400, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < 400; i++)
        many[i] = one;
    hf_report long_report = report;
    long_report.results = many;
    long_report.result_count = 400;
    long_report.attempt_count = 0;
    const hf_night long_night = {.report = &long_report};
    hf_night_render_markdown(&long_night, &out);
    assert_contains(&out, "- and 350 more\n");
    assert_contains(&out, "and 300 more\n");
    assert_true(out.size < 65536);
    free(many);
    hf_buffer_free(&out);
    hf_report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects_count_what_is_wrong), cmocka_unit_test(junit_counts_and_explains),
        cmocka_unit_test(junit_survives_any_text),      cmocka_unit_test(regressions_are_failures),
        cmocka_unit_test(commands_get_variables),       cmocka_unit_test(the_summary_is_json),
        cmocka_unit_test(boards_and_long_lists),
    };
    return cmocka_run_group_tests_name("report_night", tests, NULL, NULL);
}
