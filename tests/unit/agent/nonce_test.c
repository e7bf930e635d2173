/* SPDX-License-Identifier: Apache-2.0 */
/* Frames without the session's nonce are ignored, whatever else is right. */
#include "hf_test.h"

#include "proto/frame.h"
#include "session_fixture.h"

#define STRANGER  0x00000000deadbeefU
#define SEQUENCE  ((uint32_t)(PEER_NONCE >> 33)) /* the session's first request has the next one */
#define RUN_LINES 8                              /* three samples, two layers, memory, output, ok */

/* Appends a frame of another board, or of an earlier attempt on this one. */
static void append(char *text, size_t capacity, uint32_t sequence, const char *type, const char *key,
                   uint64_t value)
{
    char bytes[HF_FRAME_MAX_BYTES];
    hf_frame_writer writer;
    hf_frame_begin(&writer, bytes, sizeof bytes, HF_FRAME_TO_HOST, sequence, type);
    if (key)
        hf_frame_put_u64(&writer, key, value);
    hf_frame_put_u64(&writer, "index", 0);
    hf_frame_put_hex64(&writer, "nonce", STRANGER);
    size_t size = hf_frame_end(&writer), used = strlen(text);
    assert_true(size > 0 && used + size < capacity);
    memcpy(text + used, bytes, size);
    text[used + size] = '\0';
}

static hf_status hello(fixture *f)
{
    hf_session_id id;
    hf_session_model model;
    return hf_session_hello(f->session, &id, &model, &f->err);
}

static hf_status measure(fixture *f, hf_sample samples[3])
{
    hf_layer layers[2];
    hf_session_measured out = {.samples = samples, .layers = layers};
    const hf_session_run run = {.warmup = 1, .runs = 3, .layers = true, .layer_count = 2, .repeats = 1};
    return hf_session_measure(f->session, &run, &out, &f->err);
}

static void assert_refused(const fixture *f, hf_status status, hf_fault fault, const char *says)
{
    assert_int_equal(f->err.status, status);
    assert_int_equal(f->err.fault, fault);
    if (!strstr(f->err.message, says))
        fail_msg("expected '%s' in '%s'", says, f->err.message);
}

/* Another board with the same flash contents answers instead. */
static void another_boards_answer_ends_the_session(void **state)
{
    (void)state;
    static const struct {
        peer_script script;
        const char *says;
    } cases[] = {
        {{.nonce = STRANGER}, "carries nonce 00000000deadbeef instead of 0123456789abcdef"},
        {{.lose_nonce_line = 1}, "carries nonce 0000000000000000 instead of"}, /* fresh from power-on */
        {{.no_nonce = true}, "carries nonce none instead of"},                 /* of an older protocol */
        {{.no_nonce = true, .protocol = 1}, "carries nonce none instead of"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture f;
        begin(&f, &cases[i].script);
        assert_int_equal(hello(&f), HF_EMISMATCH);
        assert_refused(&f, HF_EMISMATCH, HF_FAULT_SERIAL, cases[i].says);
        assert_refused(&f, HF_EMISMATCH, HF_FAULT_SERIAL, "the serial line belongs to another board");
        assert_int_equal(peer_seen(f.board, "hello"), 1); /* a retry would not help */
        finish(&f);
    }
}

/* The `boot` frame of another board does not count, and `hello` does not help. */
static void another_boards_boot_is_not_ours(void **state)
{
    (void)state;
    for (int what = 0; what < 3; what++) {
        peer_script script = {.boots = true, .nonce = STRANGER, .no_nonce = what == 1};
        script.lose_nonce_line = what == 2 ? 1 : 0;
        fixture f;
        begin(&f, &script);
        assert_int_equal(hf_session_await_boot(f.session, 600, &f.err), HF_EMISMATCH);
        assert_refused(&f, HF_EMISMATCH, HF_FAULT_SERIAL, "the serial line belongs to another board");
        finish(&f);
    }
}

/* Another board that has crashed answers everything with `fault`, which says nothing about ours. */
static void another_boards_fault_is_not_ours(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.faulted = true, .nonce = STRANGER});
    assert_int_equal(hf_session_await_boot(f.session, 600, &f.err), HF_EPROTOCOL);
    assert_refused(&f, HF_EPROTOCOL, HF_FAULT_SERIAL,
                   "frames arrived with nonce 00000000deadbeef instead of");
    assert_refused(&f, HF_EPROTOCOL, HF_FAULT_SERIAL, "does the serial line belong to another board?");
    finish(&f);

    begin(&f, &(peer_script){.faulted = true}); /* ours is */
    assert_int_equal(hf_session_await_boot(f.session, 600, &f.err), HF_ETARGET);
    assert_refused(&f, HF_ETARGET, HF_FAULT_BOARD, "the firmware faulted: kind=bus doing=layer 3");
    finish(&f);
}

/* Late frames of an earlier attempt, whatever their sequence numbers, before the board's first frame. */
static void late_frames_are_dropped(void **state)
{
    (void)state;
    char late[2048] = "";
    append(late, sizeof late, 0, "boot", NULL, 0);
    append(late, sizeof late, 7, "sample", "cycles", 5);
    append(late, sizeof late, 7, "ok", "records", 1);
    append(late, sizeof late, 0, "fault", NULL, 0);
    append(late, sizeof late, 0, "error", NULL, 0);
    fixture f;
    begin(&f, &(peer_script){.boots = true, .noise_before_line = 1, .noise = late});
    assert_int_equal(hf_session_await_boot(f.session, 5000, &f.err), HF_OK);
    assert_int_equal(peer_seen(f.board, "hello"), 0);
    assert_int_equal(hello(&f), HF_OK);
    assert_int_equal(hf_session_retries(f.session), 0);
    assert_non_null(strstr(hf_transcript_text(f.transcript), "does not carry nonce 0123456789abcdef"));
    finish(&f);
}

/* The same in a run, before each of its lines in turn: none becomes a sample. */
static void late_frames_do_not_enter_a_run(void **state)
{
    (void)state;
    for (int line = 1; line <= RUN_LINES; line++) {
        char late[2048] = "";
        append(late, sizeof late, SEQUENCE, "sample", "cycles", 5);
        append(late, sizeof late, SEQUENCE + 2, "sample", "cycles", 5);
        append(late, sizeof late, SEQUENCE + 2, "ok", "records", 3);
        append(late, sizeof late, 0, "fault", NULL, 0);
        append(late, sizeof late, 0, "boot", NULL, 0);
        hf_sample samples[3];
        fixture f;
        begin(&f, &(peer_script){.layers = 2, .noise_before_line = line, .noise = late});
        assert_int_equal(measure(&f, samples), HF_OK);
        for (uint64_t i = 0; i < 3; i++)
            assert_int_equal(samples[i].cycles, 1000 + i);
        assert_int_equal(hf_session_retries(f.session), 0);
        finish(&f);
    }
}

/* One with the sequence number of the request is not a sample either: it ends the session. */
static void an_answer_with_another_nonce_is_not_a_sample(void **state)
{
    (void)state;
    for (int line = 1; line <= RUN_LINES; line++) {
        char late[512] = "";
        append(late, sizeof late, SEQUENCE + 1, "sample", "cycles", 5);
        hf_sample samples[3];
        fixture f;
        begin(&f, &(peer_script){.layers = 2, .noise_before_line = line, .noise = late});
        assert_int_equal(measure(&f, samples), HF_EMISMATCH);
        assert_refused(&f, HF_EMISMATCH, HF_FAULT_SERIAL, "the answer carries nonce 00000000deadbeef");
        finish(&f);
    }
}

/* A reset during a run whose `boot` frame is lost: the nonce is gone. */
static void a_reset_without_boot_frame_is_noticed(void **state)
{
    (void)state;
    for (int line = 2; line <= RUN_LINES; line++) {
        hf_sample samples[3];
        fixture f;
        begin(&f, &(peer_script){.layers = 2, .lose_nonce_line = line});
        assert_int_equal(measure(&f, samples), HF_ETARGET);
        assert_refused(&f, HF_ETARGET, HF_FAULT_BOARD,
                       "the board was reset: its frames no longer carry the nonce");
        finish(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_boards_answer_ends_the_session),
        cmocka_unit_test(another_boards_boot_is_not_ours),
        cmocka_unit_test(another_boards_fault_is_not_ours),
        cmocka_unit_test(late_frames_are_dropped),
        cmocka_unit_test(late_frames_do_not_enter_a_run),
        cmocka_unit_test(an_answer_with_another_nonce_is_not_a_sample),
        cmocka_unit_test(a_reset_without_boot_frame_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
