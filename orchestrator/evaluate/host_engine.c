/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "evaluate/evaluate.h"
#include "graph/graph.h"
#include "host_engine.h"
#include "source/source.h"

struct hf_evaluated_engine {
    hf_model model;
    uint8_t *arena; /* owned */
};

static uint8_t *new_arena(const hf_model *model)
{
    const size_t bytes =
        ((size_t)model->arena_bytes + HF_ARENA_ALIGNMENT) & ~(size_t)(HF_ARENA_ALIGNMENT - 1);
    uint8_t *arena = aligned_alloc(HF_ARENA_ALIGNMENT, bytes);
    if (arena)
        memset(arena, 0, bytes);
    return arena;
}

static hf_status open_engine(const hf_image *image, struct hf_evaluated_engine **out, hf_error *err)
{
    struct hf_evaluated_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for the engine");
    hf_engine_status opened = hf_model_open(&engine->model, image->bytes, (uint32_t)image->size);
    if (opened != HF_ENGINE_OK) {
        free(engine);
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "the engine rejects the image: %s",
                          hf_engine_status_text(opened));
    }
    engine->arena = new_arena(&engine->model);
    if (!engine->arena) {
        free(engine);
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for an arena of %u bytes",
                          (unsigned)image->arena_bytes);
    }
    *out = engine;
    return HF_OK;
}

hf_status hf_evaluated_model_from_graph(const char *name, hf_graph *graph, hf_evaluated_model *out,
                                        hf_error *err)
{
    hf_evaluated_model model = {.graph = graph};
    snprintf(model.name, sizeof model.name, "%s", name);
    hf_status status = hf_compile(graph, &model.image, err);
    if (status == HF_OK)
        status = open_engine(&model.image, &model.engine, err);
    if (status == HF_OK)
        *out = model;
    else
        hf_evaluated_model_free(&model);
    return status;
}

hf_status hf_evaluated_model_load(const char *argument, uint32_t weights_seed, hf_evaluated_model *out,
                                  hf_error *err)
{
    hf_source source;
    hf_graph *graph = NULL;
    hf_status status = hf_source_parse(argument, &source, err);
    if (status != HF_OK)
        return status;
    source.weights_seed = weights_seed;
    status = hf_source_load(&source, &graph, err);
    if (status == HF_OK)
        status = hf_evaluated_model_from_graph(source.name, graph, out, err);
    if (status == HF_OK)
        out->seeded = !source.tflite_path;
    return status;
}

void hf_evaluated_model_free(hf_evaluated_model *model)
{
    if (!model)
        return;
    if (model->engine)
        free(model->engine->arena);
    free(model->engine);
    hf_image_free(&model->image);
    hf_graph_free(model->graph);
    *model = (hf_evaluated_model){0};
}

uint8_t *hf_evaluated_model_arena_new(const hf_evaluated_model *model)
{
    return new_arena(&model->engine->model);
}

hf_status hf_evaluated_model_run_in(const hf_evaluated_model *model, uint8_t *arena, const int8_t *input,
                                    int8_t *output, hf_error *err)
{
    const hf_model *engine = &model->engine->model;
    memcpy(arena + engine->input_offset, input, engine->input_bytes);
    hf_engine_status status = hf_model_run(engine, arena, engine->arena_bytes, NULL);
    if (status != HF_ENGINE_OK)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "the engine stopped: %s",
                          hf_engine_status_text(status));
    memcpy(output, arena + engine->output_offset, engine->output_bytes);
    return HF_OK;
}

hf_status hf_evaluated_model_run(const hf_evaluated_model *model, const int8_t *input, int8_t *output,
                                 hf_error *err)
{
    return hf_evaluated_model_run_in(model, model->engine->arena, input, output, err);
}
