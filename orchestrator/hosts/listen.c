/* SPDX-License-Identifier: Apache-2.0 */
/* What a board says in a worker's commands, for those who read along. The agent sends it only as long as it is told that somebody does. */
#include <stdio.h>

#include "base/clock.h"
#include "broker/subjects.h"
#include "hosts_state.h"

#define AGAIN_NS (2 * HF_NS_PER_S)

static bool is_wanted(const remote *r)
{
    const hf_board_options *options = r->board.options;
    return options->heard && (!options->is_heard || options->is_heard(options->heard_user));
}

static void send(remote *r, const hf_envelope *input)
{
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_HOST, r->board.host);
    hf_broker_send(r->hosts->broker, subject, input);
    r->told_token = input->token;
    r->tell_ns = hf_now_ns() + AGAIN_NS;
}

void hf_remote_listen(remote *r)
{
    hf_envelope input;
    const bool wanted = !r->console && is_wanted(r);
    if (wanted && hf_owner_input(r->owner, 0, r->heard, NULL, 0, &input) &&
        (hf_now_ns() >= r->tell_ns || hf_order_token_compare(input.token, r->told_token) != 0))
        send(r, &input);
    if (!wanted)
        r->told_token = (hf_order_token){0};
    r->in_step = r->in_step && wanted;
    r->listening = wanted;
}

void hf_remote_heard(remote *r, const hf_envelope *output)
{
    const hf_board_options *options = r->board.options;
    hf_envelope input;
    if (!r->listening || !hf_owner_is_of_lease(r->owner, output))
        return;
    if (!r->in_step || hf_order_token_compare(r->heard_token, output->token) != 0) {
        r->heard_token = output->token;
        r->heard = output->position;
        r->in_step = true;
    }
    if (output->position > r->heard)
        options->heard(options->heard_user, NULL, output->position - r->heard);
    if (output->position >= r->heard) { /* otherwise it is a copy, or out of order */
        if (output->body_bytes > 0)
            options->heard(options->heard_user, output->body, output->body_bytes);
        r->heard = output->position + output->body_bytes;
    }
    if (hf_owner_input(r->owner, 0, r->heard, NULL, 0, &input))
        send(r, &input);
}
