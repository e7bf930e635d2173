/* SPDX-License-Identifier: Apache-2.0 */
/* Runs over the API: submitting, following, reading, changing. Results are modelled. */
#include "base/file.h"
#include "daemon_fixture.h"
#include "hf_test.h"

static void a_run_is_submitted_and_followed(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32], path[96];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "first", 2, "{\"title\":\"a title\"}", key);
    json_t *end = daemon_follow(fixture, key);
    assert_string_equal(json_text(end, "summary.state"), "done");
    assert_int_equal(json_number(end, "summary.measured"), 2);
    assert_string_equal(json_text(end, "key"), key);
    json_decref(end);
    json_t *queue = daemon_ask(fixture, "GET", "/queue", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(queue, "runs")), 0);
    json_decref(queue);
    json_t *run = daemon_ask(fixture, "GET", "/runs/first", NULL, 200);
    assert_string_equal(json_text(run, "key"), key);
    assert_string_equal(json_text(run, "state"), "done");
    json_decref(run);
    snprintf(path, sizeof path, "/runs/%s/results.json", key);
    json_t *results = daemon_ask(fixture, "GET", path, NULL, 200);
    assert_int_equal(json_array_size(json_object_get(results, "results")), 2);
    json_decref(results);
    json_t *page = daemon_ask(fixture, "GET", "/runs/latest/results.json?offset=1&limit=5", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(page, "results")), 1);
    assert_int_equal(json_number(page, "results_total"), 2);
    json_decref(page);
    json_decref(daemon_ask(fixture, "GET", "/runs/latest/results.json?limit=x", NULL, 400));
    json_decref(daemon_ask(fixture, "GET", "/runs/nobody/results.csv", NULL, 404));
    static const char *const reports[] = {"table.txt?columns=100&colour=1",
                                          "report.html",
                                          "results.csv",
                                          "layers.csv",
                                          "layers.txt",
                                          "results.md",
                                          "junit.xml",
                                          "summary.md",
                                          "summary.json?baseline=last-green"};
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        snprintf(path, sizeof path, "/runs/latest/%s", reports[i]);
        json_decref(daemon_ask(fixture, "GET", path, NULL, 200));
    }
    json_decref(daemon_ask(fixture, "GET", "/runs/latest/nothing.txt", NULL, 404));
    end = daemon_follow(fixture, key); /* again, from the spool */
    assert_int_equal(json_number(end, "summary.measured"), 2);
    json_decref(end);
    daemon_stop(fixture);
}

static void mistakes_are_told_as_in_process(void **state)
{
    daemon_fixture *fixture = *state;
    daemon_start(fixture, NULL);
    json_t *answer = daemon_ask(
        fixture, "POST", "/runs",
        "{\"spec\":{\"path\":\"my/s.yaml\",\"text\":\"name: x\\nmodles: 3\\n\"},\"files\":[],\"options\":{}}",
        422);
    assert_string_equal(json_text(answer, "error.diagnostics.0.file"), "my/s.yaml");
    assert_int_equal(json_number(answer, "error.diagnostics.0.line"), 2);
    assert_non_null(strstr(json_text(answer, "error.diagnostics.0.text"), "did you mean \"models\"?"));
    json_decref(answer);
    static const struct {
        const char *options, *message;
    } cases[] = {
        {"{\"only\":\"vww*\"}", "vww*"},
        {"{\"boards\":\"b7\"}", "b7"},
        {"{\"failed\":\"nightly\"}", "no run"},
        {"{\"baseline\":\"nightly\"}", "no run"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *submission = daemon_submission("x", 1, cases[i].options);
        answer = daemon_ask(fixture, "POST", "/runs", submission, 422);
        if (!strstr(json_text(answer, "error.message"), cases[i].message))
            fail_msg("%s: %s", cases[i].options, json_text(answer, "error.message"));
        json_decref(answer);
        free(submission);
    }
    static const char *const malformed[] = {
        "",
        "{",
        "[]",
        "{\"spec\":3}",
        "{\"options\":{\"priority\":\"high\"}}",
        "{\"spec\":{\"path\":\"a\",\"text\":\"b\"},\"files\":[{}],\"options\":{}}",
        "{\"spec\":{\"path\":\"a\",\"text\":\"b\"},\"files\":[],\"options\":{\"priority\":9}}"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        answer = daemon_ask(fixture, "POST", "/runs", malformed[i], 400);
        assert_true(*json_text(answer, "error.message"));
        json_decref(answer);
    }
    json_t *queue = daemon_ask(fixture, "GET", "/queue", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(queue, "runs")), 0);
    json_decref(queue);
    daemon_stop(fixture);
    daemon_start(fixture, NULL); /* nothing of it comes back */
    queue = daemon_ask(fixture, "GET", "/queue", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(queue, "runs")), 0);
    json_decref(queue);
    daemon_stop(fixture);
}

/* A spec with a file: the content is asked for once, although two paths have it. */
static void files_are_uploaded_once(void **state)
{
    daemon_fixture *fixture = *state;
    char path[128], sha256[HF_SHA256_HEX_SIZE], submission[2048];
    uint8_t input[32 * 32 * 1];
    daemon_start(fixture, NULL);
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(1 + i % 100); /* no NUL: it is sent as a text */
    char *content = strndup((const char *)input, sizeof input);
    hf_sha256_hex(input, sizeof input, sha256);
    snprintf(submission, sizeof submission,
             "{\"spec\":{\"path\":\"d/s.yaml\",\"text\":\"name: f\\nmodels:\\n  - {family: mobilenetv1, "
             "alpha: 0.1, resolution: 32, "
             "channels: 1, classes: 2, l: 1, ll: 16, pl: 16}\\nmeasure: {warmup: 0, runs: 2, input: "
             "{file: in.bin}}\\n\"},\"files\":["
             "{\"path\":\"d/in.bin\",\"sha256\":\"%s\",\"size_bytes\":%zu},{\"path\":\"d/"
             "other.bin\",\"sha256\":\"%s\",\"size_bytes\":%zu}],"
             "\"options\":{}}",
             sha256, sizeof input, sha256, sizeof input);
    json_t *answer = daemon_ask(fixture, "POST", "/runs", submission, 409);
    assert_int_equal(json_array_size(json_object_get(answer, "missing")), 1);
    assert_string_equal(json_text(answer, "missing.0"), sha256);
    json_decref(answer);
    snprintf(path, sizeof path, "/files/%s", sha256);
    json_decref(daemon_ask(fixture, "HEAD", path, NULL, 404));
    json_decref(daemon_ask(fixture, "PUT", path, "other content", 409));
    json_decref(daemon_ask(fixture, "PUT", "/files/abc", content, 400));
    json_decref(daemon_ask(fixture, "HEAD", path, NULL, 404));
    json_decref(daemon_ask(fixture, "PUT", path, content, 201));
    json_decref(daemon_ask(fixture, "HEAD", path, NULL, 200));
    answer = daemon_ask(fixture, "POST", "/runs", submission, 201);
    json_t *end = daemon_follow(fixture, json_text(answer, "key"));
    assert_int_equal(json_number(end, "summary.measured"), 1);
    json_decref(end);
    json_decref(answer);
    free(content);
    daemon_stop(fixture);
}

static void an_empty_file_can_be_uploaded(void **state)
{
    daemon_fixture *fixture = *state;
    char path[128], sha256[HF_SHA256_HEX_SIZE];
    hf_sha256_hex("", 0, sha256);
    snprintf(path, sizeof path, "/files/%s", sha256);
    daemon_start(fixture, NULL);
    json_decref(daemon_ask(fixture, "PUT", path, NULL, 201));
    json_decref(daemon_ask(fixture, "HEAD", path, NULL, 200));
    daemon_stop(fixture);
}

static void a_run_is_cancelled_and_continued(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32], path[64];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "long", 9, "{}", key);
    daemon_wait_measured(fixture, key, 1);
    snprintf(path, sizeof path, "/runs/%s/cancel", key);
    json_decref(daemon_ask(fixture, "POST", path, NULL, 200));
    json_t *end = daemon_follow(fixture, key);
    assert_string_equal(json_text(end, "summary.state"), "interrupted");
    const long long measured = json_number(end, "summary.measured"),
                    not_run = json_number(end, "summary.not_run");
    assert_int_equal(measured + not_run, 9);
    assert_true(measured >= 1 && not_run >= 1);
    json_decref(end);
    json_decref(daemon_ask(fixture, "POST", path, NULL, 409)); /* it is over */
    snprintf(path, sizeof path, "/runs/%s/resume", key);
    json_t *answer = daemon_ask(fixture, "POST", path, NULL, 201);
    assert_string_equal(json_text(answer, "key"), key);
    assert_int_equal(json_number(answer, "measured"), measured);
    json_decref(answer);
    end = daemon_follow(fixture, key);
    assert_string_equal(json_text(end, "summary.state"), "done");
    assert_int_equal(json_number(end, "summary.measured"), 9);
    json_decref(end);
    assert_int_equal(cli_query(&fixture->cli, "SELECT count(*) FROM attempts WHERE succeeded"), 9);
    daemon_stop(fixture);
}

static void a_run_is_tagged_and_compared(void **state)
{
    daemon_fixture *fixture = *state;
    char first[32], second[32], path[64];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "same", 1, "{}", first);
    json_decref(daemon_follow(fixture, first));
    snprintf(path, sizeof path, "/runs/%s/tag", first);
    json_decref(daemon_ask(fixture, "POST", path, "{\"tag\":\"release-1\"}", 200));
    json_decref(daemon_ask(fixture, "POST", path, "{\"tag\":\"-\"}", 400));
    daemon_submit(fixture, "same", 1, "{\"baseline\":\"release-1\",\"tag\":\"release-2\"}", second);
    json_t *end = daemon_follow(fixture, second);
    assert_int_equal(json_number(end, "compared"), 1);
    assert_int_equal(json_number(end, "regressed"), 0);
    json_decref(end);
    json_t *run = daemon_ask(fixture, "GET", "/runs/release-2", NULL, 200);
    assert_string_equal(json_text(run, "key"), second);
    json_decref(run);
    daemon_stop(fixture);
}

static void history_is_paged(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32];
    daemon_start(fixture, NULL);
    for (int i = 0; i < 3; i++) {
        daemon_submit(fixture, "page", 1, "{}", key);
        json_decref(daemon_follow(fixture, key));
    }
    json_t *runs = daemon_ask(fixture, "GET", "/runs?limit=2", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(runs, "runs")), 2);
    assert_int_equal(json_number(runs, "runs.0.id"), 3);
    json_decref(runs);
    runs = daemon_ask(fixture, "GET", "/runs?limit=2&before=2", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(runs, "runs")), 1);
    assert_int_equal(json_number(runs, "runs.0.id"), 1);
    json_decref(runs);
    json_decref(daemon_ask(fixture, "GET", "/runs?limit=0", NULL, 400));
    json_decref(daemon_ask(fixture, "GET", "/runs?before=x", NULL, 400));
    daemon_stop(fixture);
}

static void the_queue_is_bounded(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32], path[64];
    daemon_start(fixture, (const char *const[]){"--max-queued", "1", NULL});
    daemon_submit(fixture, "one", 9, "{}", key);
    char *submission = daemon_submission("two", 1, "{}");
    json_t *answer = daemon_ask(fixture, "POST", "/runs", submission, 429);
    assert_non_null(strstr(json_text(answer, "error.message"), "1"));
    json_decref(answer);
    free(submission);
    snprintf(path, sizeof path, "/runs/%s/cancel", key);
    json_decref(daemon_ask(fixture, "POST", path, NULL, 200));
    json_decref(daemon_follow(fixture, key));
    daemon_submit(fixture, "two", 1, "{}", key);
    json_decref(daemon_follow(fixture, key));
    daemon_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_is_submitted_and_followed, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_told_as_in_process, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(files_are_uploaded_once, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(an_empty_file_can_be_uploaded, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_run_is_cancelled_and_continued, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_run_is_tagged_and_compared, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(history_is_paged, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(the_queue_is_bounded, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
