/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOSTS_STATE_H
#define HF_HOSTS_STATE_H

#include <pthread.h>
#include <sys/queue.h>

#include "broker/blobs.h"
#include "hosts/hosts.h"
#include "orders/bodies.h"

/** @file hosts_state.h
 * What the files of this module share:
 *
 *   hosts.c          the connection, its messages, and time for boards that nobody commands now
 *   known_hosts.c    which hosts there are
 *   remembered_hosts.c  the same in files that outlive the process
 *   farm_hosts.c     the hosts of a farm file
 *   remote_board.c   a board: the actions of its state machine
 *   commands.c       a worker's commands: bodies of orders, what answers mean
 */

/* A board whose owner has vanished is free after this. */
#define LEASE_MS 15000
/* Messages of an agent that wait for the board's turn; what does not fit is as good as lost. */
#define INBOX 16

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
    hf_owner_outcome outcome;
    hf_buffer answer; /* body of the answer */
    char taken_by[HF_ENVELOPE_NAME_SIZE];
    const hf_attempt_request *request; /* of an attempt */
    LIST_ENTRY(remote) link;
} remote;

typedef struct known_host {
    hf_host_state state;
    hf_hello hello; /* what it said last that could be understood */
} known_host;

struct hf_hosts {
    hf_broker *broker;
    uint32_t patience_ms;
    hf_blobs *blobs;
    char owner[HF_ENVELOPE_NAME_SIZE];
    pthread_t ticker;
    bool has_ticker;
    bool cut_off;          /* there was no connection at the last tick */
    pthread_mutex_t mutex; /* guards what follows, up to the list */
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

/* remote_board.c; all under the board's mutex */
/** Tells the state machine what has come, and the time; carries out what does not block. */
void hf_remote_turn(remote *r);
/** Carries out what blocks, with the mutex released meanwhile. @return whether there was anything */
bool hf_remote_block(remote *r);
/** Carries out a command until its reply. */
void hf_remote_command(remote *r, hf_order_command command, const hf_buffer *body, uint64_t budget_ns);

#endif
