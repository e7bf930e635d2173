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
 * OpenOCD's default script folders, in its search order: $OPENOCD_SCRIPTS, the user's, and where Debian or a
 * build from source installs them. They need not exist.
 * @param index from 0
 * @param dir   the folder; "" if its name is too long
 * @return false past the last one
 */
bool hf_script_dir(size_t index, char dir[HF_SCRIPT_DIR_SIZE]);

/**
 * A key that is equal for two names of the same script: the path of the file that OpenOCD would find, with
 * all links resolved, or the name itself if there is no such file.
 * @param name   "interface/stlink.cfg", or a path
 * @param folder searched as well; NULL = none
 */
void hf_script_key(const char *name, const char *folder, char key[HF_DEVICE_KEY_SIZE]);

#endif
