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
    depthwise_3x3_dsp.c
    depthwise_3x3_words_dsp.c
    depthwise_intake.c
    depthwise_intake_dsp.c
    depthwise_layout.c
    depthwise_rows.c
    depthwise_six_dsp.c
    depthwise_small_map_dsp.c
    depthwise_words.c
    depthwise_words_dsp.c
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
