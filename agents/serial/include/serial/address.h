/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_ADDRESS_H
#define HF_SERIAL_ADDRESS_H

#include <netinet/in.h>

#include "config/board_config.h"
#include "process/watch.h"

/**
 * @file address.h
 * Where a board's serial line is, looked up: the device behind a path or a USB description, the addresses
 * behind a terminal server's name.
 */

#define HF_SERIAL_PATH_SIZE     256
#define HF_SERIAL_MAX_ADDRESSES 4

/** An IPv4 or IPv6 address with its port. */
typedef union hf_socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} hf_socket_address;

typedef struct hf_serial_address {
    hf_port_kind kind;
    char name[HF_SERIAL_PATH_SIZE]; /**< for messages, and what to open: "/dev/ttyACM0" with no link in it, or
                                         "host:port" */
    hf_socket_address addresses[HF_SERIAL_MAX_ADDRESSES]; /**< of a terminal server, to be tried in turn */
    uint32_t address_count;                               /**< 0 for a device or pty */
} hf_serial_address;

/**
 * Finds the port that a board's description means: its path with all links followed, the one USB port with
 * this vendor, product and serial number, or a terminal server's addresses.
 * @param deadline for the look-up of a host's name; cancelled through the watch
 * @param watch NULL = nothing to attend to
 * @param out written on HF_OK
 * @return HF_ENOTFOUND (class serial) for a USB port that is not there, saying which are; for a host that
 * nobody knows; HF_EINVALID for several such USB ports; HF_ETIMEOUT; HF_ECANCELLED. A path is not looked at:
 * opening it will tell.
 */
hf_status hf_serial_find(const hf_board_config *config, hf_deadline deadline, const hf_watch *watch,
                         hf_serial_address *out, hf_error *err);

#define HF_SERIAL_KEY_SIZE 320
/**
 * What a port is to be locked by: the same text for every spelling of it.
 * @param index 0 .. hf_serial_key_count() - 1: a terminal server's port is locked by each of its addresses
 */
void hf_serial_key(const hf_serial_address *address, uint32_t index, char key[HF_SERIAL_KEY_SIZE]);
uint32_t hf_serial_key_count(const hf_serial_address *address);

/** Looks up a host's name or address without blocking on it. @param name "host:port", for messages. @param
 * out as many as there is room for. @return as hf_serial_find() */
hf_status hf_serial_lookup(const char *host, uint16_t port, const char *name, hf_deadline deadline,
                           const hf_watch *watch, hf_socket_address out[HF_SERIAL_MAX_ADDRESSES],
                           uint32_t *count, hf_error *err);

#endif
