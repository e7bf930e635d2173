/* SPDX-License-Identifier: Apache-2.0 */
#include "training_queue.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

typedef struct hf_queued_training {
    enum { WAITING, TAKEN, GOOD, FAILED } state;
    uint32_t sources[2]; /* items that make what it learns from; NONE = other files, or nothing */
} queued;

/* @return the item that makes a file, or NONE */
static uint32_t maker_of(const hf_training_item *items, uint32_t count, const char *path)
{
    for (uint32_t i = 0; path && i < count; i++)
        if (items[i].tflite_path && strcmp(items[i].tflite_path, path) == 0)
            return i;
    return NONE;
}

hf_status hf_training_queue_init(hf_training_queue *queue, const hf_training_item *items, uint32_t count,
                                 hf_error *err)
{
    queued *entries = calloc(count ? count : 1, sizeof *entries);
    if (!entries)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a list of trainings");
    for (uint32_t i = 0; i < count; i++) {
        entries[i].sources[0] = maker_of(items, count, items[i].recipe->teacher_path);
        entries[i].sources[1] = maker_of(items, count, items[i].recipe->from_path);
    }
    *queue = (hf_training_queue){.entries = entries, .count = count};
    return HF_OK;
}

void hf_training_queue_free(hf_training_queue *queue)
{
    free(queue->entries);
    *queue = (hf_training_queue){0};
}

bool hf_training_queue_take(hf_training_queue *queue, uint32_t *item, bool *is_orphan)
{
    while (queue->first < queue->count && queue->entries[queue->first].state != WAITING)
        queue->first++;
    for (uint32_t i = queue->first; i < queue->count; i++) {
        queued *entry = &queue->entries[i];
        bool waits = entry->state != WAITING, failed = false;
        for (int s = 0; s < 2; s++) {
            const uint32_t source = entry->sources[s];
            waits |= source != NONE && queue->entries[source].state <= TAKEN;
            failed |= source != NONE && queue->entries[source].state == FAILED;
        }
        if (waits)
            continue;
        entry->state = TAKEN;
        *item = i;
        *is_orphan = failed;
        return true;
    }
    return false;
}

void hf_training_queue_end(hf_training_queue *queue, uint32_t item, bool good)
{
    queue->entries[item].state = good ? GOOD : FAILED;
}
