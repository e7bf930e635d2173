/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bench_internal.h"
#include "checksum/crc.h"

#define WARMUP_MAX         1000U
#define RUNS_MAX           10000U
#define OUTPUT_SHOWN_BYTES 48U

static uint32_t cycles(const bench *self)
{
    return self->hal->cycles(self->hal->user);
}

static uint64_t instructions(const bench *self)
{
    return self->hal->instructions ? self->hal->instructions(self->hal->user) : 0;
}

/* Starts a timed span. Reads the counter twice: the first call fetches the code, so that the second one costs
 * the same as at the end of the span, whatever ran before. */
static uint32_t start_cycles(const bench *self)
{
    (void)cycles(self);
    return cycles(self);
}

static hf_engine_status infer(bench *self, const hf_layer_hooks *hooks)
{
    return hf_model_run(&self->model, self->board->arena, self->arena_room_bytes, hooks);
}

/* The engine may overwrite its input, so every inference gets a fresh copy. */
static void load_input(bench *self)
{
    memcpy(self->board->arena + self->model.input_offset, self->staging, self->model.input_bytes);
}

static const uint8_t *output(const bench *self)
{
    return self->board->arena + self->model.output_offset;
}

/* Reports a failed run. As the image was validated, this means that engine and bench disagree. */
static bool check_status(bench *self, hf_engine_status status)
{
    if (status == HF_ENGINE_OK)
        return true;
    self->ran = false;
    bench_error(self, status == HF_ENGINE_ARENA ? "arena" : "model", hf_engine_status_text(status));
    return false;
}

/* Stores the checksum of the first output and compares the others with it. */
static bool same_output(bench *self, bool first, uint32_t *crc32)
{
    uint32_t this_crc32 = hf_crc32(0, output(self), self->model.output_bytes);
    if (first)
        *crc32 = this_crc32;
    if (this_crc32 == *crc32)
        return true;
    self->ran = false;
    bench_error(self, "output", "the same input gave two different outputs");
    return false;
}

static bench_layer *layer_of(bench *self, const hf_layer_event *event)
{
    return &self->layers[event->index % HF_CHAIN_MAX];
}

static void rows_begin(void *user, const hf_layer_event *event)
{
    bench *self = user;
    if (event->first_row == 0)
        *layer_of(self, event) = (bench_layer){0};
    self->rows_start_instructions = instructions(self);
    self->rows_start = start_cycles(self);
}

static void gauge_rows_end(void *user, const hf_layer_event *event)
{
    (void)event;
    bench *self = user;
    self->gauge_cycles += cycles(self) - self->rows_start;
}

/* Runs one inference, not reported, that sums the cycles of its layers in 64 bits: a layer takes less than
 * 2^32 cycles (20 s at 216 MHz), but an inference of a large model may take more. */
static bool gauge(bench *self)
{
    const hf_layer_hooks hooks = {.before = rows_begin, .after = gauge_rows_end, .user = self};
    bench_note(self, "warm-up inference");
    self->gauge_cycles = 0;
    load_input(self);
    self->gauged = check_status(self, infer(self, &hooks));
    return self->gauged;
}

/* Extends a 32-bit difference to 64 bits: the value closest to the gauge. Inferences of one model differ by
 * far less than 2^31 cycles. */
static uint64_t unwrap(uint32_t difference, uint64_t near)
{
    int32_t offset = (int32_t)(difference - (uint32_t)near);
    return offset < 0 && near < (uint64_t) - (int64_t)offset ? difference : near + (uint64_t)(int64_t)offset;
}

static bool warm_up(bench *self, uint32_t count)
{
    if (count == 0)
        return self->gauged || gauge(self);
    if (!gauge(self))
        return false;
    for (uint32_t i = 1; i < count; i++) {
        load_input(self);
        if (!check_status(self, infer(self, NULL)))
            return false;
    }
    return true;
}

/* Runs a timed inference and sends its record. */
static bool sample(bench *self, uint32_t index)
{
    load_input(self);
    bench_note(self, "timed inference");
    uint64_t instructions_before = instructions(self);
    uint32_t cycles_before = start_cycles(self);
    hf_engine_status status = infer(self, NULL);
    uint32_t elapsed = cycles(self) - cycles_before;
    uint64_t executed = instructions(self) - instructions_before;
    if (!check_status(self, status))
        return false;

    hf_frame_writer writer;
    bench_record(self, &writer, "sample");
    hf_frame_put_u64(&writer, "index", index);
    hf_frame_put_u64(&writer, "cycles", unwrap(elapsed, self->gauge_cycles));
    if (self->hal->instructions)
        hf_frame_put_u64(&writer, "instructions", executed);
    bench_record_send(self, &writer);
    return true;
}

static void rows_end(void *user, const hf_layer_event *event)
{
    bench *self = user;
    uint32_t elapsed = cycles(self) - self->rows_start;
    uint64_t executed = instructions(self) - self->rows_start_instructions;
    bench_layer *layer = layer_of(self, event);
    layer->cycles += elapsed;
    layer->instructions += executed;
    layer->crc32 = hf_layer_crc32(event, layer->crc32);
    if (event->end_row != event->record->out_height)
        return;
    hf_frame_writer writer;
    bench_record(self, &writer, "layer");
    hf_frame_put_u64(&writer, "index", event->index);
    hf_frame_put_text(&writer, "op", event->op_name);
    hf_frame_put_u64(&writer, "cycles", layer->cycles);
    if (self->hal->instructions)
        hf_frame_put_u64(&writer, "instructions", layer->instructions);
    hf_frame_put_hex32(&writer, "crc32", layer->crc32);
    bench_record_send(self, &writer);
}

static bool layer_pass(bench *self)
{
    const hf_layer_hooks hooks = {.before = rows_begin, .after = rows_end, .user = self};
    bench_note(self, "inference timed by layer");
    load_input(self);
    return check_status(self, infer(self, &hooks));
}

static void report_memory(bench *self)
{
    hf_frame_writer writer;
    bench_record(self, &writer, "memory");
    hf_frame_put_u64(&writer, "arena_bytes", self->model.arena_bytes);
    hf_frame_put_u64(&writer, "static_bytes", self->board->static_bytes);
    hf_frame_put_u64(&writer, "stack_bytes", self->hal->stack_bytes(self->hal->user));
    hf_frame_put_u64(&writer, "staging_bytes", self->board->arena_bytes - self->arena_room_bytes);
    bench_record_send(self, &writer);
}

static void report_output(bench *self, uint32_t crc32)
{
    uint32_t bytes = self->model.output_bytes;
    hf_frame_writer writer;
    bench_record(self, &writer, "output");
    hf_frame_put_u64(&writer, "bytes", bytes);
    hf_frame_put_hex32(&writer, "crc32", crc32);
    hf_frame_put_bytes(&writer, "data", output(self),
                       bytes < OUTPUT_SHOWN_BYTES ? bytes : OUTPUT_SHOWN_BYTES);
    bench_record_send(self, &writer);
}

void bench_do_run(bench *self)
{
    uint32_t warmup = 1, runs = 1, layers = 0;
    if (!bench_needs_model(self) || !bench_number(self, "warmup", 0, WARMUP_MAX, &warmup) ||
        !bench_number(self, "runs", 1, RUNS_MAX, &runs) || !bench_number(self, "layers", 0, 1, &layers) ||
        !bench_needs_input(self))
        return;
    if (!warm_up(self, warmup))
        return;
    uint32_t crc32 = 0;
    for (uint32_t i = 0; i < runs; i++)
        if (!sample(self, i) || !same_output(self, i == 0, &crc32))
            return;
    if (layers && (!layer_pass(self) || !same_output(self, false, &crc32)))
        return;
    self->ran = true;
    report_memory(self);
    report_output(self, crc32);
    bench_ok(self);
}
