/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HEALTH_GOLDEN_H
#define HF_HEALTH_GOLDEN_H

#include <stddef.h>

#include "base/error.h"
#include "board/board.h"

/**
 * @file golden.h
 * The golden image of health checks: a small model that is generated, compiled and flashed like any other, so that its
 * output is known from the reference and its cycles are comparable from night to night.
 */

/** Its model: the smallest that has every stage of a network. Its image fills one erase unit of any chip. */
#define HF_GOLDEN_MODEL "mobilenetv1_0.1_32_c1_o2_l1ll16pl16"
/** Timed inferences of a check; their median counts. */
#define HF_GOLDEN_RUNS 5u

typedef struct hf_golden hf_golden;

/** Generates and compiles the model and computes its output, in some milliseconds. @param out hf_golden_free() */
hf_status hf_golden_new(hf_golden **out, hf_error *err);
void hf_golden_free(hf_golden *golden);

/** The attempt of a check; it points into `golden`. */
hf_attempt_request hf_golden_request(const hf_golden *golden);
/** CRC-32 of the image, which identifies it in the store. */
uint32_t hf_golden_image_crc32(const hf_golden *golden);

#endif
