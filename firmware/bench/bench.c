/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <string.h>

#include "bench_internal.h"

#define BAUD_MIN 1200U
#define BAUD_MAX 2000000U

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

/* What a message is put together from; cut rather than overrun. */
static void join(char *text, size_t capacity, const char *const parts[], size_t count)
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
    join(text, sizeof text, parts, sizeof parts / sizeof parts[0]);
    bench_bad_argument(self, text);
    return false;
}

/* The record `id`, or `boot` with the same fields. */
static void identify(bench *self, const char *type)
{
    const bench_board *board = self->board;
    hf_frame_writer writer;
    bench_record(self, &writer, type);
    hf_frame_put_u64(&writer, "protocol", HF_PROTOCOL_VERSION);
    hf_frame_put_text(&writer, "chip", board->chip);
    hf_frame_put_text(&writer, "core", board->core);
    hf_frame_put_text(&writer, "firmware", board->firmware);
    hf_frame_put_text(&writer, "version", board->version);
    hf_frame_put_u64(&writer, "clock_hz", board->clock_hz);
    hf_frame_put_text(&writer, "clock_source", board->clock_source);
    hf_frame_put_hex32(&writer, "model_base", board->model_address);
    hf_frame_put_u64(&writer, "model_bytes", board->model_bytes);
    hf_frame_put_u64(&writer, "arena_bytes", board->arena_bytes);
    hf_frame_put_text(&writer, "counters", self->hal->instructions ? "cycles,instructions" : "cycles");
    hf_frame_put_text(&writer, "reset", board->reset);
    hf_frame_put_u64(&writer, "rx_errors", self->hal->rx_errors(self->hal->user));
    bench_record_send(self, &writer);
}

void bench_announce(bench *self)
{
    self->sequence = 0;
    identify(self, "boot");
}

void bench_look_for_model(bench *self)
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
        bench_look_for_model(self);
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

static void do_hello(bench *self)
{
    identify(self, "id");
    bench_look_for_model(self);
    hf_frame_writer writer;
    bench_record(self, &writer, "model");
    if (self->model_status == HF_ENGINE_OK) {
        hf_frame_put_text(&writer, "state", "ok");
        hf_frame_put_u64(&writer, "image_bytes", self->model.image_bytes);
        hf_frame_put_hex32(&writer, "crc32", self->model.crc32);
        hf_frame_put_u64(&writer, "layers", self->model.op_count);
        hf_frame_put_u64(&writer, "arena_bytes", self->model.arena_bytes);
        hf_frame_put_u64(&writer, "input_bytes", self->model.input_bytes);
        hf_frame_put_u64(&writer, "output_bytes", self->model.output_bytes);
    } else if (self->model_status == HF_ENGINE_NO_IMAGE) {
        hf_frame_put_text(&writer, "state", "none");
    } else {
        hf_frame_put_text(&writer, "state", "bad");
        hf_frame_put_text(&writer, "reason", hf_engine_status_text(self->model_status));
    }
    bench_record_send(self, &writer);
    bench_ok(self);
}

static void do_baud(bench *self)
{
    uint32_t rate = BENCH_REQUIRED;
    if (!bench_number(self, "rate", BAUD_MIN, BAUD_MAX, &rate))
        return;
    if (!self->hal->baud_possible(self->hal->user, rate)) {
        bench_bad_argument(self, "baud: this rate cannot be made from the UART's clock");
        return;
    }
    bench_ok(self);
    self->hal->set_baud(self->hal->user, rate);
}

static void do_clock(bench *self)
{
    hf_frame_writer writer;
    bench_record(self, &writer, "clock");
    hf_frame_put_u64(&writer, "cycles", self->hal->cycles(self->hal->user));
    bench_record_send(self, &writer);
    bench_ok(self);
}

static void do_crash(bench *self)
{
    static const char kinds[][8] = {
        [BENCH_CRASH_UDF] = "udf",
        [BENCH_CRASH_BUS] = "bus",
        [BENCH_CRASH_STACK] = "stack",
        [BENCH_CRASH_HANG] = "hang",
    };
    const char *name = hf_frame_get(self->request, "kind");
    for (uint32_t i = 0; name && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(name, kinds[i]) == 0) {
            self->hal->crash(self->hal->user, (bench_crash_kind)i);
            return;
        }
    }
    bench_bad_argument(self, "crash: kind is one of udf, bus, stack, hang");
}

static void dispatch(bench *self, const hf_frame *request)
{
    static const struct {
        const char *type; /* static: what a fault report says was being done */
        void (*answer)(bench *self);
    } requests[] = {
        {"hello", do_hello},     {"baud", do_baud},           {"input", bench_do_input},
        {"data", bench_do_data}, {"staged", bench_do_staged}, {"run", bench_do_run},
        {"read", bench_do_read}, {"clock", do_clock},         {"crash", do_crash},
    };
    self->request = request;
    self->sequence = request->sequence;
    self->records = 0;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (strcmp(request->type, requests[i].type) == 0) {
            bench_note(self, requests[i].type);
            requests[i].answer(self);
            bench_note(self, "waiting for a request");
            return;
        }
    }
    char text[96];
    const char *const parts[] = {"unknown request ", request->type};
    join(text, sizeof text, parts, 2);
    bench_error(self, "unknown", text);
}

static void refuse(bench *self, const char *code, const char *text)
{
    self->sequence = 0;
    bench_error(self, code, text);
}

void bench_receive(bench *self, char byte)
{
    if (!hf_line_push(&self->line, byte)) {
        if (self->line.dropped != self->lines_dropped_seen) {
            self->lines_dropped_seen = self->line.dropped;
            refuse(self, "malformed", "line longer than 512 bytes");
        }
        return;
    }
    char direction = self->line.bytes[0];
    hf_frame request;
    hf_frame_status status = hf_frame_parse(self->line.bytes, self->line.used, &request);
    /* What is not for a board, its own output echoed for instance, must not be answered. */
    if (direction == HF_FRAME_TO_BOARD || direction == HF_FRAME_BY_HAND) {
        if (status == HF_FRAME_OK)
            dispatch(self, &request);
        else if (status == HF_FRAME_BAD_CHECKSUM)
            refuse(self, "checksum", "checksum wrong or missing");
        else
            refuse(self, "malformed", "not a request as the protocol has it");
    }
    hf_line_next(&self->line);
}
