/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_ADDRESS_H
#define HF_SERIAL_ADDRESS_H

#include <netinet/in.h>

#include "config/board_config.h"
#include "process/watch.h"

/**
 * @file address.h
 * The location of a board's serial line: the device for a path or a USB description, or the addresses of a
 * terminal server.
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
    char name[HF_SERIAL_PATH_SIZE]; /**< what to open, also for messages: "/dev/ttyACM0", links resolved, or
                                         "host:port" */
    hf_socket_address addresses[HF_SERIAL_MAX_ADDRESSES]; /**< of a terminal server, tried in turn */
    uint32_t address_count;                               /**< 0 for a device or pty */
} hf_serial_address;

/**
 * Finds a board's port: resolves the links of its path, searches for the one USB port with its vendor,
 * product and serial number, or resolves the name of its terminal server.
 * @param deadline for resolving a host name
 * @param watch    can cancel that; NULL = none
 * @param out      written on HF_OK
 * @return HF_ENOTFOUND (class serial) if there is no such USB port (the message lists those present) or the
 *         host is unknown; HF_EINVALID if several USB ports match; HF_ETIMEOUT; HF_ECANCELLED. Whether a path
 *         exists is not checked: opening it reports that.
 */
hf_status hf_serial_find(const hf_board_config *config, hf_deadline deadline, const hf_watch *watch,
                         hf_serial_address *out, hf_error *err);

#define HF_SERIAL_KEY_SIZE 320
/**
 * The key to lock a port by, equal for every spelling of it.
 * @param index 0 .. hf_serial_key_count() - 1; a port of a terminal server has a key for each of its
 * addresses
 */
void hf_serial_key(const hf_serial_address *address, uint32_t index, char key[HF_SERIAL_KEY_SIZE]);
uint32_t hf_serial_key_count(const hf_serial_address *address);

/**
 * Resolves a host's name or address, with a deadline.
 * @param name "host:port", for messages
 * @param out  as many addresses as fit
 * @return as hf_serial_find()
 */
hf_status hf_serial_lookup(const char *host, uint16_t port, const char *name, hf_deadline deadline,
                           const hf_watch *watch, hf_socket_address out[HF_SERIAL_MAX_ADDRESSES],
                           uint32_t *count, hf_error *err);

#endif
