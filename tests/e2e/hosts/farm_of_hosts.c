/* SPDX-License-Identifier: Apache-2.0 */
#include "farm_of_hosts.h"

#include <signal.h>

#include "base/clock.h"
#include "needs_server.h"

static char measured_here[65536];

static const char *agent_file(farm_of_hosts *f, int host)
{
    char name[32], text[512];
    snprintf(name, sizeof name, "agent%d.yaml", host);
    snprintf(text, sizeof text,
             "host: lab%d\n"
             "broker: {url: \"%s\"}\n"
             "boards:\n"
             "  - {id: left, chip: stm32l4r5zi, virtual: true, baud: 921600, tags: [bench%d]}\n",
             host, f->server.url, host);
    return cli_write(&f->cli, name, text);
}

void start_agent_without_server(farm_of_hosts *f, int host)
{
    char state[96];
    snprintf(state, sizeof state, "%s/agent%d", f->cli.folder, host);
    const char *const argv[] = {cli_program("hilfarm-agent"),
                                "--config",
                                agent_file(f, host),
                                "--state",
                                state,
                                f->vboard ? "--vboard" : NULL,
                                f->vboard,
                                NULL};
    assert_true(process_start(&f->agents[host - 1], argv));
}

void expect_line(process *child, const char *words)
{
    if (!process_wait_output(child, words, DEADLINE_MS))
        fail_msg("no \"%s\": %s", words, child->output);
}

void start_agent(farm_of_hosts *f, int host)
{
    start_agent_without_server(f, host);
    expect_line(&f->agents[host - 1], "is connected to");
}

void end_agent(farm_of_hosts *f, int host, int number)
{
    if (!f->agents[host - 1].pid)
        return;
    kill(f->agents[host - 1].pid, number);
    kill(f->agents[host - 1].pid, SIGCONT);
    (void)process_wait_exit(&f->agents[host - 1], DEADLINE_MS);
}

const char *farm_file(farm_of_hosts *f)
{
    char text[512];
    snprintf(text, sizeof text, "broker: {url: \"%s\", patience: %s}\n%s%s", f->server.url,
             f->patience ? f->patience : "3 s",
             f->lists_hosts ? "hosts: [lab1, {name: lab2, tags: [north]}]\n" : "",
             f->own_board ? "boards: [{id: own, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n" : "");
    return cli_write(&f->cli, "farm.yaml", text);
}

const char *spec_file(farm_of_hosts *f)
{
    return cli_write(&f->cli, "sweep.yaml",
                     "name: sweep\n"
                     "models:\n"
                     "  - {family: mobilenetv1, alpha: [0.1, 0.2, 0.25, 0.3], resolution: 32, channels: 1, "
                     "classes: 2, l: [1, 3]}\n"
                     "boards: {tags: [stm32l4r5zi]}\n"
                     "measure: {warmup: 0, runs: 3, layers: true}\n");
}

void start_daemon(farm_of_hosts *f)
{
    char state[96], socket[96];
    snprintf(state, sizeof state, "%s/state", f->cli.folder);
    snprintf(socket, sizeof socket, "%s/s", f->cli.folder);
    const char *const argv[] = {
        cli_program("hilfarmd"), "--farm", farm_file(f), "--state", state, "--socket", socket,
        "--dashboard",           "none",   NULL};
    assert_true(process_start(&f->daemon, argv));
    if (!process_wait_output(&f->daemon, "listening on", DEADLINE_MS))
        fail_msg("hilfarmd does not listen: %s", f->daemon.output);
    snprintf(f->cli.db, sizeof f->cli.db, "%s/state/hilfarm.db", f->cli.folder);
    setenv("HILFARM_SOCKET", socket, 1);
}

void start_command(farm_of_hosts *f, const char *const *words)
{
    const char *argv[16] = {cli_program("hilfarm")};
    for (size_t i = 0; words[i]; i++)
        argv[i + 1] = words[i];
    assert_true(process_start(&f->cli.child, argv));
}

void expect_command(farm_of_hosts *f, const char *const *words, int status)
{
    start_command(f, words);
    const int ended = process_wait_exit(&f->cli.child, DEADLINE_MS);
    if (ended != status)
        fail_msg("%s %s: %d, expected %d: %s", words[0], words[1], ended, status, f->cli.child.output);
}

void await_boards(farm_of_hosts *f, const char *words, bool shown)
{
    const char *const list[] = {"boards", NULL};
    const hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    do {
        if (hf_deadline_passed(deadline))
            fail_msg("%s: %s", words, f->cli.child.output);
        expect_command(f, list, 0);
    } while ((strstr(f->cli.child.output, words) != NULL) != shown);
}

/* All that a run has measured, in the order of its jobs, but not where. */
static const char *fingerprint(farm_of_hosts *f, int run)
{
    char sql[1024];
    snprintf(sql, sizeof sql,
             "SELECT group_concat(line, ';') FROM (SELECT name || ' ' || chip || ' ' || image_crc32 || ' ' "
             "|| output_crc32 || ' ' || "
             "(SELECT group_concat(cycles) FROM (SELECT cycles FROM samples WHERE attempt_id = a.id ORDER BY "
             "position)) || ' ' || "
             "(SELECT group_concat(cycles) FROM (SELECT cycles FROM layer_times WHERE attempt_id = a.id "
             "ORDER BY position)) AS line "
             "FROM results r JOIN attempts a ON a.result_id = r.id AND a.succeeded JOIN measurements m ON "
             "m.attempt_id = a.id "
             "WHERE run_id = %d ORDER BY r.position)",
             run);
    return cli_query_text(&f->cli, sql);
}

void expect_same(farm_of_hosts *f, int run)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM results WHERE run_id = %d AND outcome = 'measured'", run);
    assert_int_equal(cli_query(&f->cli, sql), MODELS);
    assert_string_equal(fingerprint(f, run), measured_here);
}

void measure_here(farm_of_hosts *f)
{
    if (measured_here[0])
        return;
    char used[sizeof f->cli.db];
    const char *const words[] = {spec_file(f), "--plain", NULL};
    memcpy(used, f->cli.db, sizeof used);
    snprintf(f->cli.db, sizeof f->cli.db, "%s/here.db", f->cli.folder);
    cli_expect(&f->cli, "run", words, 0);
    snprintf(measured_here, sizeof measured_here, "%s", fingerprint(f, 1));
    assert_true(strlen(measured_here) > 100);
    memcpy(f->cli.db, used, sizeof used);
}

int farm_of_hosts_set_up(void **state)
{
    farm_of_hosts *f = calloc(1, sizeof *f);
    void *cli = NULL;
    if (!f || cli_set_up(&cli) != 0) {
        free(f);
        return 1;
    }
    f->cli = *(cli_fixture *)cli;
    free(cli);
    *state = f;
    setenv("HILFARM_SOCKET", "", 1);
    if (!getcwd(f->before, sizeof f->before) || chdir(f->cli.folder) != 0)
        return 1;
    return hf_test_has_server() && !nats_server_start(&f->server);
}

int farm_of_hosts_tear_down(void **state)
{
    farm_of_hosts *f = *state;
    for (int host = 1; host <= AGENTS; host++)
        end_agent(f, host, SIGTERM);
    if (f->daemon.pid)
        (void)process_stop(&f->daemon, DEADLINE_MS);
    nats_server_end(&f->server);
    setenv("HILFARM_SOCKET", "", 1);
    if (chdir(f->before) != 0)
        return 1;
    cli_fixture *cli = malloc(sizeof *cli);
    *cli = f->cli;
    void *owned = cli;
    free(f);
    return cli_tear_down(&owned);
}
