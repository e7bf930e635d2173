/* SPDX-License-Identifier: Apache-2.0 */
#include "result_columns.h"

#include <stdlib.h>
#include <string.h>

#include "report/json_text.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "run_data.h"

/* A result whose values are written. */
typedef struct written {
    const hf_results_head *head;
    const hf_result_row *row;
    hf_latency latency; /* all 0 = not measured */
    hf_result_columns *columns;
    hf_buffer *out;
} written;

/* A function writes the value of one result. */
typedef void write_value(const written *w);

#define TEXT_COLUMN(member)                                                                                  \
    static void write_##member(const written *w)                                                             \
    {                                                                                                        \
        hf_json_text(w->out, w->row->member);                                                                \
    }
#define FIGURE_COLUMN(member)                                                                                \
    static void write_##member(const written *w)                                                             \
    {                                                                                                        \
        hf_json_known(w->out, w->row->member);                                                               \
    }
#define MEASURED_COLUMN(name, value)                                                                         \
    static void write_##name(const written *w)                                                               \
    {                                                                                                        \
        hf_json_real(w->out, w->latency.median_ns > 0, (double)(value));                                     \
    }
#define NAMED_COLUMN(name, table, text)                                                                      \
    static void write_##name(const written *w)                                                               \
    {                                                                                                        \
        hf_json_integer(w->out, (text) ? (int64_t)hf_name_number(&w->columns->table, text, w->out) : -1);    \
    }

TEXT_COLUMN(name)
TEXT_COLUMN(fault)
TEXT_COLUMN(message)
FIGURE_COLUMN(macs)
FIGURE_COLUMN(params)
FIGURE_COLUMN(image_bytes)
FIGURE_COLUMN(image_bytes_min)
FIGURE_COLUMN(peak_memory_bytes)
FIGURE_COLUMN(planned_arena_bytes)
MEASURED_COLUMN(ram_bytes, hf_result_ram_bytes(w->row))
MEASURED_COLUMN(arena_bytes, w->row->arena_bytes)
MEASURED_COLUMN(static_bytes, w->row->static_bytes)
MEASURED_COLUMN(stack_bytes, w->row->stack_bytes)
MEASURED_COLUMN(rom_bytes, hf_result_rom_bytes(w->row))
MEASURED_COLUMN(firmware_bytes, w->row->firmware_bytes)
MEASURED_COLUMN(clock_hz, w->row->clock_hz)
MEASURED_COLUMN(latency_ns, w->latency.median_ns)
MEASURED_COLUMN(latency_low_ns, w->latency.min_ns)
MEASURED_COLUMN(latency_high_ns, w->latency.max_ns)
MEASURED_COLUMN(cycles, w->latency.median_cycles)
NAMED_COLUMN(family, families, w->row->family)
NAMED_COLUMN(chip, chips, w->row->chip)
NAMED_COLUMN(firmware, firmwares, w->row->firmware_id)

static void write_instructions(const written *w)
{
    hf_json_real(w->out, w->latency.median_instructions > 0, w->latency.median_instructions);
}

static void write_sample_count(const written *w)
{
    hf_json_integer(w->out, hf_result_samples(w->row));
}

static void write_outcome(const written *w)
{
    hf_json_text(w->out, hf_result_outcome_name(w->row->outcome));
}

static void write_verdict(const written *w)
{
    hf_json_text(w->out, hf_verdict_name(hf_result_verdicts(w->row, &w->head->report->run.limits).all));
}

static void write_modelled(const written *w)
{
    hf_json_bool(w->out, w->row->modelled);
}

static void write_accuracy(const written *w)
{
    hf_json_real(w->out, w->row->has_accuracy, w->row->accuracy_percent);
}

static void write_accuracy_low(const written *w)
{
    hf_json_real(w->out, w->row->has_accuracy, w->row->accuracy_low_percent);
}

static void write_accuracy_high(const written *w)
{
    hf_json_real(w->out, w->row->has_accuracy, w->row->accuracy_high_percent);
}

static void write_board(const written *w)
{
    hf_json_integer(w->out, hf_board_index(w->head->report, w->row->board_id));
}

static const struct {
    const char *name;
    write_value *write;
} columns_of_result[] = {
    {"name", write_name},
    {"family", write_family},
    {"chip", write_chip},
    {"firmware", write_firmware},
    {"outcome", write_outcome},
    {"verdict", write_verdict},
    {"fault", write_fault},
    {"message", write_message},
    {"board", write_board},
    {"modelled", write_modelled},
    {"macs", write_macs},
    {"params", write_params},
    {"image_bytes", write_image_bytes},
    {"image_bytes_min", write_image_bytes_min},
    {"peak_memory_bytes", write_peak_memory_bytes},
    {"planned_arena_bytes", write_planned_arena_bytes},
    {"ram_bytes", write_ram_bytes},
    {"arena_bytes", write_arena_bytes},
    {"static_bytes", write_static_bytes},
    {"stack_bytes", write_stack_bytes},
    {"rom_bytes", write_rom_bytes},
    {"firmware_bytes", write_firmware_bytes},
    {"clock_hz", write_clock_hz},
    {"latency_ns", write_latency_ns},
    {"latency_low_ns", write_latency_low_ns},
    {"latency_high_ns", write_latency_high_ns},
    {"cycles", write_cycles},
    {"instructions", write_instructions},
    {"sample_count", write_sample_count},
    {"accuracy", write_accuracy},
    {"accuracy_low", write_accuracy_low},
    {"accuracy_high", write_accuracy_high},
};
#define COLUMNS (sizeof columns_of_result / sizeof columns_of_result[0])

bool hf_result_columns_begin(hf_result_columns *columns, const hf_results_head *head)
{
    *columns = (hf_result_columns){.columns = calloc(COLUMNS, sizeof *columns->columns),
                                   .factors = calloc(head->factor_count + 1, sizeof *columns->factors),
                                   .factor_count = head->factor_count};
    return columns->columns && columns->factors;
}

static hf_buffer *next_value(const hf_result_columns *columns, hf_buffer *column)
{
    if (columns->count)
        hf_buffer_putc(column, ',');
    return column;
}

bool hf_result_columns_add(hf_result_columns *columns, const hf_results_head *head, const hf_result_row *row)
{
    written w = {.head = head, .row = row, .columns = columns};
    bool failed = false;
    if (row->outcome == HF_RESULT_MEASURED)
        (void)hf_result_latency(row, &w.latency); /* all 0 without samples */
    for (size_t c = 0; c < COLUMNS; c++) {
        w.out = next_value(columns, &columns->columns[c]);
        columns_of_result[c].write(&w);
        failed |= w.out->failed;
    }
    for (size_t f = 0; f < columns->factor_count; f++) {
        const hf_factor_row *factor = hf_result_factor(row, head->factors[f]);
        hf_buffer *out = next_value(columns, &columns->factors[f]);
        hf_json_real(out, factor, factor ? factor->value : 0);
        failed |= out->failed;
    }
    columns->count++;
    return !failed;
}

static void put_column(const hf_buffer *column, hf_put_text *put, void *user)
{
    put(user, "[", 1);
    put(user, hf_buffer_text(column), column->size);
    put(user, "]", 1);
}

/* A key after others, or the first one. */
static void put_key(bool first, const char *name, hf_put_text *put, void *user)
{
    hf_buffer key = HF_BUFFER_INIT;
    hf_json_key(&key, first, name);
    put(user, hf_buffer_text(&key), key.size);
    hf_buffer_free(&key);
}

static void put_names(const char *name, const hf_name_table *table, hf_put_text *put, void *user)
{
    hf_buffer names = HF_BUFFER_INIT;
    put_key(false, name, put, user);
    hf_name_table_json(table, &names);
    put(user, hf_buffer_text(&names), names.size);
    hf_buffer_free(&names);
}

void hf_result_columns_write(const hf_result_columns *columns, const hf_results_head *head, hf_put_text *put,
                             void *user)
{
    put_key(false, "results", put, user);
    put(user, "{", 1);
    for (size_t c = 0; c < COLUMNS; c++) {
        put_key(c == 0, columns_of_result[c].name, put, user);
        put_column(&columns->columns[c], put, user);
    }
    put(user, "}", 1);
    put_key(false, "factors", put, user);
    put(user, "{", 1);
    for (size_t f = 0; f < columns->factor_count; f++) {
        put_key(f == 0, head->factors[f], put, user);
        put_column(&columns->factors[f], put, user);
    }
    put(user, "}", 1);
    put_names("families", &columns->families, put, user);
    put_names("chips", &columns->chips, put, user);
    put_names("firmwares", &columns->firmwares, put, user);
}

void hf_result_columns_free(hf_result_columns *columns)
{
    for (size_t c = 0; columns->columns && c < COLUMNS; c++)
        hf_buffer_free(&columns->columns[c]);
    for (size_t f = 0; columns->factors && f < columns->factor_count; f++)
        hf_buffer_free(&columns->factors[f]);
    free(columns->columns);
    free(columns->factors);
    hf_name_table_free(&columns->families);
    hf_name_table_free(&columns->chips);
    hf_name_table_free(&columns->firmwares);
    *columns = (hf_result_columns){0};
}
