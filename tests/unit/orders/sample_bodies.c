/* SPDX-License-Identifier: Apache-2.0 */
#include "sample_bodies.h"

#include <stdio.h>

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const uint8_t input[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                     continued[8] = {9, 8, 7, 6, 5, 4, 3, 2};
static const uint32_t layer_crc32[2] = {0x11111111, 0x22222222};
static const hf_attempt_state states[1] = {{.from = 2, .to = 8, .bytes = 4}};
static const hf_attempt_step further[2] = {
    {.input = continued, .input_crc32 = 5, .output_crc32 = 6, .continues = true},
    {.input_seed = 77, .input_crc32 = 7, .output_crc32 = 8},
};

void sample_open(hf_open_body *out)
{
    *out = (hf_open_body){.chip = "stm32l4r5zi",
                          .firmware = {.sha256 = SHA, .bytes = 45544},
                          .small = {.sha256 = SHA, .bytes = 24288},
                          .deadlines = {1, 2, 3, 4, 5, 6, 7}};
}

void sample_attempt(hf_attempt_request *request, hf_board_deadlines *deadlines, hf_blob_ref *image)
{
    *deadlines = (hf_board_deadlines){10, 20, 30, 40, 50, 60, 70};
    *image = (hf_blob_ref){.sha256 = SHA, .bytes = 13000};
    *request = (hf_attempt_request){
        .name = "kws_streaming",
        .image_bytes = 13000,
        .rom_limit_bytes = 256000,
        .layer_count = 2,
        .input = input,
        .input_bytes = sizeof input,
        .inputs_bytes = sizeof continued,
        .input_seed = 3,
        .input_crc32 = 4,
        .output_crc32 = 0x33333333,
        .layer_crc32 = layer_crc32,
        .further = further,
        .further_count = 2,
        .states = states,
        .state_count = 1,
        .warmup = 1,
        .runs = 2,
        .layers = true,
        .keep_outputs = true,
        .output_bytes = 6,
    };
}

void sample_answer(hf_worker_reply *out)
{
    static hf_sample samples[6];
    static hf_layer layers[2];
    static uint8_t outputs[18];
    for (uint32_t i = 0; i < 6; i++)
        samples[i] = (hf_sample){.cycles = 1000 + i, .instructions = 900 + i};
    for (uint32_t i = 0; i < 2; i++) {
        layers[i] = (hf_layer){.height = 3, .width = 4, .channels = 5, .crc32 = layer_crc32[i]};
        snprintf(layers[i].name, sizeof layers[i].name, "block%u/pointwise", i);
        snprintf(layers[i].op, sizeof layers[i].op, "conv2d");
        layers[i].cycles = 400 + i;
        layers[i].macs = 300;
    }
    for (uint32_t i = 0; i < sizeof outputs; i++)
        outputs[i] = (uint8_t)(200 + i);
    *out = (hf_worker_reply){
        .command = HF_WORKER_ATTEMPT,
        .openocd_version = "Open On-Chip Debugger 0.12.0",
        .result = {.samples = samples,
                   .sample_count = 6,
                   .step_count = 3,
                   .outputs = outputs,
                   .output_bytes = 6,
                   .layers = layers,
                   .layer_count = 2,
                   .clock_hz = 120000000,
                   .clock_source = "msi_lse",
                   .clock_ratio = 1.0003,
                   .arena_bytes = 4096,
                   .static_bytes = 2048,
                   .stack_bytes = 1024,
                   .output_crc32 = 0x33333333,
                   .firmware_bytes = 45544,
                   .firmware_id = "e864",
                   .firmware_version = "1.0",
                   .modelled = true,
                   .phase_ns = {1, 2, 3, 4, 5, 6, 7},
                   .total_ns = 28,
                   .bytes_written = 512,
                   .serial_retries = 1},
    };
}
