/* SPDX-License-Identifier: Apache-2.0 */
#include "host_of_board.h"

#include <string.h>

#include "base/clock.h"

void hf_daemon_describe_host(const hf_daemon *daemon, const char *name, hf_api_board *out)
{
    const struct hf_daemon_hosts *seen = daemon->hosts_seen;
    const uint64_t now_ns = hf_now_ns();
    out->host = (char *)name;
    out->host_problem = "its agent does not answer";
    for (uint32_t i = 0; i < seen->count; i++) {
        const hf_host_state *state = &seen->states[i];
        if (strcmp(state->name, name) != 0)
            continue;
        out->host_problem = (char *)hf_host_problem(state, now_ns);
        if (state->heard_ns)
            out->host_heard_ms = hf_wall_ms() - (int64_t)((now_ns - state->heard_ns) / HF_NS_PER_MS);
    }
}
