/* SPDX-License-Identifier: Apache-2.0 */
#include "write_ports.h"

hf_status hf_store_write_ports(hf_store *store, int64_t result_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert = hf_sql_start(
        store, "recording the inputs and outputs of a variation",
        "INSERT INTO ports (result_id, position, kind, type, height, width, channels, scale, zero_point,"
        " float_tail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "");
    for (size_t i = 0; i < row->port_count; i++) {
        const hf_port_row *port = &row->ports[i];
        hf_sql_again(&insert, "iittiiidit", result_id, (int64_t)i, port->kind, port->type,
                     (int64_t)port->height, (int64_t)port->width, (int64_t)port->channels, port->scale,
                     (int64_t)port->zero_point, port->float_tail);
        hf_sql_step(&insert);
    }
    return hf_sql_done(&insert, err);
}

hf_status hf_store_write_outputs(hf_store *store, int64_t attempt_id, const hf_result_row *row, hf_error *err)
{
    hf_sql insert = hf_sql_start(store, "recording outputs",
                                 "INSERT INTO outputs (attempt_id, inference, port, input, step, data)"
                                 " VALUES (?, ?, ?, ?, ?, ?)",
                                 "");
    for (size_t i = 0; i < row->output_count; i++) {
        const hf_output_row *output = &row->outputs[i];
        hf_sql_again(&insert, "iiiiib", attempt_id, (int64_t)output->inference, (int64_t)output->port,
                     (int64_t)output->input, (int64_t)output->step, output->values,
                     (int64_t)output->value_bytes);
        hf_sql_step(&insert);
    }
    return hf_sql_done(&insert, err);
}
