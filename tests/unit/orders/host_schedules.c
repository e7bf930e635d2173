/* SPDX-License-Identifier: Apache-2.0 */
#include "host_schedules.h"

#include <stdlib.h>

#include "host_world.h"

static void deliver(world *w, const event *e)
{
    const node *n = &w->nodes[e->node];
    const bool is_agent = e->node < AGENTS;
    const uint32_t index = is_agent ? e->node : e->node - AGENTS;
    if (!n->up || (e->life != UINT32_MAX && e->life != n->life))
        return;
    if (e->kind == EVENT_MESSAGE && !n->linked) {
        w->counts->dropped++;
        return;
    }
    if (e->kind == EVENT_TICK)
        w->nodes[e->node].tick_ns = UINT64_MAX;
    if (e->kind == EVENT_MESSAGE)
        (is_agent ? agent_message : daemon_message)(w, index, e);
    else if (e->kind == EVENT_TICK)
        (is_agent ? agent_tick : daemon_tick)(w, index);
    else if (e->kind == EVENT_BOARD)
        agent_board(w, index, e);
    else
        daemon_lease(w, index, e);
}

/* @return false: everything is over, or has taken too long */
static bool step(world *w)
{
    event e;
    if (!world_next(w, &e) || e.at_ns > TOO_LATE_NS || w->no_memory)
        return false;
    w->now_ns = e.at_ns;
    if (e.kind == EVENT_TICK && e.at_ns != w->nodes[e.node].tick_ns)
        return true; /* an earlier one has been asked for since */
    if (e.kind == EVENT_FAULT) {
        fault_next(w);
        return true;
    }
    if (e.kind == EVENT_END) {
        fault_end(w, &e);
        return true;
    }
    if (w->nodes[e.node].paused_until_ns > w->now_ns && e.kind != EVENT_BOARD) {
        e.at_ns = w->nodes[e.node].paused_until_ns; /* what comes meanwhile waits in its socket */
        if (e.kind == EVENT_TICK)
            w->nodes[e.node].tick_ns = e.at_ns;
        world_add(w, e);
        return true;
    }
    deliver(w, &e);
    free(e.bytes);
    return w->now_ns < FAULTS_END_NS || !w->daemons[0].over || !w->daemons[1].over;
}

static void start(world *w, uint64_t seed)
{
    w->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    w->server_up = true;
    w->server.epoch_ns = 1;
    w->loss = world_draw(w, 60);
    w->double_rate = world_draw(w, 80);
    w->slow_rate = world_draw(w, 80);
    for (uint32_t i = 0; i < NODES; i++)
        w->nodes[i] = (node){.linked = true, .tick_ns = UINT64_MAX};
    for (uint32_t i = 0; i < AGENTS; i++)
        agent_start(w, i);
    for (uint32_t i = 0; i < DAEMONS; i++)
        daemon_start(w, i);
    world_add(w, (event){.at_ns = 2 * S, .kind = EVENT_FAULT});
}

static void judge(world *w)
{
    for (uint32_t i = 0; i < DAEMONS; i++) {
        w->counts->never_ended += !w->daemons[i].over;
        for (uint32_t job = 0; job < JOBS; job++)
            w->counts->lost += w->daemons[i].over && w->daemons[i].stored[job] == 0;
    }
}

bool host_schedule(uint64_t seed, host_counts *counts)
{
    world *w = calloc(1, sizeof *w);
    if (!w)
        return false;
    w->counts = counts;
    start(w, seed);
    while (step(w))
        ;
    judge(w);
    const bool ok = !w->no_memory;
    event e;
    while (world_next(w, &e))
        free(e.bytes);
    for (uint32_t i = 0; i < AGENTS; i++)
        if (w->nodes[i].up)
            agent_kill(w, i);
    for (uint32_t i = 0; i < DAEMONS; i++)
        if (w->nodes[AGENTS + i].up)
            daemon_kill(w, i);
    free(w->events);
    free(w);
    return ok;
}
