/* SPDX-License-Identifier: Apache-2.0 */
/* Reads any bytes as an entry of the cache of prepared variations, and as a file of a cache. What is accepted as an
 * entry must be written again as the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../orchestrator/farm/prepare_entry.h"
#include "cache_file.h"
#include "graph/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* A graph of two nodes. */
static hf_graph *new_graph(void)
{
    hf_graph *graph = NULL;
    int32_t tensor = 0;
    hf_node node = {.op = HF_OP_RESHAPE, .name = "flatten", .input_count = 1};
    require(hf_graph_new("fuzz", 4, 4, 3, &graph, NULL) == HF_OK);
    node.inputs[0] = graph->input;
    require(hf_graph_add(graph, &node, 0, &tensor, NULL) == HF_OK);
    node.inputs[0] = tensor;
    require(hf_graph_add(graph, &node, 0, &tensor, NULL) == HF_OK);
    require(hf_graph_finish(graph, tensor, NULL) == HF_OK);
    return graph;
}

static void check_entry(const hf_graph *graph, const hf_prepared *read, const uint8_t *bytes, size_t size)
{
    for (uint32_t i = 0; i < read->image.op_count; i++)
        require(read->image.ops[i].node >= 0 && read->image.ops[i].node < graph->node_count);
    hf_buffer again = HF_BUFFER_INIT;
    hf_prepare_entry_encode(read, &again);
    require(!again.failed && again.size == size);
    require(memcmp(again.data, bytes, 4) == 0 && memcmp((uint8_t *)again.data + 8, bytes + 8, size - 8) == 0);
    hf_buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static hf_graph *graph;
    if (!graph)
        graph = new_graph();
    hf_prepared read = {.graph = graph};
    if (hf_prepare_entry_decode(bytes, size, &read))
        check_entry(graph, &read, bytes, size);
    read.graph = NULL;
    hf_prepared_free(&read);
    size_t offset = 0;
    if (hf_cache_file_check("00000000000000000000000000000000000000000000000000000000000000ff", bytes, size,
                            &offset))
        require(offset <= size);
    return 0;
}
