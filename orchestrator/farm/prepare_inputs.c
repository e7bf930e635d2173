/* SPDX-License-Identifier: Apache-2.0 */
/* What boards are given: the input tensors of all inferences of a variation. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "checksum/crc.h"
#include "graph/ports.h"
#include "input_files.h"
#include "prepare_steps.h"
#include "weights/weights.h"

/* Of all input tensors of a variation that a board does not generate. */
#define MOST_BYTES (256u << 20)

/* The inferences after the first while they are added. */
typedef struct builder {
    const hf_prepare_request *request;
    hf_prepared *out;
    bool stateful;
    uint32_t count;  /* of all inferences so far */
    hf_buffer steps; /* hf_attempt_step, without `input` */
    hf_buffer tensors;
} builder;

static hf_status check_room(const builder *b, hf_error *err)
{
    const size_t bytes = b->tensors.size + b->out->input_bytes;
    if (b->count == HF_ATTEMPT_MAX_STEPS)
        return HF_FAIL(err, HF_ELIMIT, "%s: more than %d inferences", b->request->source.name,
                       HF_ATTEMPT_MAX_STEPS);
    if (bytes > MOST_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "%s: its inputs take more than %u MB", b->request->source.name,
                       MOST_BYTES >> 20);
    return HF_OK;
}

/* Adds an inference. Of one that continues a sequence the tensor has no states. */
static hf_status add(builder *b, uint32_t seed, const int8_t *tensor, bool continues, hf_error *err)
{
    hf_prepared *out = b->out;
    const uint32_t crc32 = continues ? 0 : hf_crc32(0, tensor, out->input_bytes);
    hf_status status = check_room(b, err);
    if (status != HF_OK)
        return status;
    if (b->count++ == 0) {
        memcpy(out->input, tensor, out->input_bytes);
        out->input_seed = seed;
        out->input_crc32 = crc32;
        return HF_OK;
    }
    const hf_attempt_step step = {.input_seed = seed, .input_crc32 = crc32, .continues = continues};
    hf_buffer_append(&b->steps, &step, sizeof step);
    if (!out->input_from_seed)
        hf_buffer_append(&b->tensors, tensor, out->input_bytes);
    return HF_OK;
}

/* ---- From seeds ---- */

/* A sequence: the generator's bytes are those of the model's inputs, inference after inference. */
static hf_status add_sequence(builder *b, uint32_t seed, int8_t *tensor, hf_error *err)
{
    const hf_graph *graph = b->out->graph;
    const uint32_t steps = b->request->steps ? b->request->steps : 1;
    size_t bytes = 0;
    for (int32_t i = 0; i < graph->port_count; i++)
        bytes += graph->ports[i].kind == HF_MODEL_INPUT ? (size_t)graph->ports[i].bytes : 0;
    int8_t *generated = malloc(bytes * steps + 1);
    if (!generated)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the inputs of %s", b->request->source.name);
    hf_input_generate(seed, generated, bytes * steps);
    const int8_t *at = generated;
    hf_status status = HF_OK;
    for (uint32_t step = 0; status == HF_OK && step < steps; step++) {
        memset(tensor, 0, b->out->input_bytes);
        if (step == 0)
            hf_ports_begin(graph, tensor);
        for (int32_t i = 0; i < graph->port_count; i++) {
            const hf_model_port *port = &graph->ports[i];
            if (port->kind != HF_MODEL_INPUT)
                continue;
            memcpy(tensor + port->offset, at, (size_t)port->bytes);
            at += port->bytes;
        }
        status = add(b, seed, tensor, step > 0, err);
    }
    free(generated);
    return status;
}

static hf_status add_seeds(builder *b, int8_t *tensor, hf_error *err)
{
    const hf_prepare_request *request = b->request;
    const uint32_t *seeds = request->seed_count ? request->seeds : &request->input_seed;
    const uint32_t count = request->seed_count ? request->seed_count : 1;
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < count; i++) {
        if (b->stateful) {
            status = add_sequence(b, seeds[i], tensor, err);
            continue;
        }
        hf_input_generate(seeds[i], tensor, b->out->input_bytes);
        status = add(b, seeds[i], tensor, false, err);
    }
    return status;
}

/* ---- From files ---- */

static hf_status add_files(builder *b, int8_t *tensor, hf_error *err)
{
    const hf_graph *graph = b->out->graph;
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < b->request->input_count; i++) {
        hf_input_files files;
        status = hf_input_files_read(graph, &b->request->inputs[i], &files, err);
        for (uint64_t at = 0; status == HF_OK && at < files.count; at++) {
            const bool continues = b->stateful && at > 0;
            memset(tensor, 0, b->out->input_bytes);
            status = hf_input_files_get(&files, at, tensor, err);
            if (status == HF_OK && !continues)
                hf_ports_begin(graph, tensor);
            if (status == HF_OK)
                status = add(b, 0, tensor, continues, err);
        }
        hf_input_files_free(&files);
    }
    return status;
}

/* ---- All ---- */

static hf_status list_ports(hf_prepared *out, hf_error *err)
{
    const hf_graph *graph = out->graph;
    const int32_t count = hf_ports_count(graph);
    out->ports = calloc((size_t)count, sizeof *out->ports);
    out->states = calloc((size_t)count, sizeof *out->states);
    if (!out->ports || !out->states)
        return HF_FAIL(err, HF_ENOMEM, "no memory for %d inputs, outputs and states", count);
    out->port_count = (uint32_t)count;
    for (int32_t i = 0; i < count; i++) {
        hf_model_port *port = &out->ports[i];
        *port = hf_ports_get(graph, i);
        port->initial = NULL;
        if (port->kind == HF_MODEL_STATE)
            out->states[out->state_count++] = (hf_attempt_state){.from = (uint32_t)port->state_offset,
                                                                 .to = (uint32_t)port->offset,
                                                                 .bytes = (uint32_t)port->bytes};
    }
    out->inputs_bytes = (uint32_t)hf_ports_inputs_end(graph);
    return HF_OK;
}

/* Hands over what was added. */
static hf_status finish(builder *b, hf_error *err)
{
    hf_prepared *out = b->out;
    if (b->steps.failed || b->tensors.failed)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the inputs of %s", b->request->source.name);
    out->further_count = b->count - 1;
    out->further = (hf_attempt_step *)(void *)hf_buffer_take(&b->steps);
    out->further_inputs = (uint8_t *)hf_buffer_take(&b->tensors);
    for (uint32_t i = 0; !out->input_from_seed && i < out->further_count; i++)
        out->further[i].input = out->further_inputs + (size_t)i * out->input_bytes;
    return HF_OK;
}

hf_status hf_prepare_inputs(const hf_prepare_request *request, hf_prepared *out, hf_error *err)
{
    builder b = {.request = request, .out = out, .stateful = hf_ports_stateful(out->graph)};
    out->input_bytes = (size_t)hf_tensor_bytes(&out->graph->tensors[out->graph->input]);
    /* A board can generate an input from a seed, but no initial states. */
    out->input_from_seed = request->input_count == 0 && !b.stateful;
    out->input = malloc(out->input_bytes);
    int8_t *tensor = malloc(out->input_bytes);
    if (!out->input || !tensor) {
        free(tensor);
        return HF_FAIL(err, HF_ENOMEM, "no memory for the input of %s", request->source.name);
    }
    hf_status status = list_ports(out, err);
    if (status == HF_OK)
        status = request->input_count ? add_files(&b, tensor, err) : add_seeds(&b, tensor, err);
    if (status == HF_OK)
        status = finish(&b, err);
    free(tensor);
    hf_buffer_free(&b.steps);
    hf_buffer_free(&b.tensors);
    return status;
}

void hf_prepared_drop_inputs(hf_prepared *p)
{
    free(p->input);
    free(p->further);
    free(p->further_inputs);
    free(p->states);
    free(p->ports);
    p->input = p->further_inputs = NULL;
    p->further = NULL;
    p->ports = NULL;
    p->states = NULL;
    p->input_bytes = 0;
    p->further_count = p->port_count = p->state_count = p->inputs_bytes = p->input_crc32 = 0;
}

void hf_prepared_further_input(const hf_prepared *p, uint32_t step, const int8_t *before, int8_t *input)
{
    const hf_attempt_step *given = &p->further[step];
    if (given->input)
        memcpy(input, given->input, p->input_bytes);
    else
        hf_input_generate(given->input_seed, input, p->input_bytes);
    if (given->continues)
        hf_ports_advance(p->graph, before, input);
}
