/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_SCRIPT_H
#define HF_BOARD_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/path.h"

/**
 * @file script.h
 * Where OpenOCD finds its scripts: the working folder, $OPENOCD_SCRIPTS, the user's folders, and where Debian
 * or a build from source installs them (OpenOCD User's Guide, "Running").
 */

/**
 * Looks a script up as OpenOCD's [find] does.
 * @param name "interface/stlink.cfg", or a path
 * @return false, and *path unwritten, when it is nowhere
 */
bool hf_script_find(const char *name, char *path, size_t size);

/** A text that is the same for two names of one script: the path of the file they lead to, or the name itself
 * where there is no such file. */
void hf_script_key(const char *name, char key[HF_DEVICE_KEY_SIZE]);

#endif
