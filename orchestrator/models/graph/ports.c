/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/ports.h"

#include <math.h>
#include <string.h>

static hf_model_port whole_tensor(const hf_tensor *tensor, hf_model_port_kind kind)
{
    return (hf_model_port){.kind = kind,
                           .type = "int8",
                           .height = tensor->height,
                           .width = tensor->width,
                           .channels = tensor->channels,
                           .quant = tensor->quant,
                           .bytes = (int32_t)hf_tensor_bytes(tensor)};
}

int32_t hf_ports_count(const hf_graph *graph)
{
    return graph->port_count ? graph->port_count : 2;
}

hf_model_port hf_ports_get(const hf_graph *graph, int32_t at)
{
    if (graph->port_count)
        return graph->ports[at];
    return at == 0 ? whole_tensor(&graph->tensors[graph->input], HF_MODEL_INPUT)
                   : whole_tensor(&graph->tensors[graph->output], HF_MODEL_OUTPUT);
}

size_t hf_ports_inputs_end(const hf_graph *graph)
{
    size_t end = 0;
    for (int32_t i = 0; i < hf_ports_count(graph); i++) {
        const hf_model_port port = hf_ports_get(graph, i);
        const size_t port_end = (size_t)port.offset + (size_t)port.bytes;
        if (port.kind == HF_MODEL_INPUT && port_end > end)
            end = port_end;
    }
    return end;
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

size_t hf_port_values(const hf_model_port *port)
{
    return (size_t)port->height * (size_t)port->width * (size_t)port->channels;
}

static bool is_float(const hf_model_port *port)
{
    return strcmp(port->type, "float32") == 0;
}

static bool is_uint8(const hf_model_port *port)
{
    return strcmp(port->type, "uint8") == 0;
}

/* Bytes of a value in the tensor: 1 or 2. */
static size_t stored_bytes(const hf_model_port *port)
{
    return (size_t)port->bytes / hf_port_values(port);
}

size_t hf_port_own_bytes(const hf_model_port *port)
{
    return is_float(port) ? hf_port_values(port) * sizeof(float) : (size_t)port->bytes;
}

static float dequantised(const hf_model_port *port, const int8_t *values, size_t at)
{
    int16_t wide = 0;
    const bool is_wide = stored_bytes(port) == sizeof wide;
    if (is_wide)
        memcpy(&wide, values + at * sizeof wide, sizeof wide);
    const int32_t value = is_wide ? wide : values[at];
    return port->quant.scale * (float)(value - port->quant.zero_point);
}

void hf_port_export(const hf_model_port *port, const int8_t *tensor, uint8_t *own)
{
    const int8_t *values = tensor + port->offset;
    const uint8_t flip = is_uint8(port) ? 0x80 : 0;
    for (size_t i = 0; is_float(port) && i < hf_port_values(port); i++) {
        const float value = dequantised(port, values, i);
        memcpy(own + i * sizeof value, &value, sizeof value);
    }
    for (size_t i = 0; !is_float(port) && i < (size_t)port->bytes; i++)
        own[i] = (uint8_t)((uint8_t)values[i] ^ flip);
}

void hf_port_quantise(const hf_model_port *port, float value, size_t at, int8_t *tensor)
{
    const bool wide = stored_bytes(port) == sizeof(int16_t);
    const float most = wide ? INT16_MAX : INT8_MAX, least = -most - 1;
    const float steps = roundf(value / port->quant.scale) + (float)port->quant.zero_point;
    const float limited = steps < least ? least : steps > most ? most : steps;
    const int16_t quantised = (int16_t)limited;
    if (wide)
        memcpy(tensor + port->offset + at * sizeof quantised, &quantised, sizeof quantised);
    else
        tensor[(size_t)port->offset + at] = (int8_t)quantised;
}

void hf_port_import(const hf_model_port *port, const uint8_t *own, int8_t *tensor)
{
    const uint8_t flip = is_uint8(port) ? 0x80 : 0;
    for (size_t i = 0; is_float(port) && i < hf_port_values(port); i++) {
        float value;
        memcpy(&value, own + i * sizeof value, sizeof value);
        hf_port_quantise(port, value, i, tensor);
    }
    for (size_t i = 0; !is_float(port) && i < (size_t)port->bytes; i++)
        tensor[(size_t)port->offset + i] = (int8_t)(uint8_t)(own[i] ^ flip);
}
