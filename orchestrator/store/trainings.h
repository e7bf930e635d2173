/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_TRAININGS_H
#define HF_STORE_TRAININGS_H

#include "report/rows.h"
#include "sql_statement.h"

/** @file trainings.h How the weights of variations were trained. */

/** Part of a transaction: replaces what is stored of a variation's training. */
hf_status hf_store_write_training(hf_store *store, int64_t result_id, const hf_training_row *training,
                                  hf_error *err);

/** Starts and reads the training of a variation. */
hf_sql hf_store_training_query(hf_store *store);
void hf_store_read_training(hf_sql *query, int64_t result_id, hf_training_row *training);

#endif
