/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FAMILIES_FAMILY_H
#define HF_FAMILIES_FAMILY_H

#include "families/families.h"
#include "graph/builder.h"

/** @file family.h One declaration per family file, and the table's entry for each in families.c. */
extern const hf_family hf_family_mobilenetv1;
extern const hf_family hf_family_mobilenetv2;
extern const hf_family hf_family_mobilenetv3small_sq;
extern const hf_family hf_family_mobilenetv3small_nsq;
extern const hf_family hf_family_shufflenetv1;
extern const hf_family hf_family_shufflenetv2;

/** Bit of a head in hf_family.heads. */
#define HF_HEAD_BIT(head) (1u << (head))

/** Whether the variation gives the factor explicitly. */
static inline bool hf_factor_is_set(const hf_variation *variation, hf_factor factor)
{
    return (variation->set >> factor) & 1u;
}

/** The factor where it is given, else the family's default. */
static inline double hf_factor_or(const hf_variation *variation, hf_factor factor, double otherwise)
{
    return hf_factor_is_set(variation, factor) ? variation->factors[factor] : otherwise;
}

/** The head a variation has, which is never HF_HEAD_DEFAULT. */
static inline hf_head hf_variation_head(const hf_variation *variation, const hf_family *family)
{
    return variation->head == HF_HEAD_DEFAULT ? family->own_head : variation->head;
}

/** The range of a factor, or NULL if the family does not have it. */
const hf_factor_range *hf_family_range(const hf_family *family, hf_factor factor);

/** The layers of a head after the features. @param hidden channels of HF_HEAD_MV3's first convolution */
void hf_family_classifier(hf_builder *builder, hf_head head, int32_t classes, int32_t hidden);

/** Decimal digits behind the point that a factor may have in a name. */
#define HF_FACTOR_MAX_DECIMALS 9
/**
 * Writes a factor as names do: shortest decimal, no exponent. @param text HF_FACTOR_TEXT_SIZE bytes
 * @return false if the value has more than HF_FACTOR_MAX_DECIMALS decimals, is negative or above 1e6
 */
#define HF_FACTOR_TEXT_SIZE 24
bool hf_factor_format(double value, char *text);
/** Reads a plain decimal, digits[.digits], at *at and moves past it. @return false, and nothing changed, when
 * there is none */
bool hf_factor_read(const char **at, double *out);

#endif
