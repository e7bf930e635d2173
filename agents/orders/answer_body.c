/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bodies_wire.h"

#define TRANSCRIPT_MAX (1U << 20)
#define MAX_SAMPLES    10000000U /* HF_ATTEMPT_MAX_STEPS inferences of 10000 runs */
#define MAX_LAYERS     65536U
#define LAYER_BYTES    36U /* encoded, without the figures */
#define MAX_OUTPUTS    (60U << 20)

/* ---- Reading text for people ---- */

/* A message may have been made of what a board said: any bytes. */
static void wire_message(hf_wire *w, char *text, size_t size)
{
    char copy[sizeof((hf_error *)0)->message] = "";
    if (w->out) {
        snprintf(copy, sizeof copy, "%s", text);
        for (size_t at = 0; copy[at += hf_wire_visible(copy + at, sizeof copy)]; at++)
            copy[at] = '?';
    }
    hf_wire_text(w, copy, size < sizeof copy ? size : sizeof copy);
    if (!w->out)
        memcpy(text, copy, size < sizeof copy ? size : sizeof copy);
}

/* ---- Figures ---- */

static void wire_samples(hf_wire *w, hf_attempt_result *r)
{
    hf_wire_count(w, &r->sample_count, MAX_SAMPLES, 2 * sizeof(int64_t));
    if (!w->out && r->sample_count > 0) {
        r->samples = calloc(r->sample_count, sizeof *r->samples);
        w->no_memory |= !r->samples;
        w->failed |= !r->samples;
    }
    for (uint32_t i = 0; i < r->sample_count && !w->failed; i++) {
        hf_wire_i64(w, &r->samples[i].cycles);
        hf_wire_i64(w, &r->samples[i].instructions);
    }
}

static void wire_layer(hf_wire *w, hf_layer *layer)
{
    hf_wire_text(w, layer->name, sizeof layer->name);
    hf_wire_text(w, layer->op, sizeof layer->op);
    hf_wire_u32(w, (uint32_t *)&layer->height);
    hf_wire_u32(w, (uint32_t *)&layer->width);
    hf_wire_u32(w, (uint32_t *)&layer->channels);
    hf_wire_i64(w, &layer->params);
    hf_wire_i64(w, &layer->params_deployed);
    hf_wire_u32(w, &layer->crc32);
    for (size_t i = 0; i < hf_layer_figures.count; i++) {
        void *member = hf_figure_member(&hf_layer_figures.rows[i], layer);
        if (hf_layer_figures.rows[i].type == HF_FIGURE_INTEGER)
            hf_wire_i64(w, member);
        else
            hf_wire_real(w, member);
    }
}

static void wire_layers(hf_wire *w, hf_attempt_result *r)
{
    uint32_t count = r->layers ? r->layer_count : 0;
    bool given = r->layers != NULL;
    hf_wire_bool(w, &given);
    hf_wire_count(w, &count, MAX_LAYERS, LAYER_BYTES);
    if (!w->out && given && !w->failed) {
        r->layers = calloc(count ? count : 1, sizeof *r->layers);
        w->no_memory |= !r->layers;
        w->failed |= !r->layers;
    }
    w->failed |= !w->out && !given && count > 0;
    r->layer_count = count;
    for (uint32_t i = 0; i < count && !w->failed; i++)
        wire_layer(w, &r->layers[i]);
}

static void wire_outputs(hf_wire *w, hf_attempt_result *r)
{
    uint32_t each = (uint32_t)r->output_bytes, total = r->outputs ? each * r->step_count : 0;
    hf_wire_range(w, &each, 0, MAX_OUTPUTS);
    hf_wire_count(w, &total, MAX_OUTPUTS, 1);
    if (!w->out) {
        w->failed |= total > 0 && total != (uint64_t)each * r->step_count;
        r->output_bytes = each;
        if (total == 0 || w->failed)
            return;
        r->outputs = malloc(total);
        w->no_memory |= !r->outputs;
        w->failed |= !r->outputs;
        if (w->failed)
            return;
    }
    hf_wire_raw(w, r->outputs, total);
}

#define WIRE_INTEGER(w, member)              hf_wire_i64((w), &(member))
#define WIRE_REAL(w, member)                 hf_wire_real((w), &(member))
#define WIRE_MEMORY(origin, name, type, ...) HF_IF_MEMORY_##origin(WIRE_##type(w, r->name);)

static void wire_result(hf_wire *w, hf_attempt_result *r)
{
    hf_wire_range(w, &r->step_count, 1, HF_ATTEMPT_MAX_STEPS);
    hf_wire_u32(w, &r->clock_hz);
    hf_wire_text(w, r->clock_source, sizeof r->clock_source);
    hf_wire_real(w, &r->clock_ratio);
    HF_RESULT_FIGURES(WIRE_MEMORY)
    hf_wire_u32(w, &r->output_crc32);
    hf_wire_u32(w, &r->firmware_bytes);
    hf_wire_text(w, r->firmware_id, sizeof r->firmware_id);
    hf_wire_text(w, r->firmware_version, sizeof r->firmware_version);
    hf_wire_bool(w, &r->modelled);
    for (size_t i = 0; i < HF_PHASE_COUNT; i++)
        hf_wire_u64(w, &r->phase_ns[i]);
    hf_wire_u64(w, &r->total_ns);
    hf_wire_u32(w, &r->bytes_written);
    hf_wire_u32(w, &r->serial_retries);
    wire_samples(w, r);
    wire_layers(w, r);
    wire_outputs(w, r);
}

/* ---- The reply ---- */

static void wire_reply(hf_wire *w, hf_worker_reply *reply)
{
    uint32_t command = reply->command, failure = (uint32_t)-reply->status;
    uint32_t fault = reply->error.fault, lasting = reply->error.lasting;
    bool has_result = reply->status == HF_OK && reply->command == HF_WORKER_ATTEMPT;
    hf_wire_range(w, &command, HF_WORKER_OPEN, HF_WORKER_CLOSE);
    hf_wire_range(w, &failure, 0, (uint32_t)-HF_ETARGET);
    hf_wire_range(w, &fault, HF_FAULT_NONE, HF_FAULT_AGENT);
    hf_wire_range(w, &lasting, HF_TRANSIENT, HF_PERMANENT);
    wire_message(w, reply->error.message, sizeof reply->error.message);
    hf_wire_text(w, reply->openocd_version, sizeof reply->openocd_version);
    hf_wire_long_text(w, &reply->transcript, TRANSCRIPT_MAX);
    hf_wire_bool(w, &has_result);
    if (!w->out) {
        reply->command = (hf_worker_command)command;
        reply->status = (hf_status)(-(int)failure);
        reply->error.status = reply->status;
        reply->error.fault = (hf_fault)fault;
        reply->error.lasting = (hf_lasting)lasting;
        w->failed |= has_result != (failure == 0 && command == HF_WORKER_ATTEMPT) ||
                     (failure == 0) != (reply->error.message[0] == '\0');
    }
    if (has_result && !w->failed)
        wire_result(w, &reply->result);
}

void hf_answer_body_encode(const hf_worker_reply *reply, hf_buffer *out)
{
    hf_worker_reply copy = *reply;
    hf_wire w = {.out = out};
    wire_reply(&w, &copy);
}

hf_status hf_answer_body_decode(const void *bytes, size_t size, hf_worker_reply *reply, hf_error *err)
{
    hf_worker_reply read = {0};
    hf_wire w = {.at = bytes, .end = (const uint8_t *)bytes + size};
    wire_reply(&w, &read);
    hf_status status = hf_wire_end(&w, "an answer", err);
    if (status == HF_OK)
        *reply = read;
    else
        hf_worker_reply_clear(&read);
    return status;
}
