/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_SUGGEST_SCRIPT_H
#define HF_OPENOCD_SUGGEST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/**
 * @file suggest_script.h
 * Suggests an existing OpenOCD script when one is not found.
 */

#define HF_SCRIPT_NAME_SIZE 160

/**
 * Finds the existing script whose name is most similar to one that was not found.
 * @param name    as given to OpenOCD: "interface/stlnk.cfg", "stlink.cfg"
 * @param program OpenOCD, whose installation is searched too; a path, or a name from PATH
 * @param folder  searched first; NULL = none
 * @param out     the script's name relative to the folder it was found in; "" = none is similar
 */
void hf_script_suggest(const char *name, const char *program, const char *folder,
                       char out[HF_SCRIPT_NAME_SIZE]);

/** Fails because there is no such script, as hf_openocd_find_script(). */
hf_status hf_script_missing(const char *name, bool of_probe, const char *program, const char *folder,
                            hf_error *err);

#endif
