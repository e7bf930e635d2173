/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONFIG_OPENOCD_SCRIPTS_H
#define HF_CONFIG_OPENOCD_SCRIPTS_H

#include <limits.h>
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
 * The script folder of an installation of OpenOCD: <prefix>/share/openocd/scripts for <prefix>/bin/openocd.
 * @param program a path, or a name from PATH
 * @return false if there is no such program
 */
bool hf_script_installation(const char *program, char dir[HF_SCRIPT_DIR_SIZE]);

/**
 * Finds a script as OpenOCD does.
 * @param name    "interface/stlink.cfg", or a path
 * @param folder  searched as well; NULL = none
 * @param program OpenOCD, whose installation is searched too; NULL = only the default folders
 * @param path    written on success
 */
bool hf_script_find(const char *name, const char *folder, const char *program, char path[PATH_MAX]);

/**
 * A key that is equal for two names of the same script: the path of the file that OpenOCD would find, with
 * all links resolved, or the name itself if there is no such file.
 * @param name   "interface/stlink.cfg", or a path
 * @param folder searched as well; NULL = none
 */
void hf_script_key(const char *name, const char *folder, char key[HF_DEVICE_KEY_SIZE]);

#endif
