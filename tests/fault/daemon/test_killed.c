/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon is killed at every command of two attempts, while two runs are under way, and started again. Both runs
 * end, and every result is there once. The boards are those of tests/support/fake_openocd.
 */
#include "hf_test.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/file.h"
#include "client/client.h"
#include "process.h"

#define PORT         22900u /* of the only board's serial line; other tests use other ports */
#define COMMANDS     26u    /* about two attempts */
#define DEADLINE_MS  60000
#define JOBS_EACH    INT64_C(4)
#define SIGKILL_EXIT 137

#define SPEC                                                                                                 \
    "name: %s\n"                                                                                             \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.05, 0.1], resolution: 16, channels: %d, classes: [2, 3],"           \
    " l: 1, ll: 8, pl: 8}\n"                                                                                 \
    "measure: {warmup: 0, runs: 1}\n"

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-killed-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder) != 0) /* `attach` writes reports into the current folder */
        return -1;
    char path[128];
    snprintf(path, sizeof path, "%s/s.sock", folder);
    setenv("HILFARM_SOCKET", path, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unsetenv("HILFARM_SOCKET");
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

/* A path in the folder, in static storage that the second call after this one overwrites. */
static const char *in_folder(const char *name)
{
    static char paths[2][128];
    static unsigned next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_text(const char *name, const char *text)
{
    assert_int_equal(hf_file_write(in_folder(name), text, strlen(text), NULL), HF_OK);
}

static void program(const char *name, char path[256])
{
    const char *bin = getenv("HILFARM_BIN_DIR");
    snprintf(path, 256, "%s/%s", bin ? bin : "build/release/bin", name);
}

static void start_daemon(process *daemon)
{
    char hilfarmd[256], openocd[256], farm[128], state[128];
    program("hilfarmd", hilfarmd);
    program("fake_openocd", openocd);
    snprintf(farm, sizeof farm, "%s/farm.yaml", folder);
    snprintf(state, sizeof state, "%s/state", folder);
    const char *const argv[] = {hilfarmd, "--farm", farm, "--state", state, "--openocd", openocd, NULL};
    assert_true(process_start(daemon, argv));
    if (!process_wait_output(daemon, "listening on", DEADLINE_MS))
        fail_msg("%s", daemon->output);
}

/* Runs `hilfarm WORD WORD [WORD]`. @return its exit status; the output is in `child` */
static int ask(process *child, const char *first, const char *second, const char *third)
{
    char hilfarm[256];
    program("hilfarm", hilfarm);
    const char *const argv[] = {hilfarm, first, second, third, NULL};
    *child = (process){0};
    assert_true(process_start(child, argv));
    return process_wait_exit(child, DEADLINE_MS);
}

static int64_t query(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    assert_int_equal(sqlite3_open_v2(in_folder("state/hilfarm.db"), &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static void expect_whole(unsigned command)
{
    static const struct {
        const char *sql;
        int64_t expected;
    } facts[] = {
        {"SELECT count(*) FROM runs", 2},
        {"SELECT count(*) FROM runs WHERE state = 'done'", 2},
        {"SELECT count(*) FROM results", 2 * JOBS_EACH},
        {"SELECT count(*) FROM results WHERE outcome = 'measured'", 2 * JOBS_EACH},
        {"SELECT count(*) FROM attempts WHERE succeeded", 2 * JOBS_EACH},
        {"SELECT count(*) FROM attempts WHERE NOT succeeded", 0},
        {"SELECT count(*) FROM samples", 2 * JOBS_EACH},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const int64_t found = query(facts[i].sql);
        if (found != facts[i].expected)
            fail_msg("killed at command %u: %s: %lld, expected %lld", command, facts[i].sql, (long long)found,
                     (long long)facts[i].expected);
    }
}

static void submit(const char *name, int channels)
{
    static process client;
    char text[512], spec[128];
    snprintf(text, sizeof text, SPEC, name, channels);
    snprintf(spec, sizeof spec, "%s/%s.yaml", folder, name);
    assert_int_equal(hf_file_write(spec, text, strlen(text), NULL), HF_OK);
    if (ask(&client, "run", spec, "--detach") != 0)
        fail_msg("%s", client.output);
}

/* @param what "reserve" or "release" @return whether the daemon has answered */
static bool tell_board(const char *what)
{
    hf_client *client = NULL;
    hf_error err = {0};
    char path[64];
    snprintf(path, sizeof path, "/boards/fake/%s", what);
    const hf_client_call call = {.method = "POST", .path = path};
    if (hf_client_open(getenv("HILFARM_SOCKET"), &client, &err) != HF_OK)
        fail_msg("%s", err.message);
    const bool answered = hf_client_do(client, &call, &err) == HF_OK;
    hf_client_free(client);
    return answered;
}

static void write_farm(void)
{
    char farm[512];
    snprintf(farm, sizeof farm,
             "boards:\n"
             "  - {id: fake, chip: stm32l4r5zi, modelled: true, port: {tcp: \"127.0.0.1:%u\"},\n"
             "     probe: {interface: interface/stlink.cfg, serial: fake-stm32l4r5zi-%u}}\n",
             PORT, PORT);
    write_text("farm.yaml", farm);
}

static void kill_at(unsigned command)
{
    static process daemon, client;
    char victim[160];
    daemon = (process){0};
    snprintf(victim, sizeof victim, "%u %u %s/dead", PORT, command, folder);
    setenv("FAKE_KILL_PARENT", victim, 1);
    start_daemon(&daemon);
    unsetenv("FAKE_KILL_PARENT");
    /* Both runs are accepted before the board is touched. */
    assert_true(tell_board("reserve"));
    submit("first", 1);
    submit("second", 3);
    const bool released = tell_board("release");
    assert_int_equal(process_wait_exit(&daemon, DEADLINE_MS), SIGKILL_EXIT);
    if (access(in_folder("dead"), F_OK) != 0)
        fail_msg("not killed at command %u: %s", command, daemon.output);
    daemon = (process){0};
    start_daemon(&daemon);
    /* Killed before it answered, the daemon may have lost the order: like any client, give it again. */
    if (!released)
        (void)tell_board("release");
    static const char *const names[] = {"first", "second"};
    for (size_t i = 0; i < 2; i++)
        if (ask(&client, "attach", names[i], "--quiet") != 0)
            fail_msg("killed at command %u: %s\n%s", command, client.output, daemon.output);
    assert_int_equal(process_stop(&daemon, DEADLINE_MS), 0);
    expect_whole(command);
}

static void test_killed_at_every_command(void **state)
{
    (void)state;
    for (unsigned command = 1; command <= COMMANDS; command++) {
        assert_int_equal(set_up(NULL), 0);
        write_farm();
        kill_at(command);
        assert_int_equal(tear_down(NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_at_every_command),
    };
    return cmocka_run_group_tests_name("daemon_killed", tests, NULL, NULL);
}
