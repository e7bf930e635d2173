/* SPDX-License-Identifier: Apache-2.0 */
/* A person at the dashboard: a headless Chromium follows, cancels and resumes a run, uses a board's buttons and the analyzer, and
 * sees the numbers of the store. Results are modelled. Skipped without Chromium; screenshots stay in SCREENSHOTS. */
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "dashboard_page.h"
#include "hf_test.h"
#include "report/render.h"

static int64_t count(daemon_fixture *fixture, const char *sql)
{
    return cli_query(&fixture->cli, sql);
}

/* The latency of every measured variation of a run, as text, is on the page. */
static void expect_latencies(daemon_fixture *fixture, int run, int expected)
{
    for (int i = 0; i < expected; i++) {
        char sql[256], cell[64];
        snprintf(sql, sizeof sql,
                 "SELECT name FROM results WHERE run_id = %d AND outcome = 'measured' ORDER BY position "
                 "LIMIT 1 OFFSET %d",
                 run, i);
        snprintf(cell, sizeof cell, "%s *",
                 dashboard_latency(fixture, run, cli_query_text(&fixture->cli, sql)));
        dashboard_expect(cell); /* the star: it is modelled */
    }
}

static void a_run_is_followed_and_cancelled(daemon_fixture *fixture)
{
    char key[32], page[64], sql[128];
    dashboard_expect("virtual-1");
    dashboard_expect("virtual-2");
    dashboard_expect("Nothing is queued or under way.");
    /* A title is free text: it must stay text. */
    daemon_submit(fixture, "followed", 4, "{\"title\":\"<img src=x onerror=alert(1)>\"}", key);
    browser_wait(opened, "document.querySelector('.queue a')");
    dashboard_expect("<img src=x onerror=alert(1)>");
    browser_click(opened,
                  "[...document.querySelectorAll('.queue a')].find((one) => one.textContent === 'followed')");
    snprintf(page, sizeof page, "location.hash === '#/runs/%s'", key);
    browser_wait(opened, page);
    browser_wait(opened, "[...document.querySelectorAll('.lines li')].some((one) => /modelled on "
                         "virtual-/.test(one.textContent))");
    browser_wait(opened, "document.querySelector('.now progress').value > 0");
    browser_click(opened, BUTTON("Cancel"));
    browser_click(opened, DIALOG);
    browser_wait(opened, "document.documentElement.dataset.results === '4'");
    dashboard_expect("interrupted");
    const int64_t measured =
        count(fixture, "SELECT count(*) FROM results WHERE run_id = 1 AND outcome = 'measured'");
    assert_true(measured >= 1 && measured < 4);
    snprintf(sql, sizeof sql, "%d of 4", (int)measured);
    dashboard_expect(sql);
    expect_latencies(fixture, 1, (int)measured);
    assert_int_equal(count(fixture, "SELECT count(*) FROM runs WHERE state = 'interrupted'"), 1);
    browser_click(opened, BUTTON("Resume"));
    browser_wait(opened, BUTTON("Cancel")); /* it is in the queue again */
    json_t *end = daemon_follow(fixture, key);
    assert_int_equal(json_number(end, "summary.measured"), 4);
    json_decref(end);
    browser_wait(opened, "document.documentElement.dataset.results === '4'");
    dashboard_expect("4 of 4");
    expect_latencies(fixture, 1, 4);
}

static void results_are_downloaded(daemon_fixture *fixture)
{
    char path[512], key[32];
    uint8_t *csv = NULL;
    size_t size = 0;
    json_t *run = daemon_ask(fixture, "GET", "/runs/1", NULL, 200);
    snprintf(key, sizeof key, "%s", json_text(run, "key"));
    json_decref(run);
    dashboard_show("/runs/1", "document.documentElement.dataset.results === '4'");
    /* A result in detail, under the policy of the dashboard. */
    browser_click(opened, "document.querySelector('.results .name button')");
    browser_wait(opened, "document.querySelector('.details:not([hidden]) table')");
    browser_click(opened, BUTTON("CSV"));
    snprintf(path, sizeof path, "%s/%s-followed-results.csv", fixture->cli.folder, key);
    const hf_deadline deadline = hf_deadline_in_ms(BROWSER_DEADLINE_MS);
    const struct timespec step = {.tv_nsec = 50 * (long)HF_NS_PER_MS};
    while (hf_file_read(path, 1 << 20, &csv, &size, NULL) != HF_OK && !hf_deadline_passed(deadline))
        nanosleep(&step, NULL);
    assert_non_null(csv);
    snprintf(path, sizeof path, "/api/v1/runs/1/results.csv");
    char head[640];
    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\n", path);
    char *answer = raw_http_ask(fixture->socket, head, NULL);
    assert_string_equal((const char *)csv, raw_http_body(answer));
    free(answer);
    free(csv);
}

static void a_board_is_disabled_and_enabled(daemon_fixture *fixture)
{
    dashboard_show("/boards/virtual-2", BUTTON("Disable"));
    browser_click(opened, BUTTON("Disable"));
    browser_wait(opened, "document.querySelector('dialog input')");
    json_decref(browser_value(opened, "document.querySelector('dialog input').value = '<b>no</b> power'"));
    browser_click(opened, DIALOG);
    dashboard_expect_said("virtual-2 is disabled");
    dashboard_expect("<b>no</b> power");
    assert_int_equal(
        count(fixture, "SELECT count(*) FROM board_states WHERE disabled_reason = '<b>no</b> power'"), 1);
    browser_click(opened, BUTTON("Enable"));
    dashboard_expect_said("virtual-2 is in service");
    browser_wait(opened, BUTTON("Disable"));
    assert_int_equal(count(fixture, "SELECT count(*) FROM board_states WHERE disabled_reason IS NOT NULL"),
                     0);
    browser_click(opened, BUTTON("Reserve"));
    browser_click(opened, DIALOG);
    dashboard_expect_said("virtual-2 is reserved");
    browser_wait(opened, BUTTON("Release"));
    assert_int_equal(count(fixture, "SELECT count(*) FROM board_states WHERE reserved_until_ms > 0"), 1);
    browser_click(opened, BUTTON("Release"));
    browser_wait(opened, "!(" BUTTON("Release") ")");
}

/* Moves a factor as a person does who types. */
static void set_factor(const char *name, const char *value)
{
    char script[512];
    snprintf(
        script, sizeof script,
        "{ const input = document.querySelector('.factor input[type=number][name=%s]'); input.value = '%s';"
        " input.dispatchEvent(new Event('input')); }",
        name, value);
    json_decref(browser_value(opened, script));
}

static void a_model_is_analysed_and_measured(daemon_fixture *fixture)
{
    static const char name[] = "mobilenetv1_0.2_32_c1_o2";
    char text[64], path[160];
    dashboard_show("/analyzer", "document.documentElement.dataset.exact === 'true'");
    set_factor("alpha", "0.2");
    set_factor("resolution", "32");
    set_factor("channels", "1");
    snprintf(path, sizeof path,
             "document.documentElement.dataset.scored === '%s' && "
             "document.documentElement.dataset.exact === 'true'",
             name);
    browser_wait(opened, path);
    snprintf(path, sizeof path, "/scorecard?model=%s&chip=stm32l4r5zi&exact=1", name);
    json_t *card = daemon_ask(fixture, "GET", path, NULL, 200);
    hf_format_count((double)json_number(card, "macs"), text, sizeof text);
    dashboard_expect(text);
    hf_format_bytes((double)json_number(card, "model_bytes"), text, sizeof text);
    dashboard_expect(text);
    hf_format_bytes((double)json_number(card, "arena_bytes"), text, sizeof text);
    dashboard_expect(text);
    /* Drawn as in the report: four values of each layer, and each buffer of the arena. */
    const long long layers = (long long)json_array_size(json_object_get(card, "layers")),
                    places = (long long)json_array_size(json_object_get(card, "arena_map")) / 5;
    assert_true(
        dashboard_number("document.querySelectorAll('.charts figure')[0].querySelectorAll('rect').length") ==
        4 * layers);
    assert_true(
        dashboard_number("document.querySelectorAll('.charts figure')[1].querySelectorAll('rect').length") ==
        places);
    json_decref(card);
    /* A limit that is missed is seen at once. */
    set_factor("macs", "0.01");
    browser_wait(
        opened,
        "[...document.querySelectorAll('.limit.bad')].some((one) => one.textContent.includes('MACs'))");
    set_factor("macs", "60");
    browser_wait(opened, "!document.querySelector('.limit.bad')");
    browser_click(opened, BUTTON("Measure this"));
    browser_wait(opened, "location.hash.startsWith('#/runs/')");
    browser_wait(opened, "document.documentElement.dataset.results === '1'");
    assert_int_equal(count(fixture,
                           "SELECT count(*) FROM results JOIN runs ON runs.id = run_id WHERE runs.name ="
                           " 'analyzer' AND results.name = 'mobilenetv1_0.2_32_c1_o2' AND outcome ="
                           " 'measured' AND limit_macs = 60000000"),
                     1);
    expect_latencies(fixture, 2, 1);
}

/* Run 1 has models that run 2 does not have, and the other way round. */
static void a_comparison_names_what_is_missing(void)
{
    dashboard_show("/compare/1/2", "document.querySelector('td')");
    dashboard_expect("not in this run");
    dashboard_expect("not in the baseline");
    dashboard_expect("* Times are modelled");
    dashboard_show("/runs/2?baseline=1", "document.documentElement.dataset.results === '1'");
    dashboard_expect("not in this run");
}

/* Run 3 was compared: its page says with what, though the address names no baseline. */
static void a_compared_run_shows_its_changes(daemon_fixture *fixture)
{
    char key[32];
    daemon_submit(fixture, "followed", 4, "{\"baseline\":\"1\"}", key);
    json_decref(daemon_follow(fixture, key));
    dashboard_show("/runs/3", "document.documentElement.dataset.results === '4'");
    dashboard_expect("4 unchanged");
}

/* An address that names nothing says so, and shows nothing else. */
static void what_is_not_there_is_said(void)
{
    dashboard_show("/trend/zzz/yyy", "document.querySelector('.content h1')");
    dashboard_expect("no run has the variation 'zzz' on yyy");
    dashboard_show("/analyzer/zzz_1", "document.querySelector('.content h1')");
    dashboard_expect("there is no model 'zzz_1'");
    dashboard_show("/analyzer/mobilenetv1_0.2_32_c1_o2_l1ll16pl16",
                   "document.documentElement.dataset.scored === 'mobilenetv1_0.2_32_c1_o2_l1ll16pl16'");
}

static void a_dialog_closes_with_its_page(void)
{
    dashboard_show("/boards/virtual-2", BUTTON("Disable"));
    browser_click(opened, BUTTON("Disable"));
    browser_wait(opened, "document.querySelector('dialog[open]')");
    dashboard_show("/runs", "document.querySelector('td a')");
    browser_wait(opened, "!document.querySelector('dialog')");
    dashboard_expect("green");
}

static const dashboard_shot pages[] = {
    {"overview", "/", "document.querySelector('.board')"},
    {"runs", "/runs", "document.querySelector('td a')"},
    {"run", "/runs/1", "document.documentElement.dataset.results"},
    {"compare", "/compare/1/2", "document.querySelector('td')"},
    {"analyzer", "/analyzer", "document.querySelector('.charts figure + figure, .charts div + div figure')"},
    {"trends", "/trend", "document.querySelector('.columns a')"},
    {NULL, NULL, NULL},
};

/* Without a token nothing of the farm is shown; a token that is entered once is enough. */
static void a_token_is_entered_once(daemon_fixture *fixture)
{
    char script[512];
    json_t *session = daemon_ask(fixture, "POST", "/sessions", "{}", 201);
    browser_click(opened, BUTTON("Sign out"));
    browser_wait(opened, "document.querySelector('input[name=token]')");
    json_t *text = browser_value(opened, "document.body.innerText + sessionStorage.length");
    assert_null(strstr(json_string_value(text), "virtual-"));
    assert_non_null(strstr(json_string_value(text), "0"));
    json_decref(text);
    snprintf(script, sizeof script,
             "location.hash = '#/'; document.querySelector('input[name=token]').value = '%s'",
             json_text(session, "token"));
    json_decref(session);
    json_decref(browser_value(opened, script));
    browser_click(opened, BUTTON("Sign in"));
    dashboard_expect("virtual-1");
    json_decref(browser_value(opened, "location.reload()"));
    dashboard_expect("virtual-2");
}

static void a_person_uses_the_dashboard(void **state)
{
    daemon_fixture *fixture = *state;
    daemon_start(fixture, NULL);
    if (!dashboard_open(fixture)) {
        printf("SKIPPED: there is no chromium\n");
        daemon_stop(fixture);
        skip();
    }
    a_run_is_followed_and_cancelled(fixture);
    results_are_downloaded(fixture);
    a_board_is_disabled_and_enabled(fixture);
    a_model_is_analysed_and_measured(fixture);
    a_comparison_names_what_is_missing();
    a_compared_run_shows_its_changes(fixture);
    what_is_not_there_is_said();
    a_dialog_closes_with_its_page();
    dashboard_keep(pages);
    a_token_is_entered_once(fixture);
    json_t *images = browser_value(opened, "document.images.length");
    assert_int_equal(json_integer_value(images), 0);
    json_decref(images);
    dashboard_close();
    daemon_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_person_uses_the_dashboard, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
