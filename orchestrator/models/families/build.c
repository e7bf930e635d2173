/* SPDX-License-Identifier: Apache-2.0 */
#include "family.h"

hf_status hf_variation_build(const hf_variation *variation, hf_graph **out, hf_error *err)
{
    char name[HF_VARIATION_NAME_SIZE];
    hf_status status = hf_variation_name(variation, name, err);
    if (status)
        return status;
    status = hf_family_find(variation->family)->build(variation, name, out, err);
    if (status)
        hf_error_context(err, HF_FAULT_JOB, "%s", name);
    return status;
}
