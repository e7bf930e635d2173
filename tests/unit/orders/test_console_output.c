/* SPDX-License-Identifier: Apache-2.0 */
/* What a board says, on its way to another host: batches, what is in flight, and what is dropped. */
#include "hf_test.h"

#include "orders/console_output.h"
#include "orders/envelope.h"

#define MS UINT64_C(1000000)

static hf_console_output out;
static uint64_t now_ns;
static uint8_t bytes[HF_OUTPUT_MAX];
static uint64_t position;
static uint32_t size;

static int set_up(void **state)
{
    (void)state;
    now_ns = 1000 * MS;
    hf_console_output_begin(&out);
    return 0;
}

static bool next(void)
{
    return hf_console_output_next(&out, now_ns, &position, bytes, &size);
}

/* The byte at a position of the board's output. */
static uint8_t said(uint64_t at)
{
    return (uint8_t)(at * 7 + at / 251);
}

static uint64_t spoken;

static void speak(size_t count)
{
    uint8_t part[1000];
    while (count > 0) {
        const size_t now = count < sizeof part ? count : sizeof part;
        for (size_t i = 0; i < now; i++)
            part[i] = said(spoken + i);
        hf_console_output_add(&out, part, now);
        spoken += now;
        count -= now;
    }
}

static void check_bytes(void)
{
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], said(position + i));
}

static void test_the_first_message_says_that_the_line_is_open(void **state)
{
    (void)state;
    assert_true(next());
    assert_int_equal(position, 0);
    assert_int_equal(size, 0);
    assert_false(next());
}

static void test_output_is_collected_between_messages(void **state)
{
    (void)state;
    spoken = 0;
    assert_true(next());
    speak(3);
    assert_false(next()); /* it waits for more */
    assert_int_equal(hf_console_output_wake_ns(&out), now_ns + HF_OUTPUT_GAP_NS);
    speak(2);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_true(next());
    assert_int_equal(position, 0);
    assert_int_equal(size, 5);
    check_bytes();
    assert_false(next());
    /* After a silence, at once; what else there is to say, too. */
    now_ns += HF_OUTPUT_GAP_NS;
    speak(1);
    assert_true(next());
    assert_int_equal(position, 5);
    hf_console_output_hurry(&out);
    assert_true(next());
    assert_int_equal(size, 0);
    assert_int_equal(position, 6);
    /* A sign of life. */
    assert_int_equal(hf_console_output_wake_ns(&out), now_ns + HF_OUTPUT_BEAT_NS);
    now_ns += HF_OUTPUT_BEAT_NS;
    assert_true(next());
    assert_int_equal(size, 0);
}

/* All that can be sent without an acknowledgement. */
static uint64_t drain(void)
{
    uint64_t sum = 0;
    do {
        now_ns += HF_OUTPUT_GAP_NS;
        if (!next())
            return sum;
        assert_true(size <= HF_OUTPUT_MAX);
        check_bytes();
        sum += size;
    } while (size > 0);
    return sum;
}

static void test_only_so_much_is_in_flight(void **state)
{
    (void)state;
    spoken = 0;
    assert_true(next());
    speak(HF_OUTPUT_FLIGHT + 5000);
    assert_int_equal(drain(), HF_OUTPUT_FLIGHT);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_false(next()); /* a closed window is no reason to hurry */
    hf_console_output_arrived(&out, 1000);
    hf_console_output_arrived(&out, 500);                  /* late */
    hf_console_output_arrived(&out, HF_OUTPUT_FLIGHT + 1); /* never sent: an owner that is wrong */
    assert_int_equal(drain(), 1000);
    hf_console_output_arrived(&out, HF_OUTPUT_FLIGHT + 1000);
    assert_int_equal(drain(), 4000);
}

static void test_the_oldest_is_dropped_and_counted(void **state)
{
    (void)state;
    spoken = 0;
    assert_true(next());
    speak(HF_OUTPUT_KEPT + 300); /* nobody fetches it */
    now_ns += HF_OUTPUT_GAP_NS;
    assert_true(next());
    assert_int_equal(position, 300); /* the gap tells the owner */
    assert_int_equal(size, HF_OUTPUT_MAX);
    check_bytes();
    /* A flood while the window is closed: its size stays, and the newest comes through once there is room. */
    (void)drain();
    speak(1000000);
    assert_int_equal(out.end - out.first, HF_OUTPUT_KEPT);
    hf_console_output_arrived(&out, out.sent);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_true(next());
    assert_int_equal(position, spoken - HF_OUTPUT_KEPT);
    check_bytes();
    uint64_t sum = size;
    for (int i = 0; i < 100 && out.sent < spoken; i++) {
        hf_console_output_arrived(&out, position + size);
        now_ns += HF_OUTPUT_GAP_NS;
        assert_true(next());
        check_bytes();
        sum += size;
    }
    assert_int_equal(sum, HF_OUTPUT_KEPT);
}

/* What was dropped counts as in flight until a message after it has arrived: the owner may be far behind. */
static void test_a_long_gap_waits_for_the_owner(void **state)
{
    (void)state;
    spoken = 0;
    assert_true(next());
    speak(HF_OUTPUT_KEPT + 2 * HF_OUTPUT_FLIGHT);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_true(next());
    assert_int_equal(position, 2 * HF_OUTPUT_FLIGHT);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_false(next());
    hf_console_output_arrived(&out, position + size);
    assert_true(next());
    assert_int_equal(position, 2 * HF_OUTPUT_FLIGHT + HF_OUTPUT_MAX);
    check_bytes();
}

static void test_more_than_fits_at_once(void **state)
{
    (void)state;
    static uint8_t much[HF_OUTPUT_KEPT + 10];
    for (size_t i = 0; i < sizeof much; i++)
        much[i] = said(i);
    assert_true(next());
    hf_console_output_add(&out, much, sizeof much);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_true(next());
    assert_int_equal(position, 10);
    check_bytes();
}

/* Whoever listens later hears what is said from then on; positions go on, so that nothing is heard twice. */
static void test_listening_again(void **state)
{
    (void)state;
    spoken = 0;
    assert_true(next());
    speak(HF_OUTPUT_FLIGHT);
    (void)drain();
    speak(100);
    hf_console_output_resume(&out);
    assert_true(next());
    assert_int_equal(position, spoken);
    assert_int_equal(size, 0);
    speak(5);
    now_ns += HF_OUTPUT_GAP_NS;
    assert_true(next()); /* what was in flight then does not count */
    assert_int_equal(position, spoken - 5);
    assert_int_equal(size, 5);
    check_bytes();
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        CASE(test_the_first_message_says_that_the_line_is_open),
        CASE(test_output_is_collected_between_messages),
        CASE(test_only_so_much_is_in_flight),
        CASE(test_the_oldest_is_dropped_and_counted),
        CASE(test_a_long_gap_waits_for_the_owner),
        CASE(test_more_than_fits_at_once),
        CASE(test_listening_again),
    };
    return cmocka_run_group_tests_name("orders_console_output", tests, NULL, NULL);
}
