/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"
#include "graph/ports.h"
#include "random_graph.h"
#include "random_stateful.h"
#include "tflite/tflite.h"

/* Models of one operator with random attributes, as hilfarm writes them to .tflite files: read back, compiled, and run for some
 * inferences. Every layer is compared with the reference interpreter, every output with that of the graph that was written. */

#define MODELS_PER_OPERATOR 6
#define INFERENCES          3

/* A graph and its input tensor, whose states carry over. */
typedef struct sequence {
    const hf_graph *graph;
    int8_t *input;
} sequence;

static sequence begin(const hf_graph *graph)
{
    sequence s = {graph, random_allocate(hf_tensor_bytes(&graph->tensors[graph->input]), 1)};
    hf_ports_begin(graph, s.input);
    return s;
}

/* The same random values into the inputs of both graphs, whose ports may be at other places. */
static void put_inputs(random_source *r, const sequence *a, const sequence *b)
{
    for (int32_t p = 0; p < hf_ports_count(a->graph); p++) {
        const hf_model_port from = hf_ports_get(a->graph, p);
        const hf_model_port to = hf_ports_get(b->graph, p);
        assert_int_equal(from.kind, to.kind);
        assert_int_equal(from.bytes, to.bytes);
        if (a->graph->port_count)
            assert_string_equal(from.type, to.type);
        if (from.kind != HF_MODEL_INPUT)
            continue;
        random_input(r, a->input + from.offset, (size_t)from.bytes);
        memcpy(b->input + to.offset, a->input + from.offset, (size_t)from.bytes);
    }
}

static void compare_outputs(const sequence *a, const int8_t *outputs_a, const sequence *b,
                            const int8_t *outputs_b)
{
    for (int32_t p = 0; p < hf_ports_count(a->graph); p++) {
        const hf_model_port from = hf_ports_get(a->graph, p);
        const hf_model_port to = hf_ports_get(b->graph, p);
        if (from.kind == HF_MODEL_OUTPUT)
            assert_memory_equal(outputs_a + from.offset, outputs_b + to.offset, (size_t)from.bytes);
    }
    hf_ports_advance(a->graph, outputs_a, a->input);
    hf_ports_advance(b->graph, outputs_b, b->input);
}

static void run(random_source *r, const hf_graph *written, const hf_graph *read)
{
    engine_case c;
    sequence a = begin(written);
    sequence b = begin(read);
    engine_case_open(&c, read);
    for (int i = 0; i < INFERENCES; i++) {
        hf_reference reference;
        hf_error err = {0};
        put_inputs(r, &a, &b);
        if (hf_reference_run(written, a.input, &reference, &err))
            fail_msg("%s", err.message);
        engine_case_compare(read, &c, b.input);
        compare_outputs(&a, reference.outputs[written->tensors[written->output].producer], &b,
                        engine_case_output(&c));
        hf_reference_free(&reference);
    }
    engine_case_close(&c);
    free(a.input);
    free(b.input);
}

/* @param graph freed @return whether TensorFlow Lite has a form of the graph; it must run then */
static bool check(random_source *r, hf_graph *graph)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    hf_graph *read = NULL;
    hf_error err = {0};
    hf_status status = hf_tflite_write(graph, &bytes, &size, &err);
    if (status == HF_EUNSUPPORTED) {
        hf_graph_free(graph);
        return false;
    }
    if (!status)
        status = hf_tflite_read("single", bytes, size, &read, &err);
    free(bytes);
    if (status || !read) {
        fail_msg("%s", err.message);
        return false;
    }
    run(r, graph, read);
    hf_graph_free(graph);
    hf_graph_free(read);
    return true;
}

static void models_of_one_operator(void **state)
{
    (void)state;
    random_source r = {140};
    int total = 0;
    for (hf_op op = HF_OP_CONV2D; op <= HF_OP_COUNT; op++) {
        const int wanted = op < HF_OP_COUNT ? MODELS_PER_OPERATOR : 4 * MODELS_PER_OPERATOR; /* variables */
        int exact = 0;
        for (int tries = 0; exact < wanted && tries < 100; tries++)
            exact += check(&r, random_model(&r, op));
        if (exact < wanted)
            fail_msg("%s: only %d models", op < HF_OP_COUNT ? hf_op_name(op) : "variables", exact);
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
