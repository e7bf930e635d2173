/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_QUEUE_TABLE_H
#define HF_CLI_QUEUE_TABLE_H

#include "api/run.h"
#include "base/buffer.h"

/**
 * @file queue_table.h
 * The table of runs that wait or are under way.
 */

/** Appends the table, or a line that says that there are none. */
void hf_cli_render_queue(const hf_api_queue *queue, hf_buffer *out);

#endif
