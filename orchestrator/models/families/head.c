/* SPDX-License-Identifier: Apache-2.0 */
#include "family.h"

const char *hf_head_name(hf_head head)
{
    static const char *const names[HF_HEAD_COUNT] = {"", "GAP", "MV1", "MV3"};
    return (unsigned)head < HF_HEAD_COUNT ? names[head] : "unknown head";
}

void hf_family_classifier(hf_builder *builder, hf_head head, int32_t classes, int32_t hidden)
{
    static const hf_layer_style biased = {.bias = true}, plain = {.bias = false};
    if (head == HF_HEAD_GAP) {
        hf_builder_conv(builder, "classifier", 1, 1, classes, &biased);
        hf_builder_global_average_pool(builder, "pool");
    } else {
        hf_builder_global_average_pool(builder, "pool");
        if (head == HF_HEAD_MV3) {
            hf_builder_conv(builder, "last_conv", 1, 1, hidden, &plain);
            hf_builder_conv(builder, "classifier", 1, 1, classes, &plain);
        } else {
            hf_builder_dense(builder, "dense", classes, true, HF_ACTIVATION_NONE);
        }
    }
    hf_builder_softmax(builder, "softmax");
}
