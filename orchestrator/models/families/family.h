/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FAMILIES_FAMILY_H
#define HF_FAMILIES_FAMILY_H

#include "families/families.h"
#include "graph/builder.h"

/**
 * @file family.h
 * The families, each defined in its own file and listed in families.c, and the functions that they share.
 */
extern const hf_family hf_family_mobilenetv1;
extern const hf_family hf_family_mobilenetv2;
extern const hf_family hf_family_mobilenetv3small_sq;
extern const hf_family hf_family_mobilenetv3small_nsq;
extern const hf_family hf_family_shufflenetv1;
extern const hf_family hf_family_shufflenetv2;

/** The bit of a head in hf_family.heads. */
#define HF_HEAD_BIT(head) (1u << (head))

/** Whether the variation sets the factor explicitly. */
static inline bool hf_factor_is_set(const hf_variation *variation, hf_factor factor)
{
    return (variation->set >> factor) & 1u;
}

/** The factor if the variation sets it, else the default. */
static inline double hf_factor_or(const hf_variation *variation, hf_factor factor, double default_value)
{
    return hf_factor_is_set(variation, factor) ? variation->factors[factor] : default_value;
}

/** The head of a variation, never HF_HEAD_DEFAULT. */
static inline hf_head hf_variation_head(const hf_variation *variation, const hf_family *family)
{
    return variation->head == HF_HEAD_DEFAULT ? family->default_head : variation->head;
}

/** The range of a factor, or NULL if the family does not have it. */
const hf_factor_range *hf_family_range(const hf_family *family, hf_factor factor);

/** Appends the layers of a classifier head. @param hidden channels of the first convolution of HF_HEAD_MV3 */
void hf_family_classifier(hf_builder *builder, hf_head head, int32_t classes, int32_t hidden);

/** Most decimal places of a factor in a name. */
#define HF_FACTOR_MAX_DECIMALS 9
/**
 * Formats a factor for a name: the shortest decimal, without exponent. @param text HF_FACTOR_TEXT_SIZE bytes
 * @return false if the value has more than HF_FACTOR_MAX_DECIMALS decimals, is negative or above 1e6
 */
#define HF_FACTOR_TEXT_SIZE 24
bool hf_factor_format(double value, char *text);
/** Parses a plain decimal, digits[.digits], at *at and moves past it.
 * @return false if there is none; *at and *out are unchanged */
bool hf_factor_read(const char **at, double *out);

#endif
