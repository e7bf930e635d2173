/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/ports.h"

#include <string.h>

size_t hf_ports_input_bytes(const hf_graph *graph)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < graph->port_count; i++)
        bytes += graph->ports[i].kind == HF_MODEL_INPUT ? (size_t)graph->ports[i].bytes : 0;
    return graph->port_count ? bytes : (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
}

void hf_ports_pack(const hf_graph *graph, const uint8_t *inputs, int8_t *input)
{
    const size_t size = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    if (graph->port_count == 0) {
        memcpy(input, inputs, size);
        return;
    }
    memset(input, 0, size);
    for (int32_t i = 0; i < graph->port_count; i++) {
        const hf_model_port *port = &graph->ports[i];
        const uint8_t flip = strcmp(port->type, "uint8") == 0 ? 0x80 : 0;
        for (int32_t b = 0; port->kind == HF_MODEL_INPUT && b < port->bytes; b++)
            input[port->offset + b] = (int8_t)(uint8_t)(*inputs++ ^ flip);
    }
    hf_ports_begin(graph, input);
}

bool hf_ports_stateful(const hf_graph *graph)
{
    for (int32_t i = 0; i < graph->port_count; i++)
        if (graph->ports[i].kind == HF_MODEL_STATE)
            return true;
    return false;
}

void hf_ports_begin(const hf_graph *graph, int8_t *input)
{
    for (int32_t i = 0; i < graph->port_count; i++)
        if (graph->ports[i].kind == HF_MODEL_STATE)
            memcpy(input + graph->ports[i].offset, graph->ports[i].initial, (size_t)graph->ports[i].bytes);
}

void hf_ports_advance(const hf_graph *graph, const int8_t *output, int8_t *input)
{
    for (int32_t i = 0; i < graph->port_count; i++)
        if (graph->ports[i].kind == HF_MODEL_STATE)
            memcpy(input + graph->ports[i].offset, output + graph->ports[i].state_offset,
                   (size_t)graph->ports[i].bytes);
}
