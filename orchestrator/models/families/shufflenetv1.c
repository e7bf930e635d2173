/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ShuffleNet v1 with the scaling factors of Brockmann & Schlippe (2024): grouped pointwise convolutions with
 * a channel shuffle between them. Every convolution has a bias and batch norm.
 */
#include "family.h"
#include "graph/builder.h"

/* Output channels of the first stage before alpha, for each number of groups. */
static const double group_values[] = {1, 2, 3, 4, 8};
static const int32_t start_channels[] = {144, 200, 240, 272, 384};
#define GROUP_VALUES (sizeof group_values / sizeof *group_values)

static const hf_factor_range ranges[] = {
    {.factor = HF_FACTOR_ALPHA, .min = 0.01, .max = 2},
    {.factor = HF_FACTOR_RESOLUTION, .min = 16, .max = 320, .integer = true},
    {.factor = HF_FACTOR_CHANNELS, .min = 1, .max = 3, .integer = true},
    {.factor = HF_FACTOR_CLASSES, .min = 2, .max = 1000, .integer = true},
    {.factor = HF_FACTOR_G,
     .min = 1,
     .max = 8,
     .integer = true,
     .optional = true,
     .values = group_values,
     .value_count = GROUP_VALUES},
};

typedef struct network {
    hf_builder builder;
    int32_t groups;
    int32_t unit; /* number of units so far */
} network;

static hf_layer_style style_of(hf_activation activation, int32_t groups)
{
    return (hf_layer_style){.bias = true,
                            .batch_norm = true,
                            .activation = activation,
                            .padding = HF_PADDING_SAME,
                            .groups = groups};
}

static void grouped_conv(network *net, const char *layer, int32_t channels, hf_activation activation)
{
    hf_builder *builder = &net->builder;
    char name[48];
    const hf_layer_style style = style_of(activation, net->groups);
    const int32_t in_channels = hf_builder_channels(builder);
    hf_layer_name(name, "unit", net->unit, layer);
    if (!builder->status && channels < 1)
        builder->status =
            HF_FAIL(builder->err, HF_EINVALID, "%s: alpha leaves no channels (%d)", name, channels);
    if (!builder->status && (in_channels % net->groups != 0 || channels % net->groups != 0))
        builder->status =
            HF_FAIL(builder->err, HF_EINVALID, "%s: g %d does not divide its %d input and %d output channels",
                    name, net->groups, in_channels, channels);
    hf_builder_conv(builder, name, 1, 1, channels, &style);
}

static void unit(network *net, int32_t stride, int32_t channels)
{
    hf_builder *builder = &net->builder;
    char name[48];
    const int32_t input = builder->tensor;
    const int32_t in_channels = hf_builder_channels(builder);
    const int32_t number = ++net->unit;
    const hf_layer_style plain = style_of(HF_ACTIVATION_NONE, 0);
    grouped_conv(net, "reduce", channels / 4, HF_ACTIVATION_RELU);
    hf_builder_channel_shuffle(builder, hf_layer_name(name, "unit", number, "shuffle"), net->groups);
    hf_builder_depthwise(builder, hf_layer_name(name, "unit", number, "depthwise"), 3, stride, &plain);
    if (stride == 1) {
        grouped_conv(net, "expand", channels, HF_ACTIVATION_NONE);
        hf_builder_add(builder, hf_layer_name(name, "unit", number, "add"), input, HF_ACTIVATION_RELU);
        return;
    }
    /* ReLU is applied before the concatenation instead of after it: the pooled input is never negative. */
    grouped_conv(net, "expand", channels - in_channels, HF_ACTIVATION_RELU);
    const int32_t expanded = builder->tensor;
    builder->tensor = input;
    hf_builder_pool(builder, hf_layer_name(name, "unit", number, "pool"), HF_OP_AVERAGE_POOL, 3, 2);
    const int32_t pooled = builder->tensor;
    builder->tensor = expanded;
    hf_builder_concat(builder, hf_layer_name(name, "unit", number, "concat"), pooled);
}

static hf_status build(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err)
{
    const double *f = variation->factors;
    const hf_layer_style active = style_of(HF_ACTIVATION_RELU, 0);
    network net = {.groups = (int32_t)hf_factor_or(variation, HF_FACTOR_G, 1)};
    hf_builder *builder = &net.builder;
    int32_t start = 0;
    for (size_t i = 0; i < GROUP_VALUES; i++)
        if (group_values[i] == net.groups)
            start = start_channels[i];
    hf_builder_begin(builder, name, (int32_t)f[HF_FACTOR_RESOLUTION], (int32_t)f[HF_FACTOR_CHANNELS], err);
    hf_builder_conv(builder, "conv1", 3, 2, 24, &active);
    hf_builder_pool(builder, "max_pool", HF_OP_MAX_POOL, 3, 2);
    static const int32_t repeats[] = {3, 7, 3};
    for (int32_t stage = 0; stage < 3; stage++) {
        const int32_t channels = hf_divisible_channels((start << stage) * f[HF_FACTOR_ALPHA], 2 * net.groups);
        unit(&net, 2, channels);
        for (int32_t i = 0; i < repeats[stage]; i++)
            unit(&net, 1, channels);
    }
    hf_family_classifier(builder, hf_variation_head(variation, &hf_family_shufflenetv1),
                         (int32_t)f[HF_FACTOR_CLASSES], 0);
    return hf_builder_finish(builder, out);
}

const hf_family hf_family_shufflenetv1 = {.name = "shufflenetv1",
                                          .ranges = ranges,
                                          .range_count = sizeof ranges / sizeof *ranges,
                                          .build = build,
                                          .default_head = HF_HEAD_MV1,
                                          .heads = HF_HEAD_BIT(HF_HEAD_MV1) | HF_HEAD_BIT(HF_HEAD_GAP)};
