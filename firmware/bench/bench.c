/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <string.h>

#include "bench_internal.h"

void bench_init(bench *self, const bench_hal *hal, const bench_board *board)
{
    memset(self, 0, sizeof *self);
    self->hal = hal;
    self->board = board;
    self->model_status = HF_ENGINE_NO_IMAGE;
}

void bench_note(bench *self, const char *doing)
{
    self->hal->note(self->hal->user, doing);
}

void bench_record(bench *self, hf_frame_writer *writer, const char *type)
{
    hf_frame_begin(writer, self->reply, sizeof self->reply, HF_FRAME_TO_HOST, self->sequence, type);
}

static void send(bench *self, hf_frame_writer *writer)
{
    hf_frame_put_hex64(writer, "nonce", self->board->nonce);
    size_t size = hf_frame_end(writer);
    self->hal->send(self->hal->user, self->reply, size);
}

void bench_record_send(bench *self, hf_frame_writer *writer)
{
    send(self, writer);
    self->records++;
}

void bench_error(bench *self, const char *code, const char *text)
{
    hf_frame_writer writer;
    bench_record(self, &writer, "error");
    hf_frame_put_text(&writer, "code", code);
    hf_frame_put_text(&writer, "text", text);
    send(self, &writer);
}

void bench_ok(bench *self)
{
    hf_frame_writer writer;
    bench_record(self, &writer, "ok");
    hf_frame_put_u64(&writer, "records", self->records);
    send(self, &writer);
}

void bench_join(char *text, size_t capacity, const char *const parts[], size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (const char *c = parts[i]; *c && used + 1 < capacity; c++)
            text[used++] = *c;
    text[used] = '\0';
}

void bench_bad_argument(bench *self, const char *text)
{
    bench_error(self, "argument", text);
}

bool bench_number(bench *self, const char *key, uint32_t low, uint32_t high, uint32_t *value)
{
    uint64_t given = 0;
    bool present = hf_frame_get(self->request, key) != NULL;
    if (!present && *value != BENCH_REQUIRED)
        return true;
    if (hf_frame_get_u64(self->request, key, &given) && given >= low && given <= high) {
        *value = (uint32_t)given;
        return true;
    }
    char text[96];
    const char *const parts[] = {self->request->type, ": ", key,
                                 present ? " out of range or not a number" : " missing"};
    bench_join(text, sizeof text, parts, sizeof parts / sizeof parts[0]);
    bench_bad_argument(self, text);
    return false;
}

void bench_open_model(bench *self)
{
    hf_model before = self->model;
    bool had = self->looked && self->model_status == HF_ENGINE_OK;
    self->looked = true;
    bench_note(self, "checking the model image");
    self->model_status = hf_model_open(&self->model, self->board->model, self->board->model_bytes);
    bool same = had && self->model_status == HF_ENGINE_OK && before.crc32 == self->model.crc32 &&
                before.image_bytes == self->model.image_bytes;
    if (same)
        return;
    self->staged = self->ran = self->gauged = false;
    self->staging = NULL;
    self->arena_room_bytes = 0;
    if (self->model_status != HF_ENGINE_OK)
        return;
    uint32_t room = self->board->arena_bytes;
    if (self->model.input_bytes > room)
        return;
    uint32_t left = (room - self->model.input_bytes) / HF_ARENA_ALIGNMENT * HF_ARENA_ALIGNMENT;
    if (self->model.arena_bytes > left)
        return;
    self->staging = self->board->arena + left;
    self->arena_room_bytes = left;
}

bool bench_needs_model(bench *self)
{
    if (!self->looked)
        bench_open_model(self);
    if (self->model_status != HF_ENGINE_OK) {
        bench_error(self, "model", hf_engine_status_text(self->model_status));
        return false;
    }
    if (!self->staging) {
        bench_error(self, "arena", "the model's arena and its staged input need more RAM than arena_bytes");
        return false;
    }
    return true;
}
