/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"
#include "layer_rows.h"

#define GUARD_BYTES 64U
#define GUARD_VALUE 0xA5

void engine_case_open(engine_case *c, const hf_graph *graph)
{
    hf_image image = {0};
    hf_error err = {0};
    if (hf_compile(graph, &image, &err))
        fail_msg("%s", err.message);
    engine_case_open_image(c, &image);
}

void engine_case_open_image(engine_case *c, const hf_image *image)
{
    *c = (engine_case){.image = *image};
    hf_engine_status opened = hf_model_open(&c->model, c->image.bytes, (uint32_t)c->image.size);
    assert_string_equal(hf_engine_status_text(opened), hf_engine_status_text(HF_ENGINE_OK));
    size_t bytes = (c->model.arena_bytes + 15U) / 16U * 16U + 2 * GUARD_BYTES;
    c->storage = aligned_alloc(GUARD_BYTES, (bytes + GUARD_BYTES - 1) / GUARD_BYTES * GUARD_BYTES);
    assert_non_null(c->storage);
    c->arena = c->storage + GUARD_BYTES;
}

void engine_case_run(engine_case *c, const int8_t *input, const hf_layer_hooks *hooks)
{
    memset(c->storage, GUARD_VALUE, GUARD_BYTES + c->model.arena_bytes + GUARD_BYTES);
    memcpy(c->arena + c->model.input_offset, input, c->model.input_bytes);
    assert_int_equal(hf_model_run(&c->model, c->arena, c->model.arena_bytes, hooks), HF_ENGINE_OK);
    for (size_t i = 0; i < GUARD_BYTES; i++) {
        assert_int_equal(c->storage[i], GUARD_VALUE);
        assert_int_equal(c->arena[c->model.arena_bytes + i], GUARD_VALUE);
    }
}

const int8_t *engine_case_output(const engine_case *c)
{
    return (const int8_t *)c->arena + c->model.output_offset;
}

void engine_case_close(engine_case *c)
{
    hf_image_free(&c->image);
    free(c->storage);
    *c = (engine_case){0};
}

typedef struct comparison {
    const hf_graph *graph;
    const engine_case *c;
    const hf_reference *reference;
    uint32_t complete;
} comparison;

int8_t *engine_case_expect(const hf_graph *graph, const hf_image *image, const hf_reference *reference,
                           uint32_t op, size_t *size)
{
    *size = (size_t)hf_image_op_bytes(graph, image, op);
    int8_t *expected = malloc(*size);
    assert_non_null(expected);
    hf_image_op_expect(graph, image, op, reference->outputs, expected);
    return expected;
}

static void compare_rows(void *user, const hf_layer_event *event)
{
    comparison *with = user;
    const hf_op_record *r = event->record;
    const size_t row_bytes = layer_row_bytes(r);
    const uint32_t rows = event->end_row - event->first_row;
    size_t size = 0;
    int8_t *expected = engine_case_expect(with->graph, &with->c->image, with->reference, event->index, &size);
    assert_int_equal(size, r->out_height * row_bytes);
    int8_t *made = calloc(rows, row_bytes);
    if (!made) {
        fail_msg("no memory for %u rows", rows);
        return;
    }
    layer_rows_copy(r, event->output, rows, made);
    for (size_t i = 0; i < rows * row_bytes; i++)
        if (made[i] != expected[event->first_row * row_bytes + i])
            fail_msg("%s, operator %u, %s: row %zu, column %zu, channel %zu is %d, expected %d",
                     with->graph->name, event->index,
                     with->graph->nodes[with->c->image.ops[event->index].node].name,
                     event->first_row + i / row_bytes, i % row_bytes / r->out_channels, i % r->out_channels,
                     made[i], expected[event->first_row * row_bytes + i]);
    with->complete += event->end_row == r->out_height;
    free(made);
    free(expected);
}

void engine_case_compare(const hf_graph *graph, engine_case *c, const int8_t *input)
{
    hf_reference reference;
    hf_error err = {0};
    if (hf_reference_run(graph, input, &reference, &err))
        fail_msg("%s", err.message);
    comparison with = {.graph = graph, .c = c, .reference = &reference};
    hf_layer_hooks hooks = {.after = compare_rows, .user = &with};
    engine_case_run(c, input, &hooks);
    assert_int_equal(with.complete, c->model.op_count);
    hf_reference_free(&reference);
}
