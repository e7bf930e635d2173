/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <math.h>

#include "base/file.h"
#include "checksum/crc.h"
#include "fixture.h"
#include "npy/npy.h"
#include "prepare_steps.h"
#include "weights/weights.h"

/* A model with an input of four uint8 values, one of three floats and, unless `stateless`, a state of two bytes. */
#define TENSOR_BYTES 48
#define STATE_AT     32

static const int8_t initial[] = {0x11, 0x22};

typedef struct fixture {
    void *folder;
    hf_prepared made;
    hf_prepare_request request;
    char paths[24][256]; /* of files written */
    size_t path_count;
} fixture;

static void make_graph(fixture *f, bool stateless)
{
    hf_error err = {0};
    assert_ok(hf_graph_new("m", 1, 1, TENSOR_BYTES, &f->made.graph, &err), &err);
    hf_graph *graph = f->made.graph;
    graph->port_count = stateless ? 2 : 3;
    graph->ports = calloc(3, sizeof *graph->ports);
    assert_non_null(graph->ports);
    graph->ports[0] = (hf_model_port){.kind = HF_MODEL_INPUT,
                                      .type = "uint8",
                                      .height = 1,
                                      .width = 2,
                                      .channels = 2,
                                      .bytes = 4,
                                      .quant = {1, -128}};
    graph->ports[1] = (hf_model_port){.kind = HF_MODEL_INPUT,
                                      .type = "float32",
                                      .height = 1,
                                      .width = 1,
                                      .channels = 3,
                                      .offset = 16,
                                      .bytes = 3,
                                      .quant = {0.5F, 10}};
    graph->ports[2] = (hf_model_port){.kind = HF_MODEL_STATE,
                                      .type = "int8",
                                      .height = 1,
                                      .width = 1,
                                      .channels = 2,
                                      .offset = STATE_AT,
                                      .state_offset = 5,
                                      .bytes = 2};
    if (stateless)
        return;
    graph->ports[2].initial = malloc(2);
    assert_non_null(graph->ports[2].initial);
    memcpy(graph->ports[2].initial, initial, sizeof initial);
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(fixture_folder_make(&f->folder), 0);
    f->request = (hf_prepare_request){.source = {.name = "m"}, .input_seed = 1};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    hf_prepared_free(&f->made);
    assert_int_equal(fixture_folder_remove(&f->folder), 0);
    free(f);
    return 0;
}

static const char *write_file(fixture *f, const char *name, const void *bytes, size_t size)
{
    hf_error err = {0};
    assert_true(f->path_count < 24);
    char *path = f->paths[f->path_count++];
    snprintf(path, sizeof f->paths[0], "%s", fixture_path(&f->folder, name));
    assert_ok(hf_file_write(path, bytes, size, &err), &err);
    return path;
}

static const char *write_npy(fixture *f, const char *name, hf_npy_type type, uint64_t count,
                             const void *values)
{
    hf_buffer file = HF_BUFFER_INIT;
    const hf_npy array = {.type = type, .rank = 1, .shape = {count}, .values = values};
    hf_npy_write(&array, &file);
    const char *path = write_file(f, name, file.data, file.size);
    hf_buffer_free(&file);
    return path;
}

static void make_inputs(fixture *f)
{
    hf_error err = {0};
    assert_ok(hf_prepare_inputs(&f->request, &f->made, &err), &err);
    assert_int_equal(f->made.input_bytes, TENSOR_BYTES);
    assert_int_equal(f->made.input_crc32, hf_crc32(0, f->made.input, TENSOR_BYTES));
}

/* The generator's bytes go to the inputs alone, inference after inference; the state is the initial one, then the one that
 * the inference before left. */
static void a_seed_is_a_sequence(void **state)
{
    fixture *f = *state;
    make_graph(f, false);
    f->request.seeds = (const uint32_t[]){5, 9};
    f->request.seed_count = 2;
    f->request.steps = 3;
    make_inputs(f);
    int8_t generated[21], expected[TENSOR_BYTES] = {0}, input[TENSOR_BYTES];
    const int8_t before[] = {0, 0, 0, 0, 0, 0x33, 0x44, 0};
    assert_false(f->made.input_from_seed);
    assert_int_equal(f->made.further_count, 5);
    assert_int_equal(f->made.state_count, 1);
    assert_int_equal(f->made.states[0].from, 5);
    assert_int_equal(f->made.states[0].to, STATE_AT);
    assert_int_equal(f->made.states[0].bytes, 2);
    assert_int_equal(f->made.inputs_bytes, 19);
    for (uint32_t i = 0; i < 6; i++) {
        const size_t step = i % 3;
        const int8_t *carried = step ? before + 5 : initial;
        hf_input_generate(i < 3 ? 5 : 9, generated, sizeof generated);
        memcpy(expected, generated + 7 * step, 4);
        memcpy(expected + 16, generated + 7 * step + 4, 3);
        memcpy(expected + STATE_AT, carried, sizeof initial);
        if (i == 0) {
            assert_memory_equal(f->made.input, expected, TENSOR_BYTES);
            continue;
        }
        assert_int_equal(f->made.further[i - 1].continues, step > 0);
        hf_prepared_further_input(&f->made, i - 1, before, input);
        assert_memory_equal(input, expected, TENSOR_BYTES);
        if (step == 0)
            assert_int_equal(f->made.further[i - 1].input_crc32, hf_crc32(0, expected, TENSOR_BYTES));
    }
}

/* Without states a board generates its input itself. */
static void a_seed_is_an_input(void **state)
{
    fixture *f = *state;
    make_graph(f, true);
    f->request.seeds = (const uint32_t[]){5, 9};
    f->request.seed_count = 2;
    f->request.steps = 3;
    make_inputs(f);
    int8_t generated[TENSOR_BYTES], input[TENSOR_BYTES];
    assert_true(f->made.input_from_seed);
    assert_int_equal(f->made.further_count, 1);
    assert_int_equal(f->made.input_seed, 5);
    assert_int_equal(f->made.further[0].input_seed, 9);
    assert_null(f->made.further[0].input);
    hf_input_generate(9, generated, sizeof generated);
    hf_prepared_further_input(&f->made, 0, NULL, input);
    assert_memory_equal(input, generated, TENSOR_BYTES);
    assert_int_equal(f->made.further[0].input_crc32, hf_crc32(0, generated, TENSOR_BYTES));
}

static void check_values(const int8_t *input, const int8_t first[4], const int8_t second[3])
{
    assert_memory_equal(input, first, 4);
    assert_memory_equal(input + 16, second, 3);
}

/* Raw values and arrays, of the model's own types, to be quantised, and quantised already. */
static void files_hold_values(void **state)
{
    fixture *f = *state;
    make_graph(f, true);
    uint8_t raw[2 * 16];
    const float floats[] = {0, -1e9F, 0.75F, 0.25F, 1e9F, -0.25F};
    const int8_t quantised[][3] = {{10, -128, 12},
                                   {11, 127, 9}}; /* 1.5 and 0.5 steps are rounded away from zero */
    for (size_t i = 0; i < 2; i++) {
        const uint8_t bytes[] = {0, 127, 128, 255};
        memcpy(raw + 16 * i, bytes, 4);
        memcpy(raw + 16 * i + 4, floats + 3 * i, 12);
    }
    const int8_t flipped[] = {-128, -1, 0, 127};
    const uint8_t eight[] = {0, 127, 128, 255, 0, 127, 128, 255};
    const double doubles[] = {0, -1e300, 0.75, 0.25, 1e300, -0.25};
    const float reals[] = {0, 127, 128, 255, 0, 127, 128, 255};
    const char *whole = write_file(f, "whole.bin", raw, sizeof raw);
    const char *a = write_npy(f, "a.npy", HF_NPY_UINT8, 8, eight);
    const char *b = write_npy(f, "b.npy", HF_NPY_FLOAT64, 6, doubles);
    const char *c = write_npy(f, "c.npy", HF_NPY_FLOAT32, 8, reals);
    const char *d = write_npy(f, "d.npy", HF_NPY_INT8, 6, quantised);
    const char *e = write_file(f, "e.bin", floats, sizeof floats);
    const hf_spec_input inputs[] = {{(const char *const[]){whole}, 1},
                                    {(const char *const[]){a, b}, 2},
                                    {(const char *const[]){c, d}, 2},
                                    {(const char *const[]){a, e}, 2}};
    f->request.inputs = inputs;
    f->request.input_count = 4;
    make_inputs(f);
    assert_false(f->made.input_from_seed);
    assert_int_equal(f->made.further_count, 7);
    check_values((const int8_t *)f->made.input, flipped, quantised[0]);
    for (uint32_t i = 0; i < 7; i++) {
        assert_false(f->made.further[i].continues);
        check_values((const int8_t *)f->made.further[i].input, flipped, quantised[(i + 1) % 2]);
    }
}

/* Of a model with states, each file is a sequence. */
static void a_file_is_a_sequence(void **state)
{
    fixture *f = *state;
    make_graph(f, false);
    uint8_t raw[2 * 16] = {0};
    const char *whole = write_file(f, "whole.bin", raw, sizeof raw);
    const hf_spec_input inputs[] = {{(const char *const[]){whole}, 1}, {(const char *const[]){whole}, 1}};
    f->request.inputs = inputs;
    f->request.input_count = 2;
    make_inputs(f);
    assert_int_equal(f->made.further_count, 3);
    assert_true(f->made.further[0].continues);
    assert_false(f->made.further[1].continues);
    assert_true(f->made.further[2].continues);
    assert_memory_equal(f->made.further[1].input, f->made.input, TENSOR_BYTES);
    assert_memory_equal(f->made.input + STATE_AT, initial, sizeof initial);
}

static void bad_files_are_explained(void **state)
{
    fixture *f = *state;
    make_graph(f, true);
    const uint8_t bytes[64] = {0};
    const float with_nan[] = {0, NAN, 1};
    const struct {
        hf_spec_input input;
        const char *says;
    } cases[] = {
        {{(const char *const[]){"/nonexistent"}, 1}, "/nonexistent"},
        {{(const char *const[]){write_file(f, "odd.bin", bytes, 17)}, 1},
         "odd.bin has 17 bytes, expected 16 for each input"},
        {{(const char *const[]){write_file(f, "no.npy", bytes, 32)}, 1}, "no.npy: is not a .npy file"},
        {{(const char *const[]){write_npy(f, "one.npy", HF_NPY_UINT8, 4, bytes)}, 1},
         "one.npy is one array, but the model has 2 inputs: expected a list of 2 files"},
        {{(const char *const[]){write_npy(f, "i8.npy", HF_NPY_INT8, 4, bytes),
                                write_npy(f, "f.npy", HF_NPY_FLOAT32, 3, bytes)},
          2},
         "i8.npy has values of type int8, but the input is uint8: expected uint8, or float32"},
        {{(const char *const[]){write_npy(f, "u5.npy", HF_NPY_UINT8, 5, bytes),
                                write_npy(f, "f.npy", HF_NPY_FLOAT32, 3, bytes)},
          2},
         "u5.npy has 5 values, expected 4 (1x2x2) for each input"},
        {{(const char *const[]){write_npy(f, "u8.npy", HF_NPY_UINT8, 8, bytes),
                                write_npy(f, "f.npy", HF_NPY_FLOAT32, 3, bytes)},
          2},
         "f.npy has 1 inputs, but"},
        {{(const char *const[]){write_npy(f, "u4.npy", HF_NPY_UINT8, 4, bytes),
                                write_npy(f, "nan.npy", HF_NPY_FLOAT32, 3, with_nan)},
          2},
         "nan.npy has a value that is not a number"},
        {{(const char *const[]){write_npy(f, "u4.npy", HF_NPY_UINT8, 4, bytes),
                                write_file(f, "nan.bin", with_nan, 12)},
          2},
         "nan.bin has a value that is not a number"},
        {{(const char *const[]){write_npy(f, "u4.npy", HF_NPY_UINT8, 4, bytes), "x", "y"}, 3},
         "and 2 more files for one input, but the model has 2 inputs"},
    };
    f->request.input_count = 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_error err = {0};
        f->request.inputs = &cases[i].input;
        assert_int_not_equal(hf_prepare_inputs(&f->request, &f->made, &err), HF_OK);
        if (!strstr(err.message, cases[i].says))
            fail_msg("case %zu says '%s'", i, err.message);
        hf_prepared_drop_inputs(&f->made);
    }
}

static void too_many_inferences_are_refused(void **state)
{
    fixture *f = *state;
    make_graph(f, true);
    uint8_t *raw = calloc(1001, 16);
    assert_non_null(raw);
    const char *path = write_file(f, "many.bin", raw, (size_t)1001 * 16);
    free(raw);
    hf_error err = {0};
    f->request.inputs = &(const hf_spec_input){(const char *const[]){path}, 1};
    f->request.input_count = 1;
    assert_int_equal(hf_prepare_inputs(&f->request, &f->made, &err), HF_ELIMIT);
    assert_non_null(strstr(err.message, "more than 1000 inferences"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_seed_is_a_sequence, setup, teardown),
        cmocka_unit_test_setup_teardown(a_seed_is_an_input, setup, teardown),
        cmocka_unit_test_setup_teardown(files_hold_values, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_a_sequence, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_files_are_explained, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_inferences_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
