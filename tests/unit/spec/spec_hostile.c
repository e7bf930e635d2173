/* SPDX-License-Identifier: Apache-2.0 */
/* Malicious input: limits on size, nesting, aliases, keys, variations and diagnostics. */
#include "check.h"

#include "base/buffer.h"

static void expect(const hf_buffer *text, const char *expected)
{
    assert_false(text->failed);
    char *rendered = spec_mistakes(text->data, text->size, false);
    if (!strstr(rendered, expected))
        print_error("%.2000s\n", rendered);
    assert_non_null(strstr(rendered, expected));
    free(rendered);
}

static void test_billion_laughs(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
        hf_buffer_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            hf_buffer_printf(&text, "*a%d%s", i - 1, k < 9 ? ", " : "]\n");
    }
    expect(&text, "more than 100000 values when every alias is expanded");
    hf_buffer_free(&text);
}

static void test_merge_keys_are_counted(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "a0: &a0 {x: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}\n");
    for (int i = 1; i < 40; i++)
        hf_buffer_printf(&text, "a%d: &a%d {<<: *a%d, y%d: *a%d, z%d: *a%d}\n", i, i, i - 1, i, i - 1, i,
                         i - 1);
    expect(&text, "more than 100000 values");
    hf_buffer_free(&text);
}

static void test_deep_nesting(void **state)
{
    (void)state;
    for (int opening = 0; opening < 3; opening++) {
        static const char *const openings[] = {"[", "{a: ", "- "};
        hf_buffer text = HF_BUFFER_INIT;
        for (int i = 0; i < 50000; i++)
            hf_buffer_puts(&text, openings[opening]);
        expect(&text, "nested more than 32 levels deep");
        hf_buffer_free(&text);
    }
}

static void test_nesting_at_the_limit(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "name: ");
    for (int i = 1; i < HF_SPEC_MAX_DEPTH; i++)
        hf_buffer_putc(&text, '[');
    for (int i = 1; i < HF_SPEC_MAX_DEPTH; i++)
        hf_buffer_putc(&text, ']');
    char *rendered = spec_mistakes(text.data, text.size, false);
    assert_null(strstr(rendered, "nested"));
    free(rendered);
    hf_buffer_free(&text);
}

static void test_size(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    while (text.size <= HF_SPEC_MAX_BYTES)
        hf_buffer_puts(&text, "# padding padding padding padding padding padding padding padding padding\n");
    expect(&text, "t.yaml: 1048580 bytes, expected at most 1048576");
    hf_buffer_free(&text);
}

static void test_many_keys_and_anchors(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    for (int i = 0; i < 2000; i++)
        hf_buffer_printf(&text, "k%d: 1\n", i);
    expect(&text, "more than 256 keys in one mapping");
    hf_buffer_clear(&text);
    hf_buffer_puts(&text, "models:\n");
    for (int i = 0; i < 2000; i++)
        hf_buffer_printf(&text, "- &a%d x\n", i);
    expect(&text, "more than 1000 anchors");
    hf_buffer_free(&text);
}

static void test_too_many_variations(void **state)
{
    (void)state;
    /* A single item that exceeds the limit must not be expanded; then the sum of several. */
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(
        &text, "models:\n  - {family: mobilenetv1, channels: 3, classes: 2, resolution: 96, alpha: [0.25");
    for (int i = 26; i < 126; i++)
        hf_buffer_printf(&text, ", %d.%02d", i / 100, i % 100);
    hf_buffer_puts(&text, "], ll: [8");
    for (int i = 9; i < 109; i++)
        hf_buffer_printf(&text, ", %d", i);
    hf_buffer_puts(&text, "]}\n");
    expect(&text, "t.yaml:2:5: 10201 variations when these factors are crossed, expected at most 10000");
    hf_buffer_clear(&text);
    hf_buffer_puts(&text, "models:\n");
    for (int i = 0; i < HF_SPEC_MAX_VARIATIONS + 3; i++)
        hf_buffer_printf(&text, "- {tflite: m%d}\n", i);
    expect(&text, "t.yaml:10002:3: 10003 variations in total, expected at most 10000");
    hf_buffer_free(&text);
}

static void test_many_mistakes(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "models:\n");
    for (int i = 0; i < 5000; i++)
        hf_buffer_puts(&text, "- [x]\n");
    expect(&text, "\n... and 4900 more\n");
    hf_buffer_free(&text);
}

static void test_long_words(void **state)
{
    (void)state;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "models: [mobilenetv1_0.25_96_c3_o2]\n? ");
    for (int i = 0; i < 5000; i++)
        hf_buffer_putc(&text, 'k');
    hf_buffer_puts(&text, "\n: 1\nname: ");
    for (int i = 0; i < 5000; i++)
        hf_buffer_putc(&text, 'n');
    hf_buffer_puts(&text, "\nmeasure: {runs: ");
    for (int i = 0; i < 5000; i++)
        hf_buffer_putc(&text, '9');
    hf_buffer_puts(&text, "}\n");
    expect(&text, "unknown key \"kkkkkk");
    expect(&text, "name: \"nnnn");
    expect(&text, "runs: \"9999");
    hf_buffer_free(&text);
}

/* Every prefix of a text with every feature, and every single changed byte: a result or a diagnostic. */
static void test_truncated_and_damaged_texts(void **state)
{
    (void)state;
    static const char text[] =
        "name: x\n"
        "constraints: {ram: 250 KB, macs: 60 M}\n"
        "models:\n"
        "  - &m {family: mobilenetv1, alpha: [0.2], resolution: 32, channels: 1, classes: 2}\n"
        "  - {<<: *m, l: 3}\n"
        "  - \"mobilenetv1_0.25_96_c3_o2\"\n"
        "  - tflite: 'm.tflite'\n"
        "boards: {tags: [a, b]}\n"
        "measure: {runs: 3, input: {seed: 1}}\n"
        "deadlines: {flash: 60 s}\n";
    static const char bytes[] = "\0\t\n \"'[]{}:,&*#!-?<\x80\xff";
    char damaged[sizeof text];
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (size_t k = 0; k <= sizeof bytes - 1; k++) {
            memcpy(damaged, text, sizeof text);
            size_t size = sizeof text - 1;
            if (k == sizeof bytes - 1)
                size = at; /* the prefix */
            else
                damaged[at] = bytes[k];
            hf_diagnostics *diagnostics = hf_diagnostics_new();
            hf_spec *spec = NULL;
            hf_status status = hf_spec_parse("t.yaml", damaged, size, false, &spec, diagnostics, NULL);
            assert_true(status == HF_OK || status == HF_EINVALID);
            assert_true((status == HF_OK) == (spec != NULL));
            assert_true((status == HF_OK) == (hf_diagnostics_total(diagnostics) == 0));
            hf_spec_free(spec);
            hf_diagnostics_free(diagnostics);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_billion_laughs),
        cmocka_unit_test(test_merge_keys_are_counted),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_nesting_at_the_limit),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_many_keys_and_anchors),
        cmocka_unit_test(test_too_many_variations),
        cmocka_unit_test(test_many_mistakes),
        cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_truncated_and_damaged_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
