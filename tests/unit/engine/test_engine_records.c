/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "checksum/crc.h"
#include "engine/format.h"
#include "engine_case.h"
#include "families/families.h"
#include "graph/graph.h"
#include "proto/frame.h"
#include "weights/weights.h"

/* Invalid records of single operators, which the engine must refuse. */

typedef struct fixture {
    hf_graph *graph;
    hf_image image;
    hf_op_record *record; /* the last operator's */
} fixture;

static int32_t append(hf_graph *graph, hf_node node, int32_t out_channels)
{
    int32_t output = 0;
    hf_error err = {0};
    snprintf(node.name, sizeof node.name, "%s", hf_op_name(node.op));
    node.kernel_height = node.kernel_width = node.stride_height = node.stride_width = 1;
    if (node.input_count == 0)
        node.input_count = 1;
    if (hf_graph_add(graph, &node, out_channels, &output, &err))
        fail_msg("%s", err.message);
    return output;
}

/* One operator on a 4x5x6 input; all quantisation alike. */
static void set_up(fixture *f, hf_node node, int32_t out_channels)
{
    hf_error err = {0};
    *f = (fixture){0};
    if (hf_graph_new("one", 4, 5, 6, &f->graph, &err))
        fail_msg("%s", err.message);
    if (node.op == HF_OP_MUL) {
        node.inputs[1] = append(f->graph, (hf_node){.op = HF_OP_MEAN}, 0);
        node.input_count = 2;
    }
    int32_t output = append(f->graph, node, out_channels);
    assert_int_equal(hf_graph_finish(f->graph, output, &err), HF_OK);
    for (int32_t t = 0; t < f->graph->tensor_count; t++)
        f->graph->tensors[t].quant = (hf_quant){0.05F, -3};
    hf_node *last = &f->graph->nodes[f->graph->node_count - 1];
    int64_t weights = hf_node_weight_count(f->graph, last);
    if (weights > 0 && out_channels > 0) {
        last->weights = calloc((size_t)weights, 1);
        last->weight_scales = calloc((size_t)out_channels, sizeof(float));
        assert_true(last->weights && last->weight_scales);
        memset(last->weights, 7, (size_t)weights);
        for (int32_t c = 0; c < out_channels; c++)
            last->weight_scales[c] = 0.01F;
    }
    if (hf_compile(f->graph, &f->image, &err))
        fail_msg("%s", err.message);
    f->record = (hf_op_record *)(void *)(f->image.bytes + sizeof(hf_image_header)) + (f->image.op_count - 1);
}

static void tear_down(fixture *f)
{
    hf_image_free(&f->image);
    hf_graph_free(f->graph);
}

static hf_engine_status reopen(const fixture *f)
{
    hf_image_header *h = (hf_image_header *)(void *)f->image.bytes;
    hf_model model;
    h->crc32 = hf_crc32(0, f->image.bytes + HF_IMAGE_CRC_START, f->image.size - HF_IMAGE_CRC_START);
    return hf_model_open(&model, f->image.bytes, (uint32_t)f->image.size);
}

/* Changes a field and expects a refusal, restores it and expects success. */
#define REFUSES(f, field, value)                                                                             \
    do {                                                                                                     \
        const __typeof__(field) before = (field);                                                            \
        (field) = (__typeof__(field))(value);                                                                \
        if (reopen(f) != HF_ENGINE_STRUCTURE)                                                                \
            fail_msg("%s = %s was not refused", #field, #value);                                             \
        (field) = before;                                                                                    \
        assert_int_equal(reopen(f), HF_ENGINE_OK);                                                           \
    } while (0)

static void grouped_convolution(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_CONV2D, .groups = 3}, 9);
    assert_int_equal(f.record->parts, 3);
    REFUSES(&f, f.record->parts, 0);
    REFUSES(&f, f.record->parts, 2);  /* does not divide the outputs */
    REFUSES(&f, f.record->parts, 9);  /* does not divide the inputs */
    REFUSES(&f, f.record->tile, 255); /* whose scratch space would end behind the arena */
    tear_down(&f);
}

static void mul(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_MUL}, 0);
    const uint32_t arena_bytes = ((hf_image_header *)(void *)f.image.bytes)->arena_bytes;
    REFUSES(&f, f.record->parts, 3);
    REFUSES(&f, f.record->parts, 1); /* a whole second input, which would end behind the arena */
    REFUSES(&f, f.record->extra_offset, arena_bytes - 5);
    REFUSES(&f, f.record->in_step, 7);
    tear_down(&f);
}

/* The last of three copies of one tensor side by side. */
static void concat(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_CONCAT, .input_count = 3}, 0);
    const uint32_t arena_bytes = ((hf_image_header *)(void *)f.image.bytes)->arena_bytes;
    assert_int_equal(f.record->op, HF_IMAGE_OP_COPY);
    assert_int_equal(f.record->out_step, 18);
    REFUSES(&f, f.record->parts, 0);
    REFUSES(&f, f.record->parts, 4);
    REFUSES(&f, f.record->in_step, 5);
    REFUSES(&f, f.record->out_step, 5);
    REFUSES(&f, f.record->out_step, 300); /* the last position would end behind the arena */
    REFUSES(&f, f.record->channel_step, 0);
    REFUSES(&f, f.record->channel_step, 4); /* 21 bytes for 18 */
    REFUSES(&f, f.record->output_offset, arena_bytes);
    tear_down(&f);
}

static void slice(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_SLICE, .slice_begin = 2, .slice_count = 3}, 0);
    assert_int_equal(f.record->op, HF_IMAGE_OP_COPY);
    assert_int_equal(f.record->in_step, 6);
    REFUSES(&f, f.record->in_channels, 4);
    REFUSES(&f, f.record->out_channels, 5);
    REFUSES(&f, f.record->out_width, 4);
    REFUSES(&f, f.record->in_step, 2);
    tear_down(&f);
}

static void channel_shuffle(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .groups = 3}, 0);
    assert_int_equal(f.record->channel_step, 3);
    REFUSES(&f, f.record->parts, 4);
    REFUSES(&f, f.record->parts, 0);
    REFUSES(&f, f.record->channel_step, 2); /* fewer than parts */
    REFUSES(&f, f.record->channel_step, 7);
    tear_down(&f);
}

static void pad(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_PAD, .pad_top = 1, .pad_bottom = 2, .pad_left = 1}, 0);
    REFUSES(&f, f.record->pad_top, 4);
    REFUSES(&f, f.record->pad_left, 2);
    REFUSES(&f, f.record->out_height, 4);
    tear_down(&f);
}

static void mean_and_table(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, (hf_node){.op = HF_OP_MEAN}, 0);
    hf_mean_data *data = (hf_mean_data *)(void *)(f.image.bytes + f.record->data_offset);
    REFUSES(&f, f.record->out_height, 2);
    REFUSES(&f, data->shift, 31);
    REFUSES(&f, data->multiplier, -1);
    tear_down(&f);
    set_up(&f, (hf_node){.op = HF_OP_HARD_SWISH}, 0);
    REFUSES(&f, f.record->data_offset, f.record->data_offset + 4); /* the table would end behind the image */
    REFUSES(&f, f.record->out_channels, 5);
    tear_down(&f);
}

/* A pointwise convolution that passes its rows to a depthwise one. */
static void chain(void **state)
{
    (void)state;
    fixture f = {0};
    hf_variation variation;
    hf_error err = {0};
    if (hf_variation_parse("mobilenetv1_0.25_96_c3_o2", &variation, &err) ||
        hf_variation_build(&variation, &f.graph, &err) || hf_weights_generate(f.graph, 1, &err) ||
        hf_compile(f.graph, &f.image, &err))
        fail_msg("%s", err.message);
    if (!f.image.bytes) {
        fail_msg("no image");
        return;
    }
    f.record = (hf_op_record *)(void *)(f.image.bytes + sizeof(hf_image_header));
    uint32_t first = 0;
    while (first + 1 < f.image.op_count && f.record[first].ring_rows == 0)
        first++;
    f.record += first;
    assert_int_equal(f.record->op, HF_IMAGE_OP_CONV2D);
    assert_int_equal(f.record->ring_rows, 3);
    assert_int_equal(f.record[1].op, HF_IMAGE_OP_DEPTHWISE);
    REFUSES(&f, f.record->ring_rows, 2); /* fewer rows than a window */
    REFUSES(&f, f.record->ring_rows, f.record->out_height + 1);
    REFUSES(&f, f.record[1].input_offset, f.record[1].input_offset + 4);
    REFUSES(&f, f.record[1].in_height, f.record[1].in_height - 1);
    REFUSES(&f, f.record[1].in_step, f.record[1].in_step + 4);
    REFUSES(&f, f.record[1].ring_rows, 200);
    for (uint32_t i = first + 1; i < f.image.op_count; i++)
        if (f.record[i - first].op == HF_IMAGE_OP_SOFTMAX)
            REFUSES(&f, f.record[i - first].ring_rows, 1); /* cannot work row by row, and is the last */
    tear_down(&f);
}

/* Two tables between the same quantisations, and a third between others. */
static void equal_tables_are_stored_once(void **state)
{
    (void)state;
    hf_graph *graph = NULL;
    hf_error err = {0};
    if (hf_graph_new("tables", 4, 5, 6, &graph, &err))
        fail_msg("%s", err.message);
    int32_t tensor = 0;
    for (int i = 0; i < 3; i++) {
        tensor = append(graph, (hf_node){.op = HF_OP_HARD_SWISH, .inputs = {tensor}}, 0);
        tensor = append(graph, (hf_node){.op = HF_OP_MAX_POOL, .inputs = {tensor}}, 0);
    }
    assert_int_equal(hf_graph_finish(graph, tensor, &err), HF_OK);
    for (int32_t t = 0; t < graph->tensor_count; t++)
        graph->tensors[t].quant = (hf_quant){t < 5 ? 0.05F : 0.04F, -3};
    engine_case c;
    engine_case_open(&c, graph);
    const hf_op_record *r = (const hf_op_record *)(const void *)(c.image.bytes + sizeof(hf_image_header));
    assert_int_equal(c.image.op_count, 6);
    assert_int_equal(r[0].op, HF_IMAGE_OP_TABLE);
    assert_int_equal(r[0].data_offset, r[2].data_offset);
    assert_true(r[4].data_offset != r[0].data_offset);
    assert_int_equal(c.image.size, sizeof(hf_image_header) + 6 * sizeof *r + (size_t)2 * HF_TABLE_BYTES);
    int8_t input[4 * 5 * 6];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (int8_t)(2 * i);
    engine_case_compare(graph, &c, input);
    engine_case_close(&c);
    hf_graph_free(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grouped_convolution),
        cmocka_unit_test(mul),
        cmocka_unit_test(concat),
        cmocka_unit_test(slice),
        cmocka_unit_test(pad),
        cmocka_unit_test(channel_shuffle),
        cmocka_unit_test(mean_and_table),
        cmocka_unit_test(chain),
        cmocka_unit_test(equal_tables_are_stored_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
