/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CONSOLE_HERE_H
#define HF_CLI_CONSOLE_HERE_H

#include "api/console.h"
#include "console_terminal.h"
#include "programs.h"
#include "spec/farm_file.h"

/**
 * A console of a board of a farm file, in this process, under the locks that keep runs off it.
 * @param store_path of the store that knows who has reserved or disabled the board
 */
hf_status hf_cli_console_here(const hf_farm *farm, const char *board, const char *store_path,
                              const hf_cli_programs *programs, const hf_api_console_request *request,
                              hf_cli_console_terminal *terminal, hf_error *err);

#endif
