/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of two runs as a table, CSV and JSON. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/c_locale.h"
#include "report/json_members.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/run_comparison.h"
#include "terminal_safe_text.h"

#define CELL_SIZE 32
#define RED       "\033[31m"
#define GREEN     "\033[32m"
#define RESET     "\033[0m"

static const hf_result_row *either(const hf_result_comparison *result)
{
    return result->after ? result->after : result->before;
}

/* Modelled if all that is known of its latency is; otherwise its measured side counts. */
static bool is_modelled(const hf_result_comparison *result)
{
    const hf_result_row *const sides[] = {result->before, result->after};
    bool modelled = false, measured = false;
    for (int i = 0; i < 2; i++)
        if (sides[i] && sides[i]->outcome == HF_RESULT_MEASURED)
            *(sides[i]->modelled ? &modelled : &measured) = true;
    return modelled && !measured;
}

static bool is_known(const hf_quantity_change *quantity)
{
    return !isnan(quantity->before) && !isnan(quantity->after) &&
           quantity->change != HF_CHANGE_NOT_COMPARABLE;
}

/* ---- Texts of a quantity ---- */

const char *hf_quantity_title(hf_quantity quantity)
{
    static const char *const titles[HF_QUANTITY_COUNT] = {"latency", "RAM", "image", "accuracy"};
    return titles[quantity];
}

void hf_quantity_format(hf_quantity quantity, double value, char *text, size_t size)
{
    locale_t locale = hf_c_locale_enter();
    if (quantity == HF_QUANTITY_LATENCY)
        hf_format_ns(value, text, size);
    else if (quantity == HF_QUANTITY_ACCURACY)
        snprintf(text, size, "%.2f %%", value);
    else
        hf_format_bytes(value, text, size);
    hf_c_locale_leave(locale);
}

void hf_quantity_format_change(hf_quantity quantity, double percent, char *text, size_t size)
{
    locale_t locale = hf_c_locale_enter();
    snprintf(text, size, quantity == HF_QUANTITY_ACCURACY ? "%+.2f points" : "%+.2f %%", percent);
    hf_c_locale_leave(locale);
}

/* ---- Table ---- */

/* A change as text: "7.846 ms* -> 7.901 ms*" and "+0.70 %". */
typedef struct change_text {
    char values[3 * CELL_SIZE], percent[CELL_SIZE];
} change_text;

/* Widths of the two texts of each quantity; the accuracy has no column (width 0) if no result that is shown has one. */
typedef struct column_widths {
    int values[HF_QUANTITY_COUNT], percent[HF_QUANTITY_COUNT];
} column_widths;

/* "7.846 ms*", or "-" for an unknown value */
static void format_value(hf_quantity quantity, double value, bool modelled, char text[CELL_SIZE])
{
    char known[CELL_SIZE];
    snprintf(text, CELL_SIZE, "-");
    if (isnan(value))
        return;
    hf_quantity_format(quantity, value, known, sizeof known);
    snprintf(text, CELL_SIZE, "%.*s%s", CELL_SIZE - 2, known, hf_modelled_asterisk(modelled));
}

static change_text format_change(const hf_result_comparison *result, hf_quantity quantity)
{
    const hf_quantity_change *change = &result->quantities[quantity];
    const bool timed = quantity == HF_QUANTITY_LATENCY;
    char before[CELL_SIZE], after[CELL_SIZE];
    change_text text = {0};
    format_value(quantity, change->before, timed && result->before && result->before->modelled, before);
    format_value(quantity, change->after, timed && result->after && result->after->modelled, after);
    snprintf(text.values, sizeof text.values, "%s -> %s", before, after);
    if (is_known(change) && change->percent != 0)
        hf_quantity_format_change(quantity, change->percent, text.percent, sizeof text.percent);
    return text;
}

/* Whether an asterisk is printed. */
static bool has_mark(const hf_result_comparison *result)
{
    const hf_quantity_change *latency = &result->quantities[HF_QUANTITY_LATENCY];
    return (!isnan(latency->before) && result->before && result->before->modelled) ||
           (!isnan(latency->after) && result->after && result->after->modelled);
}

const char *hf_compared_outcome(const hf_result_row *row)
{
    return !row                                ? "missing"
           : row->outcome == HF_RESULT_NOT_RUN ? "not run"
                                               : hf_result_outcome_name(row->outcome);
}

static void put_result(const hf_result_comparison *result, int name_width, const column_widths *widths,
                       bool colour, hf_buffer *out)
{
    const hf_result_row *row = either(result);
    hf_buffer_puts(out, "  ");
    hf_terminal_put(out, row->name);
    hf_buffer_printf(out, "%*s", name_width - hf_terminal_width(row->name), "");
    for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
        if (!widths->values[q])
            continue;
        const change_text text = format_change(result, (hf_quantity)q);
        hf_buffer_printf(out, "  %*s %*s", widths->values[q], text.values, widths->percent[q], text.percent);
    }
    const char *paint = result->change == HF_CHANGE_REGRESSED  ? RED
                        : result->change == HF_CHANGE_IMPROVED ? GREEN
                                                               : "";
    hf_buffer_printf(out, "  %s%s%s", colour ? paint : "", hf_change_name(result->change),
                     colour && *paint ? RESET : "");
    const bool measured[2] = {result->before && result->before->outcome == HF_RESULT_MEASURED,
                              result->after && result->after->outcome == HF_RESULT_MEASURED};
    if (!measured[0] || !measured[1])
        hf_buffer_printf(out, " (%s -> %s)", hf_compared_outcome(result->before),
                         hf_compared_outcome(result->after));
    hf_buffer_putc(out, '\n');
}

/* What a table shows: all results, or only those with one of some changes. */
typedef struct change_table {
    const hf_run_comparison *comparison;
    unsigned changes; /* a set of bits, 1u << hf_change */
    int name_width;
    column_widths widths;
    bool colour;
} change_table;

static bool is_shown(const change_table *table, const hf_result_comparison *result)
{
    return table->changes >> result->change & 1;
}

static int larger(int a, size_t b)
{
    return a > (int)b ? a : (int)b;
}

static column_widths measure_columns(const change_table *table)
{
    column_widths widths = {0};
    for (size_t i = 0; i < table->comparison->result_count; i++) {
        const hf_result_comparison *result = &table->comparison->results[i];
        if (!is_shown(table, result))
            continue;
        for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
            const hf_quantity_change *change = &result->quantities[q];
            if (q == HF_QUANTITY_ACCURACY && isnan(change->before) && isnan(change->after) &&
                !widths.values[q])
                continue;
            const change_text text = format_change(result, (hf_quantity)q);
            widths.values[q] = larger(widths.values[q], strlen(text.values));
            widths.percent[q] = larger(widths.percent[q], strlen(text.percent));
        }
    }
    return widths;
}

static void put_chip(const change_table *table, const char *chip, hf_buffer *out)
{
    const hf_run_comparison *comparison = table->comparison;
    hf_buffer_putc(out, '\n');
    hf_terminal_put(out, chip);
    hf_buffer_printf(out, "%*s", table->name_width + 2 - hf_terminal_width(chip), "");
    for (int q = 0; q < HF_QUANTITY_COUNT; q++)
        if (table->widths.values[q])
            hf_buffer_printf(out, "  %*s", table->widths.values[q] + 1 + table->widths.percent[q],
                             hf_quantity_title((hf_quantity)q));
    hf_buffer_puts(out, "  change\n");
    for (size_t i = 0; i < comparison->result_count; i++)
        if (is_shown(table, &comparison->results[i]) &&
            strcmp(either(&comparison->results[i])->chip, chip) == 0)
            put_result(&comparison->results[i], table->name_width, &table->widths, table->colour, out);
}

static bool is_first_of_chip(const change_table *table, size_t index)
{
    const hf_result_comparison *results = table->comparison->results;
    if (!is_shown(table, &results[index]))
        return false;
    for (size_t i = 0; i < index; i++)
        if (is_shown(table, &results[i]) &&
            strcmp(either(&results[i])->chip, either(&results[index])->chip) == 0)
            return false;
    return true;
}

static void put_run(const hf_report *report, hf_buffer *out)
{
    hf_buffer_printf(out, "run %" PRId64 " (", report->run.id);
    hf_terminal_put(out, report->run.name);
    hf_buffer_putc(out, ')');
}

static void put_counts(const hf_run_comparison *comparison, hf_buffer *out)
{
    put_run(comparison->before, out);
    hf_buffer_puts(out, " -> ");
    put_run(comparison->after, out);
    for (size_t c = 0; c < sizeof comparison->counts / sizeof comparison->counts[0]; c++)
        hf_buffer_printf(out, "%s %zu %s", c ? "," : ":", comparison->counts[c],
                         hf_change_name((hf_change)c));
    hf_buffer_putc(out, '\n');
}

static void render(const hf_run_comparison *comparison, unsigned changes, bool colour, hf_buffer *out)
{
    locale_t locale = hf_c_locale_enter();
    change_table table = {.comparison = comparison, .changes = changes, .name_width = 16, .colour = colour};
    table.widths = measure_columns(&table);
    bool modelled = false;
    put_counts(comparison, out);
    for (size_t i = 0; i < comparison->result_count; i++) {
        const hf_result_comparison *result = &comparison->results[i];
        if (!is_shown(&table, result))
            continue;
        const int width = hf_terminal_width(either(result)->name);
        table.name_width = width > table.name_width ? width : table.name_width;
        modelled |= has_mark(result);
    }
    for (size_t i = 0; i < comparison->result_count; i++)
        if (is_first_of_chip(&table, i))
            put_chip(&table, either(&comparison->results[i])->chip, out);
    if (modelled)
        hf_buffer_puts(out, HF_MODELLED_FOOTNOTE);
    hf_c_locale_leave(locale);
}

void hf_run_comparison_render_table(const hf_run_comparison *comparison, bool colour, hf_buffer *out)
{
    render(comparison, ~0u, colour, out);
}

void hf_run_comparison_render_summary(const hf_run_comparison *comparison, bool colour, hf_buffer *out)
{
    render(comparison, 1u << HF_CHANGE_REGRESSED | 1u << HF_CHANGE_IMPROVED | 1u << HF_CHANGE_UNCERTAIN,
           colour, out);
}

void hf_run_comparison_render_regressions(const hf_run_comparison *comparison, hf_buffer *out)
{
    if (comparison->counts[HF_CHANGE_REGRESSED])
        render(comparison, 1u << HF_CHANGE_REGRESSED, false, out);
}

/* ---- CSV ---- */

/* A known number is a field; an unknown one is empty. */
static void put_number(bool known, double value, hf_buffer *out)
{
    hf_buffer_putc(out, ',');
    if (known)
        hf_buffer_printf(out, "%.10g", value);
}

/* Exact changes, and those that have no interval for lack of samples, have two equal bounds. */
static bool has_interval(const hf_quantity_change *quantity)
{
    return is_known(quantity) && quantity->low_percent < quantity->high_percent;
}

void hf_run_comparison_render_csv(const hf_run_comparison *comparison, hf_buffer *out)
{
    locale_t locale = hf_c_locale_enter();
    hf_buffer_puts(
        out, "name,chip,timing,quantity,before,after,change_percent,change_low_percent,change_high_percent,"
             "change,change_of_result\r\n");
    for (size_t i = 0; i < comparison->result_count; i++) {
        const hf_result_comparison *result = &comparison->results[i];
        for (int q = 0; q < HF_QUANTITY_COUNT; q++) {
            const hf_quantity_change *quantity = &result->quantities[q];
            hf_buffer_csv(out, either(result)->name);
            hf_buffer_putc(out, ',');
            hf_buffer_csv(out, either(result)->chip);
            hf_buffer_printf(
                out, ",%s,%s",
                q == HF_QUANTITY_LATENCY && is_known(quantity) ? hf_timing_name(is_modelled(result)) : "",
                hf_quantity_name((hf_quantity)q));
            put_number(!isnan(quantity->before), quantity->before, out);
            put_number(!isnan(quantity->after), quantity->after, out);
            put_number(is_known(quantity), quantity->percent, out);
            put_number(has_interval(quantity), quantity->low_percent, out);
            put_number(has_interval(quantity), quantity->high_percent, out);
            hf_buffer_printf(out, ",%s,%s\r\n", hf_change_name(quantity->change),
                             hf_change_name(result->change));
        }
    }
    hf_c_locale_leave(locale);
}

/* ---- JSON ---- */

static json_t *number_or_null(bool known, double value)
{
    return known ? json_real(value) : json_null();
}

static json_t *quantity_object(const hf_quantity_change *quantity)
{
    json_t *object = json_object();
    json_object_set_new(object, "before", number_or_null(!isnan(quantity->before), quantity->before));
    json_object_set_new(object, "after", number_or_null(!isnan(quantity->after), quantity->after));
    json_object_set_new(object, "change_percent", number_or_null(is_known(quantity), quantity->percent));
    json_object_set_new(object, "change_low_percent",
                        number_or_null(has_interval(quantity), quantity->low_percent));
    json_object_set_new(object, "change_high_percent",
                        number_or_null(has_interval(quantity), quantity->high_percent));
    json_object_set_new(object, "change", json_string(hf_change_name(quantity->change)));
    return object;
}

static json_t *run_object(const hf_report *report)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(report->run.id));
    hf_json_set_text(object, "key", report->run.key);
    hf_json_set_text(object, "name", report->run.name);
    return object;
}

static json_t *result_object(const hf_result_comparison *result)
{
    json_t *object = json_object();
    hf_json_set_text(object, "name", either(result)->name);
    hf_json_set_text(object, "chip", either(result)->chip);
    hf_json_set_text(object, "outcome_before",
                     result->before ? hf_result_outcome_name(result->before->outcome) : NULL);
    hf_json_set_text(object, "outcome_after",
                     result->after ? hf_result_outcome_name(result->after->outcome) : NULL);
    json_object_set_new(object, "timing",
                        is_known(&result->quantities[HF_QUANTITY_LATENCY])
                            ? json_string(hf_timing_name(is_modelled(result)))
                            : json_null());
    for (int q = 0; q < HF_QUANTITY_COUNT; q++)
        json_object_set_new(object, hf_quantity_name((hf_quantity)q),
                            quantity_object(&result->quantities[q]));
    json_object_set_new(object, "change", json_string(hf_change_name(result->change)));
    return object;
}

void hf_run_comparison_render_json(const hf_run_comparison *comparison, hf_buffer *out)
{
    json_t *root = json_object(), *results = json_array(), *counts = json_object();
    json_object_set_new(root, "before", run_object(comparison->before));
    json_object_set_new(root, "after", run_object(comparison->after));
    for (size_t c = 0; c < sizeof comparison->counts / sizeof comparison->counts[0]; c++)
        json_object_set_new(counts, hf_change_name((hf_change)c),
                            json_integer((json_int_t)comparison->counts[c]));
    json_object_set_new(root, "counts", counts);
    for (size_t i = 0; i < comparison->result_count; i++)
        json_array_append_new(results, result_object(&comparison->results[i]));
    json_object_set_new(root, "results", results);
    char *text = json_object_size(root) == 4 ? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(root);
    if (text)
        hf_buffer_printf(out, "%s\n", text);
    else
        out->failed = true;
    free(text);
}
