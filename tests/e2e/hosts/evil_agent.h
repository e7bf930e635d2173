/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVIL_AGENT_H
#define EVIL_AGENT_H

#include <stdatomic.h>

#include "hosts/hosts.h"
#include "nats_server.h"

/**
 * @file evil_agent.h
 * For each case an owner of boards, and the agent of host lab2, which answers as it is told, over a real nats-server.
 */

#define CHUNK_S 1 /* of a slow answer */

/* How the agent answers an attempt. */
typedef enum manner {
    HONEST,
    LARGE,           /* truly, but with a transcript that travels in chunks */
    OTHER_OUTPUT,    /* a result whose output is wrong */
    GARBAGE,         /* an answer whose body is not one */
    ANOTHER_COMMAND, /* the answer to something else */
    FARM_FAILURE,    /* that this farm's host has failed, which would end all runs */
    SLOW,            /* as LARGE, in chunks that take longer than the lease lasts */
    NOT_AWAITED,     /* large answers to orders of before and after; then the truth */
    NOISE,           /* what is no message, and another host's answer; then the truth */
} manner;

extern nats_server server;
extern hf_broker *agent;        /* its connection */
extern hf_hosts *hosts;         /* of the owner */
extern char dir[40];            /* for files */
extern atomic_uint not_awaited; /* requests for chunks of answers that nobody waits for */

/** cmocka set-up and tear-down. Without a nats-server nothing is started. */
int evil_agent_set_up(void **state);
int evil_agent_tear_down(void **state);
/** Opens the board, orders an attempt, and closes the board. @return the reply to the attempt; hf_worker_reply_clear() */
hf_worker_reply attempt(manner manner_of_answer);

#endif
