/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds arbitrary bytes to whatever reads messages of another host, and to both sides of a board. What is accepted must be
 * written as bytes that are read back to the same bytes. Used by libFuzzer, and by replay_corpus.c as an ordinary test. */
#include "replay_corpus.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "orders/board_owner.h"
#include "orders/bodies.h"
#include "orders/console_output.h"
#include "orders/hello.h"
#include "orders/order_keeper.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

#define S UINT64_C(1000000000)

static void check_same(hf_buffer *a, hf_buffer *b)
{
    CHECK(a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0));
    hf_buffer_free(a);
    hf_buffer_free(b);
}

/* What people may see: UTF-8 that no terminal obeys. */
static void check_text(const char *text)
{
    for (size_t length; *text; text += length) {
        const unsigned char *bytes = (const unsigned char *)text;
        length = hf_utf8_length(text);
        CHECK(length > 0 && bytes[0] >= ' ' && bytes[0] != 0x7f && (bytes[0] != 0xc2 || bytes[1] >= 0xa0));
    }
}

static void check_open(const uint8_t *bytes, size_t size)
{
    hf_open_body body;
    hf_buffer once = HF_BUFFER_INIT, twice = HF_BUFFER_INIT;
    if (hf_open_body_decode(bytes, size, &body, NULL) != HF_OK)
        return;
    hf_open_body_encode(&body, &once);
    CHECK(hf_open_body_decode(once.data, once.size, &body, NULL) == HF_OK);
    hf_open_body_encode(&body, &twice);
    check_same(&once, &twice);
}

static void check_console(const uint8_t *bytes, size_t size)
{
    hf_console_body body;
    hf_buffer once = HF_BUFFER_INIT, twice = HF_BUFFER_INIT;
    if (hf_console_body_decode(bytes, size, &body, NULL) != HF_OK)
        return;
    CHECK(body.settings.baud <= HF_BOARD_LINE_MAX_BAUD);
    hf_console_body_encode(&body, &once);
    CHECK(hf_console_body_decode(once.data, once.size, &body, NULL) == HF_OK);
    hf_console_body_encode(&body, &twice);
    check_same(&once, &twice);
}

/* A board that says anything, and an owner that acknowledges anything: positions of the input, and what it holds. */
static void check_console_output(const hf_envelope *input, const uint8_t *bytes, size_t size)
{
    static hf_console_output output;
    uint8_t message[HF_OUTPUT_MAX];
    uint64_t position, before = 0;
    uint32_t count;
    hf_console_output_begin(&output);
    for (uint64_t i = 1; i < 20; i++) {
        for (uint32_t times = 0; times < (input->piece & 0xff); times++)
            hf_console_output_add(&output, bytes, size);
        hf_console_output_arrived(&output, input->position >> (i * 3));
        if (!hf_console_output_next(&output, i * HF_OUTPUT_GAP_NS, &position, message, &count))
            continue;
        CHECK(position >= before && count <= HF_OUTPUT_MAX && position + count <= output.end);
        CHECK(output.arrived <= output.sent && output.end - output.first <= HF_OUTPUT_KEPT);
        before = position + count;
    }
}

static void check_hello(const uint8_t *bytes, size_t size)
{
    hf_hello hello, again;
    hf_buffer once = HF_BUFFER_INIT, twice = HF_BUFFER_INIT;
    if (hf_hello_decode(bytes, size, &hello, NULL) != HF_OK)
        return;
    check_text(hello.version);
    for (uint32_t i = 0; i < hello.board_count; i++) {
        CHECK(hf_hello_board_ok(hello.boards[i].id));
        check_text(hello.boards[i].chip);
        for (uint32_t k = 0; k < hello.boards[i].tag_count; k++)
            check_text(hello.boards[i].tags[k]);
    }
    hf_hello_encode(&hello, &once);
    CHECK(hf_hello_decode(once.data, once.size, &again, NULL) == HF_OK);
    hf_hello_encode(&again, &twice);
    hf_hello_free(&hello);
    hf_hello_free(&again);
    check_same(&once, &twice);
}

static void check_attempt(const uint8_t *bytes, size_t size)
{
    hf_attempt_body body, again;
    hf_buffer once = HF_BUFFER_INIT, twice = HF_BUFFER_INIT;
    if (hf_attempt_body_decode(bytes, size, &body, NULL) != HF_OK)
        return;
    CHECK(body.request.runs >= 1 && body.request.inputs_bytes <= body.request.input_bytes);
    hf_attempt_body_encode(&body.request, &body.deadlines, &body.image, &once);
    CHECK(hf_attempt_body_decode(once.data, once.size, &again, NULL) == HF_OK);
    hf_attempt_body_encode(&again.request, &again.deadlines, &again.image, &twice);
    hf_attempt_body_free(&body);
    hf_attempt_body_free(&again);
    check_same(&once, &twice);
}

static void check_answer(const uint8_t *bytes, size_t size)
{
    hf_worker_reply reply = {0}, again = {0};
    hf_buffer once = HF_BUFFER_INIT, twice = HF_BUFFER_INIT;
    hf_error err = {0};
    if (hf_answer_body_decode(bytes, size, &reply, &err) != HF_OK) {
        CHECK(err.message[0]);
        return;
    }
    check_text(reply.error.message);
    check_text(reply.openocd_version);
    check_text(reply.result.firmware_id);
    check_text(reply.result.firmware_version);
    check_text(reply.result.clock_source);
    for (uint32_t i = 0; i < reply.result.layer_count && reply.result.layers; i++) {
        check_text(reply.result.layers[i].name);
        check_text(reply.result.layers[i].op);
    }
    const hf_attempt_request request = {
        .runs = 1, .layers = reply.result.layers != NULL, .layer_count = reply.result.layer_count};
    (void)hf_answer_check(&request, true, &reply, NULL); /* it must only not crash */
    hf_answer_body_encode(&reply, &once);
    CHECK(hf_answer_body_decode(once.data, once.size, &again, NULL) == HF_OK);
    hf_answer_body_encode(&again, &twice);
    hf_worker_reply_clear(&reply);
    hf_worker_reply_clear(&again);
    check_same(&once, &twice);
}

/* An agent that receives what anybody may send. */
static void check_keeper(const hf_envelope *message)
{
    const hf_keeper_options options = {.board = "b", .seen = {1, 1}, .resend_ns = S, .silence_ns = S};
    hf_keeper *keeper;
    hf_keeper_action action;
    bool busy = false;
    if (hf_keeper_new(&options, 0, &keeper, NULL) != HF_OK)
        return;
    for (uint64_t i = 1; i < 4; i++) {
        CHECK(hf_keeper_message(keeper, message, i * S) == HF_OK);
        CHECK(!hf_keeper_is_for_console(keeper, message) || busy);
        CHECK(!hf_keeper_is_for_console(keeper, message) || !hf_keeper_is_listening(keeper, message));
        while (hf_keeper_next(keeper, &action)) {
            CHECK(action.kind != HF_KEEPER_EXECUTE || !busy);
            busy |= action.kind == HF_KEEPER_EXECUTE;
        }
        hf_keeper_tick(keeper, i * S);
        if (busy && i == 2) {
            hf_buffer body = HF_BUFFER_INIT;
            hf_keeper_done(keeper, &body, true, i * S);
            busy = false;
        }
    }
    hf_keeper_free(keeper);
}

/* A daemon that receives what an evil agent sends. */
static void check_owner(const hf_envelope *message, hf_order_command command)
{
    const hf_owner_options options = {.board = "b",
                                      .owner = "d",
                                      .lease_ns = 10 * S,
                                      .renew_ns = 3 * S,
                                      .resend_ns = S,
                                      .keep_ns = S,
                                      .first_sign_ns = S,
                                      .patience_ns = S,
                                      .close_ns = S};
    hf_owner *owner;
    hf_owner_action action;
    unsigned replies = 0;
    hf_buffer body = HF_BUFFER_INIT;
    if (hf_owner_new(&options, &owner, NULL) != HF_OK)
        return;
    hf_owner_command(owner, command, &body, 10 * S, 0);
    hf_owner_acquired(owner, HF_LEASE_OK, message->token, 0, 0);
    for (uint64_t i = 0; i < 4; i++) {
        CHECK(!hf_owner_is_of_order(owner, message) || hf_owner_is_of_lease(owner, message));
        hf_owner_message(owner, message, i * S);
        while (hf_owner_next(owner, &action))
            replies += action.kind == HF_OWNER_REPLY;
    }
    CHECK(replies <= 1);
    hf_owner_free(owner);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hf_envelope e, again;
    hf_buffer once = HF_BUFFER_INIT;
    check_open(bytes, size);
    check_console(bytes, size);
    check_hello(bytes, size);
    check_attempt(bytes, size);
    check_answer(bytes, size);
    if (hf_envelope_decode(bytes, size, &e, NULL) != HF_OK)
        return 0;
    hf_envelope_encode(&e, &once);
    CHECK(once.size == size && memcmp(once.data, bytes, size) == 0);
    CHECK(hf_envelope_decode(once.data, once.size, &again, NULL) == HF_OK);
    hf_buffer_free(&once);
    check_keeper(&e);
    check_owner(&e, HF_ORDER_OPEN);
    check_owner(&e, HF_ORDER_CONSOLE);
    if (e.kind == HF_MESSAGE_INPUT)
        check_console_output(&e, bytes, size);
    return 0;
}
