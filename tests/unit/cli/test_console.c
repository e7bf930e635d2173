/* SPDX-License-Identifier: Apache-2.0 */
/* What a person types at a console, and what is shown. */
#include "hf_test.h"

#include "console_keys.h"
#include "console_terminal.h"

/* Types a text in pieces of `step` bytes. @param leave whether it asked to leave */
static void type(const char *text, size_t step, const char *expected, bool expected_leave)
{
    hf_cli_console_keys keys = {0};
    uint8_t out[64];
    char all[128] = "";
    bool leave = false;
    for (size_t at = 0; at < strlen(text) && !leave; at += step) {
        const size_t left = strlen(text) - at, size = left < step ? left : step;
        const size_t got = hf_cli_console_type(&keys, (const uint8_t *)text + at, size, out, &leave);
        assert_in_range(got, 0, size + 1);
        strncat(all, (const char *)out, got);
    }
    assert_string_equal(all, expected);
    assert_int_equal(leave, expected_leave);
}

/* However the keys arrive: one by one, or all at once. */
static void keys_that_leave(void **state)
{
    static const struct {
        const char *typed, *sent;
        bool leave;
    } cases[] = {
        {"?hello\r", "?hello\r", false},
        {"\x1d", "", true},
        {"abc\x1d"
         "def",
         "abc", true},
        {"~.", "", true},
        {"ab\r~.cd", "ab\r", true},
        {"ab\n~.", "ab\n", true},
        {"ab~.", "ab~.", false}, /* not at the beginning of a line */
        {"~~.", "~.", false},    /* one ~, and no longer at the beginning */
        {"~~\r~.", "~\r", true},
        {"~x\r", "~x\r", false},
        {"~\r~.", "~\r", true}, /* the line ended with the ~ */
        {"~\x1d", "", true},
        {"\x03\x1b[A", "\x03\x1b[A", false}, /* Ctrl-C and the cursor are for the board */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t step = 1; step <= 8; step++)
            type(cases[i].typed, step, cases[i].sent, cases[i].leave);
    (void)state;
}

static void control_characters_are_visible(void **state)
{
    static const struct {
        const char *said, *shown;
    } cases[] = {
        {"plain text\n", "plain text\n"},    {"a\tb\r\n", "a\tb\r\n"},
        {"a\rb\r", "a\\x0db\\x0d"},          {"\x1b[2J\x07\x7f", "\\x1b[2J\\x07\\x7f"},
        {"\xc3\xa9\x9b", "\\xc3\\xa9\\x9b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_buffer out = HF_BUFFER_INIT;
        hf_cli_console_escape((const uint8_t *)cases[i].said, strlen(cases[i].said), &out);
        assert_string_equal(hf_buffer_text(&out), cases[i].shown);
        hf_buffer_free(&out);
    }
    hf_buffer out = HF_BUFFER_INIT;
    hf_cli_console_escape((const uint8_t *)"\0a", 2, &out);
    assert_string_equal(hf_buffer_text(&out), "\\x00a");
    hf_buffer_free(&out);
    (void)state;
}

/* Nothing is read then: the end of standard input does not count. */
static void watching_ends_by_itself_if_told_to(void **state)
{
    hf_cli_console_terminal terminal;
    hf_cli_console_begin(&terminal, true, false, 0);
    assert_false(hf_cli_console_leaving(&terminal)); /* not open yet */
    hf_cli_console_opened(&terminal, "b", 115200);
    assert_true(hf_cli_console_leaving(&terminal));
    hf_cli_console_end(&terminal);
    hf_cli_console_begin(&terminal, true, false, HF_CLI_CONSOLE_FOREVER);
    hf_cli_console_opened(&terminal, "b", 115200);
    assert_int_equal(hf_cli_console_input_fd(&terminal), -1);
    assert_false(hf_cli_console_leaving(&terminal));
    hf_cli_console_end(&terminal);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_that_leave),
        cmocka_unit_test(control_characters_are_visible),
        cmocka_unit_test(watching_ends_by_itself_if_told_to),
    };
    return cmocka_run_group_tests_name("cli_console", tests, NULL, NULL);
}
