/* SPDX-License-Identifier: Apache-2.0 */
/* A person reads report.html: a headless Chromium filters, draws rectangles and limits, sorts, compares and opens results of a page that
 * `hilfarm report` wrote, and what it shows is what the store holds. Skipped without Chromium; screenshots stay in SCREENSHOTS. */
#include <sys/stat.h>

#include "browser.h"
#include "cli_fixture.h"
#include "fixture.h"
#include "hf_test.h"
#include "report/render.h"
#include "sample.h"

#define NIGHTS 3
/* As long as a real one. */
#define TRAINING_KEY "<b>0123456789abcdef0123456789abcdef0123456789abcdef0123456789</b>"
/* Results of the newest run. */
#define OF_RUN "FROM results WHERE run_id = 3 "
/* Latency of a result in the same units as the page: the median of its samples. */
#define LATENCY                                                                                              \
    "(SELECT cycles * 1e9 / clock_hz FROM samples JOIN measurements USING (attempt_id) JOIN attempts ON "    \
    "attempts.id = attempt_id WHERE result_id = results.id ORDER BY cycles LIMIT 1 OFFSET 2)"
#define ROWS         "[...document.querySelectorAll('.results tbody tr:not(.space)')]"
#define STATUS       "document.querySelector('.controls [role=status]').textContent"
#define BUTTON(text) "[...document.querySelectorAll('button')].find((one) => one.textContent === '" text "')"

static browser *opened;

/* ---- The store: three nights of one sweep ---- */

/* Every measured model has an accuracy; of the two best ones, the test set cannot tell which is better. */
static void give_accuracies(hf_report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        hf_result_row *row = &report->results[i];
        if (row->outcome != HF_RESULT_MEASURED)
            continue;
        row->has_accuracy = true;
        row->accuracy_percent = 80 + 5 * (double)row->macs / 22e6;
        row->accuracy_low_percent = row->accuracy_percent - 0.2;
        row->accuracy_high_percent = row->accuracy_percent + 0.2;
    }
}

/* The second night has another firmware, with which everything takes 10 % longer. */
static void slow_down(hf_report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        hf_result_row *row = &report->results[i];
        for (size_t s = 0; s < row->sample_count; s++)
            row->samples[s].cycles += row->samples[s].cycles / 10;
        free(row->firmware_id);
        row->firmware_id = row->sample_count ? strdup("bench-slow") : NULL;
    }
}

/* Of the result that is opened. */
static void add_training(hf_result_row *row)
{
    row->training = (hf_training_row){
        .key = strdup(TRAINING_KEY), .complete = true, .epochs = 2, .seconds = 75, .curve_count = 2};
    row->training.curve = calloc(2, sizeof *row->training.curve);
    assert_non_null(row->training.curve);
    row->training.curve[0] = (hf_epoch_row){
        .epoch = 1, .loss = 0.75, .training_percent = 70.5, .validation_percent = 80.25, .seconds = 37};
    row->training.curve[1] = (hf_epoch_row){
        .epoch = 2, .loss = 0.5, .training_percent = 81.5, .validation_percent = -1, .seconds = 75};
}

/* As hilfarm optimize records them; the last line is not one of its own. */
static void add_decisions(hf_report *report)
{
    char *text = NULL;
    assert_true(
        asprintf(&text,
                 "%s\n# hilfarm optimize, decision: train |  | kept | 5 of 9 candidates enter\n"
                 "# hilfarm optimize, decision: train | elsewhere | dropped | loss <b>0.5</b> | too high\n"
                 "# decision: mine\n",
                 report->run.spec_text) > 0);
    free(report->run.spec_text);
    report->run.spec_text = text;
}

static void fill_store(const char *path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err);
    for (int night = 0; night < NIGHTS; night++) {
        hf_report report;
        int64_t run_id;
        sample_sweep(&report);
        report.run.started_ms += night * INT64_C(86400000);
        report.run.finished_ms += night * INT64_C(86400000);
        give_accuracies(&report);
        add_training(&report.results[4]);
        add_decisions(&report);
        if (night == 1)
            slow_down(&report);
        assert_ok(fixture_record(store, &report, &run_id, &err), &err);
        hf_report_free(&report);
    }
    hf_store_close(store);
}

/* ---- The page ---- */

static json_t *value(const char *script)
{
    json_t *found = browser_value(opened, script);
    assert_non_null(found);
    return found;
}

static int64_t number(const char *script)
{
    json_t *found = value(script);
    if (!json_is_number(found))
        fail_msg("%s is not a number", script);
    const int64_t result = (int64_t)json_number_value(found);
    json_decref(found);
    return result;
}

static void expect(const char *format, ...)
{
    char condition[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(condition, sizeof condition, format, values);
    va_end(values);
    browser_wait(opened, condition);
}

static void expect_shown(cli_fixture *fixture, const char *condition)
{
    char sql[1024];
    snprintf(sql, sizeof sql, "SELECT count(*) " OF_RUN "%s", condition);
    const int64_t count = cli_query(fixture, sql);
    assert_in_range(count, 1, 13); /* the condition leaves some, and not all */
    expect(STATUS " === '%d of 14 results'", (int)count);
    expect(ROWS ".length === %d", (int)count);
}

static void show_all(void)
{
    browser_click(opened, BUTTON("Show all"));
    expect(STATUS " === '14 of 14 results'");
}

static void expect_cells(cli_fixture *fixture, int position)
{
    static const struct {
        const char *sql;
        void (*format)(double value, char *text, size_t size);
    } cells[] = {
        {"SELECT cast(" LATENCY " AS INTEGER)", hf_format_ns},
        {"SELECT macs", hf_format_count},
        {"SELECT params", hf_format_count},
        {"SELECT image_bytes", hf_format_bytes},
        {"SELECT (SELECT arena_bytes + static_bytes + stack_bytes FROM measurements JOIN attempts ON"
         " attempts.id = attempt_id WHERE result_id = results.id)",
         hf_format_bytes},
    };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char sql[1024], text[32];
        snprintf(sql, sizeof sql, "%s " OF_RUN "AND position = %d", cells[i].sql, position);
        cells[i].format((double)cli_query(fixture, sql), text, sizeof text);
        expect("[..." ROWS "[%d].cells].some((cell) => cell.textContent.replace(' *', '') === '%s')",
               position, text);
    }
}

static void the_table_has_the_figures_of_the_store(cli_fixture *fixture)
{
    expect("document.documentElement.dataset.ready === '14'");
    for (int position = 0; position < 14; position++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT outcome = 'measured' " OF_RUN "AND position = %d", position);
        if (cli_query(fixture, sql))
            expect_cells(fixture, position);
    }
}

/* The first screen: what to ship on each chip, why not the most accurate one, and what changed. */
static void the_first_screen_answers(cli_fixture *fixture)
{
    expect("document.querySelector('main').innerText.includes('What to ship')");
    expect("document.querySelector('main').innerText.includes('Of all chips:')");
    expect("document.querySelector('main').innerText.includes('A millisecond more buys')");
    /* The front ends with the most accurate one of each chip. */
    char name[128];
    snprintf(name, sizeof name, "%s",
             cli_query_text(
                 fixture,
                 "SELECT name " OF_RUN
                 "AND chip = 'stm32l4r5zi' AND macs <= 60000000 AND EXISTS (SELECT 1 FROM measurements JOIN"
                 " attempts ON attempts.id = attempt_id WHERE result_id = results.id AND arena_bytes +"
                 " static_bytes + stack_bytes <= 256000 AND image_bytes + firmware_bytes <= 256000)"
                 " ORDER BY accuracy_percent DESC LIMIT 1"));
    expect("[...document.querySelectorAll('section table')][0].querySelector('tbody "
           "tr:last-child').innerText.startsWith('%s')",
           name);
    expect("document.querySelectorAll('section b.good').length === 2"); /* one recommended per chip */
    /* 10 % slower last night, as fast again now: all that was measured has improved. */
    expect("document.querySelector('main').innerText.includes(' %d improved')",
           (int)cli_query(fixture, "SELECT count(*) " OF_RUN "AND outcome = 'measured'"));
}

static void decisions_are_explained(void)
{
    const char *rows = "[...document.querySelectorAll('[aria-label=\"Decisions of the search\"] tbody tr')]";
    expect("%s.length === 2", rows);
    expect("%s[0].innerText === 'train\\tall\\tkept\\t5 of 9 candidates enter'", rows);
    expect("%s[1].innerText === 'train\\telsewhere\\tdropped\\tloss <b>0.5</b> | too high'", rows);
}

static void text_filters(cli_fixture *fixture)
{
    browser_type(opened, "document.querySelector('input[type=search]')", "_0.25 l4r5");
    expect_shown(fixture, "AND name LIKE '%\\_0.25%' ESCAPE '\\' AND chip = 'stm32l4r5zi'");
    show_all();
    browser_click(
        opened,
        "[...document.querySelectorAll('.legend button')].find((one) => one.textContent === 'stm32f767zi')");
    expect_shown(fixture, "AND chip <> 'stm32f767zi'");
    show_all();
}

/* A rectangle over the right half of the first chart: the slowest ones, and all that are as slow. */
static void rectangles_select(cli_fixture *fixture)
{
    browser_drag(opened, "document.querySelector('.plot canvas')", 0.5, 0.02, 0.99, 0.85);
    browser_wait(opened, "!" STATUS ".startsWith('14')");
    const int64_t shown = number(ROWS ".length");
    assert_in_range(shown, 1, 10);
    char sql[512];
    for (int64_t i = 0; i < shown; i++) {
        snprintf(sql, sizeof sql,
                 "SELECT position " OF_RUN "ORDER BY " LATENCY " DESC NULLS LAST LIMIT 1 OFFSET %d", (int)i);
        expect(ROWS ".some((row) => row.cells[1].textContent === '%d')", (int)cli_query(fixture, sql) + 1);
    }
    /* Selection in one view shows in all: the other charts count the same. */
    char count[32];
    snprintf(count, sizeof count, "%d of 14 results", (int)shown);
    expect("[...document.querySelectorAll('.chart')].filter((chart) => "
           "chart.innerText.includes('%s')).length >= 3",
           count);
    show_all();
}

/* A limit on an axis of the parallel coordinates: the upper half of the accuracies. */
static void axes_limit(cli_fixture *fixture)
{
    const char *const canvas = "document.querySelector('.wide canvas')";
    json_decref(value("document.querySelector('.wide canvas').scrollIntoView({ block: 'center' })"));
    json_t *part =
        value("(() => { const axes = document.querySelector('.wide "
              "canvas').getAttribute('aria-label').split(' of ')[1].split(';')[0].split(', ');"
              " const width = document.querySelector('.wide canvas').clientWidth;"
              " return (60 + axes.indexOf('Accuracy') * (width - 120) / (axes.length - 1)) / width; })()");
    const double x = json_number_value(part);
    json_decref(part);
    /* The axis is from 46 to 276 of 300 pixels. */
    browser_drag(opened, canvas, x, 46 / 300.0, x, 161 / 300.0);
    expect_shown(fixture,
                 "AND accuracy_percent >= (SELECT (min(accuracy_percent) + max(accuracy_percent)) / 2 " OF_RUN
                 ")");
    show_all();
}

static void sorting_orders(cli_fixture *fixture)
{
    const char *const heading =
        "[...document.querySelectorAll('.results th button')].find((one) => one.textContent === 'Latency')";
    static const char *const orders[] = {"ASC", "DESC"};
    for (int i = 0; i < 2; i++) {
        char sql[512];
        browser_click(opened, heading);
        expect("document.querySelector('.results th[aria-sort=%s]')", i ? "descending" : "ascending");
        snprintf(sql, sizeof sql,
                 "SELECT position " OF_RUN "ORDER BY " LATENCY " %s NULLS LAST, position LIMIT 1", orders[i]);
        expect(ROWS "[0].cells[1].textContent === '%d'", (int)cli_query(fixture, sql) + 1);
    }
    browser_click(
        opened,
        "[...document.querySelectorAll('.results th button')].find((one) => one.textContent === '#')");
    expect(ROWS "[0].cells[1].textContent === '1'");
}

static void columns_are_chosen(void)
{
    browser_click(opened, "document.querySelector('details.choices summary')");
    const int64_t before = number("document.querySelectorAll('.results thead th').length");
    browser_click(
        opened,
        "[...document.querySelectorAll('.checks label')].find((one) => one.textContent.trim() === 'alpha')");
    expect("document.querySelectorAll('.results thead th').length === %d", (int)before + 1);
    expect("[...document.querySelectorAll('.results thead th')].some((one) => one.textContent === 'alpha')");
}

static void two_are_compared(cli_fixture *fixture)
{
    for (int i = 0; i < 2; i++) {
        char box[128];
        snprintf(box, sizeof box, ROWS "[%d].querySelector('input')", i);
        browser_click(opened, box);
    }
    expect("[...document.querySelectorAll('h2')].some((one) => one.textContent === 'Side by side' && "
           "!one.parentElement.hidden)");
    char sql[256], text[32];
    for (int i = 0; i < 2; i++) {
        snprintf(sql, sizeof sql, "SELECT macs " OF_RUN "AND position = %d", i);
        hf_format_count((double)cli_query(fixture, sql), text, sizeof text);
        expect("[...[...document.querySelectorAll('h2')].find((one) => one.textContent === 'Side by "
               "side').parentElement.querySelectorAll('tr')]"
               ".find((row) => row.cells[0].textContent === 'MACs').cells[%d].textContent === '%s'",
               i + 1, text);
    }
}

/* A result in detail: its layers, its attempts, and its nights with the firmware that came with the step. */
static void a_result_is_opened(cli_fixture *fixture)
{
    browser_click(opened, ROWS "[4].querySelector('.name button')"); /* measured by its second attempt */
    browser_wait(opened, "document.querySelector('.details:not([hidden]) .layers')");
    assert_int_equal(number("document.querySelectorAll('.details .layers tbody tr').length"),
                     cli_query(fixture, "SELECT count(*) FROM layers JOIN results ON results.id = result_id "
                                        "WHERE run_id = 3 AND results.position = 4"));
    char text[32];
    hf_format_count(
        (double)cli_query(
            fixture, "SELECT cycles FROM layer_times JOIN attempts ON attempts.id = attempt_id JOIN results"
                     " ON results.id = result_id WHERE run_id = 3 AND results.position = 4 AND"
                     " layer_times.position = 0"),
        text, sizeof text);
    expect("[...document.querySelector('.details .layers tbody tr').cells].some((cell) => cell.textContent "
           "=== '%s')",
           text);
    expect(
        "document.querySelector('.details').innerText.includes('serial: reading the result of inference 3')");
    expect("document.querySelector('.details').innerText.includes('Over the last 3 runs')");
    expect("[...document.querySelectorAll('.details tr')].some((row) => /run 2.*\\+10\\.0. %%.*firmware: .* "
           "bench-slow/.test(row.innerText.replace(/\\s+/g, ' ')))");
    expect("[...document.querySelectorAll('.details tr')].some((row) => /run 3.*-9\\.\\d\\d %%.*firmware: "
           "bench-slow/.test(row.innerText.replace(/\\s+/g, ' ')))");
}

/* How its weights were trained: two charts and the values behind them. */
static void its_training_is_shown(void)
{
    expect("document.querySelectorAll('.details .training canvas').length === 2");
    expect("document.querySelector('.details .training').innerText.includes('2 epochs in 1 min 15 s.')");
    expect("document.querySelector('.details .training code').textContent === '" TRAINING_KEY "'");
    browser_click(opened, "document.querySelector('.details .training summary')");
    expect("[...document.querySelectorAll('.details .training tbody tr')].map((row) => "
           "[...row.cells].map((cell) => cell.textContent).join()).join(';') === "
           "'1,0.75,70.5 %%,80.3 %%,37.0 s;2,0.5,81.5 %%,–,1 min 15 s'");
}

/* The page in four ways, and a result in detail: looked at by people, and nothing is wider than the window. */
static void pages_are_kept(void)
{
    (void)mkdir(SCREENSHOTS, 0777);
    for (int way = 0; way < 4; way++) {
        const bool narrow = way & 1, dark = way & 2;
        browser_view(opened, narrow ? 400 : 1400, narrow ? 800 : 1000, dark);
        static const char *const parts[] = {"h1", ".controls", ".wide", ".results", ".details", ".training"};
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            char path[512], script[128];
            snprintf(script, sizeof script, "document.querySelector('%s').scrollIntoView({ block: 'start' })",
                     parts[i]);
            json_decref(value(script));
            browser_wait(opened, "document.documentElement.scrollWidth <= innerWidth");
            snprintf(path, sizeof path, "%s/report_%s_%s_%s.png", SCREENSHOTS, parts[i] + (*parts[i] == '.'),
                     narrow ? "400x800" : "1400x1000", dark ? "dark" : "light");
            browser_screenshot(opened, path);
        }
    }
}

static void a_person_reads_the_report(void **state)
{
    cli_fixture *fixture = *state;
    char page[128], address[160];
    fill_store(fixture->db);
    snprintf(page, sizeof page, "%s/page.html", fixture->folder);
    const char *const words[] = {"2", "3", "--html", page, NULL};
    cli_expect(fixture, "report", words, 0);
    opened = browser_open(fixture->folder);
    if (!opened) {
        printf("SKIPPED: there is no chromium\n");
        skip();
    }
    browser_view(opened, 1400, 1000, false);
    snprintf(address, sizeof address, "file://%s", page);
    browser_go(opened, address);
    the_table_has_the_figures_of_the_store(fixture);
    the_first_screen_answers(fixture);
    decisions_are_explained();
    text_filters(fixture);
    rectangles_select(fixture);
    axes_limit(fixture);
    sorting_orders(fixture);
    columns_are_chosen();
    two_are_compared(fixture);
    a_result_is_opened(fixture);
    its_training_is_shown();
    pages_are_kept();
    browser_expect_no_complaint(opened);
    browser_close(opened);
    opened = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_person_reads_the_report, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("page_use", tests, NULL, NULL);
}
