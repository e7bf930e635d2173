/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer harness for the parser of model names: an accepted variation must survive a round trip through
 * its canonical name. */
#include <stdlib.h>
#include <string.h>

#include "families/families.h"
#include "graph/graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    hf_variation parsed, again;
    hf_error err;
    hf_error_clear(&err);
    hf_status status = hf_variation_parse(text, &parsed, &err);
    free(text);
    if (status) {
        require(err.status == status && err.message[0] != '\0');
        return 0;
    }
    char name[HF_VARIATION_NAME_SIZE];
    require(hf_variation_name(&parsed, name, NULL) == HF_OK);
    require(hf_variation_parse(name, &again, NULL) == HF_OK);
    require(again.set == parsed.set && again.family == parsed.family);
    for (int i = 0; i < HF_FACTOR_COUNT; i++)
        require(again.factors[i] == parsed.factors[i]);

    hf_graph *graph;
    if (hf_variation_build(&parsed, &graph, &err) == HF_OK)
        hf_graph_free(graph);
    else
        require(err.message[0] != '\0');
    return 0;
}
