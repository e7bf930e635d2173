/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECURED_FARM_H
#define SECURED_FARM_H

#include <pthread.h>

#include "base/buffer.h"
#include "broker/broker.h"
#include "process.h"

/**
 * @file secured_farm.h
 * For each case a farm whose authority `hilfarm agent init` has made, with a nats-server that uses the configuration written by
 * it, and hosts that join as people have them join.
 */

#define DEADLINE_MS 60000
#define LONG_MS     120000
#define MARKER      "mobilenetv1_0.25_96_c3_o2 nonce 4711 models: [yaml]"

typedef struct secured_farm {
    char dir[48];      /* everything is in it */
    char folder[80];   /* of the authority */
    char program[512]; /* hilfarm */
    char url[48];      /* of the server, whose port is: */
    int port;
    hf_broker *broker; /* of the farm itself; a case that closes it sets this to NULL */
    process server;
} secured_farm;

/** The farm of the case that runs. */
extern secured_farm farm;

/** cmocka set-up and tear-down. Without a nats-server nothing is started. */
int secured_farm_set_up(void **state);
int secured_farm_tear_down(void **state);

/** Runs `hilfarm agent WORDS...` on the side of the farm; words end with NULL. @return exit status; -1 = not started */
int run_agent(process *child, const char *const *words);
#define AGENT(child, ...) run_agent(child, (const char *const[]){__VA_ARGS__, NULL})
/** Starts `hilfarm agent token HOST` and waits until it waits for the host. @param url NULL = that of the server */
void start_token(process *child, const char *host, const char *url);
/** Has a host join with a token; on the other machine. @param keys folder for its keys @return exit status */
int join_with(process *child, const char *token_file, const char *keys);
/** Both; its keys are in the folder of its name, the token in HOST.token. */
void join_host(const char *host);

/** A path in the farm's folder. Static storage, overwritten by the sixteenth call after it. */
const char *in_dir(const char *name);

/** A further connection of the farm itself. @return NULL if there is none */
hf_broker *connect_farm(void);
/** A connection with the keys of a host. @param at URL of the server */
hf_status connect_host(const char *host, const char *at, hf_broker **out, hf_error *err);

/** What a subscription has received. */
typedef struct box {
    pthread_mutex_t mutex;
    unsigned count;
    char subjects[4096]; /* all of them */
} box;

/** Handler of a subscription; answers requests with what they say. @param user the box */
void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply);
unsigned count_of(box *b);
/** Asks until there is an answer. Once there is, the server has dealt with all that the answering side sent before. */
void ask(hf_broker *from, const char *subject);
/** Asks until nobody is there to answer. */
void ask_until_gone(hf_broker *from, const char *subject);

#endif
