/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of refusals: their words are those of API.md. */
#include "hf_test.h"

#include "answers.h"

static void refusals_say_what_and_for_how_long(void **state)
{
    (void)state;
    static const struct {
        unsigned http;
        const char *status, *lasting;
    } cases[] = {
        {400, "invalid", "permanent"},  {401, "unsupported", "permanent"}, {403, "unsupported", "permanent"},
        {404, "notfound", "permanent"}, {405, "invalid", "permanent"},     {409, "mismatch", "transient"},
        {413, "limit", "permanent"},    {429, "limit", "transient"},       {500, "io", "transient"},
        {503, "busy", "transient"},     {504, "timeout", "transient"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_buffer text = HF_BUFFER_INIT;
        char expected[128];
        hf_answer_render_error(NULL, cases[i].http, "no", &text);
        assert_false(text.failed);
        snprintf(expected, sizeof expected,
                 "{\"error\":{\"status\":\"%s\",\"fault\":\"none\",\"lasting\":\"%s\",\"message\":\"no\"",
                 cases[i].status, cases[i].lasting);
        if (strncmp(hf_buffer_text(&text), expected, strlen(expected)) != 0)
            fail_msg("%u: expected %s in %s", cases[i].http, expected, hf_buffer_text(&text));
        hf_buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_say_what_and_for_how_long),
    };
    return cmocka_run_group_tests_name("daemon_answers", tests, NULL, NULL);
}
