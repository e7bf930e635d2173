/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's side of a board, rule by rule. */
#include "hf_test.h"

#include "orders/board_owner.h"

#define S UINT64_C(1000000000)

static const hf_order_token token = {.epoch_ns = 10, .revision = 5};
static hf_owner *owner;
static uint64_t now_ns;
static hf_buffer body;

static int set_up(void **state)
{
    (void)state;
    const hf_owner_options options = {.board = "b",
                                      .owner = "d",
                                      .lease_ns = 10 * S,
                                      .renew_ns = 3 * S,
                                      .resend_ns = S,
                                      .keep_ns = 2 * S,
                                      .first_sign_ns = 6 * S,
                                      .patience_ns = 40 * S,
                                      .close_ns = 5 * S};
    now_ns = 100 * S;
    body = (hf_buffer)HF_BUFFER_INIT;
    hf_buffer_puts(&body, "what to do");
    return hf_owner_new(&options, &owner, NULL) != HF_OK;
}

static int tear_down(void **state)
{
    (void)state;
    hf_owner_free(owner);
    hf_buffer_free(&body);
    return 0;
}

/* The actions that are due: "acquire; order 1; keep 1; reply silent". Renewals are granted at once. */
static const char *due(void)
{
    static char text[512];
    static const char *const kinds[] = {"", "order", "keep", "cancel", "ack"};
    static const char *const outcomes[] = {"answered",   "closed", "cancelled", "in_use",   "no_lease",
                                           "lease_lost", "silent", "forgotten", "no_board", "stopped"};
    size_t at = 0;
    hf_owner_action a;
    text[0] = '\0';
    while (hf_owner_next(owner, &a)) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s", at ? "; " : "");
        if (a.kind == HF_OWNER_ACQUIRE)
            at += (size_t)snprintf(text + at, sizeof text - at, "acquire");
        else if (a.kind == HF_OWNER_RENEW)
            at += (size_t)snprintf(text + at, sizeof text - at, "renew");
        else if (a.kind == HF_OWNER_RELEASE)
            at += (size_t)snprintf(text + at, sizeof text - at, "release %u", (unsigned)a.token.revision);
        else if (a.kind == HF_OWNER_SEND)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s %u", kinds[a.envelope.kind],
                                   a.envelope.number);
        else
            at += (size_t)snprintf(text + at, sizeof text - at, "reply %s", outcomes[a.outcome]);
    }
    return text;
}

static void wait(uint64_t seconds)
{
    now_ns += seconds * S;
    hf_owner_tick(owner, now_ns);
}

static void receive(hf_message_kind kind, uint32_t number, hf_envelope more)
{
    more.kind = kind;
    more.token = token;
    more.number = number;
    hf_owner_message(owner, &more, now_ns);
}

static void beat(uint32_t number)
{
    receive(HF_MESSAGE_BEAT, number, (hf_envelope){.state = HF_ORDER_UNDER_WAY});
}

static void answer(uint32_t number, bool open)
{
    receive(HF_MESSAGE_ANSWER, number, (hf_envelope){.open = open});
}

static void command(hf_order_command what)
{
    hf_owner_command(owner, what, &body, 120 * S, now_ns);
}

static void open_board(void)
{
    command(HF_ORDER_OPEN);
    assert_string_equal(due(), "acquire");
    hf_owner_acquired(owner, HF_LEASE_OK, token, now_ns, now_ns);
    assert_string_equal(due(), "order 1");
    answer(1, true);
    assert_string_equal(due(), "ack 1; reply answered");
}

/* ---- Cases ---- */

static void test_from_opening_to_closing(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    hf_owner_action a;
    assert_true(hf_owner_next(owner, &a));
    assert_int_equal(a.envelope.kind, HF_MESSAGE_ORDER);
    assert_int_equal(a.envelope.command, HF_ORDER_ATTEMPT);
    assert_int_equal(a.envelope.budget_ms, 120000);
    assert_int_equal(a.envelope.body_bytes, body.size);
    assert_string_equal(a.envelope.owner, "d");
    assert_int_equal(hf_order_token_compare(a.envelope.token, token), 0);
    answer(2, true);
    assert_string_equal(due(), "ack 2; reply answered");
    command(HF_ORDER_CLOSE);
    assert_string_equal(due(), "order 3");
    answer(3, false);
    assert_string_equal(due(), "release 5; ack 3; reply closed");
    wait(100);
    assert_string_equal(due(), "");
    assert_int_equal(hf_owner_wake_ns(owner), UINT64_MAX);
}

static void test_a_board_that_did_not_open_gives_the_lease_back(void **state)
{
    (void)state;
    command(HF_ORDER_OPEN);
    due();
    hf_owner_acquired(owner, HF_LEASE_OK, token, now_ns, now_ns);
    due();
    answer(1, false);
    assert_string_equal(due(), "release 5; ack 1; reply answered");
}

static void test_the_lease_is_not_to_be_had(void **state)
{
    (void)state;
    command(HF_ORDER_OPEN);
    due();
    hf_owner_acquired(owner, HF_LEASE_TAKEN, token, now_ns, now_ns);
    assert_string_equal(due(), "reply in_use");
    command(HF_ORDER_OPEN);
    due();
    hf_owner_acquired(owner, HF_LEASE_FAILED, token, now_ns, now_ns);
    assert_string_equal(due(), "reply no_lease");
}

static void test_an_order_is_repeated_until_it_is_confirmed(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    assert_string_equal(due(), "order 2");
    wait(1);
    assert_string_equal(due(), "order 2");
    wait(1);
    assert_string_equal(due(), "order 2");
    beat(2);
    wait(1);
    assert_string_equal(due(), "renew");
    hf_owner_renewed(owner, HF_LEASE_OK, now_ns, now_ns);
    wait(1);
    assert_string_equal(due(), "keep 2");
    answer(1, true); /* of the order before: late */
    assert_string_equal(due(), "ack 1");
    answer(2, true);
    assert_string_equal(due(), "ack 2; reply answered");
    answer(2, true); /* a copy */
    assert_string_equal(due(), "ack 2");
}

static void test_an_answer_with_another_token_does_not_count(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    due();
    hf_envelope other = {.kind = HF_MESSAGE_ANSWER, .number = 2, .open = true, .token = {10, 4}};
    hf_envelope right = other, earlier = other, beat = other;
    right.token.revision = earlier.token.revision = beat.token.revision = 5;
    earlier.number = 1;
    beat.kind = HF_MESSAGE_BEAT;
    assert_true(hf_owner_awaits(owner, &right)); /* only this one is worth fetching a large body for */
    assert_false(hf_owner_awaits(owner, &other));
    assert_false(hf_owner_awaits(owner, &earlier));
    assert_false(hf_owner_awaits(owner, &beat));
    hf_owner_message(owner, &other, now_ns);
    hf_owner_action a;
    assert_true(hf_owner_next(owner, &a));
    assert_int_equal(a.envelope.kind, HF_MESSAGE_ACK);
    assert_int_equal(a.envelope.token.revision, 4);
    assert_false(hf_owner_next(owner, &a));
}

/* Keeps the lease meanwhile. @return seconds until the command was replied to */
static uint64_t seconds_until_reply(const char *expected)
{
    for (uint64_t seconds = 1; seconds < 1000; seconds++) {
        wait(1);
        const char *actions = due();
        if (strstr(actions, "renew"))
            hf_owner_renewed(owner, HF_LEASE_OK, now_ns, now_ns);
        if (strstr(actions, "reply")) {
            assert_non_null(strstr(actions, expected));
            return seconds;
        }
    }
    fail();
    return 0;
}

static void test_how_long_a_silent_agent_is_waited_for(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    due();
    assert_int_equal(seconds_until_reply("release 5; reply silent"), 6);
    command(HF_ORDER_ATTEMPT); /* nothing is sent without a lease */
    assert_string_equal(due(), "reply lease_lost");
    command(HF_ORDER_CLOSE);
    assert_string_equal(due(), "reply closed");
    now_ns += 1000 * S;
    open_board();
    command(HF_ORDER_ATTEMPT);
    beat(2);
    due();
    assert_int_equal(seconds_until_reply("reply silent"), 40);
}

static void test_a_host_that_was_cut_off_may_answer_later(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    beat(2);
    due();
    for (int i = 0; i < 39; i++) {
        wait(1);
        if (strstr(due(), "renew"))
            hf_owner_renewed(owner, HF_LEASE_OK, now_ns, now_ns);
    }
    answer(2, true);
    assert_string_equal(due(), "ack 2; reply answered");
}

static void test_the_budget_ends_an_order_however_often_the_agent_speaks(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    for (int i = 0; i < 119; i++) {
        beat(2);
        wait(1);
        const char *actions = due();
        if (strstr(actions, "renew"))
            hf_owner_renewed(owner, HF_LEASE_OK, now_ns, now_ns);
        assert_null(strstr(actions, "reply"));
    }
    beat(2);
    wait(1);
    assert_non_null(strstr(due(), "reply silent"));
}

static void test_an_expired_lease_counts_for_nothing(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    beat(2);
    due();
    wait(9);
    assert_non_null(strstr(due(), "renew"));
    hf_owner_renewed(owner, HF_LEASE_FAILED, now_ns, now_ns);
    now_ns += S; /* paused: the answer is looked at before the clock was */
    answer(2, true);
    assert_string_equal(due(), "release 5; ack 2; reply lease_lost");
}

static void test_a_lease_counts_from_when_it_was_asked_for(void **state)
{
    (void)state;
    command(HF_ORDER_OPEN);
    due();
    hf_owner_acquired(owner, HF_LEASE_OK, token, now_ns - 4 * S, now_ns);
    answer(1, true);
    due();
    command(HF_ORDER_ATTEMPT);
    beat(2);
    now_ns += 6 * S - 1;
    hf_owner_tick(owner, now_ns);
    assert_null(strstr(due(), "reply"));
    now_ns++;
    hf_owner_tick(owner, now_ns);
    assert_non_null(strstr(due(), "reply lease_lost"));
}

static void test_a_lease_that_somebody_else_has(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    beat(2);
    due();
    wait(3);
    assert_non_null(strstr(due(), "renew"));
    hf_owner_renewed(owner, HF_LEASE_TAKEN, now_ns, now_ns);
    assert_string_equal(due(), "release 5; reply lease_lost");
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        hf_order_refusal refusal;
        const char *reply;
    } cases[] = {{HF_REFUSAL_STALE, "release 5; reply lease_lost"},
                 {HF_REFUSAL_FORGOTTEN, "release 5; reply forgotten"},
                 {HF_REFUSAL_NO_BOARD, "release 5; reply no_board"},
                 {HF_REFUSAL_STOPPED, "release 5; reply stopped"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        open_board();
        command(HF_ORDER_ATTEMPT);
        due();
        receive(HF_MESSAGE_REFUSED, 2, (hf_envelope){.refusal = cases[i].refusal});
        assert_string_equal(due(), cases[i].reply);
        command(HF_ORDER_CLOSE);
        assert_string_equal(due(), "reply closed");
    }
}

static void test_cancelling(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_ATTEMPT);
    beat(2);
    due();
    hf_owner_cancel(owner, now_ns);
    assert_string_equal(due(), "cancel 2");
    wait(2);
    assert_string_equal(due(), "cancel 2; keep 2");
    answer(2, true);
    assert_string_equal(due(), "ack 2; reply answered"); /* how it ended is in the answer */
    hf_owner_cancel(owner, now_ns);                      /* nothing is under way */
    assert_string_equal(due(), "");
    command(HF_ORDER_ATTEMPT);
    beat(3);
    due();
    hf_owner_cancel(owner, now_ns);
    assert_int_equal(seconds_until_reply("reply cancelled"), 5);
}

static void test_cancelling_while_the_lease_is_asked_for(void **state)
{
    (void)state;
    command(HF_ORDER_OPEN);
    due();
    hf_owner_cancel(owner, now_ns);
    assert_string_equal(due(), "");
    hf_owner_acquired(owner, HF_LEASE_OK, token, now_ns, now_ns);
    assert_string_equal(due(), "release 5; reply cancelled");
}

static void test_closing_waits_only_so_long(void **state)
{
    (void)state;
    open_board();
    command(HF_ORDER_CLOSE);
    due();
    assert_int_equal(seconds_until_reply("release 5; reply closed"), 5);
}

static bool output(hf_order_token of, uint32_t number)
{
    const hf_envelope said = {.kind = HF_MESSAGE_OUTPUT, .token = of, .number = number};
    const bool counts = hf_owner_is_of_order(owner, &said);
    hf_owner_message(owner, &said, now_ns);
    return counts;
}

static void begin_console(void)
{
    command(HF_ORDER_CONSOLE);
    assert_string_equal(due(), "acquire");
    hf_owner_acquired(owner, HF_LEASE_OK, token, now_ns, now_ns);
    assert_string_equal(due(), "order 1");
}

/* An order that takes the lease and, however it ends, gives it back. */
static void test_a_console(void **state)
{
    (void)state;
    const hf_order_token other = {.epoch_ns = 10, .revision = 6};
    hf_envelope input;
    assert_false(hf_owner_input(owner, 1, 0, "a", 1, &input));
    begin_console();
    assert_false(output(other, 1));
    assert_false(output(token, 2));
    assert_true(output(token, 1)); /* confirms the order: it is not sent again */
    wait(1);
    assert_string_equal(due(), "");
    assert_true(hf_owner_input(owner, 7, 5, "?", 1, &input));
    assert_int_equal(input.kind, HF_MESSAGE_INPUT);
    assert_int_equal(input.number, 1);
    assert_int_equal(input.piece, 7);
    assert_int_equal(input.position, 5);
    assert_int_equal(hf_order_token_compare(input.token, token), 0);
    hf_owner_cancel(owner, now_ns);
    assert_string_equal(due(), "cancel 1");
    answer(1, true); /* an agent that says that the board is open now is not believed */
    assert_string_equal(due(), "release 5; ack 1; reply answered");
    assert_false(hf_owner_input(owner, 8, 5, "?", 1, &input));
    assert_false(output(token, 1));
    begin_console();
}

/* Somebody reads along with what a board says in orders. */
static void test_listening(void **state)
{
    (void)state;
    hf_envelope input, said = {.kind = HF_MESSAGE_OUTPUT, .token = token, .number = 1};
    assert_false(hf_owner_is_of_lease(owner, &said));
    open_board();
    assert_true(hf_owner_is_of_lease(owner, &said));
    assert_false(hf_owner_is_of_order(owner, &said)); /* nothing is under way */
    assert_true(hf_owner_input(owner, 0, 77, NULL, 0, &input));
    assert_int_equal(input.number, 1);
    assert_int_equal(input.body_bytes, 0);
    said.token.revision++;
    assert_false(hf_owner_is_of_lease(owner, &said));
}

static void test_a_console_whose_agent_is_silent(void **state)
{
    (void)state;
    begin_console();
    wait(2);
    assert_string_equal(due(), "order 1");
    assert_true(output(token, 1)); /* a sign of life, as every message */
    assert_int_equal(seconds_until_reply("release 5; reply silent"), 40);
    begin_console();
    hf_owner_renewed(owner, HF_LEASE_OK, now_ns, now_ns);
    receive(HF_MESSAGE_REFUSED, 1, (hf_envelope){.refusal = HF_REFUSAL_FORGOTTEN});
    assert_string_equal(due(), "release 5; reply forgotten");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_from_opening_to_closing),
        CASE(test_a_board_that_did_not_open_gives_the_lease_back),
        CASE(test_the_lease_is_not_to_be_had),
        CASE(test_an_order_is_repeated_until_it_is_confirmed),
        CASE(test_an_answer_with_another_token_does_not_count),
        CASE(test_how_long_a_silent_agent_is_waited_for),
        CASE(test_a_host_that_was_cut_off_may_answer_later),
        CASE(test_the_budget_ends_an_order_however_often_the_agent_speaks),
        CASE(test_an_expired_lease_counts_for_nothing),
        CASE(test_a_lease_counts_from_when_it_was_asked_for),
        CASE(test_a_lease_that_somebody_else_has),
        CASE(test_refusals),
        CASE(test_cancelling),
        CASE(test_cancelling_while_the_lease_is_asked_for),
        CASE(test_closing_waits_only_so_long),
        CASE(test_a_console),
        CASE(test_listening),
        CASE(test_a_console_whose_agent_is_silent),
    };
    return cmocka_run_group_tests_name("orders_owner", tests, NULL, NULL);
}
