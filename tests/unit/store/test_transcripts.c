/* SPDX-License-Identifier: Apache-2.0 */
/* Transcripts of a run: listed, chosen, shown, and what is said if there is none. */
#include "store/transcripts.h"

#include "fixture.h"
#include "sample.h"

#define FAILED  "vww_96_int8"
#define RETRIED "mobilenetv1_0.25_96_c3_o2_l3"
#define BOTH    "mobilenetv1_0.1_96_c3_o2" /* on two chips */

static hf_store *open_with(void **state, void (*fill)(hf_report *report))
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0;
    fill(&report);
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_report_free(&report);
    return store;
}

static void show(hf_store *store, const hf_transcript_choice *choice, bool raw, hf_buffer *out)
{
    hf_error err = {0};
    hf_buffer_clear(out);
    assert_ok(hf_store_show_transcript(store, "latest", choice, raw, out, &err), &err);
}

static void assert_contains(const hf_buffer *text, const char *part)
{
    if (!strstr(hf_buffer_text(text), part))
        fail_msg("expected \"%s\" in:\n%s", part, hf_buffer_text(text));
}

static void refuse(hf_store *store, const hf_transcript_choice *choice, hf_status expected, const char *part)
{
    hf_error err = {0};
    hf_buffer out = HF_BUFFER_INIT;
    assert_int_equal(hf_store_show_transcript(store, NULL, choice, false, &out, &err), expected);
    if (!strstr(err.message, part))
        fail_msg("expected \"%s\" in: %s", part, err.message);
    assert_int_equal(out.size, 0);
    hf_buffer_free(&out);
}

static size_t lines(const hf_buffer *text)
{
    size_t count = 0;
    for (const char *at = hf_buffer_text(text); (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void attempts_and_starts_that_failed_are_listed(void **state)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_store *store = open_with(state, sample_sweep);
    show(store, &(hf_transcript_choice){0}, false, &out);
    assert_int_equal(lines(&out), 6); /* heading, a retry, three attempts, a board */
    assert_contains(&out, RETRIED "  stm32l4r5zi        1  virtual-2  2025-11-");
    assert_contains(&out, FAILED "                   stm32l4r5zi        3  virtual-1  2025-11-");
    assert_contains(&out, "(start of the board)          stm32f767zi        1  f7-bench   2025-11-");
    assert_contains(&out, "  probe: starting OpenOCD: it ended with status 1\n");
    show(store, &(hf_transcript_choice){.board = "virtual-2"}, false, &out);
    assert_int_equal(lines(&out), 2);
    show(store, &(hf_transcript_choice){.chip = "stm32f767zi"}, false, &out);
    assert_int_equal(lines(&out), 2);
    show(store, &(hf_transcript_choice){.model = FAILED}, false, &out);
    assert_int_equal(lines(&out), 4);
    hf_store_close(store);
    hf_buffer_free(&out);
}

/* Every byte that could do something to a terminal is visible, and the raw form is as it was stored. */
static void one_is_shown(void **state)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_store *store = open_with(state, sample_sweep);
    show(store, &(hf_transcript_choice){.model = FAILED, .attempt = 2}, false, &out);
    assert_contains(&out, FAILED " on stm32l4r5zi, attempt 2 on board virtual-1, 2025-11-");
    assert_contains(&out,
                    "\nboard: waiting for the firmware's greeting after reset: nothing came within 3 s\n\n"
                    "> program bench-l4.bin 0x08000000\n");
    assert_contains(&out, "serial> ~#\\x01\\xfe garbled\n");
    show(store, &(hf_transcript_choice){.model = FAILED, .attempt = 2}, true, &out);
    assert_contains(&out, "serial> ~#\x01\xfe garbled\n");
    assert_int_equal(strncmp(hf_buffer_text(&out), "> program ", 10), 0);
    show(store, &(hf_transcript_choice){.board = "f7-bench", .attempt = 1}, true, &out);
    assert_string_equal(hf_buffer_text(&out), "Error: open failed\n");
    hf_store_close(store);
    hf_buffer_free(&out);
}

static void hostile_texts_cannot_reach_the_terminal(void **state)
{
    hf_buffer out = HF_BUFFER_INIT;
    const hf_transcript_row row = {.model = SAMPLE_HOSTILE,
                                   .chip = "c",
                                   .board_id = SAMPLE_HOSTILE,
                                   .number = 1,
                                   .fault = "job",
                                   .message = SAMPLE_HOSTILE};
    hf_transcript_render(&row, "a\tb\r\n" SAMPLE_HOSTILE "\x7f", &out);
    for (const char *at = hf_buffer_text(&out); *at; at++)
        if (((unsigned char)*at < ' ' && *at != '\n' && *at != '\t') || *at == 0x7f)
            fail_msg("control character %d in:\n%s", *at, hf_buffer_text(&out));
    assert_contains(&out, "\n\na\tb\\x0d\n");
    assert_contains(&out, "\\x1b[31m\\xff\\xc2\\x9b \xc3\xa9\\x7f\n"); /* U+009B is a control character */
    hf_buffer_free(&out);
    (void)state;
}

static void what_is_missing_is_explained(void **state)
{
    hf_store *store = open_with(state, sample_sweep);
    const struct {
        hf_transcript_choice choice;
        const char *part;
    } cases[] = {
        {{.model = "vww_96_int9"},
         "run 1 (mobilenet_sweep) has no variation 'vww_96_int9', did you mean '" FAILED "'?"},
        {{.chip = "stm32l4r5zj"}, "has no chip 'stm32l4r5zj', did you mean 'stm32l4r5zi'?"},
        {{.model = FAILED, .chip = "stm32f767zi"}, FAILED " was not to be measured on stm32f767zi in run 1"},
        {{.board = "virtual-3"},
         "board 'virtual-3' took no part in run 1 (mobilenet_sweep), did you mean 'virtual-"},
        {{.board = "f7-bench", .attempt = 2}, "no start number 2 failed on board f7-bench in run 1"},
        {{.model = FAILED, .attempt = 4}, FAILED " has no attempt 4 in run 1: expected 1 to 3"},
        {{.model = FAILED, .attempt = 2, .board = "virtual-2"},
         "was made on board virtual-1, not on virtual-2"},
        {{.model = RETRIED, .attempt = 2}, "attempt 2 of " RETRIED " succeeded, on board virtual-1"},
        {{.model = BOTH}, "no attempt to measure " BOTH " failed in run 1"},
        {{.model = "mobilenetv1_1.0_224_c3_o1000"},
         "no attempt was made to measure mobilenetv1_1.0_224_c3_o1000 on "
         "stm32l4r5zi in run 1: failed: planning memory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        refuse(store, &cases[i].choice, HF_ENOTFOUND, cases[i].part);
    hf_store_close(store);
}

static void a_misspelt_run_is_recognised(void **state)
{
    static const char *const words[][2] = {{"mobilnet_sweep", "; did you mean 'mobilenet_sweep'?"},
                                           {"lates", "; did you mean 'latest'?"},
                                           {"nothing-like-it", "'last-green' or 'latest'"}};
    hf_store *store = open_with(state, sample_sweep);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        hf_error err = {0};
        int64_t run_id;
        const size_t length = strlen(words[i][1]);
        assert_int_equal(hf_store_find_run(store, words[i][0], &run_id, &err), HF_ENOTFOUND);
        assert_true(strlen(err.message) > length);
        assert_string_equal(err.message + strlen(err.message) - length, words[i][1]);
    }
    hf_store_close(store);
}

/* Two attempts with one number: of two chips, and starts of two boards. */
static void several_are_not_guessed_at(void **state)
{
    const hf_transcript_row *row = NULL;
    hf_error err = {0};
    hf_report report;
    hf_transcript_row rows[] = {
        {.model = "net", .chip = "c1", .board_id = "b1", .number = 1, .stored = true},
        {.model = "net", .chip = "c2", .board_id = "b2", .number = 1, .stored = true},
        {.chip = "c1", .board_id = "b1", .number = 1, .stored = true},
        {.chip = "c1", .board_id = "b3", .number = 1, .stored = true},
    };
    sample_empty(&report);
    const hf_transcript_choice net = {.model = "net", .attempt = 1}, start = {.attempt = 1},
                               of_b3 = {.board = "b3", .attempt = 1};
    assert_int_equal(hf_transcript_choose(&report, rows, 4, &net, &row, &err), HF_EINVALID);
    assert_string_equal(err.message, "net failed on several chips: choose one with --chip, c1 or c2");
    hf_error_clear(&err);
    assert_int_equal(hf_transcript_choose(&report, rows, 4, &start, &row, &err), HF_EINVALID);
    assert_string_equal(err.message, "several are meant: choose one with --board, b1 or b3");
    hf_error_clear(&err);
    assert_ok(hf_transcript_choose(&report, rows, 4, &of_b3, &row, &err), &err);
    assert_ptr_equal(row, &rows[3]);
    hf_report_free(&report);
    (void)state;
}

static void deleted_ones_are_said_to_be_deleted(void **state)
{
    hf_store *store = open_with(state, sample_sweep);
    fixture_sql(fixture_path(state, "a.db"), "UPDATE failures SET transcript = NULL, transcript_zlib = NULL; "
                                             "UPDATE runs SET trimmed_ms = 1764500000000");
    refuse(store, &(hf_transcript_choice){0}, HF_ENOTFOUND,
           "run 1: samples, layers, outputs and transcripts were deleted on 2025-11-30");
    refuse(store, &(hf_transcript_choice){.model = FAILED, .attempt = 1}, HF_ENOTFOUND,
           "were deleted on 2025-11-30");
    fixture_sql(fixture_path(state, "a.db"), "UPDATE runs SET trimmed_ms = NULL");
    refuse(store, &(hf_transcript_choice){.model = FAILED, .attempt = 1}, HF_ENOTFOUND,
           "the failure has no transcript");
    hf_store_close(store);
}

static void a_run_without_failures_says_so(void **state)
{
    hf_buffer out = HF_BUFFER_INIT;
    hf_store *store = open_with(state, sample_empty);
    show(store, &(hf_transcript_choice){0}, false, &out);
    assert_string_equal(hf_buffer_text(&out),
                        "run 1 (empty): nothing failed; only failures have a transcript\n");
    hf_store_close(store);
    hf_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(attempts_and_starts_that_failed_are_listed, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(one_is_shown, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test(hostile_texts_cannot_reach_the_terminal),
        cmocka_unit_test_setup_teardown(what_is_missing_is_explained, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(a_misspelt_run_is_recognised, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test(several_are_not_guessed_at),
        cmocka_unit_test_setup_teardown(deleted_ones_are_said_to_be_deleted, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(a_run_without_failures_says_so, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_transcripts", tests, NULL, NULL);
}
