/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of the wire protocol against a scripted peer, with and without faults. */
#include "hf_test.h"

#include <fcntl.h>

#include "checksum/crc.h"
#include "proto/frame.h"
#include "session_fixture.h"

static void hello_reads_id_and_model(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.layers = 7});
    hf_session_id id;
    hf_session_model model;
    assert_int_equal(hf_session_hello(f.session, &id, &model, &f.err), HF_OK);
    assert_string_equal(id.chip, "stm32l4r5zi");
    assert_string_equal(id.firmware, "0123456789abcdef0123456789abcdef01234567");
    assert_string_equal(id.reset, "software");
    assert_int_equal(id.clock_hz, 120000000);
    assert_string_equal(id.clock_source, "msi_lse");
    assert_int_equal(id.model_base, 0x08010000);
    assert_string_equal(model.state, "ok");
    assert_int_equal(model.crc32, 0xdeadbeef);
    assert_int_equal(model.layers, 7);
    assert_int_equal(hf_session_retries(f.session), 0);
    assert_non_null(strstr(hf_transcript_text(f.transcript), "serial<  <9544372 model state=ok"));
    finish(&f);
}

/* Any line of the reply, or the request, is garbled or lost: the request is repeated and answered. */
static void hello_survives_any_lost_line(void **state)
{
    (void)state;
    for (int what = 0; what < 7; what++) {
        peer_script script = {.layers = 7};
        if (what < 3)
            script.garble_line = what + 1;
        else if (what < 6)
            script.drop_line = what - 2;
        else
            script.drop_request = 1;
        fixture f;
        begin(&f, &script);
        hf_session_id id;
        hf_session_model model;
        assert_int_equal(hf_session_hello(f.session, &id, &model, &f.err), HF_OK);
        assert_int_equal(model.layers, 7);
        assert_int_equal(hf_session_retries(f.session), 1);
        finish(&f);
    }
}

/* A record of an earlier sending, or of another baud rate's attempt, comes between ours: it counts for
 * nothing. */
static void late_frames_are_ignored(void **state)
{
    (void)state;
    for (int line = 1; line <= 3; line++) {
        fixture f;
        begin(&f, &(peer_script){.layers = 7, .late_line = line});
        hf_session_id id;
        hf_session_model model;
        assert_int_equal(hf_session_hello(f.session, &id, &model, &f.err), HF_OK);
        assert_int_equal(model.layers, 7);
        assert_int_equal(hf_session_retries(f.session), 0);
        assert_non_null(strstr(hf_transcript_text(f.transcript), "<4294967295 "));
        finish(&f);
    }
}

static void an_unanswered_hello_is_class_board(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.mute = true});
    hf_session_id id;
    hf_session_model model;
    assert_int_equal(hf_session_hello(f.session, &id, &model, &f.err), HF_ETIMEOUT);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_non_null(strstr(f.err.message, "no complete answer to 'hello'"));
    finish(&f);
}

static void another_protocol_version_is_named(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.protocol = 9});
    hf_session_id id;
    hf_session_model model;
    assert_int_equal(hf_session_hello(f.session, &id, &model, &f.err), HF_EMISMATCH);
    assert_non_null(strstr(f.err.message, "protocol version 9"));
    finish(&f);
}

static void boot_is_awaited(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.boots = true});
    assert_int_equal(hf_session_await_boot(f.session, 5000, &f.err), HF_OK);
    assert_int_equal(peer_seen(f.board, "hello"), 0);
    finish(&f);

    begin(&f, &(peer_script){.boots = true, .garble_line = 1}); /* then it is asked */
    assert_int_equal(hf_session_await_boot(f.session, 5000, &f.err), HF_OK);
    assert_int_equal(peer_seen(f.board, "hello"), 1);
    finish(&f);

    begin(&f, &(peer_script){.mute = true});
    assert_int_equal(hf_session_await_boot(f.session, 400, &f.err), HF_ETIMEOUT);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_non_null(strstr(f.err.message, "did not start within 400 ms"));
    finish(&f);
}

static void baud_changes_or_falls_back(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){0});
    uint32_t baud = 921600;
    assert_int_equal(hf_session_set_baud(f.session, HF_SESSION_RESET_BAUD, &baud, &f.err), HF_OK);
    assert_int_equal(baud, 921600);
    finish(&f);

    begin(&f, &(peer_script){.refuses_baud = true});
    baud = 921600;
    assert_int_equal(hf_session_set_baud(f.session, HF_SESSION_RESET_BAUD, &baud, &f.err), HF_OK);
    assert_int_equal(baud, HF_SESSION_RESET_BAUD);
    finish(&f);

    begin(&f, &(peer_script){.drop_line = 1}); /* the `ok` is lost, but the speed has changed */
    baud = 921600;
    assert_int_equal(hf_session_set_baud(f.session, HF_SESSION_RESET_BAUD, &baud, &f.err), HF_OK);
    assert_int_equal(baud, 921600);
    finish(&f);

    begin(&f, &(peer_script){.deaf_after_baud = true});
    baud = 921600;
    assert_int_equal(hf_session_set_baud(f.session, HF_SESSION_RESET_BAUD, &baud, &f.err), HF_ETIMEOUT);
    assert_int_equal(f.err.fault, HF_FAULT_SERIAL);
    assert_non_null(strstr(f.err.message, "answers at neither"));
    finish(&f);
}

static void input_is_staged_and_compared(void **state)
{
    (void)state;
    fixture f;
    uint8_t input[1024];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 7 + i / 256);
    uint32_t crc32 = hf_crc32(0, input, sizeof input);

    begin(&f, &(peer_script){.garble_line = 2, .drop_request = 4}); /* despite lost and garbled frames */
    assert_int_equal(hf_session_input_data(f.session, input, sizeof input, crc32, &f.err), HF_OK);
    assert_int_equal(hf_session_retries(f.session), 2);
    uint8_t back[700];
    assert_int_equal(hf_session_read_output(f.session, 100, back, sizeof back, &f.err), HF_OK);
    assert_memory_equal(back, input + 100, sizeof back);
    assert_int_equal(hf_session_input_data(f.session, input, sizeof input, crc32 ^ 1, &f.err), HF_EMISMATCH);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    finish(&f);

    begin(&f, &(peer_script){.input_crc32 = 0x1234});
    assert_int_equal(hf_session_input_seed(f.session, 5, 1024, 0x1234, &f.err), HF_OK);
    assert_int_equal(hf_session_input_seed(f.session, 5, 1000, 0x1234, &f.err), HF_EMISMATCH);
    assert_int_equal(f.err.fault, HF_FAULT_JOB);
    assert_non_null(strstr(f.err.message, "1024 bytes, the input 1000"));
    finish(&f);
}

static void a_state_is_carried_and_a_part_replaced(void **state)
{
    (void)state;
    fixture f;
    uint8_t input[1024];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 7 + i / 256);
    begin(&f, &(peer_script){.drop_request = 6}); /* `carry` is repeated */
    assert_int_equal(
        hf_session_input_data(f.session, input, sizeof input, hf_crc32(0, input, sizeof input), &f.err),
        HF_OK);
    const hf_session_carried range = {.from = 100, .to = 600, .bytes = 300};
    assert_int_equal(hf_session_carry(f.session, &range, &f.err), HF_OK);
    memcpy(input + 600, input + 100, 300);
    memset(input, 0x5A, 500);
    assert_int_equal(hf_session_input_part(f.session, input, 500, &f.err), HF_OK);
    const uint32_t crc32 = hf_crc32(0, input, sizeof input);
    assert_int_equal(hf_session_check_input(f.session, sizeof input, crc32, &f.err), HF_OK);
    assert_true(hf_session_retries(f.session) >= 1);
    assert_true(peer_seen(f.board, "carry") >= 2);
    assert_int_equal(hf_session_check_input(f.session, sizeof input, crc32 ^ 1, &f.err), HF_EMISMATCH);
    finish(&f);
}

typedef struct seen_progress {
    uint32_t calls;
    uint32_t last;
} seen_progress;

static void see(void *user, uint32_t done, uint32_t of)
{
    seen_progress *seen = user;
    assert_int_equal(of, 3);
    seen->calls++;
    seen->last = done;
}

static hf_status measure(fixture *f, uint32_t repeats, hf_sample samples[3], hf_layer layers[2],
                         hf_session_measured *out)
{
    *out = (hf_session_measured){.samples = samples, .layers = layers};
    const hf_session_run run = {.warmup = 1, .runs = 3, .layers = true, .layer_count = 2, .repeats = repeats};
    return hf_session_measure(f->session, &run, out, &f->err);
}

static void run_collects_records(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){.layers = 2, .noise_before_line = 3});
    hf_sample samples[3];
    hf_layer layers[2];
    hf_session_measured measured = {.samples = samples, .layers = layers};
    seen_progress seen = {0};
    const hf_session_run run = {
        .warmup = 1, .runs = 3, .layers = true, .layer_count = 2, .progress = see, .progress_user = &seen};
    assert_int_equal(hf_session_measure(f.session, &run, &measured, &f.err), HF_OK);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(samples[i].cycles, 1000 + i);
        assert_int_equal(samples[i].instructions, 700 + i);
    }
    assert_int_equal(layers[1].crc32, 0xc0de0001);
    assert_int_equal(layers[1].cycles, 101);
    assert_int_equal(layers[1].instructions, 0);
    assert_string_equal(layers[0].op, "conv2d");
    assert_int_equal(measured.stack_bytes, 300);
    assert_int_equal(measured.output_crc32, 0xfeedf00d);
    assert_int_equal(seen.calls, 3);
    assert_int_equal(seen.last, 3);
    assert_non_null(strstr(hf_transcript_text(f.transcript), "some text for people"));
    finish(&f);
}

/* Each of the run's 8 lines garbled or lost in turn: an incomplete run never gives figures. */
static void run_with_any_lost_line_is_repeated_once(void **state)
{
    (void)state;
    for (int line = 1; line <= 8; line++) {
        for (int drop = 0; drop < 2; drop++) {
            peer_script script = {.layers = 2};
            *(drop ? &script.drop_line : &script.garble_line) = line;
            hf_sample samples[3];
            hf_layer layers[2];
            hf_session_measured measured;
            fixture f;
            begin(&f, &script);
            assert_int_equal(measure(&f, 1, samples, layers, &measured), HF_OK);
            assert_int_equal(samples[2].cycles, 1002);
            assert_int_equal(layers[1].crc32, 0xc0de0001);
            assert_int_equal(peer_seen(f.board, "run"), 2);
            assert_true(hf_session_retries(f.session) >= 1);
            finish(&f);

            begin(&f, &script); /* no repetition allowed: class serial */
            assert_int_equal(measure(&f, 0, samples, layers, &measured), HF_EPROTOCOL);
            assert_int_equal(f.err.fault, HF_FAULT_SERIAL);
            assert_int_equal(peer_seen(f.board, "run"), 1);
            finish(&f);
        }
    }
}

static void run_failures_are_classified(void **state)
{
    (void)state;
    static const struct {
        peer_script script;
        hf_status status;
        hf_fault fault;
        const char *says;
    } cases[] = {
        {{.layers = 2, .fault_at_sample = 2},
         HF_ETARGET,
         HF_FAULT_BOARD,
         "kind=bus doing=layer 3 pc=08001234"},
        {{.layers = 2, .boot_at_sample = 2},
         HF_ETARGET,
         HF_FAULT_BOARD,
         "the board was reset (cause: software)"},
        {{.layers = 2, .refuse_run = "arena"}, HF_ETARGET, HF_FAULT_JOB, "no, thank you (code arena)"},
        {{.layers = 2, .refuse_run = "input"}, HF_ETARGET, HF_FAULT_BOARD, "code input"},
        {{.layers = 1}, HF_EPROTOCOL, HF_FAULT_BOARD, "after 3 samples and 1 layer records (of 2)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_sample samples[3];
        hf_layer layers[2];
        hf_session_measured measured;
        fixture f;
        begin(&f, &cases[i].script);
        assert_int_equal(measure(&f, 1, samples, layers, &measured), cases[i].status);
        assert_int_equal(f.err.fault, cases[i].fault);
        if (!strstr(f.err.message, cases[i].says))
            fail_msg("case %zu says '%s'", i, f.err.message);
        finish(&f);
    }
}

static void cancelling_ends_a_wait(void **state)
{
    (void)state;
    hf_sample samples[3];
    hf_layer layers[2];
    hf_session_measured measured;
    fixture f;
    begin(&f, &(peer_script){.layers = 2, .silent_at_sample = 1});
    int cancel[2];
    assert_int_equal(pipe(cancel), 0);
    assert_int_equal(write(cancel[1], "x", 1), 1);
    f.watch.cancel_fd = cancel[0];
    assert_int_equal(measure(&f, 1, samples, layers, &measured), HF_ECANCELLED);
    assert_int_equal(f.err.status, HF_ECANCELLED);
    close(cancel[0]);
    close(cancel[1]);
    finish(&f);
}

static void a_lost_line_is_class_serial(void **state)
{
    (void)state;
    fixture f;
    begin(&f, &(peer_script){0});
    peer_stop(f.board);
    hf_session_id id;
    hf_session_model model;
    assert_int_equal(hf_session_hello(f.session, &id, &model, &f.err), HF_EIO);
    assert_int_equal(f.err.fault, HF_FAULT_SERIAL);
    assert_non_null(strstr(f.err.message, "is gone"));
    const char *path;
    f.board = peer_start(&(peer_script){0}, &path); /* for finish() */
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_reads_id_and_model),
        cmocka_unit_test(hello_survives_any_lost_line),
        cmocka_unit_test(late_frames_are_ignored),
        cmocka_unit_test(an_unanswered_hello_is_class_board),
        cmocka_unit_test(another_protocol_version_is_named),
        cmocka_unit_test(boot_is_awaited),
        cmocka_unit_test(baud_changes_or_falls_back),
        cmocka_unit_test(input_is_staged_and_compared),
        cmocka_unit_test(a_state_is_carried_and_a_part_replaced),
        cmocka_unit_test(run_collects_records),
        cmocka_unit_test(run_with_any_lost_line_is_repeated_once),
        cmocka_unit_test(run_failures_are_classified),
        cmocka_unit_test(cancelling_ends_a_wait),
        cmocka_unit_test(a_lost_line_is_class_serial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
