/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "engine/engine.h"

/* Runs on the emulated core: opens the image and runs one inference. */

static volatile harness_event *const event_port = (volatile harness_event *)HARNESS_EVENT_BASE;

static void tell(const hf_layer_event *event, uint32_t phase)
{
    event_port->index = event->index;
    event_port->output = (uint32_t)(uintptr_t)event->output;
    event_port->first_row = event->first_row;
    event_port->end_row = event->end_row;
    event_port->phase = phase;
}

static void before(void *user, const hf_layer_event *event)
{
    (void)user;
    tell(event, 0);
}

static void after(void *user, const hf_layer_event *event)
{
    (void)user;
    tell(event, 1);
}

uint32_t harness_run(uint32_t image_bytes, uint32_t with_hooks);

/* @return hf_engine_status of opening, or of running + 100 */
uint32_t harness_run(uint32_t image_bytes, uint32_t with_hooks)
{
    hf_model model;
    hf_engine_status status = hf_model_open(&model, (const void *)HARNESS_IMAGE_BASE, image_bytes);
    if (status != HF_ENGINE_OK)
        return status;
    const hf_layer_hooks hooks = {before, after, 0};
    event_port->index = UINT32_MAX; /* the inference alone is counted */
    event_port->phase = 0;
    status = hf_model_run(&model, (void *)HARNESS_ARENA_BASE, model.arena_bytes, with_hooks ? &hooks : 0);
    event_port->index = UINT32_MAX;
    event_port->phase = 1;
    return status == HF_ENGINE_OK ? 0 : 100 + (uint32_t)status;
}
