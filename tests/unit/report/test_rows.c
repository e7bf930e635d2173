/* SPDX-License-Identifier: Apache-2.0 */
/* Figures computed from rows, and their formats. */
#include "hf_test.h"

#include <locale.h>
#include <math.h>

#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/render.h"
#include "sample.h"

static void order_statistics_are_exact(void **state)
{
    (void)state;
    /* 10, 20, 30, 40, 50 cycles at 1 GHz; quantiles interpolated between ranks (0.05 * 4 = 0.2 ranks). */
    hf_sample samples[] = {{50, 3}, {10, 1}, {30, 2}, {20, 5}, {40, 4}};
    hf_result_row row = {.clock_hz = 1000000000, .samples = samples, .sample_count = 5};
    hf_latency latency;
    assert_true(hf_result_latency(&row, &latency));
    assert_float_equal(latency.median_ns, 30, 1e-9);
    assert_float_equal(latency.min_ns, 10, 1e-9);
    assert_float_equal(latency.max_ns, 50, 1e-9);
    assert_float_equal(latency.p05_ns, 12, 1e-9);
    assert_float_equal(latency.p95_ns, 48, 1e-9);
    assert_float_equal(latency.median_cycles, 30, 1e-9);
    assert_float_equal(latency.median_instructions, 3, 1e-9);
    /* The row keeps its order. */
    assert_int_equal(samples[0].cycles, 50);

    row.sample_count = 4; /* an even number: between the middle two */
    assert_true(hf_result_latency(&row, &latency));
    assert_float_equal(latency.median_cycles, 25, 1e-9);
    row.sample_count = 1;
    row.clock_hz = 120000000;
    samples[0].cycles = 12;
    assert_true(hf_result_latency(&row, &latency));
    assert_float_equal(latency.median_ns, 100, 1e-9);
    assert_float_equal(latency.p05_ns, 100, 1e-9);
    assert_float_equal(latency.p95_ns, 100, 1e-9);
}

static void unknown_figures_stay_unknown(void **state)
{
    (void)state;
    hf_latency latency = {.median_ns = 1};
    hf_result_row row = {.clock_hz = 1000};
    assert_false(hf_result_latency(&row, &latency));
    assert_float_equal(latency.median_ns, 0, 0);
    hf_sample samples[] = {{10, 0}, {20, 7}};
    row.samples = samples;
    row.sample_count = 2;
    row.clock_hz = 0;
    assert_false(hf_result_latency(&row, &latency));
    row.clock_hz = 1000;
    assert_true(hf_result_latency(&row, &latency));
    assert_float_equal(latency.median_instructions, 0, 0); /* one sample has none */
}

static void shares_need_a_measurement(void **state)
{
    (void)state;
    hf_layer layers[] = {{.macs = 60, .cycles = 30}, {.macs = 5}, {.cycles = 10}};
    hf_result_row row = {.outcome = HF_RESULT_MEASURED, .layers = layers, .layer_count = 3};
    assert_int_equal(hf_result_layers_cycles(&row), 40);
    assert_float_equal(hf_layer_cycles_share_percent(&layers[0], 40), 75, 1e-12);
    assert_float_equal(hf_layer_cycles_share_percent(&layers[1], 40), 0, 0);
    assert_float_equal(hf_layer_cycles_share_percent(&layers[0], 0), 0, 0);
    assert_float_equal(hf_macs_per_cycle(layers[0].macs, 30), 2, 1e-12);
    assert_float_equal(hf_macs_per_cycle(layers[1].macs, 0), 0, 0);
    assert_float_equal(hf_macs_per_cycle(layers[2].macs, 10), 0, 0);
    row.outcome = HF_RESULT_FAILED; /* whatever was measured before is not this result's */
    assert_int_equal(hf_result_layers_cycles(&row), 0);
}

static void verdicts_follow_the_limits(void **state)
{
    (void)state;
    hf_result_row row = {.outcome = HF_RESULT_MEASURED,
                         .macs = 100,
                         .image_bytes = 600,
                         .planned_arena_bytes = 5000,
                         .firmware_bytes = 400,
                         .arena_bytes = 70,
                         .static_bytes = 20,
                         .stack_bytes = 10};
    assert_int_equal(hf_result_ram_bytes(&row), 100);
    assert_int_equal(hf_result_rom_bytes(&row), 1000);
    hf_limits limits = {0};
    hf_verdicts verdicts = hf_result_verdicts(&row, &limits);
    assert_int_equal(verdicts.all, HF_VERDICT_NONE);
    limits = (hf_limits){.ram_bytes = 100, .rom_bytes = 1000, .macs = 100}; /* exactly is met */
    verdicts = hf_result_verdicts(&row, &limits);
    assert_int_equal(verdicts.ram, HF_VERDICT_MET);
    assert_int_equal(verdicts.rom, HF_VERDICT_MET);
    assert_int_equal(verdicts.macs, HF_VERDICT_MET);
    assert_int_equal(verdicts.all, HF_VERDICT_MET);
    limits.rom_bytes = 999;
    verdicts = hf_result_verdicts(&row, &limits);
    assert_int_equal(verdicts.rom, HF_VERDICT_MISSED);
    assert_int_equal(verdicts.ram, HF_VERDICT_MET);
    assert_int_equal(verdicts.all, HF_VERDICT_MISSED);
    limits = (hf_limits){.macs = 99};
    verdicts = hf_result_verdicts(&row, &limits);
    assert_int_equal(verdicts.macs, HF_VERDICT_MISSED);
    assert_int_equal(verdicts.ram, HF_VERDICT_NONE);

    /* Not measured: at least the planned arena and the image; unknown: no verdict. */
    row.outcome = HF_RESULT_FAILED;
    limits = (hf_limits){.ram_bytes = 4999, .rom_bytes = 600};
    verdicts = hf_result_verdicts(&row, &limits);
    assert_int_equal(verdicts.ram, HF_VERDICT_MISSED);
    assert_int_equal(verdicts.rom, HF_VERDICT_OPEN); /* the firmware comes on top */
    assert_int_equal(verdicts.all, HF_VERDICT_MISSED);
    hf_result_row unknown = {.outcome = HF_RESULT_FAILED};
    verdicts = hf_result_verdicts(&unknown, &limits);
    assert_int_equal(verdicts.all, HF_VERDICT_NONE);
}

static void names_are_stable(void **state)
{
    (void)state;
    assert_string_equal(hf_result_outcome_name(HF_RESULT_MEASURED), "measured");
    assert_string_equal(hf_result_outcome_name(HF_RESULT_FAILED), "failed");
    assert_string_equal(hf_result_outcome_name(HF_RESULT_NOT_RUN), "not_run");
    assert_string_equal(hf_result_outcome_name((hf_result_outcome)17), "unknown");
    assert_string_equal(hf_run_state_name(HF_RUN_RUNNING), "running");
    assert_string_equal(hf_run_state_name(HF_RUN_DONE), "done");
    assert_string_equal(hf_run_state_name(HF_RUN_INTERRUPTED), "interrupted");
    assert_string_equal(hf_run_state_name(HF_RUN_ABORTED), "aborted");
    assert_string_equal(hf_run_state_name((hf_run_state)17), "unknown");
}

static void rows_are_freed_completely(void **state)
{
    (void)state;
    hf_report report;
    sample_sweep(&report);
    hf_report_free(&report); /* the sanitizer sees what stays */
    assert_null(report.results);
    assert_int_equal(report.result_count, 0);
    hf_report_free(&report);
    hf_report_free(NULL);
    const hf_row_type *const types[] = {&hf_run_row_type, &hf_result_row_type, &hf_attempt_row_type,
                                        &hf_failure_row_type, &hf_board_history_row_type};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        hf_row_clear(types[i], NULL);
        hf_rows_free(types[i], NULL, 3);
    }
}

typedef void (*format_function)(double value, char *text, size_t size);

static void check(format_function format, double value, const char *expected)
{
    char text[32];
    format(value, text, sizeof text);
    assert_string_equal(text, expected);
}

static void counts_are_decimal(void **state)
{
    (void)state;
    check(hf_format_count, 0, "0");
    check(hf_format_count, 999, "999");
    check(hf_format_count, 1000, "1.00 k");
    check(hf_format_count, 9994, "9.99 k");
    check(hf_format_count, 9996, "10.0 k");
    check(hf_format_count, 219000, "219 k");
    check(hf_format_count, 999499, "999 k");
    check(hf_format_count, 999500, "1.00 M");
    check(hf_format_count, 21900000, "21.9 M");
    check(hf_format_count, 999.6e6, "1.00 G");
    check(hf_format_count, 1.25e9, "1.25 G");
    check(hf_format_count, -1500, "-1.50 k");
    check(hf_format_count, NAN, "-");
    check(hf_format_count, INFINITY, "-");
}

static void bytes_are_binary(void **state)
{
    (void)state;
    check(hf_format_bytes, 0, "0 B");
    check(hf_format_bytes, 1023, "1023 B");
    check(hf_format_bytes, 1024, "1.0 KB");
    check(hf_format_bytes, 249754, "243.9 KB");
    check(hf_format_bytes, 256000, "250.0 KB");
    check(hf_format_bytes, 1023.94 * 1024, "1023.9 KB");
    check(hf_format_bytes, 1024 * 1024 - 1, "1.00 MB");
    check(hf_format_bytes, 1572864, "1.50 MB");
    check(hf_format_bytes, -INFINITY, "-");
}

static void times_keep_four_digits(void **state)
{
    (void)state;
    check(hf_format_ns, 0, "0 ns");
    check(hf_format_ns, 999, "999 ns");
    check(hf_format_ns, 1500, "1.50 us");
    check(hf_format_ns, 999.4e3, "999 us");
    check(hf_format_ns, 999.9e3, "1.000 ms");
    check(hf_format_ns, 8.1139e6, "8.114 ms");
    check(hf_format_ns, 24.834e6, "24.83 ms");
    check(hf_format_ns, 181.74e6, "181.7 ms");
    check(hf_format_ns, 9999.4e6, "9999.4 ms");
    check(hf_format_ns, 12e9, "12.0 s");
    check(hf_format_ns, NAN, "-");
}

/* A locale with a decimal comma, created here so that the test does not depend on installed locales. */
static bool make_comma_locale(char *folder)
{
    static const char charmap[] = "/charmap", source[] = "/source";
    char path[128], command[512];
    snprintf(path, sizeof path, "%s%s", folder, charmap);
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fputs("<code_set_name> ANSI_X3.4-1968\n<comment_char> %\n<escape_char> /\nCHARMAP\n", file);
    for (int c = 0; c < 128; c++)
        fprintf(file, "<U%04X> /x%02x c\n", (unsigned)c, (unsigned)c);
    fputs("END CHARMAP\n", file);
    fclose(file);
    snprintf(path, sizeof path, "%s%s", folder, source);
    file = fopen(path, "w");
    if (!file)
        return false;
    fputs("comment_char %\nescape_char /\nLC_NUMERIC\ndecimal_point \"<U002C>\"\nthousands_sep \"\"\n"
          "grouping -1\nEND LC_NUMERIC\n",
          file);
    fclose(file);
    snprintf(command, sizeof command,
             "localedef --force --quiet --no-archive -f %s%s -i %s%s %s/comma >/dev/null 2>&1; "
             "test -s %s/comma/LC_NUMERIC",
             folder, charmap, folder, source, folder, folder);
    return system(command) == 0; /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

static void numbers_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-locale-XXXXXX", command[64];
    assert_non_null(mkdtemp(folder));
    bool made = make_comma_locale(folder);
    setenv("LOCPATH", folder, 1);
    bool set = made && setlocale(LC_NUMERIC, "comma");
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
    if (!set) {
        printf("SKIPPED: localedef cannot make a locale here\n");
        skip();
    }
    char text[32];
    snprintf(text, sizeof text, "%.1f", 1.5);
    assert_string_equal(text, "1,5"); /* the locale is what we meant */
    check(hf_format_ns, 24.834e6, "24.83 ms");
    static void (*const renderers[])(const hf_report *report,
                                     hf_buffer *out) = {hf_render_csv, hf_render_json, hf_render_layers_csv};
    hf_report report;
    sample_sweep(&report);
    for (size_t i = 0; i < sizeof renderers / sizeof renderers[0]; i++) {
        hf_buffer with_comma = HF_BUFFER_INIT, plain = HF_BUFFER_INIT;
        renderers[i](&report, &with_comma);
        setlocale(LC_NUMERIC, "C");
        renderers[i](&report, &plain);
        setlocale(LC_NUMERIC, "comma");
        assert_string_equal(hf_buffer_text(&with_comma), hf_buffer_text(&plain));
        hf_buffer_free(&with_comma);
        hf_buffer_free(&plain);
    }
    hf_buffer table = HF_BUFFER_INIT;
    hf_render_table(&report, 0, false, &table);
    assert_non_null(strstr(hf_buffer_text(&table), "24.83 ms*"));
    assert_non_null(strstr(hf_buffer_text(&table), "+-0.66 %"));
    assert_null(strstr(hf_buffer_text(&table), "24,83"));
    hf_buffer_free(&table);
    hf_report_free(&report);
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_statistics_are_exact), cmocka_unit_test(unknown_figures_stay_unknown),
        cmocka_unit_test(shares_need_a_measurement),  cmocka_unit_test(verdicts_follow_the_limits),
        cmocka_unit_test(names_are_stable),           cmocka_unit_test(rows_are_freed_completely),
        cmocka_unit_test(counts_are_decimal),         cmocka_unit_test(bytes_are_binary),
        cmocka_unit_test(times_keep_four_digits),     cmocka_unit_test(numbers_do_not_depend_on_the_locale),
    };
    return cmocka_run_group_tests_name("report_rows", tests, NULL, NULL);
}
