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
    char key[HF_ENVELOPE_NAME_SIZE];    /* of the lease */
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

struct hf_hosts {
    hf_broker *broker;
    hf_blobs *blobs;
    char owner[HF_ENVELOPE_NAME_SIZE];
    pthread_t ticker;
    bool has_ticker;
    pthread_mutex_t mutex; /* guards the next two */
    pthread_cond_t wake;
    bool quit;
    uint32_t holders;      /* counts leases */
    pthread_rwlock_t list; /* of boards; taken before a board's mutex */
    LIST_HEAD(, remote) boards;
};

/* remote_board.c; all under the board's mutex */
/** Tells the state machine what has come, and the time; carries out what does not block. */
void hf_remote_turn(remote *r);
/** Carries out what blocks, with the mutex released meanwhile. @return whether there was anything */
bool hf_remote_block(remote *r);
/** Carries out a command until its reply. */
void hf_remote_command(remote *r, hf_order_command command, const hf_buffer *body, uint64_t budget_ns);

#endif
