/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts of a farm on the dashboard, in a headless Chromium: hosts that are there, one that goes, and one that calls its boards what
 * could be HTML. Skipped without nats-server or Chromium. */
#include "needs_server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/condition.h"
#include "dashboard_page.h"
#include "nats_server.h"
#include "orders/hello.h"

#define MARKUP "<script&lt;b&gt;<img"
#define QUOTES "\"onclick='alert(1)'&lt;`"
#define ROW(host, rest)                                                                                      \
    "[...document.querySelectorAll('.hosts tbody tr')].some((row) => row.cells[0].textContent === '" host    \
    "' && " rest ")"

typedef struct page_fixture {
    daemon_fixture daemon; /* first: the set-up of its tests makes it */
    nats_server server;
} page_fixture;

/* ---- Agents that only announce themselves ---- */

typedef struct announcer {
    pthread_t thread;
    hf_broker *broker;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool quit;
    atomic_bool lab2_leaves;
} announcer;

static announcer agents;

static void announce(const char *host, const char *const *ids, uint32_t count, bool leaving)
{
    char subject[64];
    hf_hello_board boards[4] = {0};
    hf_hello hello = {.version = "<b>1</b>", .leaving = leaving, .boards = boards, .board_count = count};
    hf_buffer bytes = HF_BUFFER_INIT;
    snprintf(hello.host, sizeof hello.host, "%s", host);
    snprintf(subject, sizeof subject, "hf.v1.announce.%s", host);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(boards[i].id, sizeof boards[i].id, "%s", ids[i]);
        snprintf(boards[i].chip, sizeof boards[i].chip, "stm32l4r5zi");
        snprintf(boards[i].tags[0], sizeof boards[i].tags[0], "<i>tag</i>");
        boards[i].tag_count = 1;
        boards[i].modelled = true;
    }
    hf_hello_encode(&hello, &bytes);
    (void)hf_broker_publish(agents.broker, subject, bytes.data, bytes.size, NULL); /* repeated */
    hf_buffer_free(&bytes);
}

static void *announce_all(void *unused)
{
    static const char *const plain[] = {"left", "right"}, *const odd[] = {MARKUP, QUOTES};
    (void)unused;
    pthread_mutex_lock(&agents.mutex);
    while (!agents.quit) {
        const struct timespec until = hf_timespec_in_ms(300);
        announce("lab1", plain, 2, false);
        announce("lab2", odd, 2, agents.lab2_leaves);
        announce("<b>lab3", plain, 1, false); /* no name of a host: dropped */
        pthread_cond_timedwait(&agents.wake, &agents.mutex, &until);
    }
    pthread_mutex_unlock(&agents.mutex);
    return NULL;
}

static bool start_agents(const nats_server *server)
{
    agents.broker = hf_test_connect(server);
    pthread_mutex_init(&agents.mutex, NULL);
    hf_condition_init(&agents.wake);
    agents.quit = false;
    agents.lab2_leaves = false;
    return agents.broker && pthread_create(&agents.thread, NULL, announce_all, NULL) == 0;
}

static void end_agents(void)
{
    if (!agents.broker)
        return;
    pthread_mutex_lock(&agents.mutex);
    agents.quit = true;
    pthread_cond_signal(&agents.wake);
    pthread_mutex_unlock(&agents.mutex);
    pthread_join(agents.thread, NULL);
    hf_broker_close(agents.broker);
    agents.broker = NULL;
}

/* ---- The page ---- */

static int set_up(void **state)
{
    page_fixture *f = calloc(1, sizeof *f);
    void *daemon = NULL;
    if (!f || daemon_set_up(&daemon) != 0) {
        free(f);
        return 1;
    }
    f->daemon = *(daemon_fixture *)daemon;
    free(daemon);
    *state = f;
    return hf_test_has_server() && (!nats_server_start(&f->server) || !start_agents(&f->server));
}

static int tear_down(void **state)
{
    page_fixture *f = *state;
    end_agents();
    daemon_fixture *daemon = malloc(sizeof *daemon);
    *daemon = f->daemon;
    void *owned = daemon;
    const int failed = daemon_tear_down(&owned);
    nats_server_end(&f->server);
    free(f);
    return failed;
}

static void test_hosts_on_the_dashboard(void **state)
{
    HF_TEST_NEEDS_SERVER();
    page_fixture *f = *state;
    char text[128];
    snprintf(text, sizeof text, "broker: {url: \"%s\"}\nhosts: [lab1]\n", f->server.url);
    const char *const options[] = {"--farm", cli_write(&f->daemon.cli, "farm.yaml", text), NULL};
    daemon_start(&f->daemon, options);
    if (!dashboard_open(&f->daemon)) {
        printf("SKIPPED: no Chromium\n");
        skip();
    }
    browser_wait(opened,
                 ROW("lab1", "row.cells[1].textContent === 'there' && row.cells[2].textContent === '2'"));
    browser_wait(opened,
                 ROW("lab2", "row.cells[1].textContent === 'there' && row.cells[2].textContent === '2'"));
    assert_int_equal(dashboard_number("document.querySelectorAll('.hosts tbody tr').length"), 2);
    /* Names are text, and nothing of them becomes markup. */
    dashboard_expect("lab1/left");
    browser_wait(opened, "document.querySelector('main').innerText.includes('lab2/" MARKUP "')");
    assert_int_equal(
        dashboard_number(
            "document.querySelectorAll('main img, main script, main [onclick], main [onerror]').length"),
        0);

    /* The page of a board with such a name. */
    browser_click(opened,
                  "[...document.querySelectorAll('main a')].find((one) => one.textContent === 'lab2/" MARKUP
                  "')");
    browser_wait(opened,
                 "document.documentElement.dataset.page && location.hash.startsWith('#/boards/lab2')");
    browser_wait(opened, BUTTON("Disable"));
    dashboard_expect("lab2/" MARKUP);
    assert_int_equal(dashboard_number("document.querySelectorAll('main img').length"), 0);

    /* Its host goes, and the other one stays. */
    agents.lab2_leaves = true;
    dashboard_show("/", "document.querySelector('.hosts')");
    browser_wait(opened, ROW("lab2", "row.cells[1].textContent === 'away: its agent was stopped'"));
    browser_wait(opened, ROW("lab1", "row.cells[1].textContent === 'there'"));
    const dashboard_shot shots[] = {{"hosts", "/", "document.querySelector('.hosts')"}, {0}};
    dashboard_keep(shots);
    agents.lab2_leaves = false;
    browser_wait(opened, ROW("lab2", "row.cells[1].textContent === 'there'"));
    dashboard_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hosts_on_the_dashboard, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("hosts_page", tests, NULL, NULL);
}
