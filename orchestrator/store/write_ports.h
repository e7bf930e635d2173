/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_WRITE_PORTS_H
#define HF_STORE_WRITE_PORTS_H

#include "report/rows.h"
#include "sql_statement.h"

/** Parts of transactions: the ports of a variation, after those before were deleted, and the outputs of an attempt. */
hf_status hf_store_write_ports(hf_store *store, int64_t result_id, const hf_result_row *row, hf_error *err);
hf_status hf_store_write_outputs(hf_store *store, int64_t attempt_id, const hf_result_row *row,
                                 hf_error *err);

#endif
