/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_LOCATIONS_H
#define HF_CLI_LOCATIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file locations.h
 * Default locations of the firmware images, the trainer, the store and the cache. An installed or copied tree is relocatable: files are
 * found relative to the running program.
 */

/** The default store in the current folder. */
#define HF_DEFAULT_DB "results/hilfarm.db"

/**
 * The folder of the firmware images, the first that applies: `given`, $HILFARM_FIRMWARE_DIR,
 * ../share/hilfarm/firmware relative to the program's folder (installed), ../firmware (build tree).
 * @param given from --firmware-dir, or NULL
 * @return never NULL; static storage, valid until the next call
 */
const char *hf_cli_firmware_dir(const char *given);

/**
 * The program hilfarm-train: `given`, else beside the running program, else as found in PATH.
 * @return NULL = it is not there; otherwise static storage, valid until the next call
 */
const char *hf_cli_trainer(const char *given);

/**
 * The store used without --db: HF_DEFAULT_DB if `results` in the current folder is writable or can be created;
 * otherwise hilfarm/hilfarm.db in $XDG_STATE_HOME, by default ~/.local/state (XDG Base Directory Specification).
 * @return never NULL; static storage, valid until the next call
 */
const char *hf_cli_default_store(void);

/** hilfarm/NAME in $XDG_STATE_HOME, by default ~/.local/state. @return false if the home folder is not known */
bool hf_cli_state_path(const char *name, char path[PATH_MAX]);
/** hilfarm/NAME in $XDG_CONFIG_HOME, by default ~/.config. @return false if the home folder is not known */
bool hf_cli_config_path(const char *name, char path[PATH_MAX]);

/**
 * Where runs in this process keep prepared variations: $HILFARM_CACHE_DIR, or hilfarm/prepared in $XDG_CACHE_HOME, by
 * default ~/.cache (XDG Base Directory Specification).
 * @return NULL = nowhere: $HILFARM_CACHE_DIR is empty, or the home folder is not known; otherwise static storage, valid
 * until the next call
 */
const char *hf_cli_cache_dir(void);

/**
 * How much they may take.
 * @param bytes set to $HILFARM_CACHE_LIMIT, such as "500 MB"; 0 = it is not set
 * @return HF_OK; HF_EINVALID if it is not a size
 */
hf_status hf_cli_cache_limit(uint64_t *bytes, hf_error *err);

#endif
