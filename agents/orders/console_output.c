/* SPDX-License-Identifier: Apache-2.0 */
#include "orders/console_output.h"

#include <string.h>

#include "orders/envelope.h"

void hf_console_output_begin(hf_console_output *o)
{
    o->first = o->end = o->sent = o->arrived = o->sent_ns = 0;
    o->due = true;
}

void hf_console_output_resume(hf_console_output *o)
{
    o->first = o->sent = o->arrived = o->end;
    o->due = true;
}

void hf_console_output_add(hf_console_output *o, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    if (size > HF_OUTPUT_KEPT) {
        o->end += size - HF_OUTPUT_KEPT; /* as if they had been kept and dropped */
        from += size - HF_OUTPUT_KEPT;
        size = HF_OUTPUT_KEPT;
    }
    while (size > 0) {
        const size_t at = o->end % HF_OUTPUT_KEPT, room = HF_OUTPUT_KEPT - at;
        const size_t part = size < room ? size : room;
        memcpy(&o->kept[at], from, part);
        o->end += part;
        from += part;
        size -= part;
    }
    if (o->end - o->first > HF_OUTPUT_KEPT)
        o->first = o->end - HF_OUTPUT_KEPT;
}

void hf_console_output_arrived(hf_console_output *o, uint64_t position)
{
    if (position > o->arrived && position <= o->sent)
        o->arrived = position;
}

void hf_console_output_hurry(hf_console_output *o)
{
    o->due = true;
}

/* What may be sent now. */
static uint32_t sendable(const hf_console_output *o)
{
    const uint64_t from = o->sent > o->first ? o->sent : o->first;
    const uint64_t flight = o->sent - o->arrived;
    uint64_t size = o->end - from;
    if (flight >= HF_OUTPUT_FLIGHT)
        return 0;
    if (size > HF_OUTPUT_FLIGHT - flight)
        size = HF_OUTPUT_FLIGHT - flight;
    return size < HF_OUTPUT_MAX ? (uint32_t)size : HF_OUTPUT_MAX;
}

uint64_t hf_console_output_wake_ns(const hf_console_output *o)
{
    return o->due ? 0 : o->sent_ns + (sendable(o) > 0 ? HF_OUTPUT_GAP_NS : HF_OUTPUT_BEAT_NS);
}

bool hf_console_output_next(hf_console_output *o, uint64_t now_ns, uint64_t *position, uint8_t *bytes,
                            uint32_t *size)
{
    if (now_ns < hf_console_output_wake_ns(o))
        return false;
    const uint32_t count = sendable(o);
    if (count > 0 && o->sent < o->first)
        o->sent = o->first; /* what was dropped counts as in flight until a message after it has arrived */
    for (uint32_t done = 0; done < count;) {
        const size_t at = (o->sent + done) % HF_OUTPUT_KEPT, room = HF_OUTPUT_KEPT - at;
        const size_t part = count - done < room ? count - done : room;
        memcpy(&bytes[done], &o->kept[at], part);
        done += (uint32_t)part;
    }
    *position = o->sent;
    *size = count;
    o->sent += count;
    o->sent_ns = now_ns;
    o->due = false;
    return true;
}
