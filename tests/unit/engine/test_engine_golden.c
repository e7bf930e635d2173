/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "base/file.h"
#include "engine_case.h"
#include "families/families.h"
#include "layer_rows.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

/* The golden tensors of the shared folder: every layer of every input there, through compiler and engine. */

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

static bool load(const char *relative, bytes *out)
{
    const char *path = hf_test_shared(relative);
    if (!path)
        return false;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    out->data = malloc(1 << 20);
    assert_non_null(out->data);
    out->size = fread(out->data, 1, 1 << 20, file);
    fclose(file);
    return true;
}

typedef struct golden {
    const engine_case *c;
    const char *folder;
    uint32_t compared;
} golden;

static void compare_layer(void *user, const hf_layer_event *event)
{
    golden *g = user;
    const hf_op_record *r = event->record;
    const size_t row_bytes = layer_row_bytes(r);
    const uint32_t rows = event->end_row - event->first_row;
    char path[256];
    snprintf(path, sizeof path, "golden/%s/layer%02d.bin", g->folder, g->c->image.ops[event->index].node);
    bytes expected = {0};
    assert_true(load(path, &expected));
    assert_int_equal(r->out_height * row_bytes, expected.size);
    int8_t *made = calloc(rows, row_bytes);
    if (!made || !expected.data) {
        free(made);
        fail_msg("no memory for %u rows", rows);
        return;
    }
    layer_rows_copy(r, event->output, rows, made);
    if (memcmp(made, expected.data + event->first_row * row_bytes, rows * row_bytes) != 0)
        fail_msg("%s differs in rows %u .. %u", path, event->first_row, event->end_row - 1);
    free(made);
    free(expected.data);
    g->compared += event->end_row == r->out_height;
}

static void check_input(const hf_graph *graph, engine_case *c, const char *model, const char *suffix,
                        const char *layers)
{
    char path[256];
    bytes input = {0};
    bytes output = {0};
    snprintf(path, sizeof path, "golden/%s%s.in", model, suffix);
    assert_true(load(path, &input));
    snprintf(path, sizeof path, "golden/%s%s.out", model, suffix);
    assert_true(load(path, &output));
    assert_int_equal(input.size, c->model.input_bytes);
    assert_int_equal(output.size, c->model.output_bytes);

    golden g = {c, layers, 0};
    hf_layer_hooks hooks = {.after = compare_layer, .user = &g};
    engine_case_run(c, (const int8_t *)input.data, layers ? &hooks : NULL);
    assert_memory_equal(engine_case_output(c), output.data, output.size);
    assert_int_equal(g.compared, layers ? c->model.op_count : 0);
    engine_case_compare(graph, c, (const int8_t *)input.data);
    free(input.data);
    free(output.data);
}

static void check_model(const char *model)
{
    char path[256];
    snprintf(path, sizeof path, "models/%s.tflite", model);
    bytes file = {0};
    if (!load(path, &file))
        skip();
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_tflite_read(model, file.data, file.size, &graph, &err))
        fail_msg("%s", err.message);
    free(file.data);
    engine_case c;
    engine_case_open(&c, graph);
    char layers[128];
    snprintf(layers, sizeof layers, "%s.layers", model);
    check_input(graph, &c, model, "", layers);
    check_input(graph, &c, model, ".seed2", NULL);
    snprintf(layers, sizeof layers, "%s.smooth.layers", model);
    check_input(graph, &c, model, ".smooth", layers);
    printf("%s: image %zu bytes, arena %u bytes, %u operators\n", model, c.image.size, c.model.arena_bytes,
           c.model.op_count);
    engine_case_close(&c);
    hf_graph_free(graph);
}

static void vww_equals_golden_layers(void **state)
{
    (void)state;
    check_model("vww_96_int8");
}

static void kws_equals_golden_layers(void **state)
{
    (void)state;
    check_model("kws_ref_model");
}

static void check_variation(const char *name)
{
    hf_variation variation = {0};
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_variation_parse(name, &variation, &err) || hf_variation_build(&variation, &graph, &err))
        fail_msg("%s", err.message);
    uint32_t planned = 0;
    assert_int_equal(hf_plan_arena_bytes(graph, &planned, &err), HF_OK);
    if (hf_weights_generate(graph, 7, &err))
        fail_msg("%s", err.message);
    engine_case c;
    engine_case_open(&c, graph);
    assert_int_equal(c.model.arena_bytes, planned);
    int8_t *input = malloc(c.model.input_bytes);
    assert_non_null(input);
    for (uint32_t seed = 1; seed <= 2; seed++) {
        hf_input_generate(seed, input, c.model.input_bytes);
        engine_case_compare(graph, &c, input);
    }
    free(input);
    engine_case_close(&c);
    hf_graph_free(graph);
}

static void generated_variations_equal_reference(void **state)
{
    (void)state;
    check_variation("mobilenetv1_0.25_96_c3_o2");
    check_variation("mobilenetv1_0.1_33_c1_o10");
    check_variation("mobilenetv1_0.3_47_c3_o5_l1ll30pl70b0.3");
    check_variation("mobilenetv1_0.7_64_c3_o2_l2ll32pl64b0.3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vww_equals_golden_layers),
        cmocka_unit_test(kws_equals_golden_layers),
        cmocka_unit_test(generated_variations_equal_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
