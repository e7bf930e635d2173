/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities, edit distances and the list of diagnostics. */
#include "check.h"

#include "base/did_you_mean.h"
#include "spec/quantity.h"

static void expect_quantity(const char *text, const hf_unit *units, uint64_t expected)
{
    uint64_t value = 0;
    const char *unit;
    assert_int_equal(hf_quantity_parse(text, units, &value, &unit), HF_QUANTITY_OK);
    assert_true(value == expected);
}

static void expect_bad(const char *text, const hf_unit *units, hf_quantity_result expected)
{
    uint64_t value = 77;
    const char *unit;
    assert_int_equal(hf_quantity_parse(text, units, &value, &unit), expected);
    assert_true(value == 77);
}

static void test_quantities(void **state)
{
    (void)state;
    expect_quantity("250 KB", hf_units_bytes, 256000);
    expect_quantity("250KiB", hf_units_bytes, 256000);
    expect_quantity("0 B", hf_units_bytes, 0);
    expect_quantity("1.5 MB", hf_units_bytes, 1572864);
    expect_quantity("0.5   KB", hf_units_bytes, 512);
    expect_quantity("60 M", hf_units_count, 60000000);
    expect_quantity("60000000", hf_units_count, 60000000);
    expect_quantity("7.489664 M", hf_units_count, 7489664);
    expect_quantity("2 h", hf_units_duration, 7200000);
    expect_quantity("1.5 s", hf_units_duration, 1500);
    expect_quantity("000000000000000007 ms", hf_units_duration, 7);

    expect_bad("", hf_units_bytes, HF_QUANTITY_NOT_A_NUMBER);
    expect_bad("KB", hf_units_bytes, HF_QUANTITY_NOT_A_NUMBER);
    expect_bad("-1 KB", hf_units_bytes, HF_QUANTITY_NOT_A_NUMBER);
    expect_bad("1,5 KB", hf_units_bytes, HF_QUANTITY_NOT_A_NUMBER);
    expect_bad("1. KB", hf_units_bytes, HF_QUANTITY_NOT_A_NUMBER);
    expect_bad("0x10 KB", hf_units_bytes, HF_QUANTITY_UNKNOWN_UNIT);
    expect_bad("1e3 B", hf_units_bytes, HF_QUANTITY_UNKNOWN_UNIT);
    expect_bad("5", hf_units_bytes, HF_QUANTITY_NO_UNIT);
    expect_bad("5 ", hf_units_bytes, HF_QUANTITY_NO_UNIT);
    expect_bad("5 kb", hf_units_bytes, HF_QUANTITY_UNKNOWN_UNIT);
    expect_bad("5 KB KB", hf_units_bytes, HF_QUANTITY_UNKNOWN_UNIT);
    expect_bad("0.3 B", hf_units_bytes, HF_QUANTITY_NOT_WHOLE);
    expect_bad("0.0001 KB", hf_units_bytes, HF_QUANTITY_NOT_WHOLE);
    expect_bad("99999999999999999999 B", hf_units_bytes, HF_QUANTITY_TOO_LARGE);
    expect_bad("999999999999999999 MB", hf_units_bytes, HF_QUANTITY_TOO_LARGE);
}

static void test_word_distance(void **state)
{
    (void)state;
    assert_int_equal(hf_word_distance("", ""), 0);
    assert_int_equal(hf_word_distance("", "abc"), 3);
    assert_int_equal(hf_word_distance("abc", ""), 3);
    assert_int_equal(hf_word_distance("models", "models"), 0);
    assert_int_equal(hf_word_distance("Models", "mODELS"), 0);
    assert_int_equal(hf_word_distance("modles", "models"), 1); /* adjacent letters swapped */
    assert_int_equal(hf_word_distance("model", "models"), 1);
    assert_int_equal(hf_word_distance("kitten", "sitting"), 3);
    char longest[80];
    memset(longest, 'a', sizeof longest);
    longest[79] = '\0';
    assert_true(hf_word_distance(longest, "a") == UINT32_MAX);
    longest[63] = '\0';
    assert_int_equal(hf_word_distance(longest, ""), 63);
}

static const char *nearest(const char *word)
{
    static const char *const known[] = {"alpha", "resolution", "channels", "classes", "l", "ll"};
    hf_suggestion suggestion = {.word = word};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        hf_suggest(&suggestion, known[i]);
    return suggestion.best ? suggestion.best : "";
}

static void test_suggestions(void **state)
{
    (void)state;
    assert_string_equal(nearest("alhpa"), "alpha");
    assert_string_equal(nearest("ressolution"), "resolution");
    assert_string_equal(nearest("alfa"), "alpha");
    assert_string_equal(nearest("blfa"), ""); /* two edits and a different first letter */
    assert_string_equal(nearest("L"), "l");
    assert_string_equal(nearest("x"), ""); /* the only letter differs */
    assert_string_equal(nearest("width"), "");
}

static void test_diagnostics_are_sorted_and_bounded(void **state)
{
    (void)state;
    hf_diagnostics *list = hf_diagnostics_new();
    char *text = hf_diagnostics_render(list);
    assert_string_equal(text, "");
    free(text);
    hf_diagnostics_add(list, "b", 2, 1, "second");
    hf_diagnostics_add(list, "a", 9, 9, "other file, \033[31mred\n and \xc2\x9b too");
    hf_diagnostics_add(list, "b", 1, 7, "first %d", 1);
    hf_diagnostics_add(list, "b", 1, 7, "same place");
    hf_diagnostics_add(list, "b", 0, 0, "whole file");
    text = hf_diagnostics_render(list);
    assert_string_equal(text, "b: whole file\nb:1:7: first 1\nb:1:7: same place\nb:2:1: second\n"
                              "a:9:9: other file, ?[31mred? and ?? too\n");
    free(text);
    assert_string_equal(hf_diagnostics_at(list, 2)->text, "first 1");
    assert_null(hf_diagnostics_at(list, 5));
    for (int i = 0; i < HF_DIAGNOSTICS_MAX; i++)
        hf_diagnostics_add(list, "c", 1, 1, "x");
    assert_int_equal(hf_diagnostics_count(list), HF_DIAGNOSTICS_MAX);
    assert_int_equal(hf_diagnostics_total(list), HF_DIAGNOSTICS_MAX + 5);
    assert_false(hf_diagnostics_failed(list));
    text = hf_diagnostics_render(list);
    assert_non_null(strstr(text, "\n... and 5 more\n"));
    free(text);
    char longest[2000];
    memset(longest, 'y', sizeof longest);
    longest[1999] = '\0';
    hf_diagnostics_free(list);
    list = hf_diagnostics_new();
    hf_diagnostics_add(list, "c", 1, 1, "%s", longest);
    assert_non_null(strstr(hf_diagnostics_at(list, 0)->text, "yyy..."));
    hf_diagnostics_free(list);
    hf_diagnostics_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_word_distance),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_diagnostics_are_sorted_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
