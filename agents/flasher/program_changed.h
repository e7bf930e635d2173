/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FLASHER_PROGRAM_CHANGED_H
#define HF_FLASHER_PROGRAM_CHANGED_H

#include "flasher/flasher.h"

/**
 * @file program_changed.h
 * Keeps track of what a chip's flash is known to hold, per erase unit, and programs only the units that
 * differ.
 */

typedef struct hf_contents hf_contents;

/** @param chip borrowed @return with no unit known yet; NULL when out of memory */
hf_contents *hf_contents_new(const hf_chip *chip);
/** NULL allowed. */
void hf_contents_free(hf_contents *contents);
void hf_contents_forget(hf_contents *contents);

/** As hf_flasher_program(), with the operations of the back end. */
hf_status hf_contents_program(hf_contents *contents, const hf_flasher_ops *ops, void *state, uint32_t address,
                              const uint8_t *bytes, size_t size_bytes, hf_deadline deadline,
                              uint32_t *bytes_written, hf_error *err);

#endif
