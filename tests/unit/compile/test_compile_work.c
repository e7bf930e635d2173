/* SPDX-License-Identifier: Apache-2.0 */
/* The work counted for estimates, against counts by hand, and of forecasts against compiled images. */
#include "hf_test.h"

#include "compile/work.h"
#include "families/families.h"
#include "weights/weights.h"
#include "work.h"

static hf_op_record window_record(hf_image_op op, uint16_t size, uint16_t in, uint16_t out, uint8_t kernel)
{
    const uint8_t pad = kernel / 2;
    return (hf_op_record){.op = (uint8_t)op,
                          .parts = 1,
                          .channel_step = 1,
                          .in_height = size,
                          .in_width = size,
                          .in_channels = in,
                          .in_step = in,
                          .out_height = size,
                          .out_width = size,
                          .out_channels = out,
                          .out_step = out,
                          .kernel_height = kernel,
                          .kernel_width = kernel,
                          .stride_height = 1,
                          .stride_width = 1,
                          .pad_top = pad,
                          .pad_left = pad};
}

static hf_work_case whole(const hf_op_record *r)
{
    return (hf_work_case){
        .record = r, .in_rows = r->in_height, .calls = 1, .rows = r->out_height, .is_relu = true};
}

/* 6 x 6 positions, 20 to 18 channels, 8 pairs of positions a tile: 3 tiles, the last of 4 positions. Four blocks, copied
 * to the stack, and one of two left-over channels; 10 pairs of values. */
static void pointwise_is_counted(void **state)
{
    (void)state;
    hf_op_record r = window_record(HF_IMAGE_OP_CONV2D, 6, 20, 18, 1);
    r.tile = 8;
    const hf_work_case c = whole(&r);
    hf_op_work work = {0};
    hf_work_conv(&c, &work);
    static const double expected[HF_WORK_TERMS] = {
        1,  3, 15, 90, 900, 180, 120, 0, 180, 18, 0, 0, 0, 30, 0, 0, 0, 0, 18, 0, /* to READ_AGAIN */
        10, 0, 0,  0,  0,   18, /* lines of 320 bytes of weights, read once; runs with four values beside eights */
    };
    assert_int_equal(work.kernel, HF_KERNEL_CONV);
    for (int t = 0; t < HF_WORK_TERMS; t++)
        assert_float_equal(work.terms[t], expected[t], 0);
}

/* 3 x 3 of one channel at 1 x 4: the first and the last column's windows lie partly outside, and so do two of three rows of
 * all windows. */
static void padded_windows_are_counted(void **state)
{
    (void)state;
    hf_op_record r = window_record(HF_IMAGE_OP_CONV2D, 4, 1, 4, 3);
    r.in_height = r.out_height = 1;
    const hf_work_case c = whole(&r);
    hf_op_work work = {0};
    hf_work_conv(&c, &work);
    assert_float_equal(work.terms[21], 2 * 4 + 2, 0); /* runs made of zero points */
    assert_float_equal(work.terms[22], 10, 0);        /* a word each */
    assert_float_equal(work.terms[23], 0, 0);
    assert_float_equal(work.terms[24], 2 * 2, 0); /* bytes of the two that are partly inside */
}

/* 18 KB of weights: of a Cortex-M7's 128 sets 64 have to hold five lines, and lose these 320 of 576 between two tiles. 4 KB are
 * read once, unless a chain needs more than the cache between two rows. */
static void lines_of_flash_are_counted(void **state)
{
    (void)state;
    hf_op_record r = window_record(HF_IMAGE_OP_CONV2D, 6, 128, 144, 1);
    r.tile = 9;
    hf_work_case c = whole(&r);
    hf_op_work work = {0};
    hf_work_conv(&c, &work);
    assert_float_equal(work.terms[20], 576 + 320, 1e-6); /* two tiles */
    r = window_record(HF_IMAGE_OP_CONV2D, 6, 128, 32, 1);
    r.tile = 3;
    c.calls = 6; /* rows */
    c.rows = 1;
    c.chain_bytes = 16384;
    work = (hf_op_work){0};
    hf_work_conv(&c, &work);
    assert_float_equal(work.terms[20], 128, 0);
    c.chain_bytes = 20480;
    work = (hf_op_work){0};
    hf_work_conv(&c, &work);
    assert_float_equal(work.terms[20], 6 * 128, 0);
}

/* A transposed convolution from 2 to 4 columns, 3 taps, stride 2: five taps of its outputs are inside. */
static void rare_operators_are_counted(void **state)
{
    (void)state;
    hf_op_record r = {.op = HF_IMAGE_OP_CONV_GENERAL,
                      .parts = 1,
                      .tile = HF_GENERAL_TRANSPOSED,
                      .in_height = 1,
                      .in_width = 2,
                      .in_channels = 4,
                      .out_height = 1,
                      .out_width = 4,
                      .out_channels = 2,
                      .kernel_height = 1,
                      .kernel_width = 3,
                      .stride_height = 1,
                      .stride_width = 2};
    hf_node node = {.op = HF_OP_CONV_GENERAL};
    const hf_work_case c = {.record = &r, .node = &node, .calls = 1, .rows = 1, .in_rows = 1};
    static const double expected[HF_WORK_TERMS] = {1, 4, 8, 8, 24, 10, 10, 0, 0, 0, 0, 32};
    hf_op_work work = {0};
    hf_work_rare(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_CONV_GENERAL);
    for (int t = 0; t < HF_WORK_TERMS; t++)
        assert_float_equal(work.terms[t], expected[t], 0);
    r.op = HF_IMAGE_OP_TAKE;
    r.in_channels = r.out_channels = 6;
    work = (hf_op_work){0};
    hf_work_rare(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_TAKE);
    assert_float_equal(work.terms[2], 4, 0); /* positions of a word and two bytes */
    assert_float_equal(work.terms[3], 4, 0);
    assert_float_equal(work.terms[4], 8, 0);
    r.op = HF_IMAGE_OP_BINARY;
    node.function = HF_BINARY_DIV;
    r.in_height = r.in_width = 3;
    work = (hf_op_work){0};
    hf_work_rare(&c, &work);
    assert_float_equal(work.terms[2 + HF_BINARY_DIV], 54, 0);
}

/* In a chain each row is a call, and with wide parameters all channels are computed one by one. */
static void chains_and_wide_parameters_count(void **state)
{
    (void)state;
    hf_op_record r = window_record(HF_IMAGE_OP_CONV2D, 6, 20, 18, 1);
    const hf_work_case rows = {.record = &r, .in_rows = 1, .calls = 6, .rows = 1};
    hf_op_work work = {0};
    hf_work_conv(&rows, &work);
    assert_float_equal(work.terms[0], 6, 0);
    assert_float_equal(work.terms[1], 18, 0);  /* tiles of two positions */
    assert_float_equal(work.terms[16], 72, 0); /* without ReLU */
    assert_float_equal(work.terms[14], 36, 0); /* two channels one by one: no room to join them */
    r.params = HF_PARAMS_WIDE;
    work = (hf_op_work){0};
    hf_work_conv(&rows, &work);
    assert_float_equal(work.terms[3], 0, 0);
    assert_float_equal(work.terms[14], 324, 0);
    assert_float_equal(work.terms[15], 3240, 0);
}

/* 3 x 3 of 24 columns: bands take each row once, a chain three rows for each output row. */
static void depthwise_rows_are_counted(void **state)
{
    (void)state;
    hf_op_record r = window_record(HF_IMAGE_OP_DEPTHWISE, 24, 10, 10, 3);
    hf_work_case c = whole(&r);
    hf_op_work work = {0};
    hf_work_depthwise(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_3X3);
    assert_float_equal(work.terms[1], 3, 0);       /* groups of four channels */
    assert_float_equal(work.terms[3], 3 * 24, 0);  /* rows taken */
    assert_float_equal(work.terms[7], 240, 0);     /* rows of a channel */
    assert_float_equal(work.terms[8], 240 * 4, 0); /* sixes */
    assert_float_equal(work.terms[10], 5760, 0);   /* outputs */
    assert_float_equal(work.terms[11], 0, 0);
    c = (hf_work_case){.record = &r, .in_rows = 3, .calls = 24, .rows = 1};
    work = (hf_op_work){0};
    hf_work_depthwise(&c, &work);
    assert_float_equal(work.terms[1], 3 * 24, 0);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_3X3_ROW);
    assert_float_equal(work.terms[3], 3 * (24 * 3 - 2), 0);
    assert_float_equal(work.terms[5], 2 * 24, 0);       /* padding above and below, once for all groups */
    assert_float_equal(work.terms[8], 0, 0);            /* twos with stride 2 */
    assert_float_equal(work.terms[17], 3 * 24 * 12, 0); /* with stride 1 */
    assert_float_equal(work.terms[11], 0, 0);           /* it rounds the same way with a ReLU */
    assert_float_equal(work.terms[12], 24 * 24, 0);     /* positions of a group of two channels */
    r.stride_height = r.stride_width = 2;
    r.out_height = r.out_width = 12;
    c.calls = 12;
    work = (hf_op_work){0};
    hf_work_depthwise(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_3X3_ROW);
    assert_float_equal(work.terms[8], 3 * 12 * 6, 0);
    assert_float_equal(work.terms[17], 0, 0);
}

static void kernels_are_those_of_the_engine(void **state)
{
    (void)state;
    hf_op_record r = window_record(HF_IMAGE_OP_DEPTHWISE, 6, 16, 16, 3);
    hf_op_work work = {0};
    hf_work_case c = whole(&r);
    hf_work_depthwise(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_SMALL);
    r = window_record(HF_IMAGE_OP_DEPTHWISE, 24, 16, 16, 5);
    c = whole(&r);
    work = (hf_op_work){0};
    hf_work_depthwise(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_SIX);
    hf_op_record line = r; /* one column, which is computed as one row */
    line.in_width = line.out_width = line.kernel_width = line.stride_width = 1;
    line.pad_left = 0;
    hf_work_case column = whole(&line);
    work = (hf_op_work){0};
    hf_work_depthwise(&column, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_LINE);
    assert_float_equal(work.terms[8], 4 * 16, 0);     /* sixes: 24 outputs of 16 channels */
    assert_float_equal(work.terms[9], 4 * 16 * 3, 0); /* their words: five taps */
    line.kernel_height = 16;
    work = (hf_op_work){0};
    hf_work_depthwise(&column, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_SIX);
    r.stride_height = r.stride_width = 3;
    r.out_height = r.out_width = 8;
    work = (hf_op_work){0};
    c.rows = 8;
    hf_work_depthwise(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_DEPTHWISE_ANY);
    r = window_record(HF_IMAGE_OP_CONV2D, 48, 3, 8, 3);
    r.stride_height = r.stride_width = 2;
    r.out_height = r.out_width = 24;
    c = whole(&r);
    work = (hf_op_work){0};
    hf_work_conv(&c, &work);
    assert_int_equal(work.kernel, HF_KERNEL_CONV_RGB);
}

/* Without weights the forecast knows chains and tiles; only parameters that do not fit the compact form differ. */
static void forecasts_count_what_is_compiled(void **state)
{
    (void)state;
    static const char *const names[] = {"mobilenetv1_0.25_48_c3_o2_l2", "mobilenetv2_0.25_32_c3_o2_t5l64",
                                        "shufflenetv2_0.1_32_c3_o2_l64"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hf_variation variation;
        hf_graph *graph = NULL;
        hf_image image = {0};
        hf_image_forecast forecast;
        hf_work planned = {0}, compiled = {0};
        hf_error err = {0};
        assert_int_equal(hf_variation_parse(names[i], &variation, &err), HF_OK);
        assert_int_equal(hf_variation_build(&variation, &graph, &err), HF_OK);
        assert_int_equal(hf_forecast_work(graph, &(hf_compile_options){0}, false, &forecast, &planned, &err),
                         HF_OK);
        assert_int_equal(hf_weights_generate(graph, 1, &err), HF_OK);
        assert_int_equal(hf_compile(graph, &image, &err), HF_OK);
        assert_int_equal(hf_image_work(graph, &image, &compiled, &err), HF_OK);
        assert_int_equal(planned.count, compiled.count);
        for (uint32_t k = 0; k < planned.count; k++) {
            assert_int_equal(planned.ops[k].node, compiled.ops[k].node);
            assert_int_equal(planned.ops[k].kernel, compiled.ops[k].kernel);
            assert_float_equal(planned.ops[k].terms[1], compiled.ops[k].terms[1], 0);
        }
        hf_work_free(&planned);
        hf_work_free(&compiled);
        hf_image_free(&image);
        hf_graph_free(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointwise_is_counted),
        cmocka_unit_test(padded_windows_are_counted),
        cmocka_unit_test(lines_of_flash_are_counted),
        cmocka_unit_test(rare_operators_are_counted),
        cmocka_unit_test(chains_and_wide_parameters_count),
        cmocka_unit_test(depthwise_rows_are_counted),
        cmocka_unit_test(kernels_are_those_of_the_engine),
        cmocka_unit_test(forecasts_count_what_is_compiled),
    };
    return cmocka_run_group_tests_name("compile_work", tests, NULL, NULL);
}
