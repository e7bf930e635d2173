/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_ENTRY_H
#define HF_FARM_PREPARE_ENTRY_H

#include "base/buffer.h"
#include "farm/prepare.h"

/**
 * @file prepare_entry.h
 * A prepared variation as bytes: what is expensive to compute. Graph, analysis and input are not part of it. All numbers
 * are little-endian; a real number is its IEEE 754 bits:
 *
 *     u32 format = 2, u32 flags (hf_prepare_entry_flags), u32 arena bytes, u64 least image bytes, u64 input bytes, u32 input CRC-32,
 *     of the graph's input and output tensor: real scale, u32 zero point
 *     IMAGE:    u64 size, the image, u32 CRC-32, u32 arena, input and output bytes, 64 digits of its SHA-256,
 *               u32 operators; for each: 5 x u32, the members of hf_image_op_output
 *     EXPECTED: u32 CRC-32 of the output, u32 for each operator; u32 further inferences; for each: u32 CRC-32 of its input, u32
 *               of its output
 *     ACCURACY: 3 reals: percent, low, high; u32 0: top-1, 1: AUC
 */

typedef enum hf_prepare_entry_flags {
    HF_PREPARE_ENTRY_IMAGE = 1,
    HF_PREPARE_ENTRY_EXPECTED = 2, /* only with IMAGE */
    HF_PREPARE_ENTRY_ACCURACY = 4,
} hf_prepare_entry_flags;

/** Appends the entry. Running out of memory sets out->failed. */
void hf_prepare_entry_encode(const hf_prepared *prepared, hf_buffer *out);

/**
 * Reads an entry.
 * @param out graph is there and stays; on success image, expected outputs, accuracy and sizes are set, and belong to it, as
 *            does the quantisation of the graph's input and output; `further` has CRCs only
 * @return false if it is not an entry for this graph, or out of memory; *out is unchanged
 */
bool hf_prepare_entry_decode(const uint8_t *bytes, size_t size, hf_prepared *out);

#endif
