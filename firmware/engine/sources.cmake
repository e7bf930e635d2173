# SPDX-License-Identifier: Apache-2.0
# One list for the host library and for the firmware. Paths are relative to this folder; hf_crc32() comes from
# firmware/proto.
set(HF_ENGINE_SOURCES
    add.c
    conv.c
    conv_rgb.c
    conv_rgb_dsp.c
    dense.c
    dense_dsp.c
    depthwise.c
    depthwise_3x3.c
    depthwise_3x3_words.c
    depthwise_row.c
    depthwise_small.c
    depthwise_take.c
    depthwise_words.c
    gemm.c
    gemm_dsp.c
    layout.c
    model.c
    copy.c
    mul.c
    pool.c
    requant.c
    run.c
    softmax.c
    table.c
)
