/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MobileNet v2 with the scaling factors of Brockmann & Schlippe (2024): inverted residuals with linear
 * bottlenecks. Every convolution has batch norm; only the dense layer has a bias.
 */
#include "family.h"
#include "graph/builder.h"

static const hf_factor_range ranges[] = {
    {.factor = HF_FACTOR_ALPHA, .min = 0.01, .max = 2},
    {.factor = HF_FACTOR_RESOLUTION, .min = 16, .max = 320, .integer = true},
    {.factor = HF_FACTOR_CHANNELS, .min = 1, .max = 3, .integer = true},
    {.factor = HF_FACTOR_CLASSES, .min = 2, .max = 1000, .integer = true},
    {.factor = HF_FACTOR_T, .min = 0.1, .max = 16, .optional = true},
    {.factor = HF_FACTOR_L, .min = 1, .max = 4096, .integer = true, .optional = true},
};

static const hf_layer_style active = {
    .batch_norm = true, .activation = HF_ACTIVATION_RELU6, .padding = HF_PADDING_SAME};
static const hf_layer_style linear = {.batch_norm = true, .padding = HF_PADDING_SAME};

/* Stages of inverted residuals: channels before alpha, stride of the first block, number of blocks. */
static const struct stage {
    int32_t channels, stride, repeats;
} stages[] = {{24, 2, 2}, {32, 2, 3}, {64, 2, 4}, {96, 1, 3}, {160, 2, 3}, {320, 1, 1}};

static void inverted_residual(hf_builder *builder, int32_t number, double expansion, int32_t stride,
                              int32_t out_channels)
{
    char name[48];
    const int32_t input = builder->tensor;
    const int32_t in_channels = hf_builder_channels(builder);
    const int32_t expanded = hf_scaled_channels(in_channels, expansion);
    hf_layer_name(name, "block", number, "expand");
    if (expanded < 1 && !builder->status)
        builder->status = HF_FAIL(builder->err, HF_EINVALID, "%s: %d x t %g leaves no channels", name,
                                  in_channels, expansion);
    hf_builder_conv(builder, name, 1, 1, expanded, &active);
    hf_builder_depthwise(builder, hf_layer_name(name, "block", number, "depthwise"), 3, stride, &active);
    hf_builder_conv(builder, hf_layer_name(name, "block", number, "project"), 1, 1, out_channels, &linear);
    if (hf_builder_same_shape(builder, input))
        hf_builder_add(builder, hf_layer_name(name, "block", number, "add"), input, HF_ACTIVATION_NONE);
}

static hf_status build(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err)
{
    const double *f = variation->factors;
    const double alpha = f[HF_FACTOR_ALPHA];
    const double expansion = hf_factor_or(variation, HF_FACTOR_T, 6);
    int32_t last = (int32_t)hf_factor_or(variation, HF_FACTOR_L, 1280);
    if (alpha > 1)
        last = hf_divisible_channels(last * alpha, 8);

    hf_builder builder;
    hf_builder_begin(&builder, name, (int32_t)f[HF_FACTOR_RESOLUTION], (int32_t)f[HF_FACTOR_CHANNELS], err);
    hf_builder_conv(&builder, "conv1", 3, 2, hf_divisible_channels(32 * alpha, 8), &active);
    hf_builder_depthwise(&builder, "block1/depthwise", 3, 1, &active);
    hf_builder_conv(&builder, "block1/project", 1, 1,
                    hf_builder_scaled(&builder, "block1/project", 16, alpha), &linear);
    int32_t number = 1;
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        for (int32_t i = 0; i < stages[s].repeats; i++) {
            char layer[48];
            number++;
            hf_layer_name(layer, "block", number, "project");
            inverted_residual(&builder, number, expansion, i == 0 ? stages[s].stride : 1,
                              hf_builder_scaled(&builder, layer, stages[s].channels, alpha));
        }
    hf_builder_conv(&builder, "last_conv", 1, 1, last, &active);
    hf_family_classifier(&builder, hf_variation_head(variation, &hf_family_mobilenetv2),
                         (int32_t)f[HF_FACTOR_CLASSES], 0);
    return hf_builder_finish(&builder, out);
}

const hf_family hf_family_mobilenetv2 = {.name = "mobilenetv2",
                                         .ranges = ranges,
                                         .range_count = sizeof ranges / sizeof *ranges,
                                         .build = build,
                                         .default_head = HF_HEAD_MV1,
                                         .heads = HF_HEAD_BIT(HF_HEAD_MV1) | HF_HEAD_BIT(HF_HEAD_GAP)};
