/* SPDX-License-Identifier: Apache-2.0 */
/* What the paper cuts in each family, and which layers that concerns. */
#include "paper_factors.h"

#include <stdlib.h>
#include <string.h>

#include "graph/builder.h"

#define BIT(factor) (1u << (factor))

/* In the order in which they are cut: section 6.5.5 cuts the last blocks first. */
static const hf_paper_cut cuts[] = {
    {"mobilenetv1", HF_FACTOR_LL, "the last two blocks"},
    {"mobilenetv1", HF_FACTOR_PL, "the last two blocks"},
    {"mobilenetv1", HF_FACTOR_B, "the 512-channel blocks"},
    {"mobilenetv2", HF_FACTOR_L, "the last convolution"},
    {"mobilenetv2", HF_FACTOR_T, "the inverted residuals"},
    {"mobilenetv3smallSQ", HF_FACTOR_PL, "the last two convolutions"},
    {"mobilenetv3smallSQ", HF_FACTOR_L, "the last convolution"},
    {"mobilenetv3smallNSQ", HF_FACTOR_PL, "the last two convolutions"},
    {"mobilenetv3smallNSQ", HF_FACTOR_L, "the last convolution"},
    {"shufflenetv2", HF_FACTOR_L, "the last convolution"},
};

const hf_paper_cut *hf_paper_cut_at(const char *family, uint32_t number)
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        if (strcmp(cuts[i].family, family) == 0 && number-- == 0)
            return &cuts[i];
    return NULL;
}

double hf_paper_factor(const hf_variation *v, hf_factor factor)
{
    if ((v->set >> factor) & 1u)
        return v->factors[factor];
    const bool v1 = strcmp(v->family, "mobilenetv1") == 0;
    switch (factor) {
    case HF_FACTOR_L:
        return v1 ? 5 : strcmp(v->family, "shufflenetv2") == 0 ? 1024 : 1280;
    case HF_FACTOR_LL:
        return v1 ? hf_scaled_channels(1024, v->factors[HF_FACTOR_ALPHA]) : 0;
    case HF_FACTOR_PL:
        return v1 ? hf_scaled_channels(1024, v->factors[HF_FACTOR_ALPHA]) : 576;
    case HF_FACTOR_B:
        return 1;
    case HF_FACTOR_T:
        return 6;
    case HF_FACTOR_SE:
        return 4;
    case HF_FACTOR_G:
        return 1;
    case HF_FACTOR_F:
        return 24;
    default:
        return 0;
    }
}

static uint32_t of_mobilenetv1(const char *layer, uint32_t blocks)
{
    const uint32_t block = strncmp(layer, "block", 5) == 0 ? (uint32_t)strtoul(layer + 5, NULL, 10) : 0;
    if (block && block + 1 >= blocks)
        return BIT(HF_FACTOR_LL) | BIT(HF_FACTOR_PL);
    return block > 6 ? BIT(HF_FACTOR_B) | BIT(HF_FACTOR_L) : block == 6 ? BIT(HF_FACTOR_B) : 0;
}

uint32_t hf_paper_factors_of_layer(const char *family, const char *layer, uint32_t blocks)
{
    if (strcmp(family, "mobilenetv1") == 0)
        return of_mobilenetv1(layer, blocks);
    if (strcmp(layer, "last_conv") == 0)
        return BIT(HF_FACTOR_L) | (strncmp(family, "mobilenetv3", 11) == 0 ? BIT(HF_FACTOR_PL) : 0);
    if (strcmp(layer, "penultimate_conv") == 0)
        return BIT(HF_FACTOR_PL);
    return strcmp(family, "mobilenetv2") == 0 && strncmp(layer, "block", 5) == 0 ? BIT(HF_FACTOR_T) : 0;
}
