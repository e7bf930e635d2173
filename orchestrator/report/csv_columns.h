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
    const hf_report *report;
    const hf_result_row *row;
    bool measured;         /**< its latency is known */
    hf_latency latency;    /**< all 0 unless measured */
    hf_verdicts verdicts;  /**< of results.csv */
    const hf_layer *layer; /**< of layers.csv; else NULL */
    size_t layer_number;   /**< from 1 */
    int64_t layers_cycles; /**< of all layers of the row; 0 = layers were not measured */
} hf_csv_line;

/** A column that is not a figure of a table. */
typedef struct hf_csv_column {
    int place; /**< from 1; not the place of a figure */
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

/** Number of columns, figures included: the largest place. */
int hf_csv_column_count(const hf_csv_columns *columns);
/** Name and unit of the column at a place; name NULL if there is none. */
void hf_csv_column_at(const hf_csv_columns *columns, int place, const char **name, const char **unit);

/** The line of names. */
void hf_csv_put_names(const hf_csv_columns *columns, hf_buffer *out);
/**
 * One line of fields.
 * @param figures_of the structure with the figures: a result row, or a layer row
 */
void hf_csv_put_line(const hf_csv_columns *columns, const hf_csv_line *line, const void *figures_of,
                     hf_buffer *out);

#endif
