/* SPDX-License-Identifier: Apache-2.0 */
#include "views.h"

bool hf_view_equal(const hf_view *a, const hf_view *b)
{
    return a->base == b->base && a->first_byte == b->first_byte && a->step == b->step &&
           a->channel_step == b->channel_step;
}

hf_view hf_view_part(const hf_view *whole, const hf_lowered_node *concat, int32_t first_channel)
{
    hf_view part = *whole;
    if (concat->interleave > 0) {
        const int32_t channels = concat->record.in_channels; /* equal for all parts */
        part.first_byte += first_channel / channels;
        part.channel_step = concat->interleave;
    } else {
        part.first_byte += first_channel * whole->channel_step;
    }
    return part;
}

static bool same_quant(const hf_graph *graph, int32_t a, int32_t b)
{
    return hf_quant_same(graph->tensors[a].quant, graph->tensors[b].quant);
}

static const hf_node *node_of(const hf_lowering *l, int32_t tensor)
{
    const int32_t producer = l->graph->tensors[tensor].producer;
    return producer < 0 ? NULL : &l->graph->nodes[producer];
}

static hf_lowered_node *lowered_of(const hf_lowering *l, int32_t tensor)
{
    return &l->nodes[l->graph->tensors[tensor].producer];
}

/* Whether all inputs have the output's quantisation, so that none needs a table. */
static bool parts_agree(const hf_lowering *l, const hf_node *concat)
{
    for (int32_t i = 0; i < concat->input_count; i++)
        if (!same_quant(l->graph, concat->inputs[i], concat->output))
            return false;
    return true;
}

/* Whether the input `part` of a node can be computed directly at `place` in the node's output `whole`. */
static bool can_be_computed_at(const hf_lowering *l, int32_t part, int32_t whole, const hf_view *place)
{
    const hf_node *node = node_of(l, part);
    if (!node || l->readers[part] != 1 || !same_quant(l->graph, part, whole))
        return false;
    switch (node->op) {
    case HF_OP_CONV2D:
        return place->channel_step == 1 || node->groups == 1;
    case HF_OP_SLICE:
        return true;
    case HF_OP_CONCAT:
        return place->channel_step == 1 || parts_agree(l, node);
    default:
        return hf_op_has(node->op, HF_NODE_VIEWS) && place->channel_step == 1;
    }
}

static void place_parts(hf_lowering *l, const hf_node *concat, const hf_lowered_node *lowered)
{
    int32_t first_channel = 0;
    for (int32_t i = 0; i < concat->input_count; i++) {
        const int32_t part = concat->inputs[i];
        const hf_view place = hf_view_part(&l->views[concat->output], lowered, first_channel);
        if (can_be_computed_at(l, part, concat->output, &place))
            l->views[part] = place;
        first_channel += l->graph->tensors[part].channels;
    }
}

/* Lets the operator that produces an input of a JOIN write it to its place, also through reshapes. The JOIN must be
 * the only reader, and every position adjacent to the next. */
static void place_joined(hf_lowering *l, int32_t part, const hf_view *whole, int32_t first_byte)
{
    int32_t tensor = part;
    const hf_node *node = node_of(l, tensor);
    while (node && node->op == HF_OP_RESHAPE && l->readers[tensor] == 1) {
        tensor = node->inputs[0];
        node = node_of(l, tensor);
    }
    if (!node || l->readers[tensor] != 1 || node->op == HF_OP_PART || node->op == HF_OP_RESHAPE ||
        l->views[tensor].base != tensor)
        return;
    l->views[tensor] =
        (hf_view){whole->base, whole->first_byte + first_byte, l->graph->tensors[tensor].channels, 1};
}

static void place_all_joined(hf_lowering *l, const hf_node *join)
{
    int32_t first_byte = 0;
    for (int32_t i = 0; i < join->input_count; i++) {
        place_joined(l, join->inputs[i], &l->views[join->output], first_byte);
        first_byte += (int32_t)hf_tensor_bytes(&l->graph->tensors[join->inputs[i]]);
    }
}

/* Whether each input is one of the shuffle's groups. */
static bool parts_are_groups(const hf_lowering *l, const hf_node *concat, int32_t groups)
{
    if (concat->input_count != groups)
        return false;
    for (int32_t i = 1; i < groups; i++)
        if (l->graph->tensors[concat->inputs[i]].channels != l->graph->tensors[concat->inputs[0]].channels)
            return false;
    return parts_agree(l, concat);
}

static bool is_identity_shuffle(const hf_graph *graph, const hf_node *node)
{
    return node->groups == 1 || node->groups == graph->tensors[node->output].channels;
}

/* Makes the node before a shuffle store its channels in shuffled order, if it can. */
static void place_shuffled(hf_lowering *l, const hf_node *node, hf_lowered_node *lowered)
{
    const int32_t from = node->inputs[0];
    const hf_node *before = node_of(l, from);
    const hf_view *to = &l->views[node->output];
    if (!before || l->readers[from] != 1 || !same_quant(l->graph, from, node->output) ||
        is_identity_shuffle(l->graph, node))
        return;
    if (before->op == HF_OP_CONV2D && before->groups == 1) {
        lowered_of(l, from)->shuffle_groups = node->groups;
    } else if (before->op == HF_OP_CONV2D && before->groups == node->groups && to->channel_step == 1) {
        l->views[from] = *to;
        l->views[from].channel_step = node->groups;
        lowered->elided = true;
        return;
    } else if (before->op == HF_OP_CONCAT && to->channel_step == 1 &&
               parts_are_groups(l, before, node->groups)) {
        lowered_of(l, from)->interleave = node->groups;
    } else {
        return;
    }
    l->views[from] = *to;
    lowered->elided = true;
}

/* Whether the node can skip bytes between the positions of its first input. */
static bool takes_views(const hf_node *node, const hf_op_record *r)
{
    if (node->op == HF_OP_CONV2D) /* in other windows, each row must be contiguous */
        return r->parts > 1 || (r->kernel_height == 1 && r->kernel_width == 1);
    return hf_op_has(node->op, HF_NODE_VIEWS);
}

static bool readers_take_views(const hf_lowering *l, int32_t tensor)
{
    if (tensor == l->graph->output)
        return false;
    for (int32_t n = 0; n < l->graph->node_count; n++) {
        const hf_node *node = &l->graph->nodes[n];
        if (l->nodes[n].folded)
            continue;
        const bool reads = l->nodes[n].input == tensor;
        if (reads && !takes_views(node, &l->nodes[n].record))
            return false;
        for (int32_t i = 1; node->op == HF_OP_JOIN && i < node->input_count; i++)
            if (node->inputs[i] == tensor)
                return false;
        if (hf_op_is_pair(node->op) && node->inputs[1] == tensor)
            return false;
    }
    return true;
}

/* Nodes whose output can be a view of their input, unless it was already placed elsewhere. */
static void take_views(hf_lowering *l, const hf_node *node, hf_lowered_node *lowered)
{
    const hf_tensor *out = &l->graph->tensors[node->output];
    const hf_view *from = &l->views[node->inputs[0]];
    hf_view *to = &l->views[node->output];
    const bool free_to_choose = to->base == node->output;
    const bool whole = from->step == l->graph->tensors[node->inputs[0]].channels;
    if (node->op == HF_OP_RESHAPE ||
        (node->op == HF_OP_CHANNEL_SHUFFLE && is_identity_shuffle(l->graph, node) && free_to_choose &&
         whole && same_quant(l->graph, node->inputs[0], node->output))) {
        *to = (hf_view){from->base, from->first_byte, out->channels, 1};
        lowered->elided = true;
    }
    if (node->op == HF_OP_PART) {
        *to = (hf_view){from->base, from->first_byte + node->part_offset, out->channels, 1};
        lowered->elided = true;
    }
    if (node->op == HF_OP_SLICE && free_to_choose && same_quant(l->graph, node->inputs[0], node->output) &&
        readers_take_views(l, node->output)) {
        *to = (hf_view){from->base, from->first_byte + node->slice_begin, from->step, 1};
        lowered->elided = true;
    }
}

void hf_views_choose(hf_lowering *l)
{
    for (int32_t n = l->graph->node_count - 1; n >= 0; n--) {
        const hf_node *node = &l->graph->nodes[n];
        hf_lowered_node *lowered = &l->nodes[n];
        lowered->shuffle_groups = lowered->shuffle_groups > 1 ? lowered->shuffle_groups : 1;
        if (node->op == HF_OP_CONCAT && !lowered->folded)
            place_parts(l, node, lowered);
        if (node->op == HF_OP_JOIN)
            place_all_joined(l, node);
        if (node->op == HF_OP_CHANNEL_SHUFFLE && !lowered->folded)
            place_shuffled(l, node, lowered);
    }
    for (int32_t n = 0; n < l->graph->node_count; n++)
        if (!l->nodes[n].folded)
            take_views(l, &l->graph->nodes[n], &l->nodes[n]);
}
