/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONFIG_OPENOCD_SCRIPTS_H
#define HF_CONFIG_OPENOCD_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/path.h"

/**
 * @file openocd_scripts.h
 * Where OpenOCD looks for its scripts (OpenOCD User's Guide, "Running").
 */

#define HF_SCRIPT_DIR_SIZE 512

/**
 * The folders that OpenOCD knows by itself, in its order: $OPENOCD_SCRIPTS, the user's, and those where
 * Debian or a build from source installs them. They need not exist.
 * @param index from 0
 * @return false past the last; a folder too long for `dir` comes out as ""
 */
bool hf_script_dir(size_t index, char dir[HF_SCRIPT_DIR_SIZE]);

/**
 * A text that is the same for two names of one script: the path of the file that OpenOCD would find, all
 * links followed, or the name itself where there is none.
 * @param name "interface/stlink.cfg", or a path
 * @param folder where else it may be; NULL = nowhere
 */
void hf_script_key(const char *name, const char *folder, char key[HF_DEVICE_KEY_SIZE]);

#endif
