/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "bodies_wire.h"

#define NAME_SIZE   256 /* of a variation; longer names are cut, as they are for messages only */
#define MAX_LAYERS  65536U
#define MAX_STATES  4096U
#define MAX_TENSOR  (16U << 20)
#define STEP_BYTES  14U /* encoded, without its input */
#define STATE_BYTES 12U

static void wire_size(hf_wire *w, size_t *size, uint32_t most)
{
    uint32_t value = (uint32_t)*size;
    hf_wire_range(w, &value, 0, most);
    *size = value;
}

/* Bytes of an input tensor, or nothing: the board makes it from a seed. */
static void wire_input(hf_wire *w, const uint8_t **input, size_t size)
{
    bool given = *input != NULL;
    hf_wire_bool(w, &given);
    if (given)
        hf_wire_bytes(w, input, size);
}

static void wire_steps(hf_wire *w, hf_attempt_request *r)
{
    hf_wire_count(w, &r->further_count, HF_ATTEMPT_MAX_STEPS - 1, STEP_BYTES);
    hf_attempt_step *read = w->out ? NULL : hf_wire_array(w, r->further_count, sizeof *read);
    for (uint32_t i = 0; i < r->further_count && !w->failed; i++) {
        hf_attempt_step step = {0};
        if (w->out)
            step = r->further[i];
        hf_wire_u32(w, &step.input_seed);
        hf_wire_u32(w, &step.input_crc32);
        hf_wire_u32(w, &step.output_crc32);
        hf_wire_bool(w, &step.continues);
        wire_input(w, &step.input, step.continues ? r->inputs_bytes : r->input_bytes);
        if (read)
            read[i] = step;
    }
    if (!w->out)
        r->further = read;
}

static void wire_states(hf_wire *w, hf_attempt_request *r)
{
    hf_wire_count(w, &r->state_count, MAX_STATES, STATE_BYTES);
    hf_attempt_state *read = w->out ? NULL : hf_wire_array(w, r->state_count, sizeof *read);
    for (uint32_t i = 0; i < r->state_count && !w->failed; i++) {
        hf_attempt_state state = {0};
        if (w->out)
            state = r->states[i];
        hf_wire_u32(w, &state.from);
        hf_wire_u32(w, &state.to);
        hf_wire_range(w, &state.bytes, 1, MAX_TENSOR);
        /* Within the tensors: what follows trusts these numbers. */
        w->failed |=
            !w->out && (state.from > MAX_TENSOR || (uint64_t)state.to + state.bytes > r->input_bytes);
        if (read)
            read[i] = state;
    }
    if (!w->out)
        r->states = read;
}

static void wire_layers(hf_wire *w, hf_attempt_request *r)
{
    bool given = r->layer_crc32 != NULL;
    hf_wire_range(w, &r->layer_count, 0, MAX_LAYERS);
    hf_wire_bool(w, &given);
    if (!given)
        return;
    uint32_t count = r->layer_count;
    hf_wire_count(w, &count, MAX_LAYERS, sizeof(uint32_t));
    w->failed |= !w->out && count != r->layer_count;
    uint32_t *read = w->out ? NULL : hf_wire_array(w, count, sizeof *read);
    for (uint32_t i = 0; i < count && !w->failed; i++) {
        uint32_t crc32 = w->out ? r->layer_crc32[i] : 0;
        hf_wire_u32(w, &crc32);
        if (read)
            read[i] = crc32;
    }
    if (!w->out)
        r->layer_crc32 = read;
}

static void wire_name(hf_wire *w, hf_attempt_request *r)
{
    char name[NAME_SIZE] = "";
    for (size_t i = 0; w->out && r->name[i] && i + 1 < sizeof name; i++) {
        const bool control = (unsigned char)r->name[i] < ' ' || r->name[i] == 0x7f; /* does not travel */
        name[i] = r->name[i];
        if (control)
            name[i] = '?';
    }
    hf_wire_text(w, name, sizeof name);
    if (w->out)
        return;
    char *copy = hf_wire_array(w, 1, sizeof name);
    for (size_t i = 0; copy && i < sizeof name; i++)
        copy[i] = name[i];
    r->name = copy;
}

static void wire_attempt(hf_wire *w, hf_attempt_body *body)
{
    hf_attempt_request *r = &body->request;
    wire_name(w, r);
    hf_wire_deadlines(w, &body->deadlines);
    hf_wire_blob_ref(w, &body->image);
    hf_wire_u64(w, &r->rom_limit_bytes);
    wire_size(w, &r->input_bytes, MAX_TENSOR);
    hf_wire_range(w, &r->inputs_bytes, 0, MAX_TENSOR);
    w->failed |= !w->out && (r->inputs_bytes > r->input_bytes || body->image.bytes == 0);
    wire_size(w, &r->output_bytes, MAX_TENSOR);
    hf_wire_u32(w, &r->input_seed);
    hf_wire_u32(w, &r->input_crc32);
    hf_wire_u32(w, &r->output_crc32);
    hf_wire_range(w, &r->warmup, 0, 1000);
    hf_wire_range(w, &r->runs, 1, 10000);
    hf_wire_bool(w, &r->layers);
    hf_wire_bool(w, &r->keep_outputs);
    wire_input(w, &r->input, r->input_bytes);
    wire_layers(w, r);
    wire_states(w, r);
    wire_steps(w, r);
}

void hf_attempt_body_encode(const hf_attempt_request *request, const hf_board_deadlines *deadlines,
                            const hf_blob_ref *image, hf_buffer *out)
{
    hf_attempt_body body = {.request = *request, .image = *image};
    hf_wire w = {.out = out};
    if (deadlines)
        body.deadlines = *deadlines;
    wire_attempt(&w, &body);
}

hf_status hf_attempt_body_decode(const void *bytes, size_t size, hf_attempt_body *out, hf_error *err)
{
    hf_attempt_body body = {0};
    hf_wire w = {.at = bytes, .end = (const uint8_t *)bytes + size};
    wire_attempt(&w, &body);
    hf_status status = hf_wire_end(&w, "an order for an attempt", err);
    if (status != HF_OK) {
        hf_wire_free_blocks(w.blocks);
        return status;
    }
    body.request.image_bytes = body.image.bytes;
    body.memory = w.blocks;
    *out = body;
    return HF_OK;
}

void hf_attempt_body_free(hf_attempt_body *body)
{
    hf_wire_free_blocks(body->memory);
    *body = (hf_attempt_body){0};
}
