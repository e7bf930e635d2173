/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_IMAGE_IN_FILE_H
#define HF_FARM_IMAGE_IN_FILE_H

#include "farm/prepare.h"

/**
 * @file image_in_file.h
 * A farm with a thousand boards has two thousand prepared images: one under way and one ready for each board. They wait in
 * files, so that the system may take their memory back; what is read is mapped again from there.
 */

/**
 * Moves a prepared image from memory into a mapping of a file. Where that is impossible, the image stays in memory. Any thread.
 * @param folder on a disk; the file has no name, and vanishes with the image
 */
void hf_image_into_file(hf_prepared *prepared, const char *folder);
/** Frees a mapped image, as hf_image_free() frees one in memory; nothing happens to that. */
void hf_image_unmap(hf_prepared *prepared);

#endif
