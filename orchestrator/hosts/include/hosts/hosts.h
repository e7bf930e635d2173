/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOSTS_HOSTS_H
#define HF_HOSTS_HOSTS_H

#include "broker/broker.h"
#include "orders/hello.h"
#include "worker/worker.h"

/**
 * @file hosts.h
 * The boards of other hosts, as back ends for workers (agents/orders/MESSAGES.md). A process has one connection to the NATS
 * server and holds the lease of each board while the board is open.
 */

typedef struct hf_hosts hf_hosts;

/**
 * @param broker taken over, also on failure
 * @param owner  name of this process for people, such as "hilfarmd-pc1-4711"; hf_envelope_name_ok(), at most 40 characters; copied
 * @param out    free with hf_hosts_free()
 * @return HF_OK; HF_EINVALID: the name; what hf_broker_use_leases() returns; HF_EIO, HF_ENOMEM
 */
hf_status hf_hosts_new(hf_broker *broker, const char *owner, hf_hosts **out, hf_error *err);
/** All back ends must have been freed. NULL allowed. */
void hf_hosts_free(hf_hosts *hosts);

/**
 * Asks a host for its boards.
 * @param out written on HF_OK; hf_hello_free()
 * @return HF_OK; class agent: HF_ENOTFOUND or HF_ETIMEOUT if it does not answer, HF_EUNSUPPORTED if its agent speaks another
 * version, HF_EFORMAT
 */
hf_status hf_hosts_ask(hf_hosts *hosts, const char *host, uint32_t timeout_ms, hf_hello *out, hf_error *err);

/** A board of another host. Borrowed for the back end's life. */
typedef struct hf_remote_board {
    const char *host;
    const char *id;   /**< on that host */
    const char *chip; /**< a hf_chip name */
    bool modelled;
    const hf_board_options
        *options; /**< firmware_dir, cancel_fd and deadlines are used; may change between commands */
} hf_remote_board;

/** @param out written on HF_OK; nothing is opened yet */
hf_status hf_remote_board_new(hf_hosts *hosts, const hf_remote_board *board, hf_worker_backend *out,
                              hf_error *err);

#endif
