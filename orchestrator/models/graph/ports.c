/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/ports.h"

#include <string.h>

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
