/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's side of a board, rule by rule. */
#include "hf_test.h"

#include "orders/order_keeper.h"

#define S UINT64_C(1000000000)

static const hf_order_token first = {.epoch_ns = 10, .revision = 5}, second = {.epoch_ns = 10, .revision = 9};
static hf_keeper *keeper;
static uint64_t now_ns;

static int set_up(void **state)
{
    (void)state;
    const hf_keeper_options options = {.board = "b",
                                       .resend_ns = S,
                                       .resend_max_ns = 4 * S,
                                       .beat_ns = S,
                                       .silence_ns = 60 * S,
                                       .console_silence_ns = 15 * S};
    now_ns = 100 * S;
    return hf_keeper_new(&options, now_ns, &keeper, NULL) != HF_OK;
}

static int tear_down(void **state)
{
    (void)state;
    hf_keeper_free(keeper);
    return 0;
}

static hf_envelope message(hf_message_kind kind, hf_order_token token, uint32_t number)
{
    hf_envelope e = {.kind = kind, .board = "b", .owner = "d", .token = token, .number = number};
    return e;
}

static void send(hf_envelope e)
{
    assert_int_equal(hf_keeper_message(keeper, &e, now_ns), HF_OK);
}

static void order(hf_order_command command, hf_order_token token, uint32_t number)
{
    hf_envelope e = message(HF_MESSAGE_ORDER, token, number);
    e.command = command;
    e.budget_ms = 1000;
    send(e);
}

/* The actions that are due, as text: "remember 9; open 1; beat under_way 1". */
static const char *due(void)
{
    static char text[512];
    static const char *const commands[] = {"", "open", "attempt", "close", "console"};
    static const char *const states[] = {"", "idle", "under_way", "answered"};
    static const char *const refusals[] = {"", "stale", "forgotten", "no_board", "stopped"};
    size_t at = 0;
    hf_keeper_action a;
    text[0] = '\0';
    while (hf_keeper_next(keeper, &a)) {
        const hf_envelope *e = &a.envelope;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", at ? "; " : "");
        if (a.kind == HF_KEEPER_REMEMBER)
            at += (size_t)snprintf(text + at, sizeof text - at, "remember %u", (unsigned)a.token.revision);
        else if (a.kind == HF_KEEPER_EXECUTE)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s %u", commands[a.command],
                                   a.order ? a.order->number : 0);
        else if (a.kind == HF_KEEPER_KEEP_ANSWER)
            at += (size_t)snprintf(text + at, sizeof text - at, "keep %u", e->number);
        else if (a.kind == HF_KEEPER_DISCARD_ANSWER)
            at += (size_t)snprintf(text + at, sizeof text - at, "discard");
        else if (a.kind == HF_KEEPER_CANCEL)
            at += (size_t)snprintf(text + at, sizeof text - at, "cancel");
        else if (e->kind == HF_MESSAGE_BEAT)
            at += (size_t)snprintf(text + at, sizeof text - at, "beat %s %u", states[e->state], e->number);
        else if (e->kind == HF_MESSAGE_ANSWER)
            at += (size_t)snprintf(text + at, sizeof text - at, "answer %u to %s", e->number, e->owner);
        else
            at += (size_t)snprintf(text + at, sizeof text - at, "refuse %u %s", e->number,
                                   refusals[e->refusal]);
    }
    return text;
}

static void done(bool open)
{
    hf_buffer body = HF_BUFFER_INIT;
    hf_buffer_puts(&body, "how it went");
    hf_keeper_done(keeper, &body, open, now_ns);
    assert_null(body.data);
}

static void open_board(void)
{
    order(HF_ORDER_OPEN, first, 1);
    assert_string_equal(due(), "remember 5; open 1; beat under_way 1");
    done(true);
    assert_string_equal(due(), "answer 1 to d");
    send(message(HF_MESSAGE_ACK, first, 1));
    assert_string_equal(due(), "");
}

/* ---- Cases ---- */

static void test_an_order_is_carried_out_once(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    assert_string_equal(due(), "attempt 2; beat under_way 2");
    order(HF_ORDER_ATTEMPT, first, 2); /* a copy */
    assert_string_equal(due(), "beat under_way 2");
    done(true);
    assert_string_equal(due(), "keep 2; answer 2 to d");
    order(HF_ORDER_ATTEMPT, first, 2); /* another, late */
    assert_string_equal(due(), "answer 2 to d");
    order(HF_ORDER_OPEN, first, 1); /* older still */
    assert_string_equal(due(), "");
    send(message(HF_MESSAGE_ACK, first, 2));
    order(HF_ORDER_ATTEMPT, first, 2);
    assert_string_equal(due(), "discard; beat idle 2");
}

static void test_an_answer_is_kept_until_it_is_acknowledged(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    done(true);
    assert_string_equal(due(), "keep 2; answer 2 to d");
    static const uint64_t gaps[] = {1, 2, 4, 4, 4}; /* seconds */
    for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
        assert_int_equal(hf_keeper_wake_ns(keeper), now_ns + gaps[i] * S);
        now_ns += gaps[i] * S - 1;
        hf_keeper_tick(keeper, now_ns);
        assert_string_equal(due(), "");
        now_ns++;
        hf_keeper_tick(keeper, now_ns);
        assert_string_equal(due(), "answer 2 to d");
    }
    send(message(HF_MESSAGE_ACK, first, 1)); /* of another */
    send(message(HF_MESSAGE_KEEP, first, 2));
    assert_string_equal(due(), "answer 2 to d; beat answered 2");
    send(message(HF_MESSAGE_ACK, first, 2));
    send(message(HF_MESSAGE_KEEP, first, 0));
    assert_string_equal(due(), "discard; beat idle 2");
}

static void test_a_large_answer_is_offered_by_its_contents(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    hf_buffer body = HF_BUFFER_INIT;
    for (uint32_t i = 0; i <= HF_ENVELOPE_INLINE_MAX; i++)
        hf_buffer_putc(&body, (char)(i % 251));
    hf_keeper_done(keeper, &body, true, now_ns);
    hf_keeper_action a;
    assert_true(hf_keeper_next(keeper, &a));
    assert_null(a.envelope.body);
    assert_int_equal(a.envelope.body_bytes, HF_ENVELOPE_INLINE_MAX + 1);
    const hf_buffer *kept = hf_keeper_answer(keeper, a.envelope.body_sha256);
    assert_non_null(kept);
    assert_int_equal(kept->size, HF_ENVELOPE_INLINE_MAX + 1);
    assert_null(hf_keeper_answer(keeper, "0000"));
    send(message(HF_MESSAGE_ACK, first, 2));
    assert_null(hf_keeper_answer(keeper, a.envelope.body_sha256));
}

static void test_an_older_token_is_refused(void **state)
{
    (void)state;
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "remember 9; open 1; beat under_way 1");
    order(HF_ORDER_OPEN, first, 1);
    assert_string_equal(due(), "refuse 1 stale");
    send(message(HF_MESSAGE_KEEP, first, 1));
    assert_string_equal(due(), "refuse 1 stale");
    send(message(HF_MESSAGE_CANCEL, first, 1)); /* ends nothing */
    send(message(HF_MESSAGE_ACK, first, 1));
    assert_string_equal(due(), "");
}

static void test_a_newer_token_ends_what_is_done_for_the_older(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "remember 9; cancel; beat under_way 1");
    done(true); /* its answer is nobody's any more; the board is closed for the new owner first */
    assert_string_equal(due(), "close 0");
    done(false);
    assert_string_equal(due(), "open 1");
    done(true);
    assert_string_equal(due(), "answer 1 to d");
}

static void test_an_answer_to_an_older_token_is_dropped(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    done(true);
    due();
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "discard; remember 9; close 0; beat under_way 1");
    now_ns += 100 * S;
    hf_keeper_tick(keeper, now_ns);
    assert_string_equal(due(), "");
}

static void test_a_new_store_of_leases_counts_as_newer(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_OPEN, (hf_order_token){.epoch_ns = 11, .revision = 1}, 1);
    assert_string_equal(due(), "remember 1; close 0; beat under_way 1");
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "refuse 1 stale");
}

static void test_an_agent_that_is_stopped_says_so(void **state)
{
    (void)state;
    hf_keeper_leave(keeper); /* nobody to tell */
    assert_string_equal(due(), "");
    tear_down(NULL);
    set_up(NULL);
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    hf_keeper_leave(keeper);
    assert_string_equal(due(), "cancel; refuse 2 stopped");
    send(message(HF_MESSAGE_KEEP, first, 2));
    assert_string_equal(due(), "refuse 2 stopped");
    hf_keeper_progress(keeper, 1, 2, 3, now_ns + 10 * S);
    done(true); /* its owner has given it up */
    assert_string_equal(due(), "");
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "refuse 1 stopped");
    hf_keeper_tick(keeper, now_ns + 1000 * S);
    assert_string_equal(due(), "");
}

static void test_an_answer_comes_before_the_farewell(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    done(true);
    assert_string_equal(due(), "keep 2; answer 2 to d");
    hf_keeper_leave(keeper);
    assert_string_equal(due(), "answer 2 to d; refuse 2 stopped");
    send(message(HF_MESSAGE_ACK, first, 2));
    assert_string_equal(due(), "discard");
}

static void test_tokens_outlive_a_restart(void **state)
{
    (void)state;
    hf_keeper *again;
    const hf_keeper_options options = {.board = "b", .seen = first, .silence_ns = 60 * S};
    open_board();
    assert_int_equal(hf_keeper_new(&options, now_ns, &again, NULL), HF_OK);
    hf_keeper_free(keeper);
    keeper = again;
    order(HF_ORDER_OPEN, first, 1); /* from before the restart */
    assert_string_equal(due(), "refuse 1 forgotten");
    order(HF_ORDER_ATTEMPT, first, 2);
    assert_string_equal(due(), "refuse 2 forgotten");
    send(message(HF_MESSAGE_KEEP, first, 2));
    assert_string_equal(due(), "refuse 2 forgotten");
    order(HF_ORDER_OPEN, (hf_order_token){.epoch_ns = 10, .revision = 4}, 1);
    assert_string_equal(due(), "refuse 1 stale");
    order(HF_ORDER_ATTEMPT, second, 2); /* only an order to open begins something */
    assert_string_equal(due(), "refuse 2 forgotten");
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "remember 9; open 1; beat under_way 1");
}

/* The result of an attempt is not lost with the agent's process. */
static void test_answers_outlive_a_restart(void **state)
{
    (void)state;
    hf_keeper *again;
    hf_envelope kept = message(HF_MESSAGE_ANSWER, first, 2);
    const uint8_t body[] = "result";
    kept.open = true;
    hf_envelope_set_body(&kept, body, sizeof body);
    hf_keeper_options options = {.board = "b",
                                 .seen = first,
                                 .kept = &kept,
                                 .resend_ns = 1 * S,
                                 .resend_max_ns = 10 * S,
                                 .silence_ns = 60 * S};
    assert_int_equal(hf_keeper_new(&options, now_ns, &again, NULL), HF_OK);
    hf_keeper_free(keeper);
    keeper = again;
    assert_string_equal(due(), "answer 2 to d");
    order(HF_ORDER_OPEN, first, 1); /* from before the restart */
    assert_string_equal(due(), "");
    order(HF_ORDER_ATTEMPT, first, 2);
    assert_string_equal(due(), "answer 2 to d");
    send(message(HF_MESSAGE_KEEP, first, 3)); /* what was under way when the agent was killed */
    assert_string_equal(due(), "refuse 3 forgotten");
    order(HF_ORDER_ATTEMPT, first, 3); /* the board is closed */
    assert_string_equal(due(), "refuse 3 forgotten");
    send(message(HF_MESSAGE_ACK, first, 2));
    assert_string_equal(due(), "discard");
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "remember 9; open 1; beat under_way 1");
    /* Of an older token, it is nobody's. */
    options.seen = second;
    assert_int_equal(hf_keeper_new(&options, now_ns, &again, NULL), HF_OK);
    hf_keeper_free(keeper);
    keeper = again;
    assert_string_equal(due(), "");
    send(message(HF_MESSAGE_KEEP, first, 2));
    assert_string_equal(due(), "refuse 2 stale");
}

static void test_cancelling(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    send(message(HF_MESSAGE_CANCEL, first, 1)); /* of another order */
    assert_string_equal(due(), "");
    send(message(HF_MESSAGE_CANCEL, first, 2));
    assert_string_equal(due(), "cancel");
    send(message(HF_MESSAGE_CANCEL, first, 2)); /* a copy */
    assert_string_equal(due(), "");
    done(true);
    assert_string_equal(due(), "keep 2; answer 2 to d");
    send(message(HF_MESSAGE_CANCEL, first, 2)); /* too late */
    assert_string_equal(due(), "");
}

static void test_an_order_cancelled_before_it_began(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    order(HF_ORDER_OPEN, second, 1);
    due();
    send(message(HF_MESSAGE_CANCEL, second, 1));
    assert_string_equal(due(), "");
    done(true);
    assert_string_equal(due(), "close 0");
    done(false);
    assert_string_equal(due(), "open 1; cancel");
}

static void test_a_silent_owner_loses_an_idle_board_only(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    now_ns += 1000 * S;
    hf_keeper_tick(keeper, now_ns);
    assert_string_equal(due(), ""); /* carried out to its end */
    done(true);
    assert_string_equal(due(), "keep 2; answer 2 to d");
    hf_keeper_tick(keeper, now_ns);
    assert_string_equal(due(), "close 0");
    done(false);
    send(message(HF_MESSAGE_KEEP, first, 2)); /* back at last: the result is still there */
    assert_string_equal(due(), "answer 2 to d; beat answered 2");
    send(message(HF_MESSAGE_ACK, first, 2));
    order(HF_ORDER_ATTEMPT, first, 3);
    assert_string_equal(due(), "discard; refuse 3 forgotten");
}

static void test_progress_is_throttled(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_ATTEMPT, first, 2);
    due();
    hf_keeper_progress(keeper, 1, 1, 10, now_ns);
    assert_string_equal(due(), "beat under_way 2");
    hf_keeper_progress(keeper, 1, 2, 10, now_ns + S - 1);
    assert_string_equal(due(), "");
    hf_keeper_progress(keeper, 1, 3, 10, now_ns + S);
    hf_keeper_action a;
    assert_true(hf_keeper_next(keeper, &a));
    assert_int_equal(a.envelope.done, 3);
    assert_int_equal(a.envelope.of, 10);
}

static bool is_for_console(hf_message_kind kind, hf_order_token token, uint32_t number)
{
    const hf_envelope input = message(kind, token, number);
    send(input);
    return hf_keeper_is_for_console(keeper, &input);
}

static void test_a_console_lasts_until_it_is_cancelled(void **state)
{
    (void)state;
    order(HF_ORDER_CONSOLE, first, 1);
    assert_string_equal(due(), "remember 5; console 1; beat under_way 1");
    order(HF_ORDER_CONSOLE, first, 1); /* a copy */
    assert_string_equal(due(), "beat under_way 1");
    assert_true(is_for_console(HF_MESSAGE_INPUT, first, 1));
    assert_false(is_for_console(HF_MESSAGE_INPUT, first, 2));
    assert_false(is_for_console(HF_MESSAGE_KEEP, first, 1));
    assert_string_equal(due(), "beat under_way 1");
    send(message(HF_MESSAGE_CANCEL, first, 1));
    assert_string_equal(due(), "cancel");
    assert_false(is_for_console(HF_MESSAGE_INPUT, first, 1)); /* it is ending */
    done(false);
    assert_string_equal(due(), "answer 1 to d"); /* which does not outlive a restart */
}

/* The board's owner of before closes it first. */
static void test_a_console_of_a_board_that_is_open(void **state)
{
    (void)state;
    open_board();
    order(HF_ORDER_CONSOLE, second, 1);
    assert_string_equal(due(), "remember 9; close 0; beat under_way 1");
    assert_false(is_for_console(HF_MESSAGE_INPUT, second, 1));
    done(false);
    assert_string_equal(due(), "console 1");
    assert_false(is_for_console(HF_MESSAGE_INPUT, first, 1));
    assert_string_equal(due(), "");
}

/* Whoever takes the board ends it, and nothing that its owner types reaches the board any more. */
static void test_a_newer_token_ends_a_console(void **state)
{
    (void)state;
    order(HF_ORDER_CONSOLE, first, 1);
    (void)due();
    order(HF_ORDER_OPEN, second, 1);
    assert_string_equal(due(), "remember 9; cancel; beat under_way 1");
    assert_false(is_for_console(HF_MESSAGE_INPUT, first, 1));
    assert_false(is_for_console(HF_MESSAGE_INPUT, second, 1));
    done(false);
    assert_string_equal(due(), "open 1");
}

/* Who reads along in orders is the owner of now. */
static void test_who_may_listen(void **state)
{
    (void)state;
    hf_envelope input = message(HF_MESSAGE_INPUT, first, 1);
    assert_false(hf_keeper_is_listening(keeper, &input)); /* nobody has the board */
    open_board();
    assert_true(hf_keeper_is_listening(keeper, &input));
    assert_false(hf_keeper_is_for_console(keeper, &input));
    input.piece = 1; /* nothing can be written in an order */
    assert_false(hf_keeper_is_listening(keeper, &input));
    input.piece = 0;
    order(HF_ORDER_OPEN, second, 1);
    assert_false(hf_keeper_is_listening(keeper, &input));
    input.token = second;
    assert_true(hf_keeper_is_listening(keeper, &input));
}

static void test_a_console_ends_when_its_owner_is_silent(void **state)
{
    (void)state;
    order(HF_ORDER_CONSOLE, first, 1);
    (void)due();
    now_ns += 10 * S;
    assert_true(is_for_console(HF_MESSAGE_INPUT, first, 1)); /* a sign of life */
    assert_int_equal(hf_keeper_wake_ns(keeper), now_ns + 15 * S);
    now_ns += 15 * S - 1;
    hf_keeper_tick(keeper, now_ns);
    assert_string_equal(due(), "");
    now_ns++;
    hf_keeper_tick(keeper, now_ns);
    assert_string_equal(due(), "cancel");
    hf_keeper_tick(keeper, now_ns);
    assert_string_equal(due(), "");
    done(false);
    assert_string_equal(due(), "answer 1 to d");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_an_order_is_carried_out_once),
        CASE(test_an_answer_is_kept_until_it_is_acknowledged),
        CASE(test_a_large_answer_is_offered_by_its_contents),
        CASE(test_an_older_token_is_refused),
        CASE(test_a_newer_token_ends_what_is_done_for_the_older),
        CASE(test_an_answer_to_an_older_token_is_dropped),
        CASE(test_a_new_store_of_leases_counts_as_newer),
        CASE(test_an_agent_that_is_stopped_says_so),
        CASE(test_an_answer_comes_before_the_farewell),
        CASE(test_tokens_outlive_a_restart),
        CASE(test_answers_outlive_a_restart),
        CASE(test_cancelling),
        CASE(test_an_order_cancelled_before_it_began),
        CASE(test_a_silent_owner_loses_an_idle_board_only),
        CASE(test_progress_is_throttled),
        CASE(test_a_console_lasts_until_it_is_cancelled),
        CASE(test_a_console_of_a_board_that_is_open),
        CASE(test_a_newer_token_ends_a_console),
        CASE(test_who_may_listen),
        CASE(test_a_console_ends_when_its_owner_is_silent),
    };
    return cmocka_run_group_tests_name("orders_keeper", tests, NULL, NULL);
}
