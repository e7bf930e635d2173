/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_OPEN_IN_BROWSER_H
#define HF_CLI_OPEN_IN_BROWSER_H

#include "base/error.h"

/**
 * @file open_in_browser.h
 * The user's browser, by xdg-open(1).
 */

/**
 * Opens an address or a file. The browser outlives this process.
 * @param target absolute path, or an address without secrets: other users can see the arguments of a process
 */
hf_status hf_cli_open_in_browser(const char *target, hf_error *err);

/**
 * Opens an address that others must not see: by a page that only the user can read, in $XDG_RUNTIME_DIR. It stays there until
 * the user logs out or the next such page replaces it.
 */
hf_status hf_cli_open_secret_in_browser(const char *address, hf_error *err);

#endif
