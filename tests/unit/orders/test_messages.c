/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding and decoding of messages: what goes in comes out, and nothing else comes in. */
#include "hf_test.h"

#include <math.h>

#include "orders/bodies.h"
#include "orders/hello.h"
#include "sample_bodies.h"

/* ---- Envelopes ---- */

static hf_envelope envelope_of(hf_message_kind kind)
{
    hf_envelope e = {.kind = kind, .board = "lab2-3", .owner = "d0", .token = {7, 8}, .number = 9};
    if (kind == HF_MESSAGE_ORDER) {
        e.command = HF_ORDER_ATTEMPT;
        e.budget_ms = 180000;
    }
    if (kind == HF_MESSAGE_BEAT) {
        e.state = HF_ORDER_UNDER_WAY;
        e.phase = HF_PHASE_RUN;
        e.done = 3;
        e.of = 10;
    }
    if (kind == HF_MESSAGE_REFUSED)
        e.refusal = HF_REFUSAL_FORGOTTEN;
    if (kind == HF_MESSAGE_ANSWER)
        e.open = true;
    if (kind == HF_MESSAGE_INPUT || kind == HF_MESSAGE_OUTPUT) {
        e.piece = 4;
        e.position = HF_POSITION_MAX;
    }
    if (kind == HF_MESSAGE_ORDER || kind == HF_MESSAGE_ANSWER || kind == HF_MESSAGE_INPUT ||
        kind == HF_MESSAGE_OUTPUT)
        hf_envelope_set_body(&e, "a body", 6);
    return e;
}

static void test_envelopes(void **state)
{
    (void)state;
    for (hf_message_kind kind = HF_MESSAGE_ORDER; kind <= HF_MESSAGE_OUTPUT; kind++) {
        const hf_envelope sent = envelope_of(kind);
        hf_buffer bytes = HF_BUFFER_INIT;
        hf_envelope got;
        hf_envelope_encode(&sent, &bytes);
        assert_int_equal(hf_envelope_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
        if (sent.body) {
            assert_memory_equal(got.body, "a body", 6);
            got.body = sent.body;
        }
        assert_memory_equal(&got, &sent, sizeof got);
        for (size_t size = 0; size < bytes.size; size++) /* cut anywhere */
            assert_int_equal(hf_envelope_decode(bytes.data, size, &got, NULL), HF_EFORMAT);
        hf_buffer_putc(&bytes, 0); /* too long */
        assert_int_equal(hf_envelope_decode(bytes.data, bytes.size, &got, NULL), HF_EFORMAT);
        hf_buffer_free(&bytes);
    }
}

static hf_status decode_changed(hf_message_kind kind, void (*change)(hf_envelope *))
{
    hf_envelope e = envelope_of(kind), got;
    hf_buffer bytes = HF_BUFFER_INIT;
    change(&e);
    hf_envelope_encode(&e, &bytes);
    hf_status status = hf_envelope_decode(bytes.data, bytes.size, &got, NULL);
    hf_buffer_free(&bytes);
    return status;
}

static void no_board(hf_envelope *e)
{
    e->board[0] = '\0';
}
static void dotted(hf_envelope *e)
{
    strcpy(e->owner, "a.b");
}
static void wild(hf_envelope *e)
{
    strcpy(e->board, "b*");
}
static void no_budget(hf_envelope *e)
{
    e->budget_ms = 0;
}
static void no_number(hf_envelope *e)
{
    e->number = 0;
}
static void bad_command(hf_envelope *e)
{
    e->command = HF_ORDER_CONSOLE + 1;
}
static void bad_phase(hf_envelope *e)
{
    e->phase = HF_PHASE_COUNT;
}
static void bad_state(hf_envelope *e)
{
    e->state = 0;
}
static void bad_refusal(hf_envelope *e)
{
    e->refusal = 9;
}
static void other_body(hf_envelope *e)
{
    e->body = (const uint8_t *)"a bodY";
}
static void no_sha(hf_envelope *e)
{
    e->body_sha256[0] = '\0';
}
static void large(hf_envelope *e)
{
    e->body = NULL;
    e->body_bytes = HF_ENVELOPE_BODY_MAX + 1;
}
static void small_by_reference(hf_envelope *e)
{
    e->body = NULL;
}
static void far_away(hf_envelope *e)
{
    e->position = HF_POSITION_MAX + 1;
}
static void no_piece(hf_envelope *e)
{
    e->piece = 0;
}
static void no_bytes(hf_envelope *e)
{
    hf_envelope_set_body(e, NULL, 0);
}
static void too_much_input(hf_envelope *e)
{
    static const char much[HF_INPUT_MAX + 1];
    hf_envelope_set_body(e, much, sizeof much);
}
static void too_much_output(hf_envelope *e)
{
    static const char much[HF_OUTPUT_MAX + 1];
    hf_envelope_set_body(e, much, sizeof much);
}
static void unchanged(hf_envelope *e)
{
    (void)e;
}

static void test_envelopes_that_do_not_conform(void **state)
{
    (void)state;
    static const struct {
        void (*change)(hf_envelope *);
        hf_message_kind kind;
        hf_status status;
    } cases[] = {
        {unchanged, HF_MESSAGE_ORDER, HF_OK},
        {no_board, HF_MESSAGE_ORDER, HF_EFORMAT},
        {dotted, HF_MESSAGE_ORDER, HF_EFORMAT},
        {wild, HF_MESSAGE_ORDER, HF_EFORMAT},
        {no_budget, HF_MESSAGE_ORDER, HF_EFORMAT},
        {no_number, HF_MESSAGE_ORDER, HF_EFORMAT},
        {no_number, HF_MESSAGE_KEEP, HF_OK},
        {no_number, HF_MESSAGE_BEAT, HF_OK},
        {no_number, HF_MESSAGE_ANSWER, HF_EFORMAT},
        {bad_command, HF_MESSAGE_ORDER, HF_EFORMAT},
        {bad_phase, HF_MESSAGE_BEAT, HF_EFORMAT},
        {bad_state, HF_MESSAGE_BEAT, HF_EFORMAT},
        {bad_refusal, HF_MESSAGE_REFUSED, HF_EFORMAT},
        {other_body, HF_MESSAGE_ANSWER, HF_EFORMAT},
        {no_sha, HF_MESSAGE_ANSWER, HF_EFORMAT},
        {large, HF_MESSAGE_ANSWER, HF_EFORMAT},
        {small_by_reference, HF_MESSAGE_ANSWER, HF_EFORMAT},
        {far_away, HF_MESSAGE_INPUT, HF_EFORMAT},
        {far_away, HF_MESSAGE_OUTPUT, HF_EFORMAT},
        {no_piece, HF_MESSAGE_INPUT, HF_EFORMAT},
        {no_bytes, HF_MESSAGE_INPUT, HF_EFORMAT},
        {no_piece, HF_MESSAGE_OUTPUT, HF_OK},
        {no_bytes, HF_MESSAGE_OUTPUT, HF_OK},
        {no_number, HF_MESSAGE_INPUT, HF_EFORMAT},
        {too_much_input, HF_MESSAGE_INPUT, HF_EFORMAT},
        {too_much_output, HF_MESSAGE_OUTPUT, HF_EFORMAT},
        {small_by_reference, HF_MESSAGE_OUTPUT, HF_EFORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(decode_changed(cases[i].kind, cases[i].change), cases[i].status);
}

static void test_another_version_is_named(void **state)
{
    (void)state;
    hf_envelope e = envelope_of(HF_MESSAGE_KEEP), got;
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_envelope_encode(&e, &bytes);
    bytes.data[2] = 2;
    assert_int_equal(hf_envelope_decode(bytes.data, bytes.size, &got, &err), HF_EUNSUPPORTED);
    assert_string_equal(err.message, "a message of version 2; this program understands version 1");
    hf_buffer_free(&bytes);
}

/* ---- Bodies ---- */

static void test_an_order_to_open(void **state)
{
    (void)state;
    hf_open_body sent, got;
    hf_buffer bytes = HF_BUFFER_INIT;
    sample_open(&sent);
    hf_open_body_encode(&sent, &bytes);
    assert_int_equal(hf_open_body_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    assert_memory_equal(&got, &sent, sizeof got);
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(hf_open_body_decode(bytes.data, size, &got, NULL), HF_EFORMAT);
    hf_buffer_clear(&bytes);
    sent.firmware = (hf_blob_ref){0};
    hf_open_body_encode(&sent, &bytes);
    assert_int_equal(hf_open_body_decode(bytes.data, bytes.size, &got, NULL), HF_EFORMAT);
    hf_buffer_free(&bytes);
}

static void test_an_order_for_a_console(void **state)
{
    (void)state;
    hf_console_body sent = {.settings = {.baud = HF_BOARD_LINE_MAX_BAUD, .flash = true}}, got;
    hf_buffer bytes = HF_BUFFER_INIT;
    sample_open(&sent.open);
    hf_console_body_encode(&sent, &bytes);
    assert_int_equal(hf_console_body_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    assert_memory_equal(&got.open, &sent.open, sizeof got.open);
    assert_int_equal(got.settings.baud, HF_BOARD_LINE_MAX_BAUD);
    assert_true(got.settings.flash && !got.settings.reset);
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(hf_console_body_decode(bytes.data, size, &got, NULL), HF_EFORMAT);
    hf_buffer_clear(&bytes);
    sent.settings.baud++;
    hf_console_body_encode(&sent, &bytes);
    assert_int_equal(hf_console_body_decode(bytes.data, bytes.size, &got, NULL), HF_EFORMAT);
    hf_buffer_free(&bytes);
}

static void test_an_order_for_an_attempt(void **state)
{
    (void)state;
    hf_attempt_request sent;
    hf_board_deadlines deadlines;
    hf_blob_ref image;
    hf_attempt_body got;
    hf_buffer bytes = HF_BUFFER_INIT, again = HF_BUFFER_INIT;
    sample_attempt(&sent, &deadlines, &image);
    hf_attempt_body_encode(&sent, &deadlines, &image, &bytes);
    assert_int_equal(hf_attempt_body_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    const hf_attempt_request *r = &got.request;
    assert_string_equal(r->name, "kws_streaming");
    assert_null(r->image);
    assert_int_equal(r->image_bytes, 13000);
    assert_string_equal(got.image.sha256, image.sha256);
    assert_int_equal(got.deadlines.attempt_ms, 60);
    assert_memory_equal(r->input, sent.input, sent.input_bytes);
    assert_memory_equal(r->layer_crc32, sent.layer_crc32, 2 * sizeof(uint32_t));
    assert_int_equal(r->further_count, 2);
    assert_true(r->further[0].continues);
    assert_memory_equal(r->further[0].input, sent.further[0].input, sent.inputs_bytes);
    assert_null(r->further[1].input);
    assert_int_equal(r->further[1].input_seed, 77);
    assert_memory_equal(r->states, sent.states, sizeof *sent.states);
    assert_true(r->layers && r->keep_outputs);
    assert_int_equal(r->rom_limit_bytes, 256000);
    hf_attempt_body_encode(r, &got.deadlines, &got.image, &again);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.data, bytes.data, bytes.size);
    hf_attempt_body_free(&got);
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(hf_attempt_body_decode(bytes.data, size, &got, NULL), HF_EFORMAT);
    hf_buffer_free(&bytes);
    hf_buffer_free(&again);
}

static void test_a_state_outside_of_the_tensor(void **state)
{
    (void)state;
    hf_attempt_request sent;
    hf_board_deadlines deadlines;
    hf_blob_ref image;
    hf_attempt_body got;
    hf_buffer bytes = HF_BUFFER_INIT;
    sample_attempt(&sent, &deadlines, &image);
    const hf_attempt_state outside = {.from = 0, .to = 9, .bytes = 4};
    sent.states = &outside;
    hf_attempt_body_encode(&sent, NULL, &image, &bytes);
    assert_int_equal(hf_attempt_body_decode(bytes.data, bytes.size, &got, NULL), HF_EFORMAT);
    hf_buffer_free(&bytes);
}

static void test_an_answer(void **state)
{
    (void)state;
    hf_worker_reply sent, got = {0};
    hf_buffer bytes = HF_BUFFER_INIT, again = HF_BUFFER_INIT;
    sample_answer(&sent);
    hf_answer_body_encode(&sent, &bytes);
    assert_int_equal(hf_answer_body_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    assert_int_equal(got.status, HF_OK);
    assert_int_equal(got.command, HF_WORKER_ATTEMPT);
    assert_string_equal(got.openocd_version, sent.openocd_version);
    assert_memory_equal(got.result.samples, sent.result.samples, 6 * sizeof(hf_sample));
    assert_memory_equal(got.result.layers, sent.result.layers, 2 * sizeof(hf_layer));
    assert_memory_equal(got.result.outputs, sent.result.outputs, 18);
    assert_true(fabs(got.result.clock_ratio - 1.0003) < 1e-12);
    assert_int_equal(got.result.stack_bytes, 1024);
    assert_int_equal(got.result.phase_ns[HF_PHASE_CHECK], 7);
    hf_answer_body_encode(&got, &again);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.data, bytes.data, bytes.size);
    hf_worker_reply_clear(&got);
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(hf_answer_body_decode(bytes.data, size, &got, NULL), HF_EFORMAT);
    hf_buffer_free(&bytes);
    hf_buffer_free(&again);
}

static void test_an_answer_that_reports_a_failure(void **state)
{
    (void)state;
    char transcript[] = "line 1\nline 2 \x80";
    hf_worker_reply sent = {.command = HF_WORKER_OPEN, .status = HF_ETIMEOUT, .transcript = transcript},
                    got = {0};
    hf_buffer bytes = HF_BUFFER_INIT;
    (void)HF_FAIL_AS(&sent.error, HF_FAULT_PROBE, HF_ETIMEOUT, "no answer\nfrom the probe");
    sent.error.lasting = HF_ABSENT;
    hf_answer_body_encode(&sent, &bytes);
    assert_int_equal(hf_answer_body_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    assert_int_equal(got.status, HF_ETIMEOUT);
    assert_int_equal(got.error.status, HF_ETIMEOUT);
    assert_int_equal(got.error.fault, HF_FAULT_PROBE);
    assert_int_equal(got.error.lasting, HF_ABSENT);
    assert_string_equal(got.error.message, "no answer?from the probe");
    assert_string_equal(got.transcript, transcript);
    hf_worker_reply_clear(&got);
    hf_buffer_free(&bytes);
}

static void test_what_a_host_says_of_its_boards(void **state)
{
    (void)state;
    hf_hello_board boards[] = {
        {.id = "l4-1", .chip = "stm32l4r5zi", .tags = {"fast", "desk"}, .tag_count = 2},
        {.id = "virtual-1", .chip = "stm32f767zi", .modelled = true}};
    const hf_hello sent = {.host = "lab2", .version = "0.1.0", .boards = boards, .board_count = 2};
    hf_hello got;
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_error err = {0};
    hf_hello_encode(&sent, &bytes);
    assert_int_equal(hf_hello_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    assert_string_equal(got.host, "lab2");
    assert_int_equal(got.board_count, 2);
    assert_memory_equal(got.boards, boards, sizeof boards);
    hf_hello_free(&got);
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(hf_hello_decode(bytes.data, size, &got, NULL), HF_EFORMAT);
    bytes.data[0] = 9;
    assert_int_equal(hf_hello_decode(bytes.data, bytes.size, &got, &err), HF_EUNSUPPORTED);
    assert_string_equal(err.message, "its agent speaks version 9; this program understands version 1");
    hf_buffer_free(&bytes);
}

/* Decodes what a host says whose first tag has these bytes in place of "fast". */
static hf_status decode_tag(const char bytes_of_tag[4])
{
    hf_hello_board board = {.id = "b", .chip = "stm32l4r5zi", .tags = {"fast"}, .tag_count = 1};
    const hf_hello sent = {.host = "lab2", .version = "1", .boards = &board, .board_count = 1};
    hf_hello got;
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_hello_encode(&sent, &bytes);
    memcpy(memmem(bytes.data, bytes.size, "fast", 4), bytes_of_tag, 4);
    const hf_status status = hf_hello_decode(bytes.data, bytes.size, &got, NULL);
    if (status == HF_OK)
        hf_hello_free(&got);
    hf_buffer_free(&bytes);
    return status;
}

static void test_text_that_a_terminal_would_obey(void **state)
{
    (void)state;
    static const char *const obeyed[] = {"\x1b[2J",
                                         "a\nbc",
                                         "\x7f"
                                         "abc",
                                         "a\xc2\x9b"
                                         "K",
                                         "\x9b"
                                         "2Jx",
                                         "ab\xc3\x28",
                                         "abc\xe2"};
    static const char *const harmless[] = {"<b>&", "\xc3\xa4\xc3\xb6", "\xe2\x82\xac ", "\xf0\x9f\x90\x9e"};
    for (size_t i = 0; i < sizeof obeyed / sizeof obeyed[0]; i++)
        assert_int_equal(decode_tag(obeyed[i]), HF_EFORMAT);
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        assert_int_equal(decode_tag(harmless[i]), HF_OK);
}

/* A text that was cut within a character is read back without the rest of it; odd bytes in a message are replaced. */
static void test_text_that_was_cut(void **state)
{
    (void)state;
    hf_hello_board board = {.id = "b", .chip = "stm32l4r5zi", .tags = {"caf\xc3"}, .tag_count = 1};
    const hf_hello sent = {.host = "lab2", .version = "1", .boards = &board, .board_count = 1};
    hf_hello got;
    hf_worker_reply failed = {.command = HF_WORKER_OPEN, .status = HF_EIO}, read = {0};
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_hello_encode(&sent, &bytes);
    assert_int_equal(hf_hello_decode(bytes.data, bytes.size, &got, NULL), HF_OK);
    assert_string_equal(got.boards[0].tags[0], "caf");
    hf_hello_free(&got);
    hf_buffer_clear(&bytes);
    strcpy(failed.error.message, "it said \x1b[2J\xc2\x9b and \xff\xc3\xa4");
    hf_answer_body_encode(&failed, &bytes);
    assert_int_equal(hf_answer_body_decode(bytes.data, bytes.size, &read, NULL), HF_OK);
    assert_string_equal(read.error.message, "it said ?[2J?? and ?\xc3\xa4");
    hf_worker_reply_clear(&read);
    hf_buffer_free(&bytes);
}

/* ---- Checking an answer ---- */

static void fewer_samples(hf_attempt_result *r)
{
    r->sample_count--;
}
static void more_steps(hf_attempt_result *r)
{
    r->step_count++;
}
static void no_layers(hf_attempt_result *r)
{
    r->layers = NULL;
    r->layer_count = 0;
}
static void fewer_layers(hf_attempt_result *r)
{
    r->layer_count = 1;
}
static void no_outputs(hf_attempt_result *r)
{
    r->outputs = NULL;
}
static void other_output(hf_attempt_result *r)
{
    r->output_crc32++;
}
static void other_layer(hf_attempt_result *r)
{
    r->layers[1].crc32++;
}
static void negative_sample(hf_attempt_result *r)
{
    r->samples[3].cycles = -1;
}
static void huge_sample(hf_attempt_result *r)
{
    r->samples[0].cycles = INT64_MAX;
}
static void negative_layer(hf_attempt_result *r)
{
    r->layers[0].cycles = -5;
}
static void huge_figure(hf_attempt_result *r)
{
    r->stack_bytes = INT64_MAX;
}
static void no_clock(hf_attempt_result *r)
{
    r->clock_hz = 0;
}
static void odd_clock(hf_attempt_result *r)
{
    r->clock_ratio = -1;
}

static void test_what_an_agent_may_claim(void **state)
{
    (void)state;
    static void (*const changes[])(hf_attempt_result *) = {
        fewer_samples,   more_steps,  no_layers,      fewer_layers, no_outputs, other_output, other_layer,
        negative_sample, huge_sample, negative_layer, huge_figure,  no_clock,   odd_clock};
    hf_attempt_request request;
    hf_board_deadlines deadlines;
    hf_blob_ref image;
    hf_worker_reply reply;
    sample_attempt(&request, &deadlines, &image);
    sample_answer(&reply);
    assert_int_equal(hf_answer_check(&request, false, &reply, NULL), HF_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        hf_error err = {0};
        sample_answer(&reply);
        changes[i](&reply.result);
        assert_int_equal(hf_answer_check(&request, false, &reply, &err), HF_EPROTOCOL);
        assert_int_equal(err.fault, HF_FAULT_BOARD);
    }
}

static void test_a_modelled_board_stays_modelled(void **state)
{
    (void)state;
    hf_attempt_request request;
    hf_board_deadlines deadlines;
    hf_blob_ref image;
    hf_worker_reply reply;
    sample_attempt(&request, &deadlines, &image);
    sample_answer(&reply);
    reply.result.modelled = false;
    assert_int_equal(hf_answer_check(&request, true, &reply, NULL), HF_OK);
    assert_true(reply.result.modelled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_envelopes_that_do_not_conform),
        cmocka_unit_test(test_another_version_is_named),
        cmocka_unit_test(test_an_order_to_open),
        cmocka_unit_test(test_an_order_for_a_console),
        cmocka_unit_test(test_an_order_for_an_attempt),
        cmocka_unit_test(test_a_state_outside_of_the_tensor),
        cmocka_unit_test(test_an_answer),
        cmocka_unit_test(test_an_answer_that_reports_a_failure),
        cmocka_unit_test(test_what_a_host_says_of_its_boards),
        cmocka_unit_test(test_text_that_a_terminal_would_obey),
        cmocka_unit_test(test_text_that_was_cut),
        cmocka_unit_test(test_what_an_agent_may_claim),
        cmocka_unit_test(test_a_modelled_board_stays_modelled),
    };
    return cmocka_run_group_tests_name("orders_messages", tests, NULL, NULL);
}
