/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "compile/compile.h"
#include "engine/layout.h"
#include "kernels.h"
#include "random_graph.h"

/* The convolution kernel alone: rows one by one, from a ring of input rows to a ring of output rows, with spread
 * positions and channels, must equal all rows at once without gaps. */

#define CASES_PER_KIND 300
#define GUARD_VALUE    0x5A

static void *guarded(size_t bytes)
{
    void *p = malloc(bytes + 1); /* exact, so that a sanitiser detects an overrun */
    assert_non_null(p);
    memset(p, GUARD_VALUE, bytes + 1);
    return p;
}

typedef struct layer {
    hf_op_record record;
    const uint8_t *data;
    const int8_t *input; /* dense */
} layer;

static void run(const hf_op_context *context)
{
    const size_t bytes = (size_t)hf_record_scratch_bytes(context->record);
    hf_op_context c = *context;
    uint8_t *scratch = guarded(bytes);
    c.extra = scratch;
    hf_run_conv(&c);
    assert_int_equal(scratch[bytes], GUARD_VALUE);
    free(scratch);
}

static int8_t *run_at_once(const layer *l, uint8_t tile)
{
    hf_op_record whole = l->record;
    const hf_op_record *r = &whole;
    whole.tile = tile;
    int8_t *output = guarded((size_t)hf_record_output_span(r));
    const hf_op_context c = {
        .record = r,
        .data = l->data,
        .input = l->input,
        .output = output,
        .in_rows = r->in_height,
        .end_row = r->out_height,
    };
    run(&c);
    return output;
}

/* Other steps and a ring, as long as they do not change the order of weights. */
static hf_op_record spread(random_source *random, const hf_op_record *dense)
{
    hf_op_record r = *dense;
    if (r.kernel_width == 1 || r.parts > 1)
        r.in_step = (uint16_t)(r.in_channels + random_between(random, 0, 9));
    if (random_next(random) % 2)
        r.channel_step = (uint8_t)(r.parts + random_between(random, r.parts == 1, 3));
    r.out_step = (uint16_t)(hf_record_position_span(&r) + (uint64_t)random_between(random, 0, 9));
    r.ring_rows = (uint8_t)random_between(random, 1, 3);
    r.tile = (uint8_t)random_between(random, 0, 9);
    return r;
}

/* @param ring the buffer that c->input points to */
static void put_row(const layer *l, const hf_op_context *c, int8_t *ring, uint32_t y)
{
    const hf_op_record *r = c->record;
    int8_t *row = ring + (hf_input_row(c, y) - c->input);
    for (uint32_t x = 0; x < r->in_width; x++)
        memcpy(row + (size_t)x * r->in_step, l->input + ((size_t)y * r->in_width + x) * r->in_channels,
               r->in_channels);
}

/* Compares a row and checks that nothing was written between its values. */
static void check_row(const hf_op_context *c, const int8_t *expected)
{
    const hf_op_record *r = c->record;
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    int8_t *position = hf_output_row(c, c->first_row);
    for (uint32_t x = 0; x < r->out_width; x++, position += r->out_step) {
        for (uint32_t o = 0; o < r->out_channels; o++) {
            int8_t *at = r->channel_step == 1
                             ? position + o
                             : position + (size_t)(o % channels) * r->channel_step + o / channels;
            if (*at != *expected)
                fail_msg("%u groups, kernel %ux%u, %u channels to %u, steps %u, %u, %u: row %u, column %u, "
                         "channel %u is %d, not %d",
                         r->parts, r->kernel_height, r->kernel_width, r->in_channels, r->out_channels,
                         r->in_step, r->out_step, r->channel_step, c->first_row, x, o, *at, *expected);
            expected++;
            *at = GUARD_VALUE;
        }
        const size_t bytes = x + 1U < r->out_width ? r->out_step : (size_t)hf_record_position_span(r);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(position[i], GUARD_VALUE);
    }
}

static void check_rows(random_source *random, const layer *l, const int8_t *expected)
{
    const hf_op_record r = spread(random, &l->record);
    const uint32_t least = r.kernel_height < r.in_height ? r.kernel_height : r.in_height;
    const uint32_t in_rows = (uint32_t)random_between(random, (int32_t)least, r.in_height);
    int8_t *input = guarded((size_t)in_rows * r.in_width * r.in_step);
    int8_t *output = guarded((size_t)hf_record_output_span(&r));
    hf_op_context c = {.record = &r, .data = l->data, .input = input, .output = output, .in_rows = in_rows};
    uint32_t there = 0;
    for (uint32_t y = 0; y < r.out_height; y++) {
        while (there < hf_record_rows_needed(&r, y))
            put_row(l, &c, input, there++);
        c.first_row = y;
        c.end_row = y + 1;
        run(&c);
        check_row(&c, expected + (size_t)y * r.out_width * r.out_channels);
    }
    free(input);
    free(output);
}

static bool check(random_source *random, hf_graph *graph)
{
    hf_image image;
    if (hf_compile(graph, &image, NULL)) {
        hf_graph_free(graph);
        return false;
    }
    assert_int_equal(image.op_count, 1);
    layer l = {0};
    memcpy(&l.record, image.bytes + sizeof(hf_image_header), sizeof l.record);
    l.data = image.bytes + l.record.data_offset;
    int8_t *input = guarded(image.input_bytes);
    random_input(random, input, image.input_bytes);
    l.input = input;
    int8_t *expected = run_at_once(&l, 0);
    int8_t *tiled = run_at_once(&l, (uint8_t)random_between(random, 1, 40));
    assert_memory_equal(tiled, expected, image.output_bytes);
    free(tiled);
    check_rows(random, &l, expected);
    free(expected);
    free(input);
    hf_image_free(&image);
    hf_graph_free(graph);
    return true;
}

static void rings_and_steps(void **state)
{
    (void)state;
    random_source random = {909};
    int compiled = 0;
    for (random_kind kind = RANDOM_USUAL; kind < RANDOM_KIND_COUNT; kind++)
        for (int i = 0; i < CASES_PER_KIND; i++) {
            compiled += check(&random, random_single(&random, HF_OP_CONV2D, kind));
            compiled += check(&random, random_grouped(&random, kind));
        }
    assert_true(compiled > RANDOM_KIND_COUNT * CASES_PER_KIND);
}

/* Runs of every length, all mixtures of blocks and left-over channels, an odd last position. */
static void every_depth_and_width(void **state)
{
    (void)state;
    random_source random = {910};
    for (int32_t size = 1; size <= 70; size++)
        for (int32_t other = 1; other <= 70; other += random_between(&random, 1, 4)) {
            assert_true(check(&random, random_pointwise(&random, size, other)));
            assert_true(check(&random, random_pointwise(&random, other, size)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings_and_steps),
        cmocka_unit_test(every_depth_and_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
