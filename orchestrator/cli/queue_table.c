/* SPDX-License-Identifier: Apache-2.0 */
#include "queue_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "output.h"

#define CELL_SIZE 64
#define COLUMNS   9

static const char *const headings[COLUMNS] = {"run",  "name",    "owner", "priority", "state",
                                              "done", "running", "left",  "submitted"};

typedef char row[COLUMNS][CELL_SIZE];

static void fill_row(const hf_api_queue_entry *entry, row cells)
{
    const uint32_t final = entry->measured + entry->failed + entry->not_run + entry->pruned;
    const time_t submitted = (time_t)(entry->submitted_ms / 1000);
    struct tm local;
    snprintf(cells[0], CELL_SIZE, "%s", entry->key);
    if (entry->title)
        snprintf(cells[1], CELL_SIZE, "%s (%s)", entry->name, entry->title);
    else
        snprintf(cells[1], CELL_SIZE, "%s", entry->name);
    snprintf(cells[2], CELL_SIZE, "%s", entry->owner);
    snprintf(cells[3], CELL_SIZE, "%" PRId32, entry->priority);
    snprintf(cells[4], CELL_SIZE, "%s", hf_api_queue_state_name(entry->state));
    if (entry->failed)
        snprintf(cells[5], CELL_SIZE, "%u/%u, %u failed", final, entry->job_count, entry->failed);
    else
        snprintf(cells[5], CELL_SIZE, "%u/%u", final, entry->job_count);
    snprintf(cells[6], CELL_SIZE, "%u", entry->running);
    if (entry->left_ns == UINT64_MAX)
        snprintf(cells[7], CELL_SIZE, "-");
    else
        hf_cli_format_duration(entry->left_ns, cells[7], CELL_SIZE);
    if (!localtime_r(&submitted, &local) || !strftime(cells[8], CELL_SIZE, "%Y-%m-%d %H:%M", &local))
        snprintf(cells[8], CELL_SIZE, "-");
}

static void put_row(const char *const cells[COLUMNS], const int widths[COLUMNS], hf_buffer *out)
{
    for (int c = 0; c + 1 < COLUMNS; c++)
        hf_buffer_printf(out, "%-*s  ", widths[c], cells[c]);
    hf_buffer_printf(out, "%s\n", cells[COLUMNS - 1]);
}

void hf_cli_render_queue(const hf_api_queue *queue, hf_buffer *out)
{
    int widths[COLUMNS];
    row cells;
    const char *texts[COLUMNS];
    if (!queue->run_count) {
        hf_buffer_puts(out, "no run waits or is under way\n");
        return;
    }
    for (int c = 0; c < COLUMNS; c++)
        widths[c] = (int)strlen(headings[c]);
    for (size_t i = 0; i < queue->run_count; i++) {
        fill_row(&queue->runs[i], cells);
        for (int c = 0; c < COLUMNS; c++)
            widths[c] = (int)strlen(cells[c]) > widths[c] ? (int)strlen(cells[c]) : widths[c];
    }
    put_row(headings, widths, out);
    for (size_t i = 0; i < queue->run_count; i++) {
        fill_row(&queue->runs[i], cells);
        for (int c = 0; c < COLUMNS; c++)
            texts[c] = cells[c];
        put_row(texts, widths, out);
    }
}
