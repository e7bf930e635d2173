/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon_fixture.h"

#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "client/client.h"
#include "hf_test.h"

#define START_MS 30000

static const char *program(const char *name)
{
    static char paths[2][1024];
    static int turn;
    const char *folder = getenv("HILFARM_BIN_DIR");
    char *path = paths[turn ^= 1];
    snprintf(path, sizeof paths[0], "%s/%s", folder ? folder : "build/release/bin", name);
    return path;
}

int daemon_set_up(void **state)
{
    daemon_fixture *f = calloc(1, sizeof *f);
    char socket[96];
    if (!f || !getcwd(f->before, sizeof f->before))
        return -1;
    strcpy(f->folder, "/tmp/hilfarm-daemon-XXXXXX");
    if (!mkdtemp(f->folder) || chdir(f->folder) != 0)
        return -1;
    snprintf(socket, sizeof socket, "%s/socket", f->folder);
    setenv("HILFARM_SOCKET", socket, 1);
    *state = f;
    return 0;
}

int daemon_tear_down(void **state)
{
    daemon_fixture *f = *state;
    process_stop(&f->client, WAIT_MS);
    process_stop(&f->daemon, WAIT_MS);
    if (chdir(f->before) != 0 || hf_remove_tree(f->folder, NULL) != HF_OK)
        return -1;
    free(f);
    return 0;
}

void daemon_write(const char *name, const char *text)
{
    assert_int_equal(hf_file_write(name, text, strlen(text), NULL), HF_OK);
}

void daemon_fake_farm(daemon_fixture *f, unsigned first_port, unsigned count)
{
    hf_buffer farm = HF_BUFFER_INIT;
    hf_buffer_puts(&farm, "boards:\n");
    for (unsigned i = 0; i < count; i++)
        hf_buffer_printf(
            &farm,
            "  - {id: fake-%u, chip: stm32l4r5zi, modelled: true, port: {tcp: \"127.0.0.1:%u\"},\n"
            "     probe: {interface: interface/stlink.cfg, serial: fake-stm32l4r5zi-%u}}\n",
            i, first_port + i, first_port + i);
    snprintf(f->farm, sizeof f->farm, "%s/farm.yaml", f->folder);
    daemon_write("farm.yaml", hf_buffer_text(&farm));
    hf_buffer_free(&farm);
    snprintf(f->openocd, sizeof f->openocd, "%s", program("fake_openocd"));
}

void daemon_start(daemon_fixture *f)
{
    char state[96];
    const char *argv[16] = {program("hilfarmd"), "--state", state};
    int count = 3;
    const hf_deadline deadline = hf_deadline_in_ms(START_MS);
    snprintf(state, sizeof state, "%s/state", f->folder);
    if (*f->farm) {
        argv[count++] = "--farm";
        argv[count++] = f->farm;
    }
    if (*f->openocd) {
        argv[count++] = "--openocd";
        argv[count++] = f->openocd;
    }
    if (f->listen) {
        argv[count++] = "--listen";
        argv[count++] = f->listen;
        argv[count++] = "--token-file";
        argv[count++] = "tokens";
    }
    assert_true(process_start(&f->daemon, argv));
    for (;;) {
        hf_client *client = NULL;
        hf_error err = {0};
        hf_status status = hf_client_open(getenv("HILFARM_SOCKET"), &client, &err);
        hf_client_free(client);
        if (status == HF_OK)
            return;
        if (hf_deadline_passed(deadline)) {
            process_stop(&f->daemon, 1000);
            fail_msg("the daemon does not answer: %s\n%s", err.message, f->daemon.output);
        }
        poll(NULL, 0, 20);
    }
}

void daemon_stop(daemon_fixture *f, int number)
{
    assert_true(f->daemon.pid > 0);
    kill(f->daemon.pid, number);
    const int status = process_wait_exit(&f->daemon, WAIT_MS);
    if (status != (number == SIGKILL ? 128 + SIGKILL : 0))
        fail_msg("the daemon exits with status %d:\n%s", status, f->daemon.output);
}

void client_start(daemon_fixture *f, const char *const *words)
{
    const char *argv[16] = {program("hilfarm")};
    for (int count = 1; *words && count < 15; count++)
        argv[count] = *words++;
    assert_true(process_start(&f->client, argv));
}

void client_finish(daemon_fixture *f, int status)
{
    int got = process_wait_exit(&f->client, WAIT_MS);
    if (got != status)
        fail_msg("exit status %d, expected %d:\n%s", got, status, f->client.output);
}

void client_expect(daemon_fixture *f, const char *const *words, int status)
{
    client_start(f, words);
    client_finish(f, status);
}

void client_said(const daemon_fixture *f, const char *part)
{
    if (!strstr(f->client.output, part))
        fail_msg("expected \"%s\" in:\n%s", part, f->client.output);
}

void client_says(daemon_fixture *f, const char *part)
{
    if (!process_wait_output(&f->client, part, WAIT_MS))
        fail_msg("expected \"%s\" in:\n%s", part, f->client.output);
}

const char *client_key(const daemon_fixture *f)
{
    static char keys[2][18];
    static int turn;
    char *key = keys[turn ^= 1];
    for (const char *at = f->client.output; *at; at++) {
        size_t length = strspn(at, "0123456789");
        if (length == 8 && at[8] == '-' && strspn(at + 9, "0123456789abcdef") >= 8 &&
            (at == f->client.output || !isalnum((unsigned char)at[-1]))) {
            snprintf(key, sizeof keys[0], "%.17s", at);
            return key;
        }
        at += length ? length - 1 : 0;
    }
    fail_msg("no key in:\n%s", f->client.output);
    return NULL;
}

int64_t daemon_query(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2("state/hilfarm.db", &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    const int64_t value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}
