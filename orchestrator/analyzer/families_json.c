/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/families_json.h"

#include "families/families.h"

static json_t *factor_object(const hf_factor_range *range)
{
    json_t *values = range->values ? json_array() : json_null();
    for (uint32_t i = 0; range->values && i < range->value_count; i++)
        json_array_append_new(values, json_real(range->values[i]));
    return json_pack("{s:s, s:f, s:f, s:b, s:b, s:o}", "name", hf_factor_name(range->factor), "min",
                     range->min, "max", range->max, "integer", range->integer, "optional", range->optional,
                     "values", values);
}

static json_t *family_object(const hf_family *family)
{
    json_t *factors = json_array(), *heads = json_array();
    for (uint32_t i = 0; i < family->range_count; i++)
        json_array_append_new(factors, factor_object(&family->ranges[i]));
    for (int head = HF_HEAD_DEFAULT + 1; head < HF_HEAD_COUNT; head++)
        if (family->heads & (1u << head))
            json_array_append_new(heads, json_string(hf_head_name((hf_head)head)));
    return json_pack("{s:s, s:o, s:o, s:s}", "name", family->name, "factors", factors, "heads", heads,
                     "default_head", hf_head_name(family->default_head));
}

json_t *hf_families_json(void)
{
    json_t *families = json_array();
    const hf_family *family;
    for (uint32_t i = 0; families && (family = hf_family_at(i)); i++)
        if (json_array_append_new(families, family_object(family)) != 0) {
            json_decref(families);
            families = NULL;
        }
    return families;
}
