/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong, and for how long. */
#include "host_world.h"

typedef enum fault {
    FAULT_CUT,
    FAULT_KILL,
    FAULT_STOP,
    FAULT_PAUSE,
    FAULT_SERVER,
    FAULT_STORE,
    FAULT_CLOCK,
    FAULTS
} fault;

static void kill_node(world *w, uint32_t n)
{
    if (!w->nodes[n].up)
        return;
    w->counts->kills++;
    if (n < AGENTS)
        agent_kill(w, n);
    else
        daemon_kill(w, n - AGENTS);
}

/* All leases end at once, as seen from their holders. */
static void expire_leases(world *w)
{
    w->clock_jumped = true;
    for (uint32_t board = 0; board < BOARDS; board++)
        w->leases[board].until_ns = w->now_ns;
}

void fault_next(world *w)
{
    const uint32_t n = world_draw(w, NODES);
    const fault what = (fault)world_draw(w, FAULTS);
    const uint64_t lasts_ns = (200 + world_draw(w, world_draw(w, 4) ? 8000 : 50000)) * MS;
    switch (what) {
    case FAULT_CUT:
        w->nodes[n].linked = false;
        w->nodes[n].cut_ns = w->now_ns;
        break;
    case FAULT_KILL:
        kill_node(w, n);
        break;
    case FAULT_STOP: /* an agent is stopped, and says so; a while later its process has ended */
        if (n < AGENTS && w->nodes[n].up) {
            agent_leave(w, n);
            w->counts->stops++;
        }
        break;
    case FAULT_PAUSE:
        w->nodes[n].paused_until_ns = w->now_ns + lasts_ns;
        break;
    case FAULT_SERVER:
        w->server_up = false;
        break;
    case FAULT_STORE: /* deleted and created again: revisions begin at 1 */
        if (world_draw(w, 3) == 0) {
            expire_leases(w);
            for (uint32_t board = 0; board < BOARDS; board++)
                w->leases[board].held = false;
            w->server = (hf_order_token){.epoch_ns = w->now_ns};
        }
        break;
    case FAULT_CLOCK:
        if (world_draw(w, 3) == 0)
            expire_leases(w);
        break;
    case FAULTS:
        break;
    }
    world_add(w, (event){.at_ns = w->now_ns + lasts_ns, .kind = EVENT_END, .node = n, .number = what});
    const uint64_t next_ns = w->now_ns + (500 + world_draw(w, 12000)) * MS;
    if (next_ns < FAULTS_END_NS)
        world_add(w, (event){.at_ns = next_ns, .kind = EVENT_FAULT});
}

void fault_end(world *w, const event *e)
{
    switch ((fault)e->number) {
    case FAULT_CUT:
        w->nodes[e->node].linked = true;
        break;
    case FAULT_KILL:
        if (w->nodes[e->node].up)
            break;
        if (e->node < AGENTS)
            agent_start(w, e->node);
        else
            daemon_start(w, e->node - AGENTS);
        break;
    case FAULT_STOP:
        if (e->node >= AGENTS)
            break;
        if (w->nodes[e->node].up)
            agent_kill(w, e->node);
        agent_start(w, e->node);
        break;
    case FAULT_SERVER:
        w->server_up = true;
        break;
    case FAULT_PAUSE:
    case FAULT_STORE:
    case FAULT_CLOCK:
    case FAULTS:
        break;
    }
}
