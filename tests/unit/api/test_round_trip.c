/* SPDX-License-Identifier: Apache-2.0 */
/* Every member of every structure survives the way through JSON. */
#include "hf_test.h"

#include "api/failure.h"
#include "api/run.h"
#include "fields.h"
#include "samples.h"

static void assert_same(const hf_api_type *type, const char *place, const void *sent, const void *got);

static void assert_same_elements(const hf_api_field *field, const char *sent, const char *got, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (field->kind == HF_API_TEXTS)
            assert_string_equal(((char *const *)(const void *)got)[i],
                                ((char *const *)(const void *)sent)[i]);
        else
            assert_same(field->type, field->key, sent + i * field->type->size_bytes,
                        got + i * field->type->size_bytes);
}

/* Compares what pointers refer to, then all other bytes: those of a member that the type does not know differ, since
 * the sample's are not zero. */
static void assert_same(const hf_api_type *type, const char *place, const void *sent, const void *got)
{
    char *sent_bytes = malloc(type->size_bytes), *got_bytes = malloc(type->size_bytes);
    memcpy(sent_bytes, sent, type->size_bytes);
    memcpy(got_bytes, got, type->size_bytes);
    for (size_t i = 0; i < type->field_count; i++) {
        const hf_api_field *field = &type->fields[i];
        if (field->kind == HF_API_OBJECT) {
            assert_same(field->type, field->key, (const char *)sent + field->offset,
                        (const char *)got + field->offset);
            memset(sent_bytes + field->offset, 0, field->type->size_bytes);
            memset(got_bytes + field->offset, 0, field->type->size_bytes);
            continue;
        }
        const bool is_text = field->kind == HF_API_TEXT;
        if (!is_text && field->kind != HF_API_OBJECTS && field->kind != HF_API_TEXTS)
            continue;
        const void *sent_to = hf_api_pointer(field, sent), *got_to = hf_api_pointer(field, got);
        if (is_text)
            assert_string_equal(got_to, sent_to);
        else
            assert_same_elements(field, sent_to, got_to, hf_api_count(field, sent));
        memset(sent_bytes + field->offset, 0, sizeof(void *));
        memset(got_bytes + field->offset, 0, sizeof(void *));
    }
    if (memcmp(sent_bytes, got_bytes, type->size_bytes) != 0)
        print_message("%s: a member is lost\n", place);
    assert_memory_equal(sent_bytes, got_bytes, type->size_bytes);
    free(sent_bytes);
    free(got_bytes);
}

static void test_every_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_sample_count; i++) {
        const api_sample *sample = &api_samples[i];
        hf_error err = {0};
        hf_buffer json = HF_BUFFER_INIT;
        assert_int_equal(sample->size_bytes, sample->type->size_bytes);
        assert_int_equal(hf_api_write(sample->type, sample->object, &json, &err), HF_OK);
        assert_null(strchr(hf_buffer_text(&json), '\n')); /* one line of an event stream */
        char *copy = calloc(1, sample->size_bytes);
        if (hf_api_read(sample->type, json.data, json.size, copy, &err) != HF_OK)
            fail_msg("%s: %s\n%s", sample->name, err.message, json.data);
        assert_same(sample->type, sample->name, sample->object, copy);
        hf_api_clear(sample->type, copy);
        free(copy);
        hf_buffer_free(&json);
    }
}

/* Every row of a type differs from the default in its sample: otherwise its loss would go unnoticed. */
static void check_rows(const hf_api_type *type, const char *object, const char *name)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const hf_api_field *field = &type->fields[i];
        if (field->kind == HF_API_OBJECT) {
            check_rows(field->type, object + field->offset, field->key);
        } else if (field->kind != HF_API_WORD) { /* 0 may be the only word with a meaning, as in "ok" */
            char zero[8] = {0};
            size_t size = field->kind == HF_API_BOOL                                    ? 1
                          : field->kind == HF_API_INT32 || field->kind == HF_API_UINT32 ? 4
                                                                                        : 8;
            if (memcmp(object + field->offset, zero, size) == 0)
                fail_msg("%s.%s is 0 in the sample", name, field->key);
        }
    }
}

static void test_samples_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_sample_count; i++)
        check_rows(api_samples[i].type, api_samples[i].object, api_samples[i].name);
}

static void test_unknown_values(void **state)
{
    (void)state;
    const hf_run_event sent = {.kind = HF_RUN_EVENT_STORE_WRITTEN, .message = ""};
    hf_run_event got;
    hf_buffer json = HF_BUFFER_INIT;
    assert_int_equal(hf_api_write(&hf_api_run_event_type, &sent, &json, NULL), HF_OK);
    assert_non_null(strstr(json.data, "\"job\":null"));
    assert_int_equal(hf_api_read(&hf_api_run_event_type, json.data, json.size, &got, NULL), HF_OK);
    assert_null(got.job);
    assert_null(got.board);
    assert_string_equal(got.message, "");
    hf_api_clear(&hf_api_run_event_type, &got);
    hf_buffer_free(&json);
}

static void test_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    const hf_run_event sent = {.kind = HF_RUN_EVENT_FAILED, .message = "a\xff\xfe\xC3\xA4\n\x01z"};
    hf_run_event got;
    hf_buffer json = HF_BUFFER_INIT;
    assert_int_equal(hf_api_write(&hf_api_run_event_type, &sent, &json, NULL), HF_OK);
    assert_int_equal(hf_api_read(&hf_api_run_event_type, json.data, json.size, &got, NULL), HF_OK);
    assert_string_equal(got.message, "a\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA4\n\x01z");
    hf_api_clear(&hf_api_run_event_type, &got);
    hf_buffer_free(&json);
}

static void test_what_json_cannot_hold(void **state)
{
    (void)state;
    hf_error err = {0};
    hf_buffer json = HF_BUFFER_INIT;
    hf_buffer_puts(&json, "before");
    hf_run_event event = {.message = "", .latency_ns = 0.0 / 0.0};
    assert_int_equal(hf_api_write(&hf_api_run_event_type, &event, &json, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "latency_ns"));
    event = (hf_run_event){.message = "", .kind = (hf_run_event_kind)99};
    hf_error_clear(&err);
    assert_int_equal(hf_api_write(&hf_api_run_event_type, &event, &json, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "kind"));
    event = (hf_run_event){.message = NULL};
    hf_error_clear(&err);
    assert_int_equal(hf_api_write(&hf_api_run_event_type, &event, &json, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "message"));
    assert_string_equal(json.data, "before");
    hf_buffer_free(&json);
}

/* Every status has a word. */
static void test_statuses(void **state)
{
    (void)state;
    static const hf_status statuses[] = {
#define STATUS(name, value, text) HF_E##name,
        HF_STATUS_MAP(STATUS)
#undef STATUS
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        const hf_api_failure sent = {.status = statuses[i]};
        hf_api_failure got;
        hf_buffer json = HF_BUFFER_INIT;
        assert_int_equal(hf_api_write(&hf_api_failure_type, &sent, &json, NULL), HF_OK);
        assert_int_equal(hf_api_read(&hf_api_failure_type, json.data, json.size, &got, NULL), HF_OK);
        assert_int_equal(got.status, statuses[i]);
        hf_api_clear(&hf_api_failure_type, &got);
        hf_buffer_free(&json);
    }
}

static void test_failures(void **state)
{
    (void)state;
    hf_error err = {0}, got = {0};
    (void)HF_FAIL_AS(&err, HF_FAULT_SERIAL, HF_ETIMEOUT, "no answer");
    err.lasting = HF_ABSENT;
    const hf_api_failure sent = hf_api_failure_of(&err);
    hf_api_failure read;
    hf_buffer json = HF_BUFFER_INIT;
    assert_int_equal(hf_api_write(&hf_api_failure_type, &sent, &json, NULL), HF_OK);
    assert_int_equal(hf_api_read(&hf_api_failure_type, json.data, json.size, &read, NULL), HF_OK);
    assert_int_equal(hf_api_failure_pass(&got, &read), HF_ETIMEOUT);
    assert_int_equal(got.status, HF_ETIMEOUT);
    assert_int_equal(got.fault, HF_FAULT_SERIAL);
    assert_int_equal(got.lasting, HF_ABSENT);
    assert_string_equal(got.message, "no answer");
    hf_api_clear(&hf_api_failure_type, &read);
    hf_buffer_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_member),
        cmocka_unit_test(test_samples_are_complete),
        cmocka_unit_test(test_unknown_values),
        cmocka_unit_test(test_bytes_that_are_not_utf8),
        cmocka_unit_test(test_what_json_cannot_hold),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
