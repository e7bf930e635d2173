/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "compile/compile.h"

/* The outputs of an image's operators in terms of the graph. */

static const hf_tensor *output_of(const hf_graph *graph, const hf_image_op_output *op)
{
    return &graph->tensors[graph->nodes[op->node].output];
}

int64_t hf_image_op_bytes(const hf_graph *graph, const hf_image *image, uint32_t op)
{
    const hf_image_op_output *output = &image->ops[op];
    const hf_tensor *tensor = output_of(graph, output);
    return (int64_t)output->rows * tensor->width * output->channels;
}

void hf_image_op_expect(const hf_graph *graph, const hf_image *image, uint32_t op, int8_t *const *outputs,
                        int8_t *to)
{
    const hf_image_op_output *output = &image->ops[op];
    const hf_tensor *tensor = output_of(graph, output);
    const int64_t positions = (int64_t)output->rows * tensor->width;
    const int8_t *from = outputs[output->node] + output->first_channel;
    const int32_t groups = output->shuffle_groups;
    const int32_t per_group = output->channels / groups;
    for (int64_t p = 0; p < positions; p++, from += tensor->channels)
        for (int32_t i = 0; i < per_group; i++)
            for (int32_t g = 0; g < groups; g++)
                *to++ = from[g * per_group + i];
}

char *hf_image_arena_map(const hf_image *image)
{
    hf_buffer text = HF_BUFFER_INIT;
    for (uint32_t i = 0; i < image->place_count; i++) {
        const hf_image_place *place = &image->places[i];
        hf_buffer_printf(&text, "%s%d,%u,%u,%d,%d", i ? "," : "", place->node, place->offset, place->bytes,
                         place->first_op, place->last_op);
    }
    if (!text.size || text.failed) {
        hf_buffer_free(&text);
        return NULL;
    }
    return text.data;
}
