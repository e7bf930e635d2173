/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon as a service: the socket and the notifications of systemd, the notification of a run, bad options. */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/file.h"
#include "daemon_fixture.h"
#include "hf_test.h"

static int bind_unix(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, type, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Starts the daemon as systemd does: the listening socket is descriptor 3. */
static pid_t start_activated(daemon_fixture *fixture, int listening, const char *notify)
{
    char state[128], pid_text[32];
    snprintf(state, sizeof state, "%s/state", fixture->cli.folder);
    const char *program = cli_program("hilfarmd");
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        snprintf(pid_text, sizeof pid_text, "%d", (int)getpid());
        setenv("LISTEN_PID", pid_text, 1);
        setenv("LISTEN_FDS", "1", 1);
        setenv("NOTIFY_SOCKET", notify, 1);
        setenv("WATCHDOG_USEC", "2000000", 1);
        setenv("WATCHDOG_PID", pid_text, 1);
        setenv("STATE_DIRECTORY", state, 1);
        dup2(listening, 3); /* without close-on-exec */
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

/* Waits for a notification that contains a text. */
static void expect_notification(int fd, const char *text)
{
    char message[512];
    for (;;) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, DAEMON_DEADLINE_MS) <= 0)
            fail_msg("no notification %s", text);
        const ssize_t size = recv(fd, message, sizeof message - 1, 0);
        assert_true(size >= 0);
        message[size] = '\0';
        if (strstr(message, text))
            return;
    }
}

static void systemd_starts_and_watches_it(void **state)
{
    daemon_fixture *fixture = *state;
    char notify_path[128];
    int status = 0;
    snprintf(notify_path, sizeof notify_path, "%s/notify", fixture->cli.folder);
    int notify = bind_unix(notify_path, SOCK_DGRAM | SOCK_CLOEXEC),
        listening = bind_unix(fixture->socket, SOCK_STREAM | SOCK_CLOEXEC);
    assert_int_equal(listen(listening, 8), 0);
    const pid_t pid = start_activated(fixture, listening, notify_path);
    expect_notification(notify, "READY=1");
    expect_notification(notify, "WATCHDOG=1");
    json_t *answer = daemon_ask(fixture, "GET", "", NULL, 200);
    assert_int_equal(json_number(answer, "pid"), pid);
    json_decref(answer);
    kill(pid, SIGTERM);
    expect_notification(notify, "STOPPING=1");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(access(fixture->socket, F_OK), 0); /* systemd's socket stays */
    close(notify);
    close(listening);
}

static void a_command_is_told_of_each_run(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32], command[256], path[128];
    uint8_t *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/told", fixture->cli.folder);
    snprintf(command, sizeof command,
             "{ echo \"$HILFARM_SUBJECT / $HILFARM_RUN / $HILFARM_STATUS / $HILFARM_STATE / $HILFARM_SPEC\"; "
             "cat; } >%s",
             path);
    daemon_start(fixture, (const char *const[]){"--notify", command, NULL});
    daemon_submit(fixture, "told", 1, "{}", key);
    json_decref(daemon_follow(fixture, key));
    daemon_stop(fixture); /* waits for the command */
    assert_int_equal(hf_file_read(path, 100000, &text, &size, NULL), HF_OK);
    assert_non_null(strstr((char *)text, "hilfarm told: "));
    char expected[96];
    snprintf(expected, sizeof expected, " / %s / green / done / told\n", key);
    assert_non_null(strstr((char *)text, expected));
    json_t *end = json_loads(strchr((char *)text, '\n'), 0, NULL);
    assert_non_null(end);
    json_decref(end);
    free(text);
}

static void expect_refusal(daemon_fixture *fixture, const char *const *options, int status,
                           const char *message)
{
    char state[128], socket[128];
    process child;
    snprintf(state, sizeof state, "%s/state", fixture->cli.folder);
    snprintf(socket, sizeof socket, "%s/s", fixture->cli.folder);
    const char *argv[16] = {cli_program("hilfarmd"), "--state", state, "--socket", socket};
    for (size_t i = 5; *options; options++)
        argv[i++] = *options;
    assert_true(process_start(&child, argv));
    const int ended = process_wait_exit(&child, DAEMON_DEADLINE_MS);
    if (ended != status || !strstr(child.output, message))
        fail_msg("status %d, expected %d and '%s': %s", ended, status, message, child.output);
}

static void bad_options_are_explained(void **state)
{
    daemon_fixture *fixture = *state;
    const char *farm = cli_write(&fixture->cli, "farm.yaml", "bords: []\n");
    expect_refusal(fixture, (const char *const[]){"--frm", "x", NULL}, 2, "did you mean --farm?");
    expect_refusal(fixture, (const char *const[]){"--check-at", "25:00", NULL}, 2, "expected HH:MM");
    expect_refusal(fixture, (const char *const[]){"--max-queued", "0", NULL}, 2, "expected a number from 1");
    expect_refusal(fixture, (const char *const[]){"--listen", "localhost:0", NULL}, 2, "needs --token-file");
    expect_refusal(fixture, (const char *const[]){"--webhook", "lab", NULL}, 2, "expected http://");
    expect_refusal(fixture, (const char *const[]){"extra", NULL}, 2, "unexpected argument 'extra'");
    expect_refusal(fixture, (const char *const[]){"--farm", farm, NULL}, 2, "farm.yaml:1:1");
    expect_refusal(fixture, (const char *const[]){"--farm", "/nonexistent", NULL}, 2, "/nonexistent");
    expect_refusal(fixture, (const char *const[]){"--help", NULL}, 0, "usage: hilfarmd");
    expect_refusal(fixture, (const char *const[]){"--version", NULL}, 0, "hilfarmd 0.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(systemd_starts_and_watches_it, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_command_is_told_of_each_run, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(bad_options_are_explained, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
