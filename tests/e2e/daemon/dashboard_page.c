/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard_page.h"

#include <sys/stat.h>

#include "hf_test.h"
#include "report/render.h"

browser *opened;

bool dashboard_open(daemon_fixture *fixture)
{
    char address[256];
    opened = browser_open(fixture->cli.folder);
    if (!opened)
        return false;
    json_t *session = daemon_ask(fixture, "POST", "/sessions", "{}", 201);
    snprintf(address, sizeof address, "http://%s/#token=%s", json_text(session, "address"),
             json_text(session, "token"));
    json_decref(session);
    browser_view(opened, 1400, 1000, false);
    browser_go(opened, address);
    browser_wait(opened, "document.documentElement.dataset.live === 'yes'");
    browser_wait(opened, "!location.hash.includes('token')"); /* it is in nobody's history */
    return true;
}

void dashboard_close(void)
{
    browser_expect_no_complaint(opened);
    browser_close(opened);
    opened = NULL;
}

void dashboard_show(const char *page, const char *ready)
{
    char script[512];
    snprintf(script, sizeof script,
             "delete document.documentElement.dataset.results; delete document.documentElement.dataset.page;"
             "location.hash = '%s'; dispatchEvent(new HashChangeEvent('hashchange'))",
             page);
    json_decref(browser_value(opened, script));
    browser_wait(opened, "document.documentElement.dataset.page");
    browser_wait(opened, ready);
}

void dashboard_expect(const char *text)
{
    char condition[1024];
    snprintf(condition, sizeof condition, "document.querySelector('main').innerText.includes(`%s`)", text);
    browser_wait(opened, condition);
}

void dashboard_expect_said(const char *text)
{
    char condition[256];
    snprintf(condition, sizeof condition, "document.querySelector('.toast').textContent.startsWith(`%s`)",
             text);
    browser_wait(opened, condition);
}

const char *dashboard_text(const char *script)
{
    static char text[8192];
    json_t *value = browser_value(opened, script);
    if (!json_is_string(value))
        fail_msg("no text: %s", script);
    snprintf(text, sizeof text, "%s", json_string_value(value));
    json_decref(value);
    return text;
}

long long dashboard_number(const char *script)
{
    json_t *value = browser_value(opened, script);
    if (!json_is_integer(value))
        fail_msg("no number: %s", script);
    const long long number = json_integer_value(value);
    json_decref(value);
    return number;
}

const char *dashboard_latency(daemon_fixture *fixture, int run, const char *name)
{
    static char text[32];
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT cast(cycles * 1000000000.0 / clock_hz AS INTEGER) FROM samples JOIN measurements USING"
             " (attempt_id) JOIN attempts ON attempts.id = attempt_id JOIN results ON results.id = result_id"
             " WHERE run_id = %d AND samples.position = 0 AND results.name = '%s'",
             run, name);
    hf_format_ns((double)cli_query(&fixture->cli, sql), text, sizeof text);
    return text;
}

void dashboard_keep(const dashboard_shot *shots)
{
    (void)mkdir(SCREENSHOTS, 0777);
    for (; shots->name; shots++)
        for (int way = 0; way < 4; way++) {
            char path[512];
            const bool narrow = way & 1, dark = way & 2;
            browser_view(opened, narrow ? 400 : 1400, narrow ? 800 : 1000, dark);
            dashboard_show(shots->page, shots->ready);
            browser_wait(opened, "document.documentElement.scrollWidth <= innerWidth");
            snprintf(path, sizeof path, "%s/%s_%s_%s.png", SCREENSHOTS, shots->name,
                     narrow ? "400x800" : "1400x1000", dark ? "dark" : "light");
            browser_screenshot(opened, path);
        }
    browser_view(opened, 1400, 1000, false);
}
