/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOSTS_HOSTS_H
#define HF_HOSTS_HOSTS_H

#include "board/board_line.h"
#include "broker/broker.h"
#include "console/console.h"
#include "orders/hello.h"
#include "orders/host_clock.h"
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

/* ---- Which hosts there are ---- */

#define HF_HOSTS_MAX 256 /**< hosts that are remembered */
#define HF_HOST_AWAY_MS                                                                                      \
    15000 /**< a host that was silent for as long is away; it announces itself every 5 s */

typedef struct hf_host_state {
    char name[HF_ENVELOPE_NAME_SIZE];
    char version[32]; /**< of its agent */
    /** why it cannot be used, such as another version; "" = it can */
    char problem[HF_BROKER_PROBLEM_SIZE];
    bool leaving;      /**< its agent has ended */
    uint64_t heard_ns; /**< monotonic */
    uint32_t board_count;
    hf_host_clock_difference clock; /**< see hf_hosts_compare_clocks() */
} hf_host_state;

/** Whether its boards cannot be used now. */
bool hf_host_is_away(const hf_host_state *state, uint64_t now_ns);
/** Why they cannot; NULL = they can. Valid as long as the state. */
const char *hf_host_problem(const hf_host_state *state, uint64_t now_ns);
/**
 * Calls all agents, and waits until they have announced themselves.
 * @param names of hosts to wait for
 * @param least_ms how long to wait in any case, for others
 * @param most_ms  how long to wait at most; without a connection, least_ms
 * @return whether the named ones have answered
 */
bool hf_hosts_find(hf_hosts *hosts, const char *const *names, uint32_t count, uint32_t least_ms,
                   uint32_t most_ms);
/** Why there is no connection to the server, or no store of leases. @return false: all is well */
bool hf_hosts_problem(hf_hosts *hosts, char out[HF_BROKER_PROBLEM_SIZE]);
/** The hosts that have ever announced themselves, by name. Those that are silent because the server is away have that as their
 * problem. @return how many were written */
uint32_t hf_hosts_list(hf_hosts *hosts, hf_host_state *out, uint32_t most);
/** Asks all hosts that are there for their time: see hf_host_state.clock. Blocks for up to 3 s for each host. */
void hf_hosts_compare_clocks(hf_hosts *hosts);
/** Does so every minute, on a thread of its own, until hf_hosts_free(). Once. */
hf_status hf_hosts_watch_clocks(hf_hosts *hosts, hf_error *err);
/** What each of them said last, by name. Called with a lock held: call no function of this module. */
void hf_hosts_visit(hf_hosts *hosts, void (*visit)(void *user, const hf_hello *hello), void *user);
/** Writes what is known of hosts into a folder, which is made if there is none. */
hf_status hf_hosts_remember(hf_hosts *hosts, const char *folder, hf_error *err);
/** Reads it again: these hosts are known, and away until they announce themselves. Without the folder, nothing. */
hf_status hf_hosts_recall(hf_hosts *hosts, const char *folder, hf_error *err);
/** How long a host may be cut off in the middle of an order; before the first back end is made. */
void hf_hosts_set_patience(hf_hosts *hosts, uint32_t patience_ms);

/** A board of another host. Borrowed for the back end's life. */
typedef struct hf_remote_board {
    const char *host;
    const char *id;   /**< on that host */
    const char *chip; /**< a hf_chip name */
    bool modelled;
    const hf_board_options
        *options; /**< firmware_dir, cancel_fd and deadlines are used; may change between commands */
} hf_remote_board;

/**
 * The back end of a console on such a board. It holds the board's lease while it is open, so other owners cannot use the board.
 * Ends with HF_ETIMEOUT or HF_EIO, class agent, when the agent is silent for 10 s or is restarted.
 * @param out written on HF_OK; nothing is opened yet
 */
hf_status hf_remote_console_new(hf_hosts *hosts, const hf_remote_board *board,
                                const hf_board_line_settings *settings, hf_console_backend *out,
                                hf_error *err);

/** @param out written on HF_OK; nothing is opened yet */
hf_status hf_remote_board_new(hf_hosts *hosts, const hf_remote_board *board, hf_worker_backend *out,
                              hf_error *err);

#endif
