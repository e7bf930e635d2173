/* SPDX-License-Identifier: Apache-2.0 */
#include "link_queue.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1000000000u
#define MILLION  1000000u

typedef struct frame_slot {
    uint64_t arrival_ns;
    size_t size;
    uint8_t bytes[LINK_FRAME_BYTES];
} frame_slot;

struct link_queue {
    link_properties properties;
    uint64_t random;
    uint64_t free_ns; /* when the last bit of all frames so far has been sent */
    size_t first, count;
    frame_slot slots[LINK_QUEUE_FRAMES];
};

link_queue *link_queue_new(const link_properties *properties, uint64_t seed)
{
    link_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return NULL;
    queue->properties = *properties;
    queue->random = seed;
    return queue;
}

void link_queue_free(link_queue *queue)
{
    free(queue);
}

/* A linear congruential generator modulo 2^64, with Knuth's multiplier (The Art of Computer Programming, vol. 2, 3.3.4). */
static bool is_lost(link_queue *queue)
{
    queue->random = queue->random * 6364136223846793005u + 1442695040888963407u;
    return (queue->random >> 33) % MILLION < queue->properties.loss_per_million;
}

bool link_queue_send(link_queue *queue, const void *frame, size_t size, uint64_t now_ns)
{
    const link_properties *properties = &queue->properties;
    if (size > LINK_FRAME_BYTES || queue->count == LINK_QUEUE_FRAMES || is_lost(queue))
        return false;
    if (queue->free_ns < now_ns)
        queue->free_ns = now_ns;
    if (properties->rate_bits)
        queue->free_ns += size * 8 * NS_PER_S / properties->rate_bits;
    frame_slot *slot = &queue->slots[(queue->first + queue->count) % LINK_QUEUE_FRAMES];
    slot->arrival_ns = queue->free_ns + properties->delay_ns;
    slot->size = size;
    memcpy(slot->bytes, frame, size);
    queue->count++;
    return true;
}

uint64_t link_queue_next_ns(const link_queue *queue)
{
    return queue->count ? queue->slots[queue->first].arrival_ns : UINT64_MAX;
}

size_t link_queue_receive(link_queue *queue, void *frame, uint64_t now_ns)
{
    if (link_queue_next_ns(queue) > now_ns)
        return 0;
    const frame_slot *slot = &queue->slots[queue->first];
    memcpy(frame, slot->bytes, slot->size);
    queue->first = (queue->first + 1) % LINK_QUEUE_FRAMES;
    queue->count--;
    return slot->size;
}
