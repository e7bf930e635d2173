/* SPDX-License-Identifier: Apache-2.0 */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checksum/crc.h"
#include "proto/frame.h"

typedef struct replay_line {
    hf_serial *inner;
    replay *shared;
    size_t said; /* of what was kept, since it was last begun */
} replay_line;

static void keep(replay *shared, const void *bytes, size_t size)
{
    char *more = realloc(shared->bytes, shared->size + size);
    if (!more)
        abort();
    memcpy(more + shared->size, bytes, size);
    shared->bytes = more;
    shared->size += size;
}

static hf_status replay_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                             const hf_watch *watch, size_t *got, hf_error *err)
{
    replay_line *line = state;
    replay *shared = line->shared;
    if (!shared->recording && line->said < shared->size) {
        size_t left = shared->size - line->said;
        *got = left < capacity ? left : capacity;
        memcpy(bytes, shared->bytes + line->said, *got);
        line->said += *got;
        shared->repeated += line->said == shared->size;
        return HF_OK;
    }
    hf_status status = hf_serial_read(line->inner, bytes, capacity, deadline, watch, got, err);
    if (status == HF_OK && shared->recording)
        keep(shared, bytes, *got);
    return status;
}

static hf_status replay_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                              const hf_watch *watch, hf_error *err)
{
    replay_line *line = state;
    line->said = 0;
    return hf_serial_write(line->inner, bytes, size, deadline, watch, err);
}

static hf_status replay_set_baud(void *state, uint32_t baud, hf_error *err)
{
    return hf_serial_set_baud(((replay_line *)state)->inner, baud, err);
}

static hf_status replay_flush(void *state, hf_error *err)
{
    return hf_serial_flush(((replay_line *)state)->inner, err);
}

static void replay_close(void *state)
{
    replay_line *line = state;
    hf_serial_close(line->inner);
    free(line);
}

static const hf_serial_ops ops = {replay_read, replay_write, replay_set_baud, replay_flush, replay_close};

struct hf_serial *replay_wrap(void *user, struct hf_serial *line)
{
    replay_line *state = calloc(1, sizeof *state);
    hf_serial *wrapped = NULL;
    if (!state)
        abort();
    *state = (replay_line){.inner = line, .shared = user};
    if (hf_serial_new(&ops, state, NULL, &wrapped, NULL) != HF_OK)
        abort();
    return wrapped;
}

void replay_tamper(replay *self)
{
    static const char key[] = " cycles=";
    char *end;
    for (char *line = self->bytes; line && line < self->bytes + self->size; line = end + 1) {
        end = memchr(line, '\n', self->size - (size_t)(line - self->bytes));
        if (!end)
            return;
        char *cycles = memmem(line, (size_t)(end - line), key, sizeof key - 1);
        char *star = memrchr(line, '*', (size_t)(end - line));
        if (!cycles || !star || end - star != 5)
            continue;
        cycles += sizeof key - 1;
        *cycles = *cycles == '1' ? '2' : '1';
        char checksum[6];
        snprintf(checksum, sizeof checksum, "*%04X", (unsigned)hf_crc16(line, (size_t)(star - line)));
        memcpy(star, checksum, 5);
    }
}

void replay_free(replay *self)
{
    free(self->bytes);
    *self = (replay){0};
}
