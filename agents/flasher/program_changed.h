/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FLASHER_PROGRAM_CHANGED_H
#define HF_FLASHER_PROGRAM_CHANGED_H

#include "flasher/flasher.h"

/**
 * @file program_changed.h
 * What is known to be in a chip's flash, erase unit by erase unit, and the programming that goes by it.
 */

typedef struct hf_contents hf_contents;

/** @param chip borrowed @return NULL when out of memory; else nothing is known */
hf_contents *hf_contents_new(const hf_chip *chip);
/** NULL allowed. */
void hf_contents_free(hf_contents *contents);
void hf_contents_forget(hf_contents *contents);

/** As hf_flasher_program(), with the back end's operations. */
hf_status hf_contents_program(hf_contents *contents, const hf_flasher_ops *ops, void *state, uint32_t address,
                              const uint8_t *bytes, size_t size_bytes, hf_deadline deadline,
                              uint32_t *bytes_written, hf_error *err);

#endif
