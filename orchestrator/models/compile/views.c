/* SPDX-License-Identifier: Apache-2.0 */
#include "views.h"

bool hf_view_equal(const hf_view *a, const hf_view *b)
{
    return a->base == b->base && a->first_byte == b->first_byte && a->step == b->step &&
           a->channel_step == b->channel_step;
}

hf_view hf_view_part(const hf_view *whole, const hf_node *concat, int32_t first_channel, int32_t channels)
{
    (void)concat;
    (void)channels;
    return (hf_view){whole->base, whole->first_byte + first_channel, whole->step, 1};
}

void hf_views_choose(hf_lowering *l)
{
    for (int32_t n = 0; n < l->graph->node_count; n++) {
        const hf_node *node = &l->graph->nodes[n];
        l->nodes[n].shuffle_groups = 1;
        if (node->op != HF_OP_RESHAPE)
            continue;
        l->nodes[n].nothing_to_do = true;
        l->views[node->output].base = l->views[node->inputs[0]].base;
        l->views[node->output].first_byte = l->views[node->inputs[0]].first_byte;
    }
}
