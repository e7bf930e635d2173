/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_CSV_COLUMNS_H
#define HF_REPORT_CSV_COLUMNS_H

#include "base/buffer.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/rows.h"

/**
 * @file csv_columns.h
 * A CSV file as a list of columns: figures at the places that their table defines, and between them columns that
 * are computed or are not figures.
 */

/** The data of one line of a CSV file. */
typedef struct hf_csv_line {
    const hf_run_row *run;
    const hf_result_row *row;
    bool measured;         /**< its latency is known */
    hf_latency latency;    /**< all 0 unless measured */
    hf_verdicts verdicts;  /**< of results.csv */
    const hf_layer *layer; /**< of layers.csv; else NULL */
    size_t layer_number;   /**< from 1 */
    int64_t layers_cycles; /**< of all layers of the row; 0 = layers were not measured */
} hf_csv_line;

/** What the fields of a column are. */
typedef enum hf_csv_type { HF_CSV_TEXT, HF_CSV_INTEGER, HF_CSV_REAL } hf_csv_type;

/** A column that is not a figure of a table. */
typedef struct hf_csv_column {
    int place; /**< from 1; not the place of a figure */
    hf_csv_type type;
    const char *name;
    const char *unit;                                     /**< "" = none */
    void (*put)(const hf_csv_line *line, hf_buffer *out); /**< its field; nothing if unknown */
} hf_csv_column;

typedef struct hf_csv_columns {
    const hf_csv_column *rows;
    size_t count;
    const hf_figure_table *figures;
} hf_csv_columns;

extern const hf_csv_columns hf_result_columns; /**< of results.csv */
extern const hf_csv_columns hf_layer_columns;  /**< of layers.csv */

/** The names of the columns of factors, which follow those of results.csv, begin with it. */
#define HF_CSV_FACTOR_PREFIX "factor_"

/** The data of a line of results.csv. */
hf_csv_line hf_csv_result_line(const hf_run_row *run, const hf_result_row *row);
/** The data of the lines of layers.csv; layer and layer_number are for the caller to set. */
hf_csv_line hf_csv_layer_line(const hf_run_row *run, const hf_result_row *row);

/** Number of columns, figures included: the largest place. */
int hf_csv_column_count(const hf_csv_columns *columns);
/** The column at a place. @return false if there is none */
bool hf_csv_column_at(const hf_csv_columns *columns, int place, const char **name, const char **unit,
                      hf_csv_type *type);
/**
 * The field of a column; nothing if it is unknown. Texts are not quoted.
 * @param figures_of the structure with the figures: a result row, or a layer row
 */
void hf_csv_put_field(const hf_csv_columns *columns, int place, const hf_csv_line *line,
                      const void *figures_of, hf_buffer *out);

/** The names, separated by commas. */
void hf_csv_put_names(const hf_csv_columns *columns, hf_buffer *out);
/** The fields, separated by commas and quoted where necessary. @param figures_of as above */
void hf_csv_put_fields(const hf_csv_columns *columns, const hf_csv_line *line, const void *figures_of,
                       hf_buffer *out);
#define HF_CSV_LINE_END "\r\n" /**< RFC 4180, 2.1 */

#endif
