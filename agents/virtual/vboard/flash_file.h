/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_FLASH_FILE_H
#define VB_FLASH_FILE_H

#include <stdbool.h>

#include "interface/machine.h"

/**
 * @file flash_file.h
 * Keeps the flash in a file while the board is off: a plain image of the main flash from its first address
 * on. It is read and written over the bus, by the chip's own programming sequence, so the machine needs no
 * back door.
 */

/**
 * Programs the file's contents into the erased flash of a new machine; reset the machine afterwards. A
 * missing file leaves the flash erased.
 * @return false with a message on stderr: unreadable, wrong size, or programming failed
 */
bool vb_flash_file_load(vb_machine *machine, const char *chip, const char *path);

/** Replaces the file with the contents of the flash, atomically. @return false with a message */
bool vb_flash_file_save(vb_machine *machine, const char *chip, const char *path);

#endif
