/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DIRECT_BOARD_H
#define DIRECT_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chips/chips.h"

/**
 * @file direct_board.h
 * Runs an image on the machine of a virtual board within this process, with its serial line connected directly: no debug
 * port, no OpenOCD. For benchmarks that need many short measurements.
 */

enum { HF_DIRECT_MAX_LAYERS = 512 };

typedef struct hf_direct_result {
    uint32_t output_crc32;
    uint64_t cycles; /**< of an inference, modelled */
    uint32_t layers; /**< of the image; those beyond HF_DIRECT_MAX_LAYERS are not kept */
    uint64_t layer_cycles[HF_DIRECT_MAX_LAYERS];
    uint64_t instructions; /**< of all inferences and their request */
    double cpu_seconds;    /**< of this process for these */
} hf_direct_result;

/**
 * @param firmware path of the bench firmware's binary
 * @param image    a model image; its input is that of seed 1
 * @param runs     inferences to time, >= 1, after one that is not timed; one more times the layers
 * @param echo     print the records of the wire protocol to stdout, one per line
 * @param out      written on success only
 * @return false if anything failed; stderr says what
 */
bool hf_direct_run(const hf_chip *chip, const char *firmware, const uint8_t *image, size_t image_bytes,
                   uint32_t runs, bool echo, hf_direct_result *out);

#endif
