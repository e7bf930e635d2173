/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include "base/file.h"
#include "engine_case.h"
#include "graph/ports.h"
#include "graph/values16.h"
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

/* A byte of the generator as a float, quantised to the graph's int8 or int16. */
static void put_float(const hf_model_port *port, uint8_t byte, int8_t *to)
{
    const float limit = port->value_bytes == 2 ? 32768.0f : 128.0f;
    const float real = (float)(byte - 128) / 64.0f;
    const float steps = roundf(real / port->quant.scale) + (float)port->quant.zero_point;
    const int32_t value = (int32_t)(steps < -limit ? -limit : steps > limit - 1 ? limit - 1 : steps);
    if (port->value_bytes == 2)
        hf_set_value16(to, 0, value);
    else
        *to = (int8_t)value;
}

/* An input of the model from the generator: floats, or bytes. */
static void make_input(generator *g, const hf_model_port *port, int8_t *to)
{
    const uint8_t flip = strcmp(port->type, "uint8") == 0 ? 0x80 : 0;
    for (int32_t i = 0; i < port->bytes; i += is_float(port) ? port->value_bytes : 1) {
        const uint8_t byte = next_byte(g);
        if (is_float(port))
            put_float(port, byte, to + i);
        else
            to[i] = (int8_t)(uint8_t)(byte ^ flip);
    }
}

/* Bytes of an output of the model. */
static size_t output_bytes(const hf_model_port *port)
{
    return is_float(port) ? 4 * (size_t)(port->bytes / port->value_bytes) : (size_t)port->bytes;
}

static float dequantised(const hf_model_port *port, const int8_t *values, int32_t i)
{
    const int32_t value = port->value_bytes == 2 ? hf_value16(values, i) : values[i];
    return port->quant.scale * (float)(value - port->quant.zero_point);
}

/* The float operator behind an output is computed here, with a tolerance: it is not part of what a board runs. */
static void check_log_softmax(const hf_model_port *port, const int8_t *values, const uint8_t *expected)
{
    double sum = 0;
    assert_int_equal(port->value_bytes, 1);
    for (int32_t i = 0; i < port->bytes; i++)
        sum += exp((double)dequantised(port, values, i));
    for (int32_t i = 0; i < port->bytes; i++) {
        float wanted;
        memcpy(&wanted, expected + 4 * (size_t)i, sizeof wanted);
        assert_true(fabs((double)dequantised(port, values, i) - log(sum) - (double)wanted) < 1e-4);
    }
}

static void check_output(const char *model, uint32_t step, const hf_model_port *port, const int8_t *values,
                         const uint8_t *expected)
{
    if (port->float_tail && strcmp(port->float_tail, "LOG_SOFTMAX") == 0) {
        check_log_softmax(port, values, expected);
        return;
    }
    const int32_t count = is_float(port) ? port->bytes / port->value_bytes : port->bytes;
    for (int32_t i = 0; i < count; i++) {
        bool same;
        if (is_float(port)) {
            const float made = dequantised(port, values, i);
            float wanted;
            memcpy(&wanted, expected + 4 * (size_t)i, sizeof wanted);
            same = made == wanted;
        } else {
            const uint8_t flip = strcmp(port->type, "uint8") == 0 ? 0x80 : 0;
            same = (uint8_t)((uint8_t)values[i] ^ flip) == expected[i];
        }
        if (!same)
            fail_msg("%s, inference %u: output value %d differs", model, step, i);
    }
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
                make_input(&g, &graph->ports[p], input + graph->ports[p].offset);
        engine_case_compare(graph, &c, input);
        const int8_t *output = engine_case_output(&c);
        for (int32_t p = 0; p < graph->port_count; p++) {
            const hf_model_port *port = &graph->ports[p];
            if (port->kind != HF_MODEL_OUTPUT)
                continue;
            const size_t bytes = output_bytes(port);
            assert_true(at + bytes <= expected_bytes);
            check_output(model, step, port, output + port->offset, expected + at);
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
