/* SPDX-License-Identifier: Apache-2.0 */
#include "record_ports.h"

#include <stdlib.h>
#include <string.h>

#include "graph/ports.h"

/* Rows built here borrow their strings for one call to the store; they are never freed. */
#define BORROW(text) ((char *)(text))

size_t hf_record_ports(const hf_prepared *prepared, hf_port_row **rows)
{
    static const char *const kinds[] = {
        [HF_MODEL_INPUT] = "input", [HF_MODEL_OUTPUT] = "output", [HF_MODEL_STATE] = "state"};
    hf_port_row *out = calloc((size_t)prepared->port_count + 1, sizeof *out);
    for (uint32_t i = 0; out && i < prepared->port_count; i++) {
        const hf_model_port *port = &prepared->ports[i];
        const int32_t flip = strcmp(port->type, "uint8") == 0 ? 128 : 0;
        out[i] = (hf_port_row){.kind = BORROW(kinds[port->kind]),
                               .type = BORROW(port->type),
                               .height = port->height,
                               .width = port->width,
                               .channels = port->channels,
                               .scale = (double)port->quant.scale,
                               .zero_point = port->quant.zero_point + flip,
                               .float_tail = BORROW(port->float_tail)};
    }
    *rows = out;
    return out ? prepared->port_count : 0;
}

/* Whether inference `at` continues a sequence. */
static bool continues(const hf_prepared *prepared, uint32_t at)
{
    return at > 0 && at <= prepared->further_count && prepared->further[at - 1].continues;
}

/* Bytes of the outputs of one inference in the model's own types, and how many there are. */
static size_t own_bytes(const hf_prepared *prepared, size_t *count)
{
    size_t bytes = 0;
    *count = 0;
    for (uint32_t i = 0; i < prepared->port_count; i++) {
        if (prepared->ports[i].kind != HF_MODEL_OUTPUT)
            continue;
        bytes += hf_port_own_bytes(&prepared->ports[i]);
        (*count)++;
    }
    return bytes;
}

hf_status hf_record_outputs(const hf_prepared *prepared, const hf_attempt_result *result,
                            hf_output_row **rows, size_t *count, uint8_t **values, hf_error *err)
{
    size_t outputs = 0, used = 0;
    const size_t bytes = own_bytes(prepared, &outputs);
    hf_output_row *out = calloc(outputs * result->step_count + 1, sizeof *out);
    uint8_t *at = malloc(bytes * result->step_count + 1);
    int32_t input = -1, step = 0;
    if (!out || !at) {
        free(out);
        free(at);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to record the outputs of %u inferences",
                          result->step_count);
    }
    *rows = out;
    *values = at;
    for (uint32_t i = 0; i < result->step_count; i++) {
        const int8_t *tensor = (const int8_t *)result->outputs + (size_t)i * result->output_bytes;
        step = continues(prepared, i) ? step + 1 : 0;
        input += step == 0;
        for (uint32_t p = 0; p < prepared->port_count; p++) {
            const hf_model_port *port = &prepared->ports[p];
            if (port->kind != HF_MODEL_OUTPUT)
                continue;
            hf_port_export(port, tensor, at);
            out[used++] = (hf_output_row){.inference = (int32_t)i,
                                          .input = input,
                                          .step = step,
                                          .port = (int32_t)p,
                                          .values = at,
                                          .value_bytes = hf_port_own_bytes(port)};
            at += hf_port_own_bytes(port);
        }
    }
    *count = used;
    return HF_OK;
}
