/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include "base/file.h"
#include "engine_case.h"
#include "graph/ports.h"
#include "tflite/tflite.h"

/*
 * Public models of the shared folder: sequences of inferences, whose states carry over, through compiler and engine.
 * Every layer is compared with the reference interpreter, every output with TensorFlow Lite Micro's.
 */

typedef struct generator {
    uint32_t state;
} generator;

static uint8_t next_byte(generator *g)
{
    g->state = g->state * 1664525U + 1013904223U;
    return (uint8_t)(g->state >> 24);
}

static bool is_float(const hf_model_port *port)
{
    return strcmp(port->type, "float32") == 0;
}

/* An input of the model from the generator: its bytes, or a byte for each float. */
static void make_input(generator *g, const hf_model_port *port, int8_t *tensor)
{
    const uint8_t flip = strcmp(port->type, "uint8") == 0 ? 0x80 : 0;
    for (size_t i = 0; is_float(port) && i < hf_port_values(port); i++)
        hf_port_quantise(port, (float)(next_byte(g) - 128) / 64.0f, i, tensor);
    for (int32_t i = 0; !is_float(port) && i < port->bytes; i++)
        tensor[port->offset + i] = (int8_t)(uint8_t)(next_byte(g) ^ flip);
}

static float float_at(const uint8_t *bytes, size_t i)
{
    float value;
    memcpy(&value, bytes + i * sizeof value, sizeof value);
    return value;
}

/* The float operator behind an output is computed here, with a tolerance: it is not part of what a board runs. */
static void check_log_softmax(const hf_model_port *port, const uint8_t *made, const uint8_t *expected)
{
    double sum = 0;
    for (size_t i = 0; i < hf_port_values(port); i++)
        sum += exp((double)float_at(made, i));
    for (size_t i = 0; i < hf_port_values(port); i++)
        assert_true(fabs((double)float_at(made, i) - log(sum) - (double)float_at(expected, i)) < 1e-4);
}

static void check_output(const char *model, uint32_t step, const hf_model_port *port, const int8_t *tensor,
                         const uint8_t *expected)
{
    const size_t bytes = hf_port_own_bytes(port);
    uint8_t *made = malloc(bytes);
    if (!made) {
        fail_msg("no memory for %zu bytes", bytes);
        return;
    }
    hf_port_export(port, tensor, made);
    if (port->float_tail && strcmp(port->float_tail, "LOG_SOFTMAX") == 0)
        check_log_softmax(port, made, expected);
    else if (memcmp(made, expected, bytes) != 0)
        fail_msg("%s, inference %u: an output differs", model, step);
    free(made);
}

static void run_sequence(const char *model, const hf_graph *graph, uint32_t inferences,
                         const uint8_t *expected, size_t expected_bytes)
{
    engine_case c;
    generator g = {1};
    size_t at = 0;
    int8_t *input = calloc(1, (size_t)hf_tensor_bytes(&graph->tensors[graph->input]));
    assert_non_null(input);
    engine_case_open(&c, graph);
    hf_ports_begin(graph, input);
    for (uint32_t step = 0; step < inferences; step++) {
        for (int32_t p = 0; p < graph->port_count; p++)
            if (graph->ports[p].kind == HF_MODEL_INPUT)
                make_input(&g, &graph->ports[p], input);
        engine_case_compare(graph, &c, input);
        const int8_t *output = engine_case_output(&c);
        for (int32_t p = 0; p < graph->port_count; p++) {
            const hf_model_port *port = &graph->ports[p];
            if (port->kind != HF_MODEL_OUTPUT)
                continue;
            const size_t bytes = hf_port_own_bytes(port);
            assert_true(at + bytes <= expected_bytes);
            check_output(model, step, port, output, expected + at);
            at += bytes;
        }
        hf_ports_advance(graph, output, input);
    }
    assert_int_equal(at, expected_bytes);
    printf("%s: %u inferences, image %zu bytes, arena %u bytes, %u operators\n", model, inferences,
           c.image.size, c.model.arena_bytes, c.model.op_count);
    engine_case_close(&c);
    free(input);
}

/* @return whether the model can be read; it must be exact then */
static bool check_model(const char *model, uint32_t inferences)
{
    char relative[160];
    uint8_t *expected = NULL;
    size_t expected_bytes = 0;
    hf_graph *graph = NULL;
    hf_error err = {0};
    snprintf(relative, sizeof relative, "models/public/%s.tflite", model);
    if (hf_tflite_load(model, hf_test_shared(relative), &graph, &err)) {
        printf("%s\n", err.message);
        return false;
    }
    snprintf(relative, sizeof relative, "models/public/%s.out", model);
    if (hf_file_read(hf_test_shared(relative), 1 << 24, &expected, &expected_bytes, &err))
        fail_msg("%s", err.message);
    run_sequence(model, graph, inferences, expected, expected_bytes);
    free(expected);
    hf_graph_free(graph);
    return true;
}

/* Field `index` of a line of comma-separated values, of which some are in quotation marks. */
static void field_of(const char *line, int index, char *out, size_t size)
{
    bool quoted = false;
    size_t length = 0;
    for (; *line && *line != '\n'; line++) {
        if (*line == '"')
            quoted = !quoted;
        else if (*line == ',' && !quoted)
            index--;
        else if (index == 0 && length + 1 < size)
            out[length++] = *line;
    }
    out[length] = '\0';
}

#define MODELS 19

static void public_models(void **state)
{
    (void)state;
    const char *path = hf_test_shared("models/public/index.csv");
    if (!path)
        skip();
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[1024];
    int accepted = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        char name[64], inferences[16];
        field_of(line, 0, name, sizeof name);
        field_of(line, 6, inferences, sizeof inferences);
        accepted += check_model(name, inferences[0] ? (uint32_t)strtoul(inferences, NULL, 10) : 3);
    }
    fclose(file);
    printf("%d of %d models run\n", accepted, MODELS);
    assert_int_equal(accepted, MODELS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(public_models)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
