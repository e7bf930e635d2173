/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ShuffleNet v2 with the scaling factors of Brockmann & Schlippe (2024): half of the channels bypass each
 * basic unit. Every convolution except the last has batch norm; only the dense layer has a bias.
 */
#include "family.h"
#include "graph/builder.h"

/* Channels of a branch in the first stage, for each value of alpha. */
static const double alpha_values[] = {0.05, 0.1, 0.2, 0.25, 0.35, 0.5, 1, 1.5, 2};
static const int32_t start_channels[] = {6, 12, 24, 28, 36, 48, 116, 176, 244};
#define ALPHA_VALUES (sizeof alpha_values / sizeof *alpha_values)

static const hf_factor_range ranges[] = {
    {.factor = HF_FACTOR_ALPHA, .min = 0.05, .max = 2, .values = alpha_values, .value_count = ALPHA_VALUES},
    {.factor = HF_FACTOR_RESOLUTION, .min = 16, .max = 320, .integer = true},
    {.factor = HF_FACTOR_CHANNELS, .min = 1, .max = 3, .integer = true},
    {.factor = HF_FACTOR_CLASSES, .min = 2, .max = 1000, .integer = true},
    {.factor = HF_FACTOR_L, .min = 1, .max = 4096, .integer = true, .optional = true},
    {.factor = HF_FACTOR_F, .min = 1, .max = 1024, .integer = true, .optional = true},
};

static const hf_layer_style active = {
    .batch_norm = true, .activation = HF_ACTIVATION_RELU, .padding = HF_PADDING_SAME};
static const hf_layer_style linear = {.batch_norm = true, .padding = HF_PADDING_SAME};

/* The main branch: convolution 1x1, depthwise 3x3, convolution 1x1. */
static void main_branch(hf_builder *builder, int32_t number, int32_t stride, int32_t channels)
{
    char name[48];
    hf_builder_conv(builder, hf_layer_name(name, "unit", number, "conv1"), 1, 1, channels, &active);
    hf_builder_depthwise(builder, hf_layer_name(name, "unit", number, "depthwise"), 3, stride, &linear);
    hf_builder_conv(builder, hf_layer_name(name, "unit", number, "conv2"), 1, 1, channels, &active);
}

static void concat_and_shuffle(hf_builder *builder, int32_t number, int32_t first, int32_t second)
{
    char name[48];
    builder->tensor = first;
    hf_builder_concat(builder, hf_layer_name(name, "unit", number, "concat"), second);
    hf_builder_channel_shuffle(builder, hf_layer_name(name, "unit", number, "shuffle"), 2);
}

static void down_sampling_unit(hf_builder *builder, int32_t number, int32_t channels)
{
    char name[48];
    const int32_t input = builder->tensor;
    main_branch(builder, number, 2, channels);
    const int32_t first = builder->tensor;
    builder->tensor = input;
    hf_builder_depthwise(builder, hf_layer_name(name, "unit", number, "side_depthwise"), 3, 2, &linear);
    hf_builder_conv(builder, hf_layer_name(name, "unit", number, "side_conv"), 1, 1, channels, &active);
    concat_and_shuffle(builder, number, first, builder->tensor);
}

static void basic_unit(hf_builder *builder, int32_t number)
{
    char name[48];
    const int32_t input = builder->tensor;
    const int32_t half = hf_builder_channels(builder) / 2;
    hf_builder_slice(builder, hf_layer_name(name, "unit", number, "split1"), 0, half);
    const int32_t first = builder->tensor;
    builder->tensor = input;
    hf_builder_slice(builder, hf_layer_name(name, "unit", number, "split2"), half, half);
    const int32_t second = builder->tensor;
    builder->tensor = first;
    main_branch(builder, number, 1, half);
    concat_and_shuffle(builder, number, builder->tensor, second);
}

static hf_status build(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err)
{
    const double *f = variation->factors;
    static const hf_layer_style first = {
        .batch_norm = true, .activation = HF_ACTIVATION_RELU, .padding = HF_PADDING_VALID};
    static const hf_layer_style last = {.padding = HF_PADDING_SAME};
    int32_t start = 0;
    for (size_t i = 0; i < ALPHA_VALUES; i++)
        if (alpha_values[i] == f[HF_FACTOR_ALPHA])
            start = start_channels[i];
    hf_builder builder;
    hf_builder_begin(&builder, name, (int32_t)f[HF_FACTOR_RESOLUTION], (int32_t)f[HF_FACTOR_CHANNELS], err);
    hf_builder_conv(&builder, "conv1", 3, 2, (int32_t)hf_factor_or(variation, HF_FACTOR_F, 24), &first);
    hf_builder_pool(&builder, "max_pool", HF_OP_MAX_POOL, 3, 2);
    static const int32_t repeats[] = {3, 7, 3};
    int32_t number = 0;
    for (int32_t stage = 0; stage < 3; stage++) {
        down_sampling_unit(&builder, ++number, start << stage);
        for (int32_t i = 0; i < repeats[stage]; i++)
            basic_unit(&builder, ++number);
    }
    hf_builder_conv(&builder, "last_conv", 1, 1, (int32_t)hf_factor_or(variation, HF_FACTOR_L, 1024), &last);
    hf_family_classifier(&builder, hf_variation_head(variation, &hf_family_shufflenetv2),
                         (int32_t)f[HF_FACTOR_CLASSES], 0);
    return hf_builder_finish(&builder, out);
}

const hf_family hf_family_shufflenetv2 = {.name = "shufflenetv2",
                                          .ranges = ranges,
                                          .range_count = sizeof ranges / sizeof *ranges,
                                          .build = build,
                                          .default_head = HF_HEAD_MV1,
                                          .heads = HF_HEAD_BIT(HF_HEAD_MV1) | HF_HEAD_BIT(HF_HEAD_GAP)};
