/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOSTS_STATE_H
#define HF_HOSTS_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "broker/blobs.h"
#include "hosts/hosts.h"
#include "orders/bodies.h"

/** @file hosts_state.h
 * What the files of this module share:
 *
 *   hosts.c          the connection, its messages, and time for boards that nobody commands now
 *   known_hosts.c    which hosts there are
 *   clocks.c         how far their clocks are from that of this host
 *   remembered_hosts.c  the same in files that outlive the process
 *   farm_hosts.c     the hosts of a farm file
 *   remote_board.c   a board: the actions of its state machine
 *   commands.c       a worker's commands: bodies of orders, what answers mean
 *   route.c          which board a message of an agent is for
 *   remote_console.c a person's console of a board
 *   listen.c         what a board says in a worker's commands
 */

/* A board whose owner has vanished is free after this. */
#define LEASE_MS 15000
#define RENEW_MS 5000
/* Messages of an agent that wait for the board's turn; what does not fit is as good as lost. */
#define INBOX 16

/* Part of an order's budget: for files on a slow link. */
#define REMOTE_TRANSFER_MS 300000

typedef struct remote_console remote_console;

typedef struct remote {
    hf_hosts *hosts;
    hf_remote_board board;
    char key[HF_LEASE_KEY_SIZE];        /* of the lease */
    char holder[HF_ENVELOPE_NAME_SIZE]; /* of the latest lease; unique */
    pthread_mutex_t mutex;              /* guards what follows */
    pthread_cond_t changed;
    hf_owner *owner;
    hf_lease lease;
    bool due_acquire, due_renew, due_release; /* lease operations, which block */
    hf_lease released;
    hf_buffer inbox[INBOX];
    uint32_t inbox_count;
    /* The command under way. */
    bool commanded, replied;
    bool fetching; /* the answer; meanwhile the time of the board passes in the ticker */
    hf_owner_outcome outcome;
    hf_buffer answer; /* body of the answer */
    char taken_by[HF_ENVELOPE_NAME_SIZE];
    const hf_attempt_request *request; /* of an attempt */
    /* What the board says, if anybody listens. */
    bool listening;
    uint64_t tell_ns;          /* when the agent is told again */
    hf_order_token told_token; /* in which holding it was told */
    hf_order_token heard_token;
    uint64_t heard; /* position up to which it was heard in that holding; valid once `in_step` */
    bool in_step;
    remote_console *console; /* it is only for this console; NULL = it is for a worker */
    LIST_ENTRY(remote) link;
} remote;

typedef struct known_host {
    hf_host_state state;
    hf_hello hello; /* what it said last that could be understood */
} known_host;

struct hf_hosts {
    hf_broker *broker;
    uint32_t patience_ms, lease_ms, renew_ms; /* of boards that are made from now on */
    hf_blobs *blobs;
    char owner[HF_ENVELOPE_NAME_SIZE];
    pthread_t ticker;
    bool has_ticker;
    pthread_t clocks;
    bool has_clocks;
    atomic_bool quit_clocks;
    pthread_cond_t wake_clocks; /* with the mutex */
    bool cut_off;               /* there was no connection at the last tick */
    pthread_mutex_t mutex;      /* guards what follows, up to the list */
    pthread_cond_t wake;
    bool quit;
    uint32_t holders;               /* counts leases */
    known_host known[HF_HOSTS_MAX]; /* by name */
    uint32_t known_count;
    pthread_rwlock_t list; /* of boards; taken before a board's mutex */
    LIST_HEAD(, remote) boards;
};

/* known_hosts.c */
void hf_hosts_on_announce(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply);
/** Takes over what a host says. @param heard_ns when; 0 = in an earlier process */
void hf_hosts_note(hf_hosts *hosts, const char *name, hf_hello *hello, uint64_t heard_ns);
void hf_hosts_forget(hf_hosts *hosts);

/* How long an agent may be silent. */
typedef struct remote_patience {
    uint64_t confirmed_ms; /* in the middle of an order */
    uint64_t close_ms;     /* when closing and cancelling */
} remote_patience;

/* remote_board.c */
/** @param out of no use to others before hf_remote_enlist() */
hf_status hf_remote_new(hf_hosts *hosts, const hf_remote_board *board, const remote_patience *patience,
                        remote **out, hf_error *err);
/** From now on it gets messages and turns. */
void hf_remote_enlist(remote *r);
void hf_remote_free(remote *r);

/* commands.c */
typedef struct offered_firmware {
    hf_open_body body;
    uint8_t *full, *small;
} offered_firmware;

/** What an order to open a board says. The firmware is offered until it is withdrawn, which must be done on failure too. */
hf_status hf_remote_offer_firmware(const remote *r, offered_firmware *out, hf_error *err);
void hf_remote_withdraw_firmware(const remote *r, offered_firmware *firmware);
/** How long opening the board may take. */
uint64_t hf_remote_open_ms(const remote *r);
/** What the command's end means; its answer must be one to `command`. Under the board's mutex. */
hf_status hf_remote_take_answer(const remote *r, hf_worker_command command, hf_worker_reply *reply);

/* route.c: handlers of the connection */
void hf_hosts_on_message(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply);
void hf_hosts_on_output(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply);

/* listen.c; under the board's mutex */
/** Tells the agent that somebody listens, if it is time to. */
void hf_remote_listen(remote *r);
/** Passes on what the board has said. */
void hf_remote_heard(remote *r, const hf_envelope *output);

/* remote_console.c; under the board's mutex */
/** Something has come for its thread. */
void hf_remote_console_wake(const remote_console *console);
void hf_remote_console_output(remote_console *console, const hf_envelope *output);

/* clocks.c */
void hf_hosts_stop_clocks(hf_hosts *hosts);

/* remote_board.c; all under the board's mutex */
/** Tells the state machine what has come, and the time; carries out what does not block. */
void hf_remote_turn(remote *r);
/** Tells the state machine the time only. */
void hf_remote_time(remote *r);
/** Carries out what blocks, with the mutex released meanwhile. @return whether there was anything */
bool hf_remote_block(remote *r);
/** Carries out a command until its reply. */
void hf_remote_command(remote *r, hf_order_command command, const hf_buffer *body, uint64_t budget_ns);

#endif
