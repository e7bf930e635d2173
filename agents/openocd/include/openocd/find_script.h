/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_FIND_SCRIPT_H
#define HF_OPENOCD_FIND_SCRIPT_H

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

/**
 * @file find_script.h
 * Whether OpenOCD has a script, without starting it.
 */

/**
 * Finds a script as OpenOCD does.
 * @param name     "interface/stlink.cfg", or a path
 * @param of_probe it is the farm file's probe.interface, which the message then says
 * @param program  OpenOCD: a path, or a name from PATH
 * @param folder   searched first; NULL = none
 * @param path     written on HF_OK
 * @return HF_ENOTFOUND (class probe, permanent); the message suggests the most similar script
 */
hf_status hf_openocd_find_script(const char *name, bool of_probe, const char *program, const char *folder,
                                 char path[PATH_MAX], hf_error *err);

/** Whether there is a folder with OpenOCD's own scripts: if not, a missing script says nothing about its name. */
bool hf_openocd_has_scripts(const char *program);

#endif
