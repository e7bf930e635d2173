/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REMOTE_BOARD_H
#define REMOTE_BOARD_H

#include <pthread.h>

#include "host/host.h"
#include "hosts/hosts.h"
#include "job.h"
#include "nats_server.h"

/**
 * @file remote_board.h
 * For each case host lab2 with the virtual boards v1 and v2, and owners of its boards: agent and owners in this process, a nats-server
 * between them, OpenOCD and firmware as ever.
 */

extern nats_server server;
extern char cache[64], state[64]; /* folders of the agent */
extern hf_host *host;             /* the agent; a case that ends it starts it again */
extern hf_hosts *hosts;           /* of the owner "test-1" */
extern job work;                  /* what is measured */

/** cmocka set-up and tear-down. Without a nats-server nothing is started. */
int remote_board_set_up(void **unused);
int remote_board_tear_down(void **unused);
void start_host(void);
/** A further owner. @return hf_hosts_free() */
hf_hosts *start_hosts(const char *owner);

/** A worker whose board is on lab2. */
typedef struct client {
    hf_board_options options;
    hf_remote_board board;
    hf_worker *worker;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    hf_worker_reply *reply;
    bool running; /* the timed inferences have begun */
} client;

void client_start(client *c, hf_hosts *of, const char *id, const char *chip);
void client_end(client *c);
/** Waits for a reply, or for a flag of the client. @param flag NULL = a reply only */
void await(client *c, const bool *flag);
/** Fails the test if none comes. @return hf_worker_reply_free() */
hf_worker_reply *take_reply(client *c);
/** Sends a command, HF_WORKER_ATTEMPT with `work`. @return its reply, likewise */
hf_worker_reply *command(client *c, hf_worker_command what);
/** Frees a reply, and fails the test if it reports a failure. */
void expect_ok(hf_worker_reply *reply);

/** Waits until a file is there, or is not. */
void await_file(const char *path, bool there);

#endif
