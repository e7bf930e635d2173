/* SPDX-License-Identifier: Apache-2.0 */
/* How far the clock of a host is from that of an owner. */
#include "hf_test.h"

#include "orders/host_clock.h"

static bool compare(const char *reply, int64_t asked_ms, uint32_t round_ms, hf_host_clock_difference *out)
{
    return hf_host_clock_compare(reply, strlen(reply), asked_ms, round_ms, out);
}

static void test_a_difference_is_known_to_half_a_round_trip(void **state)
{
    (void)state;
    hf_host_clock_difference d;
    hf_buffer reply = HF_BUFFER_INIT, text = HF_BUFFER_INIT;
    hf_host_clock_answer(1764500012345, &reply);
    assert_string_equal(hf_buffer_text(&reply), "clock 1764500012345");
    assert_true(hf_host_clock_compare(reply.data, reply.size, 1764500000000, 200, &d));
    assert_int_equal(d.ahead_ms, 12245);
    assert_int_equal(d.error_ms, 101);
    hf_host_clock_describe(&d, &text);
    assert_string_equal(hf_buffer_text(&text), "12.245 s ahead, to 101 ms");
    hf_buffer_clear(&text);
    assert_true(compare("clock 1764500000000", 1764500000500, 0, &d));
    hf_host_clock_describe(&d, &text);
    assert_string_equal(hf_buffer_text(&text), "0.500 s behind, to 1 ms");
    hf_buffer_free(&reply);
    hf_buffer_free(&text);
}

static void test_a_slow_reply_is_no_reason_to_warn(void **state)
{
    (void)state;
    hf_host_clock_difference d = {0};
    assert_false(hf_host_clock_is_off(&d));
    assert_true(compare("clock 1764500003000", 1764500000000, 0, &d));
    assert_true(hf_host_clock_is_off(&d));
    assert_true(compare("clock 1764499997000", 1764500000000, 0, &d));
    assert_true(hf_host_clock_is_off(&d));
    assert_true(compare("clock 1764500004500", 1764500000000, 3000, &d)); /* 3 s, but only to 1.5 s */
    assert_false(hf_host_clock_is_off(&d));
}

static void test_what_is_no_reply(void **state)
{
    (void)state;
    static const char *const others[] = {"",         "clock",     "clock ",
                                         "clock -5", "clock 12x", "clock 1234567890123456"};
    hf_host_clock_difference d = {.error_ms = 7};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(compare(others[i], 0, 0, &d));
    assert_int_equal(d.error_ms, 7); /* not written */
    assert_true(hf_host_clock_is_asked("clock", 5));
    assert_false(hf_host_clock_is_asked("clocks", 6));
    assert_false(hf_host_clock_is_asked("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_difference_is_known_to_half_a_round_trip),
        cmocka_unit_test(test_a_slow_reply_is_no_reason_to_warn),
        cmocka_unit_test(test_what_is_no_reply),
    };
    return cmocka_run_group_tests_name("orders_host_clock", tests, NULL, NULL);
}
