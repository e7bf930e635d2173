/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_FLASH_FILE_H
#define VB_FLASH_FILE_H

#include <stdbool.h>

#include "interface/machine.h"

/**
 * @file flash_file.h
 * Keeping the flash in a file between one life of the board and the next: a plain image of the main flash
 * from its first address on. It is read and written over the bus, by the chip's own programming sequence, so
 * the machine needs no back door for it.
 */

/**
 * Programs the file's contents into the (erased) flash of a machine that has just been made; reset it
 * afterwards. A file that is not there leaves the flash erased.
 * @return false with a message on stderr: unreadable, of the wrong size, or the flash did not take it
 */
bool vb_flash_file_load(vb_machine *machine, const char *chip, const char *path);

/** Replaces the file by what is in the flash now, at once or not at all. @return false with a message */
bool vb_flash_file_save(vb_machine *machine, const char *chip, const char *path);

#endif
