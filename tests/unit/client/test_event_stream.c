/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events, cut into pieces at every place. */
#include "hf_test.h"

#include "event_stream.h"

typedef struct log {
    hf_buffer text;
    int stop_after; /* events; 0 = never */
    int events;
} log;

static bool note(void *user, const hf_stream_event *event)
{
    log *l = user;
    assert_int_equal(strlen(event->data), event->data_bytes);
    hf_buffer_printf(&l->text, "[%s|%s|%s]", event->name, event->id, event->data);
    return ++l->events != l->stop_after;
}

/* Feeds a text in pieces of `piece` bytes. */
static void check(const char *stream_text, size_t size, size_t piece, const char *expected)
{
    log l = {0};
    hf_event_stream stream;
    hf_event_stream_init(&stream, 1000, note, &l);
    for (size_t at = 0; at < size; at += piece)
        assert_int_equal(
            hf_event_stream_feed(&stream, stream_text + at, size - at < piece ? size - at : piece, NULL),
            HF_OK);
    assert_string_equal(hf_buffer_text(&l.text), expected);
    hf_event_stream_free(&stream);
    hf_buffer_free(&l.text);
}

static void test_framing(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *expected;
    } cases[] = {
        {"", ""},
        {"data: a\n\n", "[message||a]"},
        {"data: a\n", ""}, /* not complete */
        {"data: a\r\n\r\n", "[message||a]"},
        {"data: a\r\rdata: b\r\r", "[message||a][message||b]"},
        {"data: a\r\n\ndata: b\n\r\n", "[message||a][message||b]"},
        {"\xEF\xBB\xBF"
         "data: a\n\n",
         "[message||a]"},
        {"data: a\n\n\xEF\xBB\xBF"
         "data: b\n\n",
         "[message||a]"},
        {"data:a\ndata:  b\ndata\ndata:\n\n", "[message||a\n b\n\n]"},
        {"data:\n\n", "[message||]"},
        {"event: view\ndata: {}\n\ndata: x\n\n", "[view||{}][message||x]"},
        {"event: view\n\ndata: x\n\n", "[message||x]"}, /* without data there is no event */
        {"id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "[message|7|a][message|7|b][message||c]"},
        {"id: 7\n\ndata: a\n\n", "[message|7|a]"},
        {": hello\n\n:\ndata: a\n: x\n\n", "[message||a]"},
        {"retry: 100\nfoo: bar\ndata: a:b: c\n\n", "[message||a:b: c]"},
        {"Data: a\ndata : b\n\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t piece = 1; piece <= strlen(cases[i].stream) + 1; piece++)
            check(cases[i].stream, strlen(cases[i].stream), piece, cases[i].expected);
    static const char with_nul[] = "id: 1\0002\ndata: a\n\n";
    check(with_nul, sizeof with_nul - 1, 3, "[message||a]");
    static const char name_with_nul[] = "event: \0\ndata: a\n\n";
    check(name_with_nul, sizeof name_with_nul - 1, 3, "[message||a]");
}

static void feed(hf_event_stream *stream, const char *text)
{
    assert_int_equal(hf_event_stream_feed(stream, text, strlen(text), NULL), HF_OK);
}

static void test_connecting_again(void **state)
{
    (void)state;
    log l = {0};
    hf_event_stream stream;
    hf_event_stream_init(&stream, 1000, note, &l);
    assert_string_equal(hf_event_stream_last_id(&stream), "");
    feed(&stream, "id: 1\ndata: a\n\nid: 2\ndata: b\n");
    assert_string_equal(hf_event_stream_last_id(&stream),
                        "1"); /* the second was cut off, and must come again */
    hf_event_stream_restart(&stream);
    feed(&stream, "\nid: 2\ndata: b\n\n");
    assert_string_equal(hf_event_stream_last_id(&stream), "2");
    assert_string_equal(hf_buffer_text(&l.text), "[message|1|a][message|2|b]");
    hf_event_stream_free(&stream);
    hf_buffer_free(&l.text);
}

static void test_stopping(void **state)
{
    (void)state;
    log l = {.stop_after = 1};
    hf_event_stream stream;
    hf_event_stream_init(&stream, 1000, note, &l);
    feed(&stream, "data: a\n\ndata: b\n\n");
    feed(&stream, "data: c\n\n");
    assert_true(stream.stopped);
    assert_string_equal(hf_buffer_text(&l.text), "[message||a]");
    hf_event_stream_free(&stream);
    hf_buffer_free(&l.text);
}

static void test_limits(void **state)
{
    (void)state;
    log l = {0};
    hf_error err = {0};
    hf_event_stream stream;
    hf_event_stream_init(&stream, 100, note, &l);
    for (int i = 0; i < 10; i++)
        feed(&stream, "abcdefghij");
    assert_int_equal(hf_event_stream_feed(&stream, "k", 1, &err), HF_ELIMIT);
    assert_string_equal(err.message, "an event of more than 100 bytes");
    hf_event_stream_free(&stream);

    hf_event_stream_init(&stream, 100, note, &l);
    hf_status status = HF_OK;
    for (int i = 0; i < 50 && status == HF_OK; i++)
        status = hf_event_stream_feed(&stream, "data: 123456789\n", 16, NULL);
    assert_int_equal(status, HF_ELIMIT);
    assert_int_equal(l.events, 0);
    hf_event_stream_free(&stream);

    /* A line that is too long is no empty line, which would end the event. */
    hf_event_stream_init(&stream, 100, note, &l);
    feed(&stream, "data: a\n");
    char line[202];
    memset(line, 'x', sizeof line);
    line[sizeof line - 2] = '\n';
    line[sizeof line - 1] = '\0';
    assert_int_equal(hf_event_stream_feed(&stream, line, strlen(line), NULL), HF_ELIMIT);
    assert_int_equal(l.events, 0);
    hf_event_stream_free(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_connecting_again),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
