/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs of models, and stored outputs. */
#include <stdlib.h>
#include <string.h>

#include "load_report.h"

#define PORTS_MOST      65536
#define OUTPUTS_MOST    1000000
#define DIMENSION_MOST  65535
#define INFERENCES_MOST 1000000
#define SCALE_MOST      1e12

hf_sql hf_ports_query(hf_store *store)
{
    return hf_sql_start(store, "reading inputs and outputs",
                        "SELECT kind, type, height, width, channels, scale, zero_point, float_tail FROM ports"
                        " WHERE result_id = ? ORDER BY position",
                        "");
}

void hf_read_ports(hf_sql *query, int64_t result_id, hf_result_row *row)
{
    hf_sql_again(query, "i", result_id);
    while (hf_sql_row(query)) {
        hf_port_row *port = hf_query_append(query, (void **)&row->ports, row->port_count, sizeof *port);
        if (!port)
            break;
        row->port_count++;
        int at = 0;
        port->kind = hf_sql_needed_text(query, at++);
        port->type = hf_sql_needed_text(query, at++);
        port->height = (int32_t)hf_sql_int(query, at++, 1, DIMENSION_MOST);
        port->width = (int32_t)hf_sql_int(query, at++, 1, DIMENSION_MOST);
        port->channels = (int32_t)hf_sql_int(query, at++, 1, DIMENSION_MOST);
        port->scale = hf_sql_real(query, at++, 0, SCALE_MOST);
        port->zero_point = (int32_t)hf_sql_int(query, at++, INT32_MIN, INT32_MAX);
        port->float_tail = hf_sql_text(query, at++);
        if (row->port_count > PORTS_MOST)
            hf_sql_complain(query, 0, "belongs to too many inputs and outputs");
    }
}

static void copy_values(hf_sql *query, int column, hf_output_row *output)
{
    const size_t size = (size_t)sqlite3_column_bytes(query->statement, column);
    if (sqlite3_column_type(query->statement, column) != SQLITE_BLOB) {
        hf_sql_complain(query, column, "is not a blob");
        return;
    }
    output->values = malloc(size + 1);
    if (!output->values) {
        query->failed = query->failed == SQLITE_OK ? SQLITE_NOMEM : query->failed;
        return;
    }
    if (size)
        memcpy(output->values, sqlite3_column_blob(query->statement, column), size);
    output->value_bytes = size;
}

static void read_outputs(hf_sql *query, hf_result_row *row)
{
    while (hf_sql_row(query)) {
        hf_output_row *output =
            hf_query_append(query, (void **)&row->outputs, row->output_count, sizeof *output);
        if (!output)
            break;
        row->output_count++;
        int at = 0;
        output->inference = (int32_t)hf_sql_int(query, at++, 0, INFERENCES_MOST);
        output->input = (int32_t)hf_sql_int(query, at++, 0, INFERENCES_MOST);
        output->step = (int32_t)hf_sql_int(query, at++, 0, INFERENCES_MOST);
        output->port = (int32_t)hf_sql_int(query, at++, 0, PORTS_MOST);
        copy_values(query, at++, output);
        if ((size_t)output->port >= row->port_count)
            hf_sql_complain(query, 3, "is not among the model's outputs");
        if (row->output_count > OUTPUTS_MOST)
            hf_sql_complain(query, 0, "belongs to too many outputs");
    }
}

hf_status hf_store_load_outputs(hf_store *store, int64_t run_id, hf_result_row *row, hf_error *err)
{
    hf_sql query =
        hf_sql_start(store, "reading outputs",
                     "SELECT inference, input, step, port, data FROM outputs WHERE attempt_id ="
                     " (SELECT max(attempts.id) FROM attempts JOIN results ON results.id = result_id"
                     "  WHERE run_id = ? AND results.position = ? AND succeeded) ORDER BY inference, port",
                     "ii", run_id, (int64_t)row->position);
    read_outputs(&query, row);
    return hf_sql_done(&query, err);
}
