/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "checksum/crc.h"
#include "compile/compile.h"
#include "engine/engine.h"
#include "families/families.h"
#include "graph/graph.h"
#include "target.h"
#include "tflite/tflite.h"
#include "weights/weights.h"
#include "wire.h"

static const char *const chips[] = {"stm32l4r5zi", "stm32f767zi"};
static wire w;

static void compile(const hf_graph *graph, hf_image *image)
{
    hf_error err = {0};
    if (hf_compile(graph, image, &err) != HF_OK)
        fail_msg("%s", err.message);
}

/* A small member of the MobileNet v1 family. */
static void make_variation(hf_image *image)
{
    hf_error err = {0};
    hf_variation variation;
    hf_graph *graph = NULL;
    assert_int_equal(hf_variation_parse("mobilenetv1_0.25_48_c3_o2", &variation, &err), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_OK);
    assert_int_equal(hf_weights_generate(graph, 1, &err), HF_OK);
    compile(graph, image);
    hf_graph_free(graph);
}

static uint32_t crc_field(const hf_frame *frame)
{
    uint32_t crc32 = 0;
    assert_true(hf_frame_get_hex32(frame, "crc32", &crc32));
    return crc32;
}

typedef struct layers {
    uint32_t crc32[64];
    uint32_t count;
} layers;

/* Operators in a chain compute their rows alternately, but finish in order. */
static void note_layer(void *user, const hf_layer_event *event)
{
    layers *out = user;
    assert_true(event->index < 64);
    out->crc32[event->index] = hf_layer_crc32(event, event->first_row == 0 ? 0 : out->crc32[event->index]);
    if (event->end_row == event->record->out_height)
        assert_int_equal(event->index, out->count++);
}

static size_t align_up(size_t size)
{
    return (size + 15) / 16 * 16;
}

/* The same image and input in the host's build of the engine. */
static void run_on_host(const hf_image *image, const uint8_t *input, layers *out)
{
    hf_model model;
    uint8_t *copy = aligned_alloc(16, align_up(image->size));
    assert_non_null(copy);
    memcpy(copy, image->bytes, image->size);
    assert_int_equal(hf_model_open(&model, copy, (uint32_t)image->size), HF_ENGINE_OK);
    uint8_t *arena = aligned_alloc(16, align_up(model.arena_bytes));
    assert_non_null(arena);
    memcpy(arena + model.input_offset, input, model.input_bytes);
    out->count = 0;
    const hf_layer_hooks hooks = {.after = note_layer, .user = out};
    assert_int_equal(hf_model_run(&model, arena, model.arena_bytes, &hooks), HF_ENGINE_OK);
    free(arena);
    free(copy);
}

/* Cycle counts of a run's samples and layers, in order. */
static uint32_t cycles_of_run(uint64_t *cycles)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w.count; i++)
        if (strcmp(w.frames[i].type, "sample") == 0 || strcmp(w.frames[i].type, "layer") == 0)
            cycles[count++] = wire_number(&w.frames[i], "cycles");
    return count;
}

/* A generated variation on both chips: every layer as on the host, and the same cycles at every boot. */
static void test_variation(void **state)
{
    (void)state;
    hf_image image;
    make_variation(&image);
    static uint8_t input[48 * 48 * 3];
    assert_int_equal(image.input_bytes, sizeof input);
    hf_input_generate(5, (int8_t *)input, sizeof input);
    layers host;
    run_on_host(&image, input, &host);
    for (size_t i = 0; i < 2; i++) {
        uint64_t first[WIRE_MAX_FRAMES] = {0}, cycles[WIRE_MAX_FRAMES] = {0};
        for (int boot = 0; boot < 2; boot++) {
            wire_open(&w, chips[i], image.bytes, image.size);
            wire_wait(&w, "boot");
            wire_ask(&w, "hello");
            assert_int_equal(crc_field(&w.frames[1]), image.crc32);
            wire_change_rate(&w, 2000000);
            wire_ask(&w, "input seed=5");
            assert_int_equal(crc_field(&w.frames[0]), hf_crc32(0, input, sizeof input));
            wire_ask(&w, "run warmup=1 runs=2 layers=1");
            for (uint32_t layer = 0; layer < host.count; layer++) {
                assert_int_equal(wire_number(&w.frames[2 + layer], "index"), layer);
                assert_int_equal(crc_field(&w.frames[2 + layer]), host.crc32[layer]);
            }
            uint32_t count = cycles_of_run(boot ? cycles : first);
            assert_int_equal(count, 2 + host.count);
            for (uint32_t n = 0; n < count; n++)
                assert_true(boot ? cycles[n] == first[n] : first[n] > 0);
            assert_in_range(wire_number(&w.frames[2 + host.count], "stack_bytes"), 64, 3072);
            wire_close(&w);
        }
    }
    hf_image_free(&image);
}

/* The board executes as many instructions as the engine's benchmark counts, plus reading the counters. */
static void test_instructions_equal_the_benchmarks(void **state)
{
    (void)state;
    enum { READING_COUNTERS_MAX = 100 };
    hf_image image;
    hf_model model;
    hf_error err = {0};
    make_variation(&image);
    assert_int_equal(hf_model_open(&model, image.bytes, (uint32_t)image.size), HF_ENGINE_OK);
    wire_open(&w, "stm32l4r5zi", image.bytes, image.size);
    wire_wait(&w, "boot");
    wire_ask(&w, "hello");
    wire_ask(&w, "input seed=5");
    wire_ask(&w, "run warmup=0 runs=1 layers=0");
    const uint64_t on_board = wire_number(&w.frames[0], "instructions");
    wire_close(&w);

    int8_t *input = malloc(image.input_bytes);
    assert_non_null(input);
    hf_input_generate(5, input, image.input_bytes);
    const engine_target_job job = {
        .image = image.bytes,
        .image_bytes = image.size,
        .arena_bytes = model.arena_bytes,
        .input_offset = model.input_offset,
        .input_bytes = model.input_bytes,
        .output_offset = model.output_offset,
        .output_bytes = model.output_bytes,
        .input = input,
    };
    engine_target *target = NULL;
    engine_target_result result = {0};
    if (engine_target_new(HARNESS_BINARY, &target, &err) || engine_target_run(target, &job, &result, &err))
        fail_msg("%s", err.message);
    assert_in_range(on_board, result.instructions + 1, result.instructions + READING_COUNTERS_MAX);
    engine_target_result_free(&result);
    engine_target_free(target);
    free(input);
    hf_image_free(&image);
}

/* An image with any changed bit is rejected, and nothing runs. */
static void test_damaged_image(void **state)
{
    (void)state;
    hf_image image;
    make_variation(&image);
    image.bytes[image.size / 2] ^= 0x10;
    wire_open(&w, chips[0], image.bytes, image.size);
    wire_wait(&w, "boot");
    wire_ask(&w, "hello");
    assert_string_equal(wire_text(&w.frames[1], "state"), "bad");
    assert_string_equal(wire_text(wire_request(&w, "input seed=1"), "code"), "model");
    assert_string_equal(wire_text(wire_request(&w, "run runs=1"), "code"), "model");
    wire_close(&w);
    hf_image_free(&image);
}

/* A file of the shared folder, to be freed. NULL if it does not exist. */
static uint8_t *load(const char *relative, size_t *size)
{
    const char *path = hf_test_shared(relative);
    hf_error err = {0};
    uint8_t *data = NULL;
    if (path && hf_file_read(path, 4U << 20, &data, size, &err) != HF_OK)
        fail_msg("%s", err.message);
    return data;
}

/* One golden input: its output, and every layer for which the folder has one. */
static void check_golden(const hf_graph *graph, const hf_image *image, const char *model, const char *part,
                         bool has_layers)
{
    size_t input_size = 0, output_size = 0;
    char relative[256];
    snprintf(relative, sizeof relative, "golden/%s%s.in", model, part);
    uint8_t *input = load(relative, &input_size);
    snprintf(relative, sizeof relative, "golden/%s%s.out", model, part);
    uint8_t *output = load(relative, &output_size);
    assert_non_null(input);
    assert_non_null(output);
    assert_int_equal(input_size, image->input_bytes);
    assert_int_equal(output_size, image->output_bytes);
    wire_stage(&w, input, input_size);
    wire_ask(&w, "run warmup=1 runs=1 layers=1");
    for (uint32_t i = 0; has_layers && i < image->op_count; i++) {
        size_t size = 0;
        const int32_t node = image->ops[i].node;
        snprintf(relative, sizeof relative, "golden/%s%s.layers/layer%02d.bin", model, part, node);
        uint8_t *layer = load(relative, &size);
        assert_non_null(layer);
        assert_int_equal(size,
                         hf_image_op_bytes(graph, image, i)); /* every operator computes all of its output */
        if (crc_field(&w.frames[1 + i]) != hf_crc32(0, layer, size))
            fail_msg("%s%s: layer %d differs", model, part, node);
        free(layer);
    }
    assert_int_equal(crc_field(&w.frames[w.count - 2]), hf_crc32(0, output, output_size));
    char body[64];
    snprintf(body, sizeof body, "read offset=0 bytes=%zu", output_size);
    wire_ask(&w, body);
    uint8_t got[HF_FRAME_DATA_BYTES];
    size_t got_size = sizeof got;
    assert_true(hf_frame_get_bytes(&w.frames[0], "data", got, &got_size));
    assert_int_equal(got_size, output_size);
    assert_memory_equal(got, output, output_size);
    free(output);
    free(input);
}

static void check_model(const char *name)
{
    size_t size = 0;
    char relative[256];
    snprintf(relative, sizeof relative, "models/%s.tflite", name);
    uint8_t *file = load(relative, &size);
    if (!file)
        skip();
    hf_error err = {0};
    hf_graph *graph = NULL;
    if (hf_tflite_read(name, file, size, &graph, &err) != HF_OK)
        fail_msg("%s", err.message);
    free(file);
    hf_image image;
    compile(graph, &image);
    for (size_t i = 0; i < 2; i++) {
        wire_open(&w, chips[i], image.bytes, image.size);
        wire_wait(&w, "boot");
        wire_ask(&w, "hello");
        wire_change_rate(&w, 2000000);
        check_golden(graph, &image, name, "", true);
        check_golden(graph, &image, name, ".smooth", true);
        check_golden(graph, &image, name, ".seed2", false);
        wire_close(&w);
    }
    hf_image_free(&image);
    hf_graph_free(graph);
}

static void test_vww_golden(void **state)
{
    (void)state;
    check_model("vww_96_int8");
}

static void test_kws_golden(void **state)
{
    (void)state;
    check_model("kws_ref_model");
}

/* Bytes that arrive while the firmware is busy are lost, and it counts them. */
static void test_lost_bytes_are_counted(void **state)
{
    (void)state;
    static const char junk[] =
        "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"; /* the last one is received and is harmless */
    hf_image image;
    make_variation(&image);
    wire_open(&w, chips[0], image.bytes, image.size);
    wire_wait(&w, "boot");
    wire_ask(&w, "hello");
    assert_int_equal(wire_number(&w.frames[0], "rx_errors"), 0);
    wire_ask(&w, "input seed=5");
    wire_ask_and(&w, "run warmup=1 runs=60", junk);
    wire_ask(&w, "hello");
    assert_in_range(wire_number(&w.frames[0], "rx_errors"), 1, sizeof junk);
    wire_close_after(&w, "a received byte is lost");
    hf_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variation),     cmocka_unit_test(test_instructions_equal_the_benchmarks),
        cmocka_unit_test(test_damaged_image), cmocka_unit_test(test_vww_golden),
        cmocka_unit_test(test_kws_golden),    cmocka_unit_test(test_lost_bytes_are_counted),
    };
    return cmocka_run_group_tests_name("firmware_models", tests, NULL, NULL);
}
