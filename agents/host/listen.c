/* SPDX-License-Identifier: Apache-2.0 */
/* What a board says in the orders of its owner, sent as long as the owner says that somebody reads along. */
#include <stdlib.h>

#include "host_state.h"
#include "orders/console_output.h"

#define LISTEN_NS (6 * HF_NS_PER_S) /* the owner says so every 2 s */

struct hf_host_listener {
    hf_envelope input; /* the last word of whoever listens */
    uint64_t until_ns;
    uint8_t bytes[HF_OUTPUT_MAX];
    hf_console_output output; /* its positions go on, whoever listens when */
};

static bool is_listened(const hf_host_board *board)
{
    const hf_host_listener *l = board->listener;
    return l && hf_now_ns() < l->until_ns && hf_keeper_is_listening(board->keeper, &l->input);
}

void hf_host_listen(hf_host_board *board, const hf_envelope *input)
{
    if (!board->listener)
        board->listener = calloc(1, sizeof *board->listener);
    hf_host_listener *l = board->listener;
    if (!l)
        return; /* it is asked for again */
    const bool anew = !is_listened(board) || hf_order_token_compare(l->input.token, input->token) != 0;
    l->input = *input;
    l->until_ns = hf_now_ns() + LISTEN_NS;
    if (anew)
        hf_console_output_resume(&l->output);
    else
        hf_console_output_arrived(&l->output, input->position);
}

void hf_host_heard(void *user, const void *bytes, size_t size)
{
    hf_host_board *board = user;
    pthread_mutex_lock(&board->mutex);
    if (is_listened(board))
        hf_console_output_add(&board->listener->output, bytes, size);
    pthread_mutex_unlock(&board->mutex);
}

/* @return how many bytes were sent */
static uint32_t send_next(const hf_host_board *board)
{
    hf_host_listener *l = board->listener;
    uint64_t position;
    uint32_t size = 0;
    if (is_listened(board) && hf_console_output_next(&l->output, hf_now_ns(), &position, l->bytes, &size))
        hf_host_send_output(board->host, &l->input, 0, position, l->bytes, size);
    return size;
}

void hf_host_listen_tick(hf_host_board *board)
{
    (void)send_next(board);
}

void hf_host_listen_flush(hf_host_board *board)
{
    do {
        if (board->listener)
            hf_console_output_hurry(&board->listener->output);
    } while (send_next(board) > 0); /* no more than may be in flight */
}
