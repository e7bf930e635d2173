/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bench_internal.h"
#include "checksum/crc.h"

/* Sends record `input`, then `ok`. */
static void report_staged(bench *self)
{
    hf_frame_writer writer;
    bench_record(self, &writer, "input");
    hf_frame_put_u64(&writer, "bytes", self->model.input_bytes);
    hf_frame_put_hex32(&writer, "crc32", hf_crc32(0, self->staging, self->model.input_bytes));
    bench_record_send(self, &writer);
    bench_ok(self);
}

bool bench_needs_input(bench *self)
{
    if (!self->staged)
        bench_error(self, "input", "no input staged");
    return self->staged;
}

void bench_do_input(bench *self)
{
    uint32_t seed = BENCH_REQUIRED;
    if (!bench_needs_model(self) || !bench_number(self, "seed", 0, UINT32_MAX, &seed))
        return;
    for (uint32_t i = 0; i < self->model.input_bytes; i++) {
        seed = seed * 1664525U + 1013904223U;
        self->staging[i] = (uint8_t)(seed >> 24);
    }
    self->staged = true;
    report_staged(self);
}

void bench_do_data(bench *self)
{
    uint32_t offset = BENCH_REQUIRED;
    if (!bench_needs_model(self) || !bench_number(self, "offset", 0, self->model.input_bytes, &offset))
        return;
    size_t size = self->model.input_bytes - offset;
    if (size > HF_FRAME_DATA_BYTES)
        size = HF_FRAME_DATA_BYTES;
    if (!hf_frame_get_bytes(self->request, "data", self->staging + offset, &size)) {
        bench_bad_argument(self, "data: missing, not base64, or beyond the end of the input");
        return;
    }
    self->staged = true;
    bench_ok(self);
}

void bench_do_staged(bench *self)
{
    if (bench_needs_model(self) && bench_needs_input(self))
        report_staged(self);
}

/* @return whether there is an output, hence also a staged input; if not, has sent the `error` */
static bool needs_output(bench *self)
{
    if (!bench_needs_model(self))
        return false;
    if (!self->ran)
        bench_bad_argument(self, "no output yet, run an inference first");
    return self->ran;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Repeating it is harmless: the output stays as it is until the next inference. */
void bench_do_carry(bench *self)
{
    uint32_t from = BENCH_REQUIRED, to = BENCH_REQUIRED, bytes = BENCH_REQUIRED;
    const hf_model *model = &self->model;
    if (!needs_output(self) || !bench_number(self, "from", 0, model->output_bytes, &from) ||
        !bench_number(self, "to", 0, model->input_bytes, &to) ||
        !bench_number(self, "bytes", 0, smaller(model->output_bytes - from, model->input_bytes - to), &bytes))
        return;
    memcpy(self->staging + to, self->board->arena + model->output_offset + from, bytes);
    bench_ok(self);
}

void bench_do_read(bench *self)
{
    uint32_t offset = BENCH_REQUIRED, bytes = BENCH_REQUIRED;
    const hf_model *model = &self->model;
    if (!needs_output(self) || !bench_number(self, "offset", 0, model->output_bytes, &offset) ||
        !bench_number(self, "bytes", 0, smaller(model->output_bytes - offset, HF_FRAME_DATA_BYTES), &bytes))
        return;
    hf_frame_writer writer;
    bench_record(self, &writer, "data");
    hf_frame_put_u64(&writer, "offset", offset);
    hf_frame_put_bytes(&writer, "data", self->board->arena + model->output_offset + offset, bytes);
    bench_record_send(self, &writer);
    bench_ok(self);
}
