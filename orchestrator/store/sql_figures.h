/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_SQL_FIGURES_H
#define HF_STORE_SQL_FIGURES_H

#include "base/buffer.h"
#include "sql_statement.h"

/**
 * @file sql_figures.h
 * Figures (figures/figures.h) as columns of the store. The figures of a set of origins are handled together, in the
 * order of their table.
 */

/** Appends their names to a statement, each with a prefix and a suffix. */
void hf_sql_figure_names(const hf_figure_table *table, unsigned origins, const char *prefix,
                         const char *suffix, hf_buffer *out);
/** Binds their values from parameter `first` on; NULL for unknown ones. @return the next parameter */
int hf_sql_bind_figures(hf_sql *sql, int first, const hf_figure_table *table, unsigned origins,
                        const void *row);
/** Reads their values from column `first` on. @return the next column */
int hf_sql_read_figures(hf_sql *sql, int first, const hf_figure_table *table, unsigned origins, void *row);

/** Version of the schema that the newest figure needs. */
int hf_sql_figures_version(void);
/** The statements that add the figures of one version of the schema to its tables; nothing if there are none. */
void hf_sql_figures_added(int version, hf_buffer *out);

#endif
