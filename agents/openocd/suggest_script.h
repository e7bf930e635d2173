/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_SUGGEST_SCRIPT_H
#define HF_OPENOCD_SUGGEST_SCRIPT_H

#include <stddef.h>

/**
 * @file suggest_script.h
 * OpenOCD's scripts on this host, for "did you mean" when one is not found.
 */

#define HF_SCRIPT_NAME_SIZE 160

/**
 * The existing script nearest to a name that was not found.
 * @param name    as OpenOCD was asked for it: "interface/stlnk.cfg", "stlink.cfg"
 * @param program of OpenOCD: its own scripts are looked for beside it too; a path, or a name from PATH
 * @param folder  searched first; NULL = none
 * @param out     the script's name relative to the folder it was found in; "" = none is near
 */
void hf_script_suggest(const char *name, const char *program, const char *folder,
                       char out[HF_SCRIPT_NAME_SIZE]);

#endif
