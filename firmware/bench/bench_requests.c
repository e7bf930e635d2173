/* SPDX-License-Identifier: Apache-2.0 */
/* The table of requests, and those that need no model. */
#include <string.h>

#include "bench_internal.h"

#define BAUD_MIN 1200U
#define BAUD_MAX 2000000U

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

static void do_hello(bench *self)
{
    identify(self, "id");
    bench_open_model(self);
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
        bench_bad_argument(self, "baud: the UART's clock cannot produce this rate");
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
    bench_bad_argument(self, "crash: kind must be udf, bus, stack or hang");
}

static void dispatch(bench *self, const hf_frame *request)
{
    static const struct {
        const char *type; /* static, because a fault report uses it */
        void (*answer)(bench *self);
    } requests[] = {
        {"hello", do_hello},     {"baud", do_baud},           {"input", bench_do_input},
        {"data", bench_do_data}, {"staged", bench_do_staged}, {"run", bench_do_run},
        {"read", bench_do_read}, {"carry", bench_do_carry},   {"clock", do_clock},
        {"crash", do_crash},
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
    bench_join(text, sizeof text, parts, 2);
    bench_error(self, "unknown", text);
}

static void reject(bench *self, const char *code, const char *text)
{
    self->sequence = 0;
    bench_error(self, code, text);
}

void bench_receive(bench *self, char byte)
{
    if (!hf_line_push(&self->line, byte)) {
        if (self->line.dropped != self->lines_dropped_seen) {
            self->lines_dropped_seen = self->line.dropped;
            reject(self, "malformed", "line longer than 512 bytes");
        }
        return;
    }
    char direction = self->line.bytes[0];
    hf_frame request;
    hf_frame_status status = hf_frame_parse(self->line.bytes, self->line.used, &request);
    /* Do not answer lines that are not for a board, such as an echo of its own output. */
    if (direction == HF_FRAME_TO_BOARD || direction == HF_FRAME_BY_HAND) {
        if (status == HF_FRAME_OK)
            dispatch(self, &request);
        else if (status == HF_FRAME_BAD_CHECKSUM)
            reject(self, "checksum", "checksum wrong or missing");
        else
            reject(self, "malformed", "not a valid request");
    }
    hf_line_next(&self->line);
}
