/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MobileNet v1 with the scaling factors of Brockmann & Schlippe (2024): a 3x3 convolution,
 * depthwise-separable blocks, global average pool and a dense classifier. Every convolution has a bias, batch
 * norm and ReLU.
 */
#include <stdio.h>

#include "family.h"
#include "graph/builder.h"

static const hf_factor_range ranges[] = {
    {.factor = HF_FACTOR_ALPHA, .min = 0.01, .max = 2},
    {.factor = HF_FACTOR_RESOLUTION, .min = 16, .max = 320, .integer = true},
    {.factor = HF_FACTOR_CHANNELS, .min = 1, .max = 3, .integer = true},
    {.factor = HF_FACTOR_CLASSES, .min = 2, .max = 1000, .integer = true},
    {.factor = HF_FACTOR_L, .min = 0, .max = 64, .integer = true, .optional = true},
    {.factor = HF_FACTOR_LL, .min = 1, .max = 4096, .integer = true, .optional = true},
    {.factor = HF_FACTOR_PL, .min = 1, .max = 4096, .integer = true, .optional = true},
    {.factor = HF_FACTOR_B, .min = 0.01, .max = 4, .optional = true},
};

static const hf_layer_style style = {
    .bias = true, .batch_norm = true, .activation = HF_ACTIVATION_RELU, .padding = HF_PADDING_SAME};

typedef struct network {
    hf_builder builder;
    double alpha, beta;
    int32_t block; /* number of blocks so far */
} network;

/* Channels of a layer, scaled by alpha and, if it applies, by beta. None left is an error. */
static int32_t channels(network *net, const char *layer, int32_t base, bool uses_beta)
{
    if (!uses_beta)
        return hf_builder_scaled(&net->builder, layer, base, net->alpha);
    int32_t count = hf_scaled_channels(base, net->alpha * net->beta);
    if (count < 1 && !net->builder.status)
        net->builder.status =
            HF_FAIL(net->builder.err, HF_EINVALID, "%s: %d x alpha %g x b %g leaves no channels", layer, base,
                    net->alpha, net->beta);
    return count;
}

static void add_block(network *net, int32_t stride, int32_t out_channels)
{
    char name[48];
    snprintf(name, sizeof name, "block%d/depthwise", net->block);
    hf_builder_depthwise(&net->builder, name, 3, stride, &style);
    snprintf(name, sizeof name, "block%d/pointwise", net->block);
    hf_builder_conv(&net->builder, name, 1, 1, out_channels, &style);
}

static void block(network *net, int32_t stride, int32_t base, bool uses_beta)
{
    char name[48];
    snprintf(name, sizeof name, "block%d/pointwise", ++net->block);
    add_block(net, stride, channels(net, name, base, uses_beta));
}

/* One of the last two blocks: the factor is its number of channels; by default it is 1024 x alpha. */
static void last_block(network *net, const hf_variation *variation, hf_factor factor, int32_t stride)
{
    if (!hf_factor_is_set(variation, factor)) {
        block(net, stride, 1024, false);
        return;
    }
    net->block++;
    add_block(net, stride, (int32_t)variation->factors[factor]);
}

static hf_status build(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err)
{
    const double *f = variation->factors;
    network net = {.alpha = f[HF_FACTOR_ALPHA], .beta = hf_factor_or(variation, HF_FACTOR_B, 1)};
    const int32_t repeats = (int32_t)hf_factor_or(variation, HF_FACTOR_L, 5);

    hf_builder_begin(&net.builder, name, (int32_t)f[HF_FACTOR_RESOLUTION], (int32_t)f[HF_FACTOR_CHANNELS],
                     err);
    hf_builder_conv(&net.builder, "conv1", 3, 2, channels(&net, "conv1", 32, false), &style);
    block(&net, 1, 64, false);
    block(&net, 2, 128, false);
    block(&net, 1, 128, false);
    block(&net, 2, 256, false);
    block(&net, 1, 256, false);
    block(&net, 2, 512, true);
    for (int32_t i = 0; i < repeats; i++)
        block(&net, 1, 512, true);
    last_block(&net, variation, HF_FACTOR_PL, 2);
    last_block(&net, variation, HF_FACTOR_LL, 1);
    hf_family_classifier(&net.builder, hf_variation_head(variation, &hf_family_mobilenetv1),
                         (int32_t)f[HF_FACTOR_CLASSES], 0);
    return hf_builder_finish(&net.builder, out);
}

const hf_family hf_family_mobilenetv1 = {.name = "mobilenetv1",
                                         .ranges = ranges,
                                         .range_count = sizeof ranges / sizeof *ranges,
                                         .build = build,
                                         .default_head = HF_HEAD_MV1,
                                         .heads = HF_HEAD_BIT(HF_HEAD_MV1) | HF_HEAD_BIT(HF_HEAD_GAP)};
