/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"

#define GUARD_BYTES 64U
#define GUARD_VALUE 0xA5

void engine_case_open(engine_case *c, const hf_graph *graph)
{
    *c = (engine_case){0};
    hf_error err = {0};
    if (hf_compile(graph, &c->image, &err))
        fail_msg("%s", err.message);
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
    uint32_t seen;
} comparison;

static void compare_layer(void *user, const hf_layer_event *event)
{
    comparison *with = user;
    int32_t node = with->c->image.op_nodes[event->index];
    const hf_tensor *tensor = &with->graph->tensors[with->graph->nodes[node].output];
    assert_int_equal(event->output_bytes, hf_tensor_bytes(tensor));
    const int8_t *expected = with->reference->outputs[node];
    for (uint32_t i = 0; i < event->output_bytes; i++)
        if (event->output[i] != expected[i])
            fail_msg("%s, %s: value %u (row %u, column %u, channel %u) is %d, the reference says %d",
                     with->graph->name, with->graph->nodes[node].name, i,
                     i / (uint32_t)(tensor->channels * tensor->width),
                     i / (uint32_t)tensor->channels % (uint32_t)tensor->width, i % (uint32_t)tensor->channels,
                     event->output[i], expected[i]);
    with->seen++;
}

void engine_case_compare(const hf_graph *graph, engine_case *c, const int8_t *input)
{
    hf_reference reference;
    hf_error err = {0};
    if (hf_reference_run(graph, input, &reference, &err))
        fail_msg("%s", err.message);
    comparison with = {graph, c, &reference, 0};
    hf_layer_hooks hooks = {.after = compare_layer, .user = &with};
    engine_case_run(c, input, &hooks);
    assert_int_equal(with.seen, c->model.op_count);
    hf_reference_free(&reference);
}
