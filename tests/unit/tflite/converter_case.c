/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "converter_case.h"
#include "reference/reference.h"
#include "tflite/tflite.h"

hf_graph *must_read(const converter_model *m)
{
    size_t size;
    uint8_t *bytes = model_write(m, &size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_tflite_read("converted", bytes, size, &graph, &err))
        fail_msg("%s", err.message);
    free(bytes);
    return graph;
}

void must_reject(const converter_model *m, const char *words)
{
    size_t size;
    uint8_t *bytes = model_write(m, &size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    assert_int_not_equal(hf_tflite_read("converted", bytes, size, &graph, &err), HF_OK);
    assert_null(graph);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not contain \"%s\"", err.message, words);
    free(bytes);
}

void run(const hf_graph *graph, int8_t *output, size_t size)
{
    int8_t input[256];
    for (int i = 0; i < 256; i++)
        input[i] = (int8_t)i;
    hf_reference reference;
    hf_error err;
    hf_error_clear(&err);
    assert_int_equal(hf_tensor_bytes(&graph->tensors[graph->output]), size);
    if (hf_reference_run(graph, input, &reference, &err))
        fail_msg("%s", err.message);
    memcpy(output, reference.outputs[graph->tensors[graph->output].producer], size);
    hf_reference_free(&reference);
}
