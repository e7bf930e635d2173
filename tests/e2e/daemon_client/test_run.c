/* SPDX-License-Identifier: Apache-2.0 */
/* Runs on the daemon look like runs in this process: output, files, exit status, mistakes. */
#include "hf_test.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "daemon_fixture.h"

#define ADDRESS "127.0.0.1:22950" /* below the range from which the kernel takes ports */
#define TOKEN   "0123456789abcdef0123"

/* The lines of the table that name models, without what the runs do not share. */
static void take_models(const char *output, hf_buffer *models)
{
    const char *table = strstr(output, "limits:");
    assert_non_null(table);
    for (const char *line = table; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "mobilenet", 9) == 0)
            hf_buffer_append(models, line, strcspn(line, "\n") + 1);
    }
}

static void test_the_same_results(void **state)
{
    daemon_fixture *f = *state;
    hf_buffer here = HF_BUFFER_INIT, there = HF_BUFFER_INIT;
    char path[128];
    daemon_write("sweep.yaml", SWEEP);
    EXPECT(f, 0, "run", "--local", "sweep.yaml");
    client_said(f, "sweep: 4 models on 1 chip, 2 boards\n");
    take_models(f->client.output, &here);
    daemon_start(f);
    EXPECT(f, 0, "run", "sweep.yaml");
    client_said(f, "sweep: 4 models on 1 chip, 2 boards\n");
    client_said(f, " on the daemon\n");
    client_said(f, "[4/4]");
    client_said(f, "4 measured, 0 failed");
    take_models(f->client.output, &there);
    assert_string_equal(hf_buffer_text(&there), hf_buffer_text(&here));
    for (const char *const *name = (const char *const[]){"report.html", "results.csv", "layers.csv", NULL};
         *name; name++) {
        snprintf(path, sizeof path, "results/%s-sweep/%s", client_key(f), *name);
        assert_int_equal(access(path, R_OK), 0);
        snprintf(path, sizeof path, "results/latest/%s", *name);
        assert_int_equal(access(path, R_OK), 0);
    }
    hf_buffer_free(&here);
    hf_buffer_free(&there);
}

static void test_commands_that_show_results(void **state)
{
    daemon_fixture *f = *state;
    daemon_write("sweep.yaml", SWEEP);
    daemon_start(f);
    EXPECT(f, 0, "run", "sweep.yaml", "--quiet", "--only", "*_0.1_*");
    assert_string_equal(f->client.output, "");
    EXPECT(f, 0, "run", "sweep.yaml", "--only", "*_0.1_*", "--baseline", "latest");
    client_said(f, "1 of 4 measurements selected");
    client_said(f, "comparison with the baseline: ");
    EXPECT(f, 0, "runs");
    client_said(f, "\n   2  ");
    client_said(f, "\n   1  ");
    EXPECT(f, 0, "runs", "-n", "1");
    client_said(f, "\n   2  ");
    assert_null(strstr(f->client.output, "\n   1  "));
    EXPECT(f, 0, "report", "1");
    client_said(f, "1 measured");
    EXPECT(f, 0, "export", "csv", "2");
    client_said(f, "mobilenetv1_0.1_32");
    EXPECT(f, 0, "compare", "1", "2");
    EXPECT(f, 2, "report", "--local"); /* nothing was run in this folder */
    EXPECT(f, 0, "tag", "1", "v1");
    assert_int_equal(daemon_query("SELECT run_id FROM run_tags WHERE name = 'v1'"), 1);
    EXPECT(f, 2, "tag", "2", "v1");
    client_said(f, "run 1 has the tag 'v1'; --move takes it");
    EXPECT(f, 2, "tag", "1", "v2", "--local");
    EXPECT(f, 0, "tag");
    client_said(f, "v1");
    EXPECT(f, 0, "prune", "--keep", "30d", "--dry-run");
    client_said(f, "would delete details of 0 runs");
    EXPECT(f, 2, "prune", "--keep", "30d", "--local");
    EXPECT(f, 0, "tag", "--delete", "v1");
    assert_int_equal(daemon_query("SELECT count(*) FROM run_tags"), 0);
    EXPECT(f, 0, "queue");
    client_said(f, "no run waits or is under way");
    EXPECT(f, 2, "attach", "nonsense");
    client_said(f, "nonsense");
    EXPECT(f, 0, "run", "sweep.yaml", "--dry-run");
    client_said(f, "4 would be measured");
}

static void test_failures_and_status(void **state)
{
    daemon_fixture *f = *state;
    /* A model that cannot fit is pruned; with --fail-on missed that is a failure. */
    daemon_write("tight.yaml", "name: tight\nconstraints: {rom: 10 KB}\nmodels:\n"
                               "  - name: mobilenetv1_0.25_96_c3_o2\nmeasure: {warmup: 0, runs: 1}\n");
    daemon_start(f);
    EXPECT(f, 0, "run", "tight.yaml");
    client_said(f, "pruned");
    EXPECT(f, 1, "run", "tight.yaml", "--fail-on", "missed");
    EXPECT(f, 1, "attach", "--fail-on", "missed");
    client_said(f, "pruned");
    EXPECT(f, 2, "run", "tight.yaml", "--only", "nothing*");
    client_said(f, "nothing*");
    EXPECT(f, 2, "run", "tight.yaml", "--boards", "b7");
    client_said(f, "b7");
    EXPECT(f, 2, "run", "tight.yaml", "--baseline", "nobody");
    client_said(f, "nobody");
    EXPECT(f, 2, "run", "tight.yaml", "--priority", "9");
    client_said(f, "from -8 to 8");
    EXPECT(f, 2, "run", "tight.yaml", "--detach", "--local");
}

/* Whatever is wrong with a spec, the messages are those of a run in this process. */
static void test_the_same_mistakes(void **state)
{
    daemon_fixture *f = *state;
    static const char *const specs[] = {
        "name: bad\nmodles: []\n",
        "name: bad\nmodels:\n  - tflite: missing.tflite\n  - name: mobilenetv1_0.1_32_c1\n",
        "name: bad\nmodels:\n  - name: mobilenetv1_0.25_96_c3_o2\nboards: {tags: [vritual]}\n",
        "name: bad\nmodels:\n  - {family: mobilenetv1, alpha: [x]}\nboards: {tags: [no, none]}\n",
        "name: [\n",
    };
    char *here;
    daemon_start(f);
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        daemon_write("bad.yaml", specs[i]);
        EXPECT(f, 2, "run", "--local", "bad.yaml");
        client_said(f, "bad.yaml:");
        here = strdup(f->client.output);
        EXPECT(f, 2, "run", "bad.yaml");
        assert_string_equal(f->client.output, here);
        free(here);
    }
    EXPECT(f, 2, "run", "--local", "absent.yaml");
    here = strdup(f->client.output);
    EXPECT(f, 2, "run", "absent.yaml");
    assert_string_equal(f->client.output, here);
    free(here);
}

/* A .tflite file, an input and a data set travel with the spec, each content once. */
static void test_files(void **state)
{
    daemon_fixture *f = *state;
    char input[32 * 32];
    memset(input, 7, sizeof input);
    assert_int_equal(mkdir("models", 0777), 0);
    assert_int_equal(mkdir("data", 0777), 0);
    assert_int_equal(mkdir("data/cat", 0777), 0);
    assert_int_equal(mkdir("data/dog", 0777), 0);
    EXPECT(f, 0, "export", "tflite", "mobilenetv1_0.1_32_c1_o2_l1ll16pl16", "-o", "models/a.tflite");
    EXPECT(f, 0, "export", "tflite", "mobilenetv1_0.1_32_c1_o2_l1ll16pl16", "-o", "models/b.tflite");
    assert_int_equal(hf_file_write("models/input.bin", input, sizeof input, NULL), HF_OK);
    daemon_write("data/cat/1.pgm", "P2 1 1 255 9\n");
    daemon_write("data/dog/1.pgm", "P2 1 1 255 200\n");
    daemon_write("models/files.yaml", "name: files\nmodels:\n"
                                      "  - {tflite: a.tflite, data: ../data}\n  - tflite: b.tflite\n"
                                      "measure: {warmup: 0, runs: 1, input: {file: input.bin}}\n");
    EXPECT(f, 0, "run", "--local", "models/files.yaml");
    daemon_start(f);
    EXPECT(f, 0, "run", "models/files.yaml");
    client_said(f, "sent 4 files to the daemon"); /* a.tflite and b.tflite are the same */
    client_said(f, "2 measured, 0 failed");
    EXPECT(f, 0, "run", "models/files.yaml");
    assert_null(strstr(f->client.output, "sent"));
    assert_int_equal(daemon_query("SELECT count(*) FROM results WHERE outcome = 'measured'"), 4);
}

/* Over TCP the daemon's files are out of reach: it renders everything itself. */
static void test_over_tcp(void **state)
{
    daemon_fixture *f = *state;
    char socket[96];
    daemon_write("sweep.yaml", SWEEP);
    daemon_write("tight.yaml", "name: tight\nconstraints: {rom: 10 KB}\nmodels:\n"
                               "  - name: mobilenetv1_0.25_96_c3_o2\nmeasure: {warmup: 0, runs: 1}\n");
    daemon_write("tokens", "ann:" TOKEN "\n");
    daemon_write("token", TOKEN "\n");
    assert_int_equal(chmod("tokens", 0600), 0);
    f->listen = ADDRESS;
    snprintf(socket, sizeof socket, "%s/socket", f->folder);
    daemon_start(f);
    EXPECT(f, 0, "reserve", "virtual-1");
    setenv("HILFARM_SOCKET", "http://" ADDRESS, 1);
    EXPECT(f, 3, "run", "sweep.yaml");
    client_said(f, "token");
    setenv("HILFARM_TOKEN_FILE", "token", 1);
    EXPECT(f, 0, "run", "sweep.yaml", "--only", "*_0.1_*");
    client_said(f, "1 measured, 0 failed");
    client_said(f, "on the daemon at http://" ADDRESS);
    assert_int_equal(access("results/latest/report.html", R_OK), 0);
    assert_int_equal(access("results/latest/results.csv", R_OK), 0);
    EXPECT(f, 0, "run", "sweep.yaml", "--only", "*_0.1_*", "--baseline", "last-green", "--quiet");
    assert_string_equal(f->client.output, "");
    EXPECT(f, 1, "run", "tight.yaml", "--quiet", "--fail-on", "missed");
    client_said(f, "pruned");
    EXPECT(f, 0, "runs");
    client_said(f, "  green ");
    EXPECT(f, 0, "report", "1");
    client_said(f, "1 measured, 0 failed");
    EXPECT(f, 0, "export", "json", "1");
    client_said(f, "\"samples\"");
    EXPECT(f, 0, "export", "csv", "1", "--layers");
    client_said(f, "conv2d");
    EXPECT(f, 0, "transcript", "1");
    client_said(f, "run 1 (sweep): nothing failed");
    (void)daemon_query(
        "INSERT INTO failures (run_id, board_id, at_ms, fault, message, transcript)"
        " VALUES (1, 1, 1764500000000, 'probe', 'no probe', 'Error: ' || char(27) || '[31mopen')");
    EXPECT(f, 0, "transcript", "1", "--attempt", "1");
    client_said(f, "probe: no probe\n\nError: \\x1b[31mopen\n");
    EXPECT(f, 2, "transcript", "1", "no & such model");
    client_said(f, "run 1 (sweep) has no variation 'no & such model'");
    EXPECT(f, 3, "compare", "1", "2");
    client_said(f, "needs to read the daemon's store");
    EXPECT(f, 0, "tag", "1", "v1");
    assert_int_equal(daemon_query("SELECT run_id FROM run_tags WHERE name = 'v1'"), 1);
    EXPECT(f, 2, "tag", "2", "v1");
    client_said(f, "run 1 has the tag 'v1'; --move takes it");
    EXPECT(f, 0, "tag", "2", "v1", "--move");
    assert_int_equal(daemon_query("SELECT run_id FROM run_tags WHERE name = 'v1'"), 2);
    EXPECT(f, 3, "tag");
    client_said(f, "needs to read the daemon's store");
    EXPECT(f, 3, "tag", "--delete", "v1");
    client_said(f, "run it as the daemon's user on the daemon's host");
    EXPECT(f, 3, "prune", "--keep", "30d");
    client_said(f, "needs to write the daemon's store");
    /* Somebody else's reservation. */
    EXPECT(f, 3, "reserve", "virtual-1");
    client_said(f, "is reserved by ");
    client_said(f, " already; force overrides that");
    EXPECT(f, 3, "release", "virtual-1");
    client_said(f, "may release it without force");
    EXPECT(f, 0, "reserve", "virtual-1", "--force");
    EXPECT(f, 0, "boards");
    client_said(f, "reserved by ann");
    setenv("HILFARM_SOCKET", socket, 1);
    EXPECT(f, 0, "reserve", "virtual-1", "--force");
    setenv("HILFARM_SOCKET", "http://" ADDRESS, 1);
    EXPECT(f, 0, "release", "virtual-1", "--force");
    EXPECT(f, 0, "boards");
    assert_null(strstr(f->client.output, "reserved by"));
    unsetenv("HILFARM_TOKEN_FILE");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, daemon_set_up, daemon_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_same_results),
        CASE(test_commands_that_show_results),
        CASE(test_failures_and_status),
        CASE(test_the_same_mistakes),
        CASE(test_files),
        CASE(test_over_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
