/* SPDX-License-Identifier: Apache-2.0 */
/* The server of the leases: a key-value store with revisions and a time to live, as NATS JetStream has it. */
#include "host_world.h"

static bool is_held(const world *w, uint32_t board)
{
    return w->leases[board].held && w->now_ns < w->leases[board].until_ns;
}

/* The reply reaches the daemon, or the daemon's own deadline does. */
static void answer(world *w, uint32_t who, event e)
{
    const node *n = &w->nodes[AGENTS + who];
    e.kind = EVENT_LEASE;
    e.node = AGENTS + who;
    e.life = n->life;
    e.asked_ns = w->now_ns;
    e.at_ns = w->now_ns + (1 + world_draw(w, 20)) * MS;
    if (world_draw(w, 1000) < w->loss || !n->linked || !w->server_up) {
        e.result = HF_LEASE_FAILED;
        e.at_ns = w->now_ns + 2 * S;
    }
    world_add(w, e);
}

/* Whether a request arrives. */
static bool arrives(world *w, uint32_t who)
{
    return w->nodes[AGENTS + who].linked && w->server_up && world_draw(w, 1000) >= w->loss;
}

void lease_acquire(world *w, uint32_t who, uint32_t board)
{
    event e = {.board = board, .result = HF_LEASE_FAILED};
    if (arrives(w, who)) {
        lease *l = &w->leases[board];
        if (is_held(w, board)) {
            e.result = HF_LEASE_TAKEN;
        } else {
            w->counts->takeovers += l->held && l->daemon != who;
            w->server.revision++;
            *l = (lease){.held = true,
                         .daemon = who,
                         .life = w->nodes[AGENTS + who].life,
                         .token = w->server,
                         .until_ns = w->now_ns + LEASE_NS};
            e.result = HF_LEASE_OK;
            e.token = l->token;
        }
    }
    answer(w, who, e);
}

void lease_renew(world *w, uint32_t who, uint32_t board, hf_order_token token)
{
    event e = {.board = board, .renew = true, .token = token, .result = HF_LEASE_FAILED};
    if (arrives(w, who)) {
        lease *l = &w->leases[board];
        const bool ours = is_held(w, board) && same_token(l->token, token);
        e.result = ours ? HF_LEASE_OK : HF_LEASE_TAKEN;
        if (ours) {
            w->server.revision++;
            l->until_ns = w->now_ns + LEASE_NS;
        }
    }
    answer(w, who, e);
}

void lease_release(world *w, uint32_t who, uint32_t board, hf_order_token token)
{
    if (arrives(w, who) && w->leases[board].held && same_token(w->leases[board].token, token))
        w->leases[board].held = false;
}
