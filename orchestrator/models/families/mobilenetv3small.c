/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MobileNet v3 small with the scaling factors of Brockmann & Schlippe (2024), with squeeze-excite (SQ) and
 * without (NSQ). Only a dense classifier has a bias.
 */
#include "family.h"
#include "graph/builder.h"

#define LEADING_RANGES                                                                                       \
    {.factor = HF_FACTOR_ALPHA, .min = 0.01, .max = 2},                                                      \
        {.factor = HF_FACTOR_RESOLUTION, .min = 16, .max = 320, .integer = true},                            \
        {.factor = HF_FACTOR_CHANNELS, .min = 1, .max = 3, .integer = true},                                 \
        {.factor = HF_FACTOR_CLASSES, .min = 2, .max = 1000, .integer = true},                               \
        {.factor = HF_FACTOR_L, .min = 1, .max = 4096, .integer = true, .optional = true},                   \
    {                                                                                                        \
        .factor = HF_FACTOR_PL, .min = 1, .max = 4096, .integer = true, .optional = true                     \
    }

static const hf_factor_range nsq_ranges[] = {LEADING_RANGES};
static const hf_factor_range sq_ranges[] = {
    LEADING_RANGES, {.factor = HF_FACTOR_SE, .min = 0.25, .max = 64, .optional = true}};

static const struct bottleneck {
    int32_t channels; /* before alpha */
    int32_t kernel;
    double expansion;
    int32_t stride;
    bool squeeze, hard_swish; /* activation: hard-swish or ReLU6 */
} bottlenecks[] = {
    {16, 3, 1, 1, false, false}, {24, 3, 72.0 / 16, 2, true, false}, {24, 3, 88.0 / 24, 1, false, false},
    {40, 5, 4, 2, true, true},   {40, 5, 6, 1, true, true},          {40, 5, 6, 1, true, true},
    {48, 5, 3, 1, true, true},   {48, 5, 3, 1, true, true},          {96, 5, 6, 2, true, true},
    {96, 5, 6, 1, true, true},   {96, 5, 6, 1, true, true},
};

typedef struct network {
    hf_builder builder;
    double alpha;
    double reduction; /* reduction ratio of squeeze-excite; 0 = none */
} network;

/* Padding and activation of a layer with batch norm. ReLU6 is fused, hard-swish is a separate operator. */
static hf_layer_style style_of(hf_padding padding, bool hard_swish)
{
    return (hf_layer_style){.batch_norm = true,
                            .padding = padding,
                            .activation = hard_swish ? HF_ACTIVATION_NONE : HF_ACTIVATION_RELU6};
}

static void hard_swish_if(hf_builder *builder, bool wanted, int32_t number, const char *layer)
{
    char name[48];
    if (wanted)
        hf_builder_hard_swish(builder, hf_layer_name(name, "bottleneck", number, layer));
}

static void squeeze_excite(hf_builder *builder, int32_t number, double reduction)
{
    char name[48];
    const int32_t features = builder->tensor;
    const int32_t channels = hf_builder_channels(builder);
    hf_builder_global_average_pool(builder, hf_layer_name(name, "bottleneck", number, "se_pool"));
    hf_builder_dense(builder, hf_layer_name(name, "bottleneck", number, "se_squeeze"),
                     hf_divisible_channels(channels / reduction, 8), false, HF_ACTIVATION_RELU);
    hf_builder_dense(builder, hf_layer_name(name, "bottleneck", number, "se_excite"), channels, false,
                     HF_ACTIVATION_NONE);
    hf_builder_hard_sigmoid(builder, hf_layer_name(name, "bottleneck", number, "se_gate"));
    const int32_t gate = builder->tensor;
    builder->tensor = features;
    hf_builder_mul(builder, hf_layer_name(name, "bottleneck", number, "se_mul"), gate);
}

static void add_bottleneck(network *net, int32_t number, const struct bottleneck *b)
{
    hf_builder *builder = &net->builder;
    char name[48];
    const int32_t input = builder->tensor;
    const int32_t in_channels = hf_builder_channels(builder);
    const hf_layer_style expand = style_of(HF_PADDING_SAME, b->hard_swish);
    const hf_layer_style depthwise =
        style_of(b->stride == 1 ? HF_PADDING_SAME : HF_PADDING_VALID, b->hard_swish);
    static const hf_layer_style linear = {.batch_norm = true, .padding = HF_PADDING_SAME};
    hf_builder_conv(builder, hf_layer_name(name, "bottleneck", number, "expand"), 1, 1,
                    hf_divisible_channels(in_channels * b->expansion, 8), &expand);
    hard_swish_if(builder, b->hard_swish, number, "expand_swish");
    hf_builder_depthwise(builder, hf_layer_name(name, "bottleneck", number, "depthwise"), b->kernel,
                         b->stride, &depthwise);
    hard_swish_if(builder, b->hard_swish, number, "swish");
    if (b->squeeze && net->reduction > 0)
        squeeze_excite(builder, number, net->reduction);
    hf_builder_conv(builder, hf_layer_name(name, "bottleneck", number, "project"), 1, 1,
                    hf_divisible_channels(b->channels * net->alpha, 8), &linear);
    if (b->stride == 1 && hf_builder_same_shape(builder, input))
        hf_builder_add(builder, hf_layer_name(name, "bottleneck", number, "add"), input, HF_ACTIVATION_NONE);
}

static hf_status build(const hf_variation *variation, const char *name, const hf_family *family,
                       double reduction, hf_graph **out, hf_error *err)
{
    const double *f = variation->factors;
    const hf_layer_style swish = style_of(HF_PADDING_SAME, true);
    network net = {.alpha = f[HF_FACTOR_ALPHA], .reduction = reduction};
    hf_builder *builder = &net.builder;
    hf_builder_begin(builder, name, (int32_t)f[HF_FACTOR_RESOLUTION], (int32_t)f[HF_FACTOR_CHANNELS], err);
    hf_builder_conv(builder, "conv1", 3, 2, 16, &swish);
    hf_builder_hard_swish(builder, "conv1_swish");
    for (size_t i = 0; i < sizeof bottlenecks / sizeof *bottlenecks; i++)
        add_bottleneck(&net, (int32_t)i + 1, &bottlenecks[i]);
    hf_builder_conv(builder, "penultimate_conv", 1, 1, (int32_t)hf_factor_or(variation, HF_FACTOR_PL, 576),
                    &swish);
    hf_builder_hard_swish(builder, "penultimate_swish");
    hf_family_classifier(builder, hf_variation_head(variation, family), (int32_t)f[HF_FACTOR_CLASSES],
                         (int32_t)hf_factor_or(variation, HF_FACTOR_L, 1280));
    return hf_builder_finish(builder, out);
}

static hf_status build_sq(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err)
{
    return build(variation, name, &hf_family_mobilenetv3small_sq, hf_factor_or(variation, HF_FACTOR_SE, 4),
                 out, err);
}

static hf_status build_nsq(const hf_variation *variation, const char *name, hf_graph **out, hf_error *err)
{
    return build(variation, name, &hf_family_mobilenetv3small_nsq, 0, out, err);
}

#define ALL_HEADS (HF_HEAD_BIT(HF_HEAD_MV3) | HF_HEAD_BIT(HF_HEAD_MV1) | HF_HEAD_BIT(HF_HEAD_GAP))

const hf_family hf_family_mobilenetv3small_sq = {.name = "mobilenetv3smallSQ",
                                                 .ranges = sq_ranges,
                                                 .range_count = sizeof sq_ranges / sizeof *sq_ranges,
                                                 .build = build_sq,
                                                 .default_head = HF_HEAD_MV3,
                                                 .heads = ALL_HEADS};

const hf_family hf_family_mobilenetv3small_nsq = {.name = "mobilenetv3smallNSQ",
                                                  .ranges = nsq_ranges,
                                                  .range_count = sizeof nsq_ranges / sizeof *nsq_ranges,
                                                  .build = build_nsq,
                                                  .default_head = HF_HEAD_MV3,
                                                  .heads = ALL_HEADS};
