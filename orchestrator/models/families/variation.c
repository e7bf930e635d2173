/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/buffer.h"
#include "family.h"

/* Checks a factor that has a list of permitted values. */
static hf_status check_listed_value(const hf_family *family, const hf_factor_range *range, double value,
                                    hf_error *err)
{
    hf_buffer listed = HF_BUFFER_INIT;
    for (uint32_t i = 0; i < range->value_count; i++) {
        if (range->values[i] == value) {
            hf_buffer_free(&listed);
            return HF_OK;
        }
        hf_buffer_printf(&listed, "%s%g", i ? ", " : "", range->values[i]);
    }
    hf_status status = HF_EINVALID;
    (void)HF_FAIL(err, status, "%s: %s is %g, expected one of: %s", family->name,
                  hf_factor_name(range->factor), value, hf_buffer_text(&listed));
    hf_buffer_free(&listed);
    return status;
}

static hf_status check_value(const hf_family *family, const hf_factor_range *range, double value,
                             hf_error *err)
{
    const char *name = hf_factor_name(range->factor);
    const char *kind = range->integer ? "a whole number" : "a number";
    if (range->values)
        return check_listed_value(family, range, value, err);
    if (!(value >= range->min && value <= range->max) || (range->integer && value != floor(value)))
        return HF_FAIL(err, HF_EINVALID, "%s: %s is %g, expected %s from %g to %g", family->name, name, value,
                       kind, range->min, range->max);
    if (range->factor == HF_FACTOR_CHANNELS && value == 2)
        return HF_FAIL(err, HF_EINVALID, "%s: channels is 2, expected 1 (grey) or 3 (colour)", family->name);
    char text[HF_FACTOR_TEXT_SIZE];
    if (!hf_factor_format(value, text))
        return HF_FAIL(err, HF_EINVALID, "%s: %s is %.17g, expected at most %d decimal places", family->name,
                       name, value, HF_FACTOR_MAX_DECIMALS);
    return HF_OK;
}

static hf_status check_head(const hf_family *family, hf_head head, hf_error *err)
{
    if (head == HF_HEAD_DEFAULT || ((unsigned)head < HF_HEAD_COUNT && family->heads & HF_HEAD_BIT(head)))
        return HF_OK;
    hf_buffer heads = HF_BUFFER_INIT;
    for (hf_head h = HF_HEAD_GAP; h < HF_HEAD_COUNT; h++)
        if (family->heads & HF_HEAD_BIT(h))
            hf_buffer_printf(&heads, "%s%s", heads.size ? ", " : "", hf_head_name(h));
    hf_status status = HF_EINVALID;
    (void)HF_FAIL(err, status, "%s has no classifier head \"%s\", expected one of: %s", family->name,
                  hf_head_name(head), hf_buffer_text(&heads));
    hf_buffer_free(&heads);
    return status;
}

hf_status hf_variation_check(const hf_variation *variation, hf_error *err)
{
    const hf_family *family = hf_family_find(variation->family);
    if (!family)
        return HF_FAIL(err, HF_EINVALID, "unknown model family \"%s\"",
                       variation->family ? variation->family : "");
    for (hf_factor factor = 0; factor < HF_FACTOR_COUNT; factor++) {
        const hf_factor_range *range = hf_family_range(family, factor);
        bool set = hf_factor_is_set(variation, factor);
        if (set && !range)
            return HF_FAIL(err, HF_EINVALID, "%s has no factor \"%s\"", family->name, hf_factor_name(factor));
        if (!set && range && !range->optional)
            return HF_FAIL(err, HF_EINVALID, "%s: %s is missing", family->name, hf_factor_name(factor));
        if (set) {
            hf_status status = check_value(family, range, variation->factors[factor], err);
            if (status)
                return status;
        }
    }
    return check_head(family, variation->head, err);
}
