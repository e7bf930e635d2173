/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HOST_STATE_H
#define HF_HOST_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "cache/cache.h"
#include "host/host.h"
#include "orders/bodies.h"
#include "orders/order_keeper.h"
#include "worker/local_board.h"

/** @file host_state.h
 * What the files of the agent share:
 *
 *   host.c         start and end, the connection's handlers, time
 *   host_board.c   one board: its keeper's actions, its thread's replies
 *   execute.c      what the board's thread does for an order
 *   host_console.c a person's console of a board, instead of its thread
 *   listen.c       what a board says in orders, for those who read along
 *   fetch.c        firmware and images, kept by their contents
 *   tokens.c       the newest token of a board, on disk
 *   answers.c      an answer that nobody has acknowledged yet, on disk
 */

typedef struct hf_host_console hf_host_console;
typedef struct hf_host_listener hf_host_listener;

typedef struct hf_host_board {
    hf_host *host;
    const hf_board_config *config;
    uint32_t index;
    hf_board_options options; /* changed before a board is opened, by its thread */
    char firmware_dir[512];   /* options.firmware_dir */
    hf_worker *worker;
    hf_worker_backend local; /* its thread's */
    pthread_mutex_t mutex;   /* guards what follows */
    hf_keeper *keeper;
    bool stopping; /* nothing is begun any more */
    bool open;
    hf_envelope order;          /* being carried out; read by the board's thread without the mutex */
    hf_buffer order_body;       /* its inline body */
    hf_host_console *console;   /* the order under way is one; NULL = none */
    hf_host_listener *listener; /* wants to hear the board in orders; NULL = nobody ever did */
} hf_host_board;

struct hf_host {
    hf_host_options options;
    hf_broker *broker;
    hf_cache *cache; /* firmware and images by their SHA-256 */
    hf_host_board *boards;
    uint32_t board_count; /* of which everything is to be freed */
    pthread_t ticker;
    bool has_ticker;
    pthread_mutex_t mutex; /* guards quit */
    pthread_cond_t wake;
    bool quit;
    uint32_t ticks;
    bool cut_off;       /* there was no connection at the last tick */
    atomic_bool called; /* somebody wants to know which hosts there are */
};

/* host_board.c */
hf_status hf_host_board_start(hf_host *host, uint32_t index, hf_error *err);
/** No order is begun any more, what is being done ends soon, and its owner is told. */
void hf_host_board_stop(hf_host_board *board);
/** Ends its thread; the connection still works. */
void hf_host_board_join(hf_host_board *board);
void hf_host_board_free(hf_host_board *board);
void hf_host_board_message(hf_host_board *board, const hf_envelope *message);
void hf_host_board_tick(hf_host_board *board);

/* execute.c */
/** The back end of a board's thread: what the order says, on the local board. */
hf_worker_backend hf_host_backend(hf_host_board *board);

/** How long files of the order may take to fetch. */
hf_deadline hf_host_fetch_deadline(const hf_host_board *board);
/** The body of the order: it came with it, or is fetched now. @param fetched holds it then */
hf_status hf_host_order_body(hf_host_board *board, hf_deadline deadline, hf_buffer *fetched,
                             const uint8_t **bytes, hf_error *err);
/** Checks the chip and gets the firmware: what comes before a board is opened. */
hf_status hf_host_prepare(hf_host_board *board, const hf_open_body *body, hf_deadline deadline,
                          hf_error *err);

/* listen.c; under the board's mutex */
/** The owner listens, from now on for a while. */
void hf_host_listen(hf_host_board *board, const hf_envelope *input);
/** Sends what is due. */
void hf_host_listen_tick(hf_host_board *board);
/** Sends what there is: the order has ended. */
void hf_host_listen_flush(hf_host_board *board);
/** Matches hf_board_options.heard; takes the mutex. */
void hf_host_heard(void *user, const void *bytes, size_t size);

/* host_console.c; under the board's mutex */
/** Sends a message of the board's line. @param to whose order, token and number it names */
void hf_host_send_output(const hf_host *host, const hf_envelope *to, uint32_t piece, uint64_t position,
                         const uint8_t *bytes, uint32_t size);
/** Begins the console that the order asks for; it ends by hf_host_console_ended(). */
void hf_host_console_start(hf_host_board *board);
/** A piece of input, or how far output has arrived. */
void hf_host_console_input(hf_host_board *board, const hf_envelope *input);
void hf_host_console_stop(hf_host_board *board);
/** @param answer the body of the answer, written if it has ended: then it is freed @return whether it has */
bool hf_host_console_ended(hf_host_board *board, hf_buffer *answer);
/** Without the mutex: waits for its end, which must have been asked for, and frees it. */
void hf_host_console_join(hf_host_board *board);

/* fetch.c */
/** A file from an order's owner, or from the cache. @param out holds it on HF_OK */
hf_status hf_host_fetch(hf_host_board *board, const hf_blob_ref *ref, hf_deadline deadline, hf_buffer *out,
                        hf_error *err);
/** Puts the firmware of an order to open into a folder of its own and names it in board->options. */
hf_status hf_host_fetch_firmware(hf_host_board *board, const hf_open_body *body, hf_deadline deadline,
                                 hf_error *err);

/* tokens.c */
hf_status hf_host_read_token(const hf_host *host, const char *board, hf_order_token *out, hf_error *err);
hf_status hf_host_write_token(const hf_host *host, const char *board, hf_order_token token, hf_error *err);

/* answers.c */
/** @param answer the body of the envelope */
hf_status hf_host_write_answer(const hf_host *host, const hf_envelope *envelope, const hf_buffer *answer,
                               hf_error *err);
void hf_host_delete_answer(const hf_host *host, const char *board);
/**
 * What hf_host_write_answer() has written. A damaged file is as none: the attempt is made again.
 * @param file holds the body; hf_buffer_free() once the envelope is not needed any more
 * @return whether there is one
 */
bool hf_host_read_answer(const hf_host *host, const char *board, hf_envelope *out, hf_buffer *file);

/* tokens.c */
/** <state>/<board>.<kind> */
void hf_host_state_path(const hf_host *host, const char *board, const char *kind, char *path, size_t size);

#endif
