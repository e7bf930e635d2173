/* SPDX-License-Identifier: Apache-2.0 */
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "cli_fixture.h"
#include "hf_test.h"

/* `hilfarm` as a user runs it: real OpenOCD, virtual boards, the real firmware. */

#define TINY                                                                                                 \
    "name: tiny\n"                                                                                           \
    "constraints: {ram: 250 KB, rom: 250 KB, macs: 60 M}\n"                                                  \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2, l: 1, ll: 16, "   \
    "pl: 16}\n"                                                                                              \
    "measure: {warmup: 1, runs: 3}\n"

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

static void test_run_measures_everything(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY), NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "2 measured, 0 failed");
    assert_contains(fixture->child.output, "modelled");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 2);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 6);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples WHERE cycles > 0 AND instructions > 0"),
                     6);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM layer_times WHERE cycles > 0"),
                     cli_query(fixture, "SELECT count(*) FROM layers"));
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM boards WHERE modelled = 1"), 2);
    assert_contains(cli_query_text(fixture, "SELECT openocd_version FROM runs"), "Open On-Chip Debugger");
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done");
    assert_string_equal(cli_query_text(fixture, "SELECT spec_text FROM runs"), TINY);

    char path[160];
    struct stat info;
    snprintf(path, sizeof path, "%s/out/latest/results.csv", fixture->folder);
    assert_int_equal(stat(path, &info), 0);
    snprintf(path, sizeof path, "%s/out/latest/layers.csv", fixture->folder);
    assert_int_equal(stat(path, &info), 0);
    snprintf(path, sizeof path, "%s/out/latest/report.html", fixture->folder);
    assert_int_equal(stat(path, &info), 0);

    const char *none[] = {NULL}, *csv[] = {"csv", NULL}, *json[] = {"json", "1", NULL},
               *html[] = {"html", NULL}, *layers[] = {"--layers", NULL},
               *csv_layers[] = {"csv", "--layers", NULL}, *json_layers[] = {"json", "--layers", NULL};
    assert_int_equal(cli_run(fixture, "report", none), 0);
    assert_contains(fixture->child.output, "mobilenetv1_0.2_32_c1_o2");
    assert_null(strstr(fixture->child.output, "MACs/cycle"));
    assert_int_equal(cli_run(fixture, "report", layers), 0);
    assert_contains(fixture->child.output, "MACs/cycle");
    assert_int_equal(cli_run(fixture, "export", csv_layers), 0);
    assert_contains(fixture->child.output, "cycles_share_percent");
    assert_int_equal(cli_run(fixture, "export", json_layers), 2);
    assert_int_equal(cli_run(fixture, "runs", none), 0);
    assert_contains(fixture->child.output, "tiny");
    assert_int_equal(cli_run(fixture, "boards", none), 0);
    assert_contains(fixture->child.output, "virtual-1");
    assert_int_equal(cli_run(fixture, "export", csv), 0);
    assert_contains(fixture->child.output, "latency_median_ms");
    assert_int_equal(cli_run(fixture, "export", json), 0);
    assert_contains(fixture->child.output, "\"timing\":\"modelled\"");
    const char *markdown[] = {"markdown", NULL}, *sqlite[] = {"sqlite", NULL}, *as_json[] = {"--json", NULL},
               *both[] = {"--json", "--watch", NULL};
    assert_int_equal(cli_run(fixture, "export", markdown), 0);
    assert_contains(fixture->child.output, "| mobilenetv1_0.2_32_c1_o2");
    assert_int_equal(cli_run(fixture, "export", sqlite), 2); /* needs a file */
    assert_contains(fixture->child.output, "-o FILE");
    assert_int_equal(cli_run(fixture, "runs", as_json), 0);
    assert_contains(fixture->child.output, "[\n{\"id\":1,");
    assert_int_equal(cli_run(fixture, "runs", both), 2);
    assert_int_equal(cli_run(fixture, "export", html), 0);
    assert_contains(fixture->child.output, "<html");
}

static void test_two_runs_give_the_same_cycles(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "tiny.yaml", TINY);
    const char *words[] = {spec, NULL};
    assert_int_equal(cli_run(fixture, "run", words), 0);
    assert_int_equal(cli_run(fixture, "run", words), 0);
    /* Every sample and layer of run 2 equals that of run 1, on whichever of the two boards it was measured. */
    static const char compare[] =
        "WITH measured AS (SELECT run_id, results.position AS variation, '%s' AS kind, %s.position, cycles,"
        " instructions FROM %s JOIN attempts ON attempts.id = attempt_id JOIN results ON results.id = "
        "result_id)"
        " SELECT count(*) FROM measured a JOIN measured b USING (variation, position)"
        " WHERE a.run_id = 1 AND b.run_id = 2 AND a.cycles = b.cycles AND a.instructions = b.instructions";
    const char *const tables[] = {"samples", "layer_times"};
    for (size_t i = 0; i < 2; i++) {
        char sql[1024], count[64];
        snprintf(sql, sizeof sql, compare, tables[i], tables[i], tables[i]);
        snprintf(count, sizeof count, "SELECT count(*) / 2 FROM %s", tables[i]);
        int64_t expected = cli_query(fixture, count);
        assert_true(expected > 0);
        assert_int_equal(cli_query(fixture, sql), expected);
    }
}

static void test_mistakes_are_all_reported(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "bad.yaml",
                                     "name: bad\n"
                                     "modles: []\n"
                                     "constraints: {ram: 250 furlongs}\n"
                                     "models:\n"
                                     "  - {name: mobilenetv9_1_96_c3_o2}\n"
                                     "boards: {tags: [nosuchboard]}\n"),
                           NULL};
    assert_int_equal(cli_run(fixture, "run", words), 2);
    assert_contains(fixture->child.output, "bad.yaml:2:1:");
    assert_contains(fixture->child.output, "models"); /* the suggestion */
    assert_contains(fixture->child.output, "bad.yaml:3:20:");
    assert_contains(fixture->child.output, "bad.yaml:5:");
    assert_int_not_equal(access(fixture->db, F_OK), 0); /* nothing was created */

    const char *missing[] = {"/nonexistent/spec.yaml", NULL};
    assert_int_equal(cli_run(fixture, "run", missing), 2);
    const char *none[] = {NULL}, *seven[] = {"7", NULL}, *word[] = {"xml", NULL};
    assert_int_equal(cli_run(fixture, "run", none), 2);
    assert_int_equal(cli_run(fixture, "report", none), 2);
    assert_int_equal(cli_run(fixture, "report", seven), 2);
    assert_int_equal(cli_run(fixture, "export", word), 2);
    assert_int_equal(cli_run(fixture, "frobnicate", none), 2);
}

static void test_an_unusable_farm_is_exit_3(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "tiny.yaml", TINY);
    const char *words[] = {spec, "--openocd", "/nonexistent/openocd", NULL};
    assert_int_equal(cli_run(fixture, "run", words), 3);
    assert_contains(fixture->child.output, "openocd");
    assert_string_equal(cli_query_text(fixture,
                                       "SELECT group_concat(DISTINCT outcome) FROM results WHERE outcome = "
                                       "'measured'"),
                        "");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs WHERE state = 'running'"), 0);
}

/* Boards whose serial line says nothing: every attempt fails, classed, with its transcript, and the run ends
 * without help. */
static void test_silent_boards_are_classed_failures(void **state)
{
    cli_fixture *fixture = *state;
    char script[1280];
    snprintf(script, sizeof script, "#!/bin/sh\nexec %s \"$@\" --fault uart-mute\n",
             cli_program("hilfarm-vboard"));
    const char *vboard = cli_write(fixture, "mute", script);
    assert_int_equal(chmod(vboard, 0755), 0);
    const char *spec = cli_write(fixture, "mute.yaml",
                                 TINY "deadlines: {boot: 300 ms, reply: 200 ms}\n"
                                      "retries: {attempts: 2, strikes: 1, quarantine: 1 s, max_quarantines: "
                                      "1}\n");
    const char *words[] = {spec, "--vboard", vboard, NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 1 && status != 3)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "2 failed");
    assert_contains(fixture->child.output, " quarantined for 1 s (");
    assert_contains(fixture->child.output, " given up for this run (");
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'failed'"), 2);
    assert_int_equal(
        cli_query(fixture, "SELECT count(*) FROM failures WHERE dead AND message LIKE 'given up: _%'"), 2);
    int64_t failures = cli_query(fixture, "SELECT count(*) FROM failures WHERE NOT dead");
    assert_true(failures >= 2);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE dead"), 2);
    const char *others = cli_query_text(
        fixture,
        "SELECT coalesce(group_concat(fault || ': ' || message, char(10)), '') FROM failures WHERE NOT"
        " (dead OR (fault IN ('board', 'serial') AND message <> ''"
        " AND (transcript IS NULL) <> (transcript_zlib IS NULL)))");
    assert_string_equal(others, "");
    const char *json[] = {"json", NULL};
    assert_int_equal(cli_run(fixture, "export", json), 0);
    int64_t transcripts = 0;
    for (const char *at = fixture->child.output; (at = strstr(at, "\"transcript\":\"[")) != NULL; at++)
        transcripts++;
    assert_int_equal(transcripts, failures);
    assert_contains(fixture->child.output, "openocd:");
}

/* Three of four models cannot fit, each for another reason; that is not a failure. */
static void test_what_cannot_fit_is_pruned(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "prune.yaml",
                                     "name: prune\n"
                                     "constraints: {ram: 30 KB, rom: 60 KB, macs: 2 M}\n"
                                     "models:\n"
                                     "  - name: mobilenetv1_0.1_32_c1_o2_l1ll16pl16\n"
                                     "  - name: mobilenetv1_0.25_96_c3_o2_l1ll16pl16b0.1\n"
                                     "  - name: mobilenetv1_0.25_32_c3_o2\n"
                                     "  - name: mobilenetv1_0.1_160_c3_o2_l1ll16pl16b0.1\n"
                                     "measure: {warmup: 0, runs: 1}\n"),
                           NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "1 measured, 0 failed, 0 not run, 3 pruned");
    assert_contains(fixture->child.output, "pruned because they cannot fit:");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'pruned'"), 3);
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done");
    static const struct {
        int position;
        const char *reason;
    } expected[] = {{1, "MACs: an inference takes"},
                    {2, "ROM: model and firmware take"},
                    {3, "RAM: arena and static data take"}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "SELECT message FROM results WHERE position = %d", expected[i].position);
        assert_contains(cli_query_text(fixture, sql), expected[i].reason);
    }
    /* Never on a board, but analysed. */
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE macs > 0 AND"
                                        " (image_bytes IS NULL) = (outcome = 'pruned') AND"
                                        " (image_bytes_min IS NULL) = (outcome = 'measured') AND"
                                        " planned_arena_bytes > 0 AND fault IS NULL"),
                     4);
    const char *csv[] = {"csv", NULL}, *json[] = {"json", NULL};
    assert_int_equal(cli_run(fixture, "export", csv), 0);
    assert_contains(fixture->child.output, ",pruned,0,");
    assert_int_equal(cli_run(fixture, "export", json), 0);
    assert_contains(fixture->child.output, "\"pruned\":3");
}

static int64_t image_bytes_of(cli_fixture *fixture, const char *name)
{
    const char *argv[] = {cli_program("hilfarm"), "analyze", name, "--json", NULL};
    assert_true(process_start(&fixture->child, argv));
    assert_int_equal(process_wait_exit(&fixture->child, RUN_DEADLINE_MS), 0);
    const char *at = strstr(fixture->child.output, "\"model_bytes\": ");
    assert_non_null(at);
    return strtoll(at + strlen("\"model_bytes\": "), NULL, 10);
}

/* The image alone is within the limit, with the firmware's small flavour it is one byte above it, or just
 * not: then it is that flavour that is flashed. */
static void test_the_firmware_counts_against_rom(void **state)
{
    cli_fixture *fixture = *state;
    static const char name[] = "mobilenetv1_0.1_32_c1_o2_l1ll16pl16";
    char path[512];
    struct stat firmware;
    snprintf(path, sizeof path, "%s/small/hilfarm-stm32l4r5zi.bin", getenv("HILFARM_FIRMWARE_DIR"));
    assert_int_equal(stat(path, &firmware), 0);
    const int64_t needed = image_bytes_of(fixture, name) + firmware.st_size;
    for (int too_little = 0; too_little <= 1; too_little++) {
        char spec[256], limit[32];
        snprintf(limit, sizeof limit, "%lldB", (long long)needed - too_little);
        snprintf(spec, sizeof spec,
                 "name: rom\nconstraints: {rom: %s}\nmodels: [%s]\nmeasure: {warmup: 0, runs: 1}\n", limit,
                 name);
        const char *words[] = {cli_write(fixture, "rom.yaml", spec), NULL};
        assert_int_equal(cli_run(fixture, "run", words), 0);
        assert_contains(fixture->child.output,
                        too_little ? "0 measured, 0 failed, 0 not run, 1 pruned" : "1 measured");
        assert_contains(fixture->child.output, too_little ? "pruned" : "  met");
        const char *argv[] = {cli_program("hilfarm"), "analyze", name, "--rom", limit, "--chip",
                              "stm32l4r5zi",          NULL};
        assert_true(process_start(&fixture->child, argv));
        assert_int_equal(process_wait_exit(&fixture->child, RUN_DEADLINE_MS), 0);
        assert_contains(fixture->child.output, too_little ? "FAILED" : "met, 0.0 % left");
    }
    assert_contains(cli_query_text(fixture, "SELECT message FROM results WHERE outcome = 'pruned'"),
                    "ROM: model and firmware take");
}

/* A spec whose models all cannot fit needs no board. */
static void test_pruning_everything_is_done_not_failed(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {
        cli_write(fixture, "none.yaml",
                  "name: none\n"
                  "constraints: {macs: 1 k}\n"
                  "models: [{family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1,"
                  " classes: 2, l: 1}]\n"),
        NULL};
    assert_int_equal(cli_run(fixture, "run", words), 0);
    assert_contains(fixture->child.output, "0 measured, 0 failed, 0 not run, 2 pruned");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 0);
}

/* Two stores in one folder, as when one was moved away and a new one begun: each run keeps its report, and
 * `latest` is the newest. */
static void test_reports_are_never_overwritten(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "never.yaml",
                                     "name: never\nconstraints: {macs: 1 k}\n"
                                     "models: [{name: mobilenetv1_0.1_32_c1_o2_l1ll16pl16}]\n"),
                           NULL};
    char first_db[96], pattern[128], latest[128], link[64] = "";
    snprintf(first_db, sizeof first_db, "%s", fixture->db);
    assert_int_equal(cli_run(fixture, "run", words), 0);
    snprintf(fixture->db, sizeof fixture->db, "%s/out/second.db", fixture->folder);
    assert_int_equal(cli_run(fixture, "run", words), 0);
    snprintf(pattern, sizeof pattern, "%s/out/*-never/report.html", fixture->folder);
    glob_t found;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 2);
    globfree(&found);
    snprintf(latest, sizeof latest, "%s/out/latest", fixture->folder);
    assert_true(readlink(latest, link, sizeof link - 1) > 0);
    char expected[64];
    snprintf(expected, sizeof expected, "%s-never", cli_query_text(fixture, "SELECT key FROM runs"));
    assert_string_equal(link, expected);
    /* A run is found by each of its names. */
    const char *by_name[] = {"never", NULL}, *by_folder[] = {expected, NULL}, *by_latest[] = {"latest", NULL},
               *by_part[] = {"json", expected + 9, NULL}, *unknown[] = {"newer", NULL};
    assert_int_equal(cli_run(fixture, "report", by_name), 0);
    assert_int_equal(cli_run(fixture, "report", by_folder), 0);
    assert_int_equal(cli_run(fixture, "report", by_latest), 0);
    assert_int_equal(cli_run(fixture, "export", by_part),
                     2); /* longer than the key, so not the name of any run */
    expected[17] = '\0';
    assert_int_equal(cli_run(fixture, "export", by_part), 0);
    assert_int_equal(cli_run(fixture, "report", unknown), 2);
    assert_contains(fixture->child.output, "no run 'newer'");
    snprintf(fixture->db, sizeof fixture->db, "%s", first_db);
    assert_int_equal(cli_run(fixture, "report", by_folder), 2); /* a run of the other store */
}

/* Waits until no process that inherited the mark is left; pdeathsig acts a moment after the parent ended. */
static void assert_nothing_left(const char *mark)
{
    for (int tries = 0; tries < 100 && cli_stray_processes(mark); tries++)
        poll(NULL, 0, 50);
    assert_int_equal(cli_stray_processes(mark), 0);
}

static void stop_a_run(cli_fixture *fixture, int signal_number, const char *wait_for, const char *mark)
{
    const char *spec =
        cli_write(fixture, "long.yaml",
                  "name: long\n"
                  "models: [{family: mobilenetv1, alpha: [0.2, 0.25, 0.3, 0.35], resolution: 96,"
                  " channels: 3, classes: 2}]\n"
                  "measure: {warmup: 1, runs: 1000}\n");
    const char *words[] = {spec, NULL};
    setenv("HILFARM_TEST_MARK", mark, 1);
    cli_start(fixture, "run", words);
    unsetenv("HILFARM_TEST_MARK");
    assert_true(process_wait_output(&fixture->child, wait_for, 30000));
    /* OpenOCD and virtual board of both boards are up when five processes carry the mark. */
    int processes = cli_stray_processes(mark);
    for (int tries = 0; tries < 600 && processes < 5; tries++) {
        poll(NULL, 0, 50);
        processes = cli_stray_processes(mark);
    }
    assert_int_equal(processes, 5); /* counted once: during exec a process has no environment to read */
    kill(fixture->child.pid, signal_number);
}

static void test_ctrl_c_ends_a_run_in_order(void **state)
{
    cli_fixture *fixture = *state;
    stop_a_run(fixture, SIGINT, "long", "interrupted-run");
    assert_int_equal(process_wait_exit(&fixture->child, 30000), 4);
    assert_nothing_left("interrupted-run");
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "interrupted");
    assert_string_equal(cli_query_text(fixture, "PRAGMA integrity_check"), "ok");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results"), 4);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'not_run'"), 4);
    /* The user cancelled it: no attempt, no failure, nothing in a board's history. */
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 0);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures"), 0);
    assert_null(strstr(fixture->child.output, "failed ("));
}

/* One attempt is finished and recorded; the other, far longer, is under way. */
static void test_a_cancelled_attempt_is_not_a_failure(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "cut.yaml",
                                     "name: cut\n"
                                     "models:\n"
                                     "  - mobilenetv1_0.1_32_c1_o2_l1ll16pl16\n"
                                     "  - mobilenetv1_0.5_96_c3_o2\n"
                                     "measure: {warmup: 0, runs: 500}\n"),
                           NULL};
    cli_start(fixture, "run", words);
    assert_true(process_wait_output(&fixture->child, "[1/2] mobilenetv1_0.1", 60000));
    kill(fixture->child.pid, SIGINT);
    assert_int_not_equal(process_wait_exit(&fixture->child, 30000), 0);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts WHERE succeeded = 1"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures"), 0);
    assert_string_equal(cli_query_text(fixture, "SELECT outcome FROM results WHERE position = 1"), "not_run");
    assert_null(strstr(fixture->child.output, "FAILED"));
}

/* Whether a path with this beginning exists. */
static bool folder_begins(const char *begin)
{
    char pattern[128];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s*", begin);
    bool any = glob(pattern, 0, NULL, &found) == 0;
    globfree(&found);
    return any;
}

static void test_kill_leaves_no_process_and_a_good_store(void **state)
{
    cli_fixture *fixture = *state;
    /* A separate folder: any other run on this host would clean up too. */
    setenv("TMPDIR", fixture->folder, 1);
    stop_a_run(fixture, SIGKILL, "long", "killed-run");
    pid_t killed = fixture->child.pid;
    assert_int_equal(process_wait_exit(&fixture->child, 30000), 128 + SIGKILL);
    assert_nothing_left("killed-run");
    assert_string_equal(cli_query_text(fixture, "PRAGMA integrity_check"), "ok");
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "running");
    /* The next run finds the dead one, reports it, and removes its folder. */
    char left[96];
    snprintf(left, sizeof left, "%s/hilfarm-run-%d-", fixture->folder, (int)killed);
    assert_true(folder_begins(left));
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY), NULL};
    assert_int_equal(cli_run(fixture, "run", words), 0);
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs WHERE id = 1"), "interrupted");
    assert_false(folder_begins(left));
    unsetenv("TMPDIR");
}

static void test_vww_and_generated_variations(void **state)
{
    cli_fixture *fixture = *state;
    HF_TEST_NEEDS_SHARED(model, "models/vww_96_int8.tflite");
    char *absolute = realpath(model, NULL);
    assert_non_null(absolute);
    char text[1024];
    snprintf(text, sizeof text,
             "name: vww\n"
             "models:\n"
             "  - {tflite: %s}\n"
             "  - {name: mobilenetv1_0.1_32_c1_o2_l1ll16pl16}\n"
             "measure: {warmup: 0, runs: 1}\n",
             absolute);
    free(absolute);
    const char *words[] = {cli_write(fixture, "vww.yaml", text), NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "vww_96_int8");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 2);
    assert_int_equal(cli_query(fixture, "SELECT macs FROM results WHERE name = 'vww_96_int8'"), 7489664);
}

/* Two classes of two images each, 32 x 32, grey. */
static void write_pictures(cli_fixture *fixture)
{
    static const char *const classes[] = {"data", "data/no", "data/yes"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture->folder, classes[i]);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s/%d.pgm", fixture->folder, classes[1 + i / 2], i);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs("P5 32 32 255\n", file);
        for (int p = 0; p < 32 * 32; p++)
            fputc((p * (7 + 40 * i)) & 255, file);
        assert_int_equal(fclose(file), 0);
    }
}

static void test_accuracy_given_and_evaluated(void **state)
{
    cli_fixture *fixture = *state;
    write_pictures(fixture);
    const char *words[] = {cli_write(fixture, "accuracy.yaml",
                                     "name: accuracy\n"
                                     "models:\n"
                                     "  - {name: mobilenetv1_0.1_32_c1_o2_l1ll16pl16, data: data}\n"
                                     "  - {name: mobilenetv1_0.2_32_c1_o2_l1ll16pl16, accuracy: 85.4 %}\n"
                                     "measure: {warmup: 0, runs: 1}\n"),
                           NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "accuracy");
    assert_contains(fixture->child.output, "85.4 %");
    assert_string_equal(cli_query_text(fixture, "SELECT accuracy_source FROM results WHERE position = 1"),
                        "given in the spec");
    /* Four samples: the accuracy is a multiple of a quarter, and the interval is wide. */
    assert_int_equal(cli_query(fixture,
                               "SELECT count(*) FROM results WHERE position = 0 AND accuracy_percent IN"
                               " (0, 25, 50, 75, 100) AND accuracy_high_percent > accuracy_low_percent + 20"
                               " AND accuracy_source LIKE 'top-1 on %/data'"),
                     1);
    const char *csv[] = {"csv", NULL};
    assert_int_equal(cli_run(fixture, "export", csv), 0);
    assert_contains(fixture->child.output, "given in the spec");
}

static void test_a_variation_is_exported_as_tflite(void **state)
{
    cli_fixture *fixture = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/net.tflite", fixture->folder);
    process export = {0};
    const char *const make[] = {
        cli_program("hilfarm"), "export", "tflite", "shufflenetv2_0.1_32_c1_o2_l16", "-o", path, NULL};
    assert_true(process_start(&export, make));
    assert_int_equal(process_wait_exit(&export, 10000), 0);
    char spec[512];
    snprintf(spec, sizeof spec, "name: again\nmodels: [{tflite: %s}]\nmeasure: {warmup: 0, runs: 1}\n", path);
    const char *words[] = {cli_write(fixture, "again.yaml", spec), NULL};
    int status = cli_run(fixture, "run", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    const char *const refused[] = {
        cli_program("hilfarm"), "export", "tflite", "shufflenetv2_0.3_32_c1_o2", "-o", path, NULL};
    assert_true(process_start(&export, refused));
    assert_int_equal(process_wait_exit(&export, 10000), 2);
}

/* Runs TINY in a shell with a redirection that closes a standard descriptor. */
static int run_closed(cli_fixture *fixture, const char *redirection)
{
    char script[32];
    snprintf(script, sizeof script, "\"$@\" %s", redirection);
    const char *const argv[] = {"sh",
                                "-c",
                                script,
                                "sh",
                                cli_program("hilfarm"),
                                "run",
                                cli_write(fixture, "tiny.yaml", TINY),
                                "--db",
                                fixture->db,
                                NULL};
    assert_true(process_start(&fixture->child, argv));
    return process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
}

/* Otherwise files and sockets get the numbers of the standard descriptors. */
static void test_closed_standard_descriptors(void **state)
{
    static const struct {
        const char *redirection;
        int status;
    } cases[] = {{"<&-", 0}, {"2>&-", 0}, {"<&- 2>&-", 0}, {">&-", 3}};
    cli_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = run_closed(fixture, cases[i].redirection);
        if (status != cases[i].status)
            fail_msg("%s: exit status %d:\n%s", cases[i].redirection, status, fixture->child.output);
    }
    assert_contains(fixture->child.output, "cannot write to standard output");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs WHERE state = 'done'"), 4);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_run_measures_everything, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_two_runs_give_the_same_cycles, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_mistakes_are_all_reported, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_fit_is_pruned, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_the_firmware_counts_against_rom, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_pruning_everything_is_done_not_failed, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_an_unusable_farm_is_exit_3, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_silent_boards_are_classed_failures, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_reports_are_never_overwritten, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_ctrl_c_ends_a_run_in_order, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_cancelled_attempt_is_not_a_failure, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_kill_leaves_no_process_and_a_good_store, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_variation_is_exported_as_tflite, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_accuracy_given_and_evaluated, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_closed_standard_descriptors, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_vww_and_generated_variations, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
