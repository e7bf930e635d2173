/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOSTS_FARM_HOSTS_H
#define HF_HOSTS_FARM_HOSTS_H

#include "hosts/hosts.h"
#include "spec/farm_file.h"

/**
 * @file farm_hosts.h
 * The hosts of a farm file: connecting to its NATS server, and adding the boards that the agents announce.
 */

/** Boards that a host can have in a farm, over the farm's life: it cannot take the room of others by announcing ever new ones. */
#define HF_HOST_MAX_BOARDS 256

/**
 * Connects to the server of a farm.
 * @param farm    with a broker
 * @param program of the owner's name, such as "hilfarmd"; the name of this host and the process id follow
 * @param watch   as in hf_broker_options
 * @param out     hf_hosts_free()
 * @return HF_OK; what hf_broker_connect() and hf_hosts_new() return
 */
hf_status hf_farm_hosts_open(const hf_farm *farm, const char *program, const hf_broker_watch *watch,
                             hf_hosts **out, hf_error *err);

/**
 * Calls the agents, and adds the boards that they announce and the farm does not have yet. A board of another host has the id
 * "HOST/BOARD", and the name of its host as a further tag.
 * @param least_ms how long to listen for hosts that the farm file does not name
 * @param most_ms  how long to wait for those that it names
 * @param added    number of boards; may be NULL
 * @return HF_OK, even if a host does not answer: see hf_hosts_list(); HF_ELIMIT for more boards than a farm can have; HF_ENOMEM
 */
hf_status hf_farm_hosts_find(hf_hosts *hosts, hf_farm *farm, uint32_t least_ms, uint32_t most_ms,
                             uint32_t *added, hf_error *err);

/** Adds boards that were announced and are not in the farm yet, without waiting. @param added number of boards */
hf_status hf_farm_hosts_add(hf_hosts *hosts, hf_farm *farm, uint32_t *added, hf_error *err);

/** Whether hf_farm_hosts_add() would add something. */
bool hf_farm_hosts_has_new(hf_hosts *hosts, const hf_farm *farm);

/** Appends a line for each host that cannot be used now, with the reason. */
void hf_farm_hosts_problems(hf_hosts *hosts, const hf_farm *farm, hf_buffer *out);

/** Makes the back end of a board of another host; `hosts` is an hf_hosts. Matches hf_controller_remote.make. */
hf_status hf_farm_hosts_backend(void *hosts, const hf_farm_board *board, const hf_board_options *options,
                                hf_worker_backend *out, hf_error *err);

/** The same for a person's console. @param options copied; what they point to is borrowed for the back end's life */
hf_status hf_farm_hosts_console(hf_hosts *hosts, const hf_farm_board *board, const hf_board_options *options,
                                const hf_board_line_settings *settings, hf_console_backend *out,
                                hf_error *err);

#endif
