/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_injection/fault_injection.h"

#include <stdlib.h>

#include "base/buffer.h"

#define LOG_LIMIT ((size_t)1 << 20)

/* A stream per kind and direction, so that the rate of one kind does not change the faults of another. */
typedef enum stream {
    STREAM_IN_DROP,
    STREAM_IN_FLIP,
    STREAM_IN_DELAY,
    STREAM_OUT_DROP,
    STREAM_OUT_FLIP,
} stream;

struct hf_fault_line {
    hf_serial *inner;
    hf_fault_plan plan;
    uint64_t in_bytes;  /* received from the inner line so far */
    uint64_t out_bytes; /* sent so far, before drops */
    uint64_t held_until_ns;
    uint8_t held[512]; /* received, waiting for a delay */
    size_t held_bytes;
    uint32_t count;
    hf_buffer log;
};

/* splitmix64 of (seed, stream, position): faults depend on nothing else. */
static uint64_t draw(const hf_fault_line *line, stream which, uint64_t position)
{
    uint64_t x = ((uint64_t)line->plan.seed << 3 | (uint64_t)which) * UINT64_C(0x9E3779B97F4A7C15) + position;
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static bool hits(const hf_fault_line *line, stream which, uint64_t position, uint32_t every, uint64_t *more)
{
    uint64_t drawn = draw(line, which, position);
    *more = drawn >> 32;
    return every != 0 && (drawn & UINT32_MAX) % every == 0;
}

static void record(hf_fault_line *line, const char *direction, uint64_t position, const char *what)
{
    line->count++;
    hf_buffer_printf(&line->log, "%s %llu %s\n", direction, (unsigned long long)position, what);
}

/* @return false when the byte is lost */
static bool corrupt(hf_fault_line *line, bool incoming, uint64_t position, uint8_t *byte)
{
    const char *direction = incoming ? "in" : "out";
    uint32_t drop_every = incoming ? line->plan.drop_every : line->plan.drop_out_every;
    uint32_t flip_every = incoming ? line->plan.flip_every : line->plan.flip_out_every;
    uint64_t more;
    if (hits(line, incoming ? STREAM_IN_DROP : STREAM_OUT_DROP, position, drop_every, &more)) {
        record(line, direction, position, "drop");
        return false;
    }
    if (hits(line, incoming ? STREAM_IN_FLIP : STREAM_OUT_FLIP, position, flip_every, &more)) {
        uint8_t flipped = (uint8_t)(*byte ^ 1u << more % 8);
        line->count++;
        hf_buffer_printf(&line->log, "%s %llu flip 0x%02x 0x%02x\n", direction, (unsigned long long)position,
                         *byte, flipped);
        *byte = flipped;
    }
    return true;
}

/* Applies faults to the bytes received into `held`; starts a delay if one is due. */
static void corrupt_received(hf_fault_line *line, size_t got)
{
    size_t kept = 0;
    for (size_t i = 0; i < got; i++) {
        uint64_t position = line->in_bytes++;
        uint64_t more;
        if (line->plan.truncate_after_bytes && position >= line->plan.truncate_after_bytes) {
            if (position == line->plan.truncate_after_bytes)
                record(line, "in", position, "truncate");
            continue;
        }
        if (hits(line, STREAM_IN_DELAY, position, line->plan.delay_every, &more)) {
            record(line, "in", position, "delay");
            line->held_until_ns = hf_now_ns() + line->plan.delay_ms * HF_NS_PER_MS;
        }
        if (corrupt(line, true, position, &line->held[i]))
            line->held[kept++] = line->held[i];
    }
    line->held_bytes = kept;
}

static hf_status wait_for_held(const hf_fault_line *line, hf_deadline deadline, const hf_watch *watch,
                               hf_error *err)
{
    hf_deadline due = {line->held_until_ns};
    if (hf_deadline_passed(due))
        return HF_OK;
    hf_status status = hf_watch_wait(watch, -1, 0, hf_deadline_min(due, deadline), err);
    return status == HF_ETIMEOUT && hf_deadline_passed(due) ? HF_OK : status;
}

static hf_status gone(hf_fault_line *line, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line is gone (injected after %llu bytes)",
                      (unsigned long long)line->plan.disconnect_after_bytes);
}

static hf_status fault_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                            const hf_watch *watch, size_t *got, hf_error *err)
{
    hf_fault_line *line = state;
    uint64_t limit = line->plan.disconnect_after_bytes;
    while (line->held_bytes == 0) {
        size_t room = sizeof line->held;
        if (limit && line->in_bytes >= limit)
            return gone(line, err);
        if (limit && limit - line->in_bytes < room)
            room = (size_t)(limit - line->in_bytes);
        size_t count = 0;
        hf_status status = hf_serial_read(line->inner, line->held, room, deadline, watch, &count, err);
        if (status != HF_OK)
            return status;
        corrupt_received(line, count);
        if (limit && line->in_bytes >= limit)
            record(line, "in", limit, "disconnect");
    }
    hf_status status = wait_for_held(line, deadline, watch, err);
    if (status != HF_OK)
        return status;
    size_t given = line->held_bytes < capacity ? line->held_bytes : capacity;
    for (size_t i = 0; i < line->held_bytes; i++) {
        if (i < given)
            ((uint8_t *)bytes)[i] = line->held[i];
        else
            line->held[i - given] = line->held[i];
    }
    line->held_bytes -= given;
    *got = given;
    return HF_OK;
}

static hf_status fault_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                             const hf_watch *watch, hf_error *err)
{
    hf_fault_line *line = state;
    if (line->plan.disconnect_after_bytes && line->in_bytes >= line->plan.disconnect_after_bytes)
        return gone(line, err);
    const uint8_t *from = bytes;
    while (size > 0) {
        uint8_t piece[256];
        size_t kept = 0, taken = size < sizeof piece ? size : sizeof piece;
        for (size_t i = 0; i < taken; i++) {
            uint8_t byte = from[i];
            if (corrupt(line, false, line->out_bytes++, &byte))
                piece[kept++] = byte;
        }
        hf_status status = hf_serial_write(line->inner, piece, kept, deadline, watch, err);
        if (status != HF_OK)
            return status;
        from += taken;
        size -= taken;
    }
    return HF_OK;
}

static hf_status fault_set_baud(void *state, uint32_t baud, hf_error *err)
{
    hf_fault_line *line = state;
    return hf_serial_set_baud(line->inner, baud, err);
}

static hf_status fault_flush(void *state, hf_error *err)
{
    hf_fault_line *line = state;
    line->held_bytes = 0;
    return hf_serial_flush(line->inner, err);
}

static void fault_close(void *state)
{
    hf_fault_line *line = state;
    hf_serial_close(line->inner);
    hf_buffer_free(&line->log);
    free(line);
}

static const hf_serial_ops fault_ops = {fault_read, fault_write, fault_set_baud, fault_flush, fault_close};

hf_status hf_fault_wrap(hf_serial *inner, const hf_fault_plan *plan, hf_serial **out, hf_fault_line **line,
                        hf_error *err)
{
    hf_fault_line *state = calloc(1, sizeof *state);
    if (!state) {
        hf_serial_close(inner);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    }
    state->inner = inner;
    state->plan = *plan;
    state->log.limit = LOG_LIMIT;
    hf_status status =
        hf_serial_new(&fault_ops, state, NULL, out, err); /* the inner line has the transcript */
    if (status == HF_OK && line)
        *line = state;
    return status;
}

const char *hf_fault_log(const hf_fault_line *line)
{
    return hf_buffer_text(&line->log);
}

uint32_t hf_fault_count(const hf_fault_line *line)
{
    return line->count;
}
