/* SPDX-License-Identifier: Apache-2.0 */
#include "host_world.h"

#include <stdlib.h>
#include <string.h>

uint32_t world_draw(world *w, uint32_t below)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((w->random >> 33) % below);
}

/* ---- Events ---- */

static bool before(const event *a, const event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

void world_add(world *w, event e)
{
    if (w->event_count == w->event_capacity) {
        const size_t capacity = w->event_capacity ? 2 * w->event_capacity : 256;
        event *more = realloc(w->events, capacity * sizeof *more);
        if (!more) {
            w->no_memory = true;
            free(e.bytes);
            return;
        }
        w->events = more;
        w->event_capacity = capacity;
    }
    e.order = w->made++;
    size_t i = w->event_count++;
    for (; i > 0 && before(&e, &w->events[(i - 1) / 2]); i = (i - 1) / 2)
        w->events[i] = w->events[(i - 1) / 2];
    w->events[i] = e;
}

bool world_next(world *w, event *out)
{
    if (w->event_count == 0)
        return false;
    *out = w->events[0];
    const event last = w->events[--w->event_count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < w->event_count; i = child) {
        if (child + 1 < w->event_count && before(&w->events[child + 1], &w->events[child]))
            child++;
        if (!before(&w->events[child], &last))
            break;
        w->events[i] = w->events[child];
    }
    w->events[i] = last;
    return true;
}

void world_wake(world *w, uint32_t n, uint64_t at_ns)
{
    if (at_ns == UINT64_MAX || at_ns >= w->nodes[n].tick_ns)
        return;
    if (at_ns <= w->now_ns)
        at_ns = w->now_ns + 1;
    w->nodes[n].tick_ns = at_ns;
    world_add(w, (event){.at_ns = at_ns, .kind = EVENT_TICK, .node = n, .life = w->nodes[n].life});
}

/* ---- The network ---- */

/* Mostly fast; sometimes slow enough to be overtaken, and rarely slow enough to come from another time. */
static uint64_t delay_ns(world *w)
{
    if (world_draw(w, 1000) < w->slow_rate)
        return world_draw(w, 10) == 0 ? world_draw(w, 60000) * MS : world_draw(w, 3000) * MS;
    return (1 + world_draw(w, 20)) * MS;
}

void world_send(world *w, uint32_t from, uint32_t to, const hf_envelope *envelope)
{
    const uint32_t copies = 1 + (world_draw(w, 1000) < w->double_rate);
    for (uint32_t i = 0; i < copies; i++) {
        hf_buffer bytes = HF_BUFFER_INIT;
        w->counts->messages++;
        if (!w->nodes[from].linked || !w->server_up || world_draw(w, 1000) < w->loss) {
            w->counts->dropped++;
            continue;
        }
        hf_envelope_encode(envelope, &bytes);
        const size_t size = bytes.size;
        void *data = hf_buffer_take(&bytes);
        w->no_memory |= !data;
        world_add(w, (event){.at_ns = w->now_ns + delay_ns(w),
                             .kind = EVENT_MESSAGE,
                             .node = to,
                             .life = UINT32_MAX, /* whoever is there then */
                             .bytes = data,
                             .size = size});
    }
}
