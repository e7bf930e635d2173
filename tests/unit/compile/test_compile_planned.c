/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling with a plan that was made before the graph had weights gives the same image as without one. */
#include "hf_test.h"

#include "compile/compile.h"
#include "engine/layout.h"
#include "families/families.h"
#include "graph/graph.h"
#include "random_graph.h"
#include "weights/weights.h"

static bool same_image(const hf_image *a, const hf_image *b)
{
    return a->size == b->size && a->arena_bytes == b->arena_bytes && a->op_count == b->op_count &&
           memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void families_give_the_same_image(void **state)
{
    (void)state;
    static const char *const names[] = {
        "mobilenetv1_0.25_48_c3_o2_l2",
        "mobilenetv2_0.25_32_c3_o2_t5l64",
        "mobilenetv3smallSQ_0.3_54_c3_o2_l32pl64",
        "shufflenetv1_0.25_32_c3_o2_g3",
        "shufflenetv2_0.1_32_c3_o2_l64.GAP",
    };
    for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
        const hf_compile_options options = {.objective = i % 2 ? HF_OBJECTIVE_RAM : HF_OBJECTIVE_TIME};
        hf_variation variation;
        hf_graph *graph = NULL;
        hf_image_plan *plan = NULL;
        hf_image_forecast planned = {0}, forecast = {0};
        hf_image with = {0}, without = {0};
        hf_error err = {0};
        assert_int_equal(hf_variation_parse(names[i / 2], &variation, &err), HF_OK);
        assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_OK);
        assert_int_equal(hf_image_plan_make(graph, &options, &plan, &planned, &err), HF_OK);
        assert_int_equal(hf_forecast(graph, &options, false, &forecast, &err), HF_OK);
        assert_memory_equal(&planned, &forecast, sizeof planned);
        assert_int_equal(hf_weights_generate(graph, 1, &err), HF_OK);
        assert_int_equal(hf_compile_planned(graph, plan, &with, &err), HF_OK);
        assert_int_equal(hf_compile_for(graph, &options, &without, &err), HF_OK);
        assert_true(same_image(&with, &without));
        assert_int_equal(with.arena_bytes, planned.arena_bytes);
        hf_image_free(&with);
        hf_image_free(&without);
        hf_image_plan_free(plan);
        hf_graph_free(graph);
    }
}

/* Planned while all tensors have the same quantisation, so that no concatenation needs tables, and compiled with
 * quantisations that differ. */
static void other_quantisations_are_planned_again(void **state)
{
    (void)state;
    const hf_compile_options options = {.objective = HF_OBJECTIVE_TIME};
    random_source r = {12};
    int compiled = 0, planned_again = 0;
    for (int i = 0; i < 200; i++) {
        hf_graph *graph = random_network(&r, random_between(&r, 1, 12));
        hf_quant *quants = calloc((size_t)graph->tensor_count, sizeof *quants);
        assert_non_null(quants);
        for (int32_t t = 0; t < graph->tensor_count; t++) {
            quants[t] = graph->tensors[t].quant;
            graph->tensors[t].quant = (hf_quant){.scale = 1};
        }
        hf_image_plan *plan = NULL;
        hf_image_forecast forecast = {0};
        hf_image with = {0}, without = {0};
        assert_int_equal(hf_image_plan_make(graph, &options, &plan, &forecast, NULL), HF_OK);
        for (int32_t t = 0; t < graph->tensor_count; t++)
            graph->tensors[t].quant = quants[t];
        free(quants);
        const hf_status status = hf_compile_for(graph, &options, &without, NULL);
        assert_int_equal(hf_compile_planned(graph, plan, &with, NULL), status);
        if (status == HF_OK) {
            assert_true(same_image(&with, &without));
            compiled++;
            planned_again += with.arena_bytes != forecast.arena_bytes || with.size < forecast.image_bytes_min;
        }
        hf_image_free(&with);
        hf_image_free(&without);
        hf_image_plan_free(plan);
        hf_graph_free(graph);
    }
    printf("%d networks compiled, %d of them with visibly other plans\n", compiled, planned_again);
    assert_true(compiled > 50 && planned_again > 0);
}

/* Bands of depthwise layers grow into what the arena has free: without a larger arena than the other tensors need. */
static void bands_take_what_is_free(void **state)
{
    (void)state;
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_image image = {0};
    hf_error err = {0};
    assert_int_equal(hf_variation_parse("mobilenetv1_0.25_96_c3_o2", &variation, &err), HF_OK);
    assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_OK);
    assert_int_equal(hf_weights_generate(graph, 1, &err), HF_OK);
    assert_int_equal(
        hf_compile_for(graph, &(hf_compile_options){.objective = HF_OBJECTIVE_RAM}, &image, &err), HF_OK);
    const hf_op_record *records = (const hf_op_record *)(const void *)(image.bytes + sizeof(hf_image_header));
    uint32_t grown = 0;
    for (uint32_t i = 0; i < image.op_count; i++) {
        hf_op_record least = records[i];
        if (least.op != HF_IMAGE_OP_DEPTHWISE || least.tile == 0)
            continue;
        least.tile = 0;
        grown++;
        assert_true(hf_depthwise_band_rows(&records[i]) > hf_depthwise_band_rows(&least));
        assert_true(records[i].extra_offset + hf_record_scratch_bytes(&records[i]) <= image.arena_bytes);
    }
    assert_in_range(grown, 2, 8); /* most layers of this network are small */
    hf_image_free(&image);
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_give_the_same_image),
        cmocka_unit_test(other_quantisations_are_planned_again),
        cmocka_unit_test(bands_take_what_is_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
