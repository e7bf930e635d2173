/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"
#include "random_graph.h"
#include "tflite/tflite.h"

/* Models of one operator with random attributes, as hilfarm writes them to .tflite files: read back, compiled, and every layer
 * compared with the reference interpreter. */

#define MODELS_PER_OPERATOR 6

static void run(random_source *r, const hf_graph *graph)
{
    engine_case c;
    engine_case_open(&c, graph);
    int8_t *input = malloc(c.model.input_bytes);
    assert_non_null(input);
    random_input(r, input, c.model.input_bytes);
    engine_case_compare(graph, &c, input);
    free(input);
    engine_case_close(&c);
}

/* @return whether TensorFlow Lite has a form of the graph; it must run then */
static bool check(random_source *r, hf_graph *graph)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_graph *read = NULL;
    hf_error err = {0};
    hf_status status = hf_tflite_write(graph, &bytes, &size, &err);
    hf_graph_free(graph);
    if (status == HF_EUNSUPPORTED)
        return false;
    if (status || hf_tflite_read("single", bytes, size, &read, &err))
        fail_msg("%s", err.message);
    free(bytes);
    run(r, read);
    hf_graph_free(read);
    return true;
}

static void models_of_one_operator(void **state)
{
    (void)state;
    random_source r = {140};
    int total = 0;
    for (hf_op op = HF_OP_CONV2D; op < HF_OP_COUNT; op++) {
        int exact = 0;
        for (int tries = 0; exact < MODELS_PER_OPERATOR && tries < 100 && op != HF_OP_LSTM; tries++)
            exact += check(&r, random_single(&r, op, RANDOM_USUAL));
        if (exact < MODELS_PER_OPERATOR && op != HF_OP_LSTM) /* which is not written */
            fail_msg("%s: only %d models", hf_op_name(op), exact);
        total += exact;
    }
    printf("%d models of one operator are exact\n", total);
    assert_true(total >= 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(models_of_one_operator)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
