/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_SQL_FIGURES_H
#define HF_STORE_SQL_FIGURES_H

#include "base/buffer.h"
#include "sql_statement.h"

/**
 * @file sql_figures.h
 * Figures (figures/figures.h) as columns of the store. All that a table has from a set of origins go together, in
 * the table's order.
 */

/** How they are written into a statement, each between what is given: prefix, name, suffix. */
void hf_sql_figure_names(const hf_figure_table *table, unsigned origins, const char *prefix,
                         const char *suffix, hf_buffer *out);
/** Binds their values from parameter `first` on; NULL for those that are not known. @return the next parameter */
int hf_sql_bind_figures(hf_sql *sql, int first, const hf_figure_table *table, unsigned origins,
                        const void *row);
/** Reads their values from column `first` on. @return the next column */
int hf_sql_read_figures(hf_sql *sql, int first, const hf_figure_table *table, unsigned origins, void *row);

/** Version of the schema that the newest figure asks for. */
int hf_sql_figures_version(void);
/** The statements that add the figures of one version of the schema to its tables; nothing if it has none. */
void hf_sql_figures_added(int version, hf_buffer *out);

#endif
