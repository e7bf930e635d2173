/* SPDX-License-Identifier: Apache-2.0 */
/* A run of any size. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

#define LAYERS 30u

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *format, ...)
{
    char *made = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&made, format, arguments) < 0)
        abort();
    va_end(arguments);
    return made;
}

/* A plan of as many buffers as layers. */
static char *arena_map(uint32_t noise)
{
    char *map = text("-1,0,27648,0,0");
    for (uint32_t l = 0; l < LAYERS; l++) {
        char *longer = text("%s,%u,%u,%u,%u,%u", map, l, l % 2 ? 0 : 27648 + 16 * noise,
                            4096 + 64 * (noise % (l + 3)), l, l < LAYERS - 1 ? l + 1 : l);
        free(map);
        map = longer;
    }
    return map;
}

/* The i-th result of a large run: figures that are plausible and differ. */
hf_result_row sample_large_result(uint32_t i)
{
    static const char *const families[] = {"mobilenetv1", "mobilenetv2", "shufflenetv1", "shufflenetv2"};
    const uint32_t variation = i / 2, noise = variation * 2654435761U >> 20; /* 0 .. 4095 */
    hf_result_row row = {
        .position = (int32_t)i,
        .name = text("%s_%.2f_96_c3_o%u", families[variation % 4], 0.1 + noise / 5000.0, variation),
        .family = text("%s", families[variation % 4]),
        .chip = text(i % 2 ? "stm32f767zi" : "stm32l4r5zi"),
        .factors = calloc(2, sizeof(hf_factor_row)),
        .factor_count = 2,
        .macs = 1000000 + 7919 * (int64_t)noise,
        .params = 20000 + 97 * (int64_t)noise,
        .image_bytes = 30000 + 101 * (int64_t)noise,
        .peak_memory_bytes = 20000 + 31 * (int64_t)noise,
        .planned_arena_bytes = 9000 + 17 * (int64_t)noise,
        .clock_hz = i % 2 ? 216000000 : 120000000,
        .arena_bytes = 9000 + 17 * (int64_t)noise,
        .static_bytes = 2000,
        .stack_bytes = 1500,
        .firmware_bytes = 33664,
        .has_accuracy = true,
        .accuracy_percent = 70 + 15.0 * noise / 4096 + variation % 7,
        .accuracy_low_percent = 70 + 15.0 * noise / 4096 + variation % 7,
        .accuracy_high_percent = 70 + 15.0 * noise / 4096 + variation % 7,
        .outcome = HF_RESULT_MEASURED,
        .board_id = text("board-%u", i % 8),
        .arena_map = arena_map(noise),
        .firmware_id = text("bench-1"),
        .image_sha256 = text("%064x", variation),
        .accuracy_source = text(HF_ACCURACY_GIVEN),
        .attempt_count = 1,
        .modelled = true,
        .samples = calloc(3, sizeof(hf_sample)),
        .sample_count = 3,
        .layers = calloc(LAYERS, sizeof(hf_layer)),
        .layer_count = LAYERS};
    row.factors[0] = (hf_factor_row){text("alpha"), 0.1 + noise / 5000.0};
    row.factors[1] = (hf_factor_row){text("classes"), variation};
    for (uint32_t s = 0; s < 3; s++)
        row.samples[s].cycles = 2 * row.macs / (1 + i % 2) + 13 * variation % 1000;
    for (uint32_t l = 0; l < LAYERS; l++) {
        hf_layer *layer = &row.layers[l];
        snprintf(layer->name, sizeof layer->name, "block%u/%s", l / 2, l % 2 ? "pointwise" : "depthwise");
        snprintf(layer->op, sizeof layer->op, l % 2 ? "conv2d" : "depthwise_conv2d");
        layer->height = layer->width = 48 >> l / 8;
        layer->channels = (int32_t)(8 << l / 8);
        layer->macs = row.macs / LAYERS + 37 * (int64_t)(noise % (l + 3));
        layer->parameter_bytes = row.params / LAYERS + l;
        layer->live_bytes = row.peak_memory_bytes - 100 * (int64_t)l;
        layer->cycles = row.samples[0].cycles / LAYERS + l;
        layer->instructions = layer->cycles * 2 / 3;
        layer->estimated_cycles = layer->cycles - layer->cycles / 20 + 31 * (int64_t)l;
    }
    return row;
}

void sample_large(uint32_t variations, hf_report *report)
{
    sample_empty(report);
    report->result_count = 2 * (size_t)variations;
    free(report->results);
    report->results = calloc(report->result_count, sizeof *report->results);
    for (uint32_t i = 0; i < 2 * variations; i++)
        report->results[i] = sample_large_result(i);
    report->run.measured = (int32_t)report->result_count;
    report->run.limits = (hf_limits){.ram_bytes = 64000, .rom_bytes = 400000, .macs = 20000000};
}
