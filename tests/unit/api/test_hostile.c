/* SPDX-License-Identifier: Apache-2.0 */
/* What is not as the API says is rejected with its place, and nothing of it is kept. */
#include "hf_test.h"

#include <jansson.h>

#include "api/board.h"
#include "api/daemon.h"
#include "api/run.h"
#include "api/submission.h"
#include "samples.h"

#define DAEMON "{\"version\":\"0.1.0\",\"api\":1"

static void reject(const hf_api_type *type, size_t size, const char *json, size_t length, hf_status status,
                   const char *message)
{
    hf_error err = {0};
    char *out = malloc(size);
    memset(out, 0x5a, size);
    hf_status got = hf_api_read(type, json, length, out, &err);
    if (got != status || !strstr(err.message, message))
        fail_msg("%.80s: status %d, '%s', expected %d, '%s'", json, got, err.message, status, message);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(out[i], 0x5a); /* outputs are written on success alone */
    free(out);
}

static void test_types_and_ranges(void **state)
{
    (void)state;
    static const struct {
        const hf_api_type *type;
        size_t size;
        const char *json, *message;
    } cases[] = {
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "", "not JSON: line 1"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "[]", "JSON: expected an object"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), DAEMON, "not JSON"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), DAEMON "}x", "not JSON"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "{\"api\":1}", "version: expected a text"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "{\"version\":null,\"api\":1}",
         "version: expected a text"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "{\"version\":\"a\\u0000b\",\"api\":1}", "not JSON"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "{\"version\":\"\xff\",\"api\":1}", "not JSON"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "{\"version\":\"1\",\"api\":1.0}",
         "api: expected an integer, -2147483648 .. 2147483647"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), "{\"version\":\"1\",\"api\":2147483648}",
         "api: expected"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), DAEMON ",\"api\":1}", "duplicate"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), DAEMON ",\"board_count\":-1}",
         "board_count: expected an integer, 0 .. 4294967295"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), DAEMON ",\"board_count\":99999999999999999999}",
         "not JSON"},
        {&hf_api_daemon_type, sizeof(hf_api_daemon), DAEMON ",\"farm\":7}", "farm: expected a text"},
        {&hf_api_submission_type, sizeof(hf_api_submission), "{\"files\":{}}", "files: expected an array"},
        {&hf_api_submission_type, sizeof(hf_api_submission), "{\"files\":null}", "files: expected an array"},
        {&hf_api_submission_type, sizeof(hf_api_submission),
         "{\"files\":[{\"path\":\"a\",\"sha256\":\"b\",\"size_bytes\":0},{\"path\":1}]}",
         "files[1].path: expected a text"},
        {&hf_api_submission_type, sizeof(hf_api_submission), "{\"options\":{\"priority\":9}}",
         "options.priority: expected an integer, -8 .. 8"},
        {&hf_api_submission_type, sizeof(hf_api_submission), "{\"options\":{\"wait_ms\":-1}}",
         "options.wait_ms: expected"},
        {&hf_api_submission_type, sizeof(hf_api_submission), "{\"options\":[]}",
         "options: expected an object"},
        {&hf_api_run_event_type, sizeof(hf_run_event), "{\"kind\":\"meassured\"}",
         "kind: expected one of measured, failed,"},
        {&hf_api_run_event_type, sizeof(hf_run_event), "{\"kind\":1}", "kind: expected one of"},
        {&hf_api_run_view_type, sizeof(hf_run_view),
         "{\"name\":\"n\",\"run_id\":1,\"stage\":\"measuring\",\"job_count\":1,\"progress\":{\"done\":\"1\"}"
         "}",
         "progress.done: expected an integer"},
        {&hf_api_run_change_type, sizeof(hf_api_run_change), "{\"move\":1}", "move: expected true or false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        reject(cases[i].type, cases[i].size, cases[i].json, strlen(cases[i].json), HF_EFORMAT,
               cases[i].message);
}

/* A member of every sample is removed, and its value replaced by one of every other type. */
static void test_every_member_of_every_type(void **state)
{
    (void)state;
    uint32_t rejected = 0, accepted = 0;
    for (size_t i = 0; i < api_sample_count; i++) {
        const api_sample *sample = &api_samples[i];
        hf_buffer text = HF_BUFFER_INIT;
        assert_int_equal(hf_api_write(sample->type, sample->object, &text, NULL), HF_OK);
        json_t *json = json_loads(text.data, 0, NULL);
        const char *key;
        json_t *value;
        json_object_foreach(json, key, value)
        {
            for (int change = 0; change < 8; change++) {
                json_t *damaged = json_deep_copy(json);
                json_t *values[] = {NULL,           json_null(),
                                    json_true(),    json_integer(-1),
                                    json_real(0.5), json_string("\xEF\xBF\xBD"),
                                    json_array(),   json_object()};
                if (values[change])
                    json_object_set(damaged, key, values[change]);
                else
                    json_object_del(damaged, key);
                for (int v = 0; v < 8; v++)
                    json_decref(values[v]);
                char *dumped = json_dumps(damaged, 0), *out = calloc(1, sample->size_bytes);
                hf_error err = {0};
                if (hf_api_read(sample->type, dumped, strlen(dumped), out, &err) == HF_OK) {
                    accepted++;
                    hf_api_clear(sample->type, out);
                } else {
                    rejected++;
                    assert_non_null(strstr(err.message, key));
                }
                free(out);
                free(dumped);
                json_decref(damaged);
            }
        }
        json_decref(json);
        hf_buffer_free(&text);
    }
    assert_true(rejected > 3 * accepted); /* of 8 changes, about one is another value of the right type */
}

static void test_limits(void **state)
{
    (void)state;
    hf_buffer json = HF_BUFFER_INIT;
    hf_buffer_puts(&json, "{\"version\":\"");
    for (unsigned i = 0; i <= HF_API_MAX_TEXT_BYTES; i++)
        hf_buffer_putc(&json, 'a');
    hf_buffer_puts(&json, "\",\"api\":1}");
    reject(&hf_api_daemon_type, sizeof(hf_api_daemon), json.data, json.size, HF_ELIMIT,
           "version: expected at most 65536 bytes");
    hf_buffer_clear(&json);
    hf_buffer_puts(&json, "{\"files\":[0");
    for (unsigned i = 0; i < HF_API_MAX_FILES; i++)
        hf_buffer_puts(&json, ",0");
    hf_buffer_puts(&json, "]}");
    reject(&hf_api_submission_type, sizeof(hf_api_submission), json.data, json.size, HF_ELIMIT,
           "files: expected at most 100000 elements, not 100001");
    hf_buffer_clear(&json);
    for (unsigned i = 0; i < 1000000; i++)
        hf_buffer_putc(&json, '[');
    reject(&hf_api_daemon_type, sizeof(hf_api_daemon), json.data, json.size, HF_EFORMAT, "not JSON");
    hf_buffer_free(&json);
    char *large = calloc(1, HF_API_MAX_BYTES + 1);
    reject(&hf_api_daemon_type, sizeof(hf_api_daemon), large, HF_API_MAX_BYTES + 1, HF_ELIMIT,
           "expected at most 16777216");
    free(large);
}

static void test_newer_programs(void **state)
{
    (void)state;
    static const char json[] = DAEMON ",\"colour\":{\"a\":[1,null]}}";
    hf_api_daemon got;
    assert_int_equal(hf_api_read(&hf_api_daemon_type, json, strlen(json), &got, NULL), HF_OK);
    assert_string_equal(got.version, "0.1.0");
    assert_int_equal(got.pid, 0);
    hf_api_clear(&hf_api_daemon_type, &got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_and_ranges),
        cmocka_unit_test(test_every_member_of_every_type),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_newer_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
