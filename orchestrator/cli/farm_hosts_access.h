/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_FARM_HOSTS_ACCESS_H
#define HF_CLI_FARM_HOSTS_ACCESS_H

#include "farm/controller.h"
#include "hosts/farm_hosts.h"

/**
 * @file farm_hosts_access.h
 * The other hosts of a farm file. The program has one connection, which is closed when it ends; a farm without a broker has none.
 */

/**
 * Adds the boards of other hosts to a farm that was read, and prints which hosts cannot be used, and why.
 * @param unused NULL: as of hf_run_config_load()
 * @return HF_OK, also without a broker; class farm or agent if the server cannot be used, or the farm has no board
 */
hf_status hf_cli_find_hosts(void *unused, hf_farm *farm, hf_error *err);

/** What makes back ends for boards of other hosts; all NULL without a connection. */
hf_controller_remote hf_cli_remote(void);

/** The connection; NULL = none. */
hf_hosts *hf_cli_hosts(void);

#endif
