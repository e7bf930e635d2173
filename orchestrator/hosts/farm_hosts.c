/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts/farm_hosts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define HOST_SHOWN 20 /* characters of this host's name in that of the owner */

/* ---- Connecting ---- */

/* "hilfarmd-pc1-4711" */
static void name_owner(const char *program, char *out, size_t size)
{
    char host[HOST_SHOWN + 1] = "";
    if (gethostname(host, sizeof host) != 0)
        host[0] = '\0';
    host[HOST_SHOWN] = '\0';
    for (char *c = host; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '-';
    snprintf(out, size, "%.8s-%s-%ld", program, host, (long)getpid());
}

hf_status hf_farm_hosts_open(const hf_farm *farm, const char *program, const hf_broker_watch *watch,
                             hf_hosts **out, hf_error *err)
{
    char owner[HF_ENVELOPE_NAME_SIZE];
    hf_broker *broker = NULL;
    name_owner(program, owner, sizeof owner);
    hf_status status = hf_broker_connect(&farm->broker, owner, watch, &broker, err);
    if (status == HF_OK)
        status = hf_hosts_new(broker, owner, out, err);
    if (status == HF_OK && farm->broker.patience_ms)
        hf_hosts_set_patience(*out, farm->broker.patience_ms);
    return status;
}

/* ---- Boards ---- */

typedef struct finding {
    hf_farm *farm;
    uint32_t added;
    hf_status status;
    hf_error *err;
} finding;

static const hf_farm_host *expected(const hf_farm *farm, const char *name)
{
    for (uint32_t i = 0; i < farm->host_count; i++)
        if (strcmp(farm->hosts[i].name, name) == 0)
            return &farm->hosts[i];
    return NULL;
}

static bool has_board(const hf_farm *farm, const char *host, const char *id)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        if (farm->boards[i].host && strcmp(farm->boards[i].host, host) == 0 &&
            strcmp(farm->boards[i].remote_id, id) == 0)
            return true;
    return false;
}

static uint32_t boards_of(const hf_farm *farm, const char *host)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < farm->board_count; i++)
        count += farm->boards[i].host && strcmp(farm->boards[i].host, host) == 0;
    return count;
}

static void add_board(finding *f, const hf_hello *hello, const hf_hello_board *board)
{
    const hf_farm_host *host = expected(f->farm, hello->host);
    const char *tags[HF_HELLO_MAX_TAGS];
    for (uint32_t i = 0; i < board->tag_count; i++)
        tags[i] = board->tags[i];
    const hf_farm_remote_board remote = {.host = hello->host,
                                         .id = board->id,
                                         .chip = board->chip,
                                         .modelled = board->modelled,
                                         .deadlines = board->deadlines,
                                         .tags = {tags, board->tag_count},
                                         .host_tags = host ? host->tags : (hf_tag_list){0}};
    f->status = hf_farm_add_board(f->farm, &remote, f->err);
    if (f->status == HF_OK)
        f->added++;
    else if (f->status ==
             HF_ENOTFOUND) /* a chip of a later version: the board cannot be used, the others can */
        f->status = HF_OK;
}

static void add_boards(void *user, const hf_hello *hello)
{
    finding *f = user;
    uint32_t count = boards_of(f->farm, hello->host);
    for (uint32_t i = 0; i < hello->board_count && f->status == HF_OK && !hello->leaving; i++)
        if (count < HF_HOST_MAX_BOARDS && !has_board(f->farm, hello->host, hello->boards[i].id)) {
            const uint32_t before = f->added;
            add_board(f, hello, &hello->boards[i]);
            count += f->added - before;
        }
}

hf_status hf_farm_hosts_add(hf_hosts *hosts, hf_farm *farm, uint32_t *added, hf_error *err)
{
    finding f = {.farm = farm, .err = err};
    hf_hosts_visit(hosts, add_boards, &f);
    *added = f.added;
    return f.status;
}

typedef struct newness {
    const hf_farm *farm;
    bool found;
} newness;

static void look_for_new(void *user, const hf_hello *hello)
{
    newness *n = user;
    if (boards_of(n->farm, hello->host) >= HF_HOST_MAX_BOARDS)
        return;
    for (uint32_t i = 0; i < hello->board_count && !hello->leaving && !n->found; i++)
        n->found =
            hf_chip_find(hello->boards[i].chip) && !has_board(n->farm, hello->host, hello->boards[i].id);
}

bool hf_farm_hosts_has_new(hf_hosts *hosts, const hf_farm *farm)
{
    newness n = {.farm = farm};
    if (farm->board_count < HF_FARM_MAX_BOARDS)
        hf_hosts_visit(hosts, look_for_new, &n);
    return n.found;
}

hf_status hf_farm_hosts_find(hf_hosts *hosts, hf_farm *farm, uint32_t least_ms, uint32_t most_ms,
                             uint32_t *added, hf_error *err)
{
    const char *names[HF_FARM_MAX_HOSTS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < farm->host_count; i++)
        names[i] = farm->hosts[i].name;
    (void)hf_hosts_find(hosts, names, farm->host_count, least_ms,
                        most_ms); /* who is missing is told elsewhere */
    return hf_farm_hosts_add(hosts, farm, added ? added : &count, err);
}

void hf_farm_hosts_problems(hf_hosts *hosts, const hf_farm *farm, hf_buffer *out)
{
    const uint64_t now_ns = hf_now_ns();
    hf_host_state *states = calloc(HF_HOSTS_MAX, sizeof *states);
    const uint32_t count = states ? hf_hosts_list(hosts, states, HF_HOSTS_MAX) : 0;
    char connection[HF_BROKER_PROBLEM_SIZE];
    const bool cut_off = hf_hosts_problem(hosts, connection);
    for (uint32_t i = 0; i < count; i++)
        if (hf_host_is_away(&states[i], now_ns))
            hf_buffer_printf(out, "host %s: %s\n", states[i].name, hf_host_problem(&states[i], now_ns));
        else if (states[i].board_count > HF_HOST_MAX_BOARDS)
            hf_buffer_printf(out, "host %s: it announces %u boards, of which at most %d are used\n",
                             states[i].name, states[i].board_count, HF_HOST_MAX_BOARDS);
    for (uint32_t i = 0; i < farm->host_count; i++) {
        uint32_t at = 0;
        while (at < count && strcmp(states[at].name, farm->hosts[i].name) != 0)
            at++;
        if (at == count)
            hf_buffer_printf(out, "host %s: %s\n", farm->hosts[i].name,
                             cut_off ? connection : "its agent does not answer");
    }
    free(states);
}

static hf_remote_board describe(const hf_farm_board *board, const hf_board_options *options)
{
    return (hf_remote_board){.host = board->host,
                             .id = board->remote_id,
                             .chip = board->chip->name,
                             .modelled = hf_board_config_modelled(&board->config),
                             .options = options};
}

hf_status hf_farm_hosts_backend(void *hosts, const hf_farm_board *board, const hf_board_options *options,
                                hf_worker_backend *out, hf_error *err)
{
    const hf_remote_board remote = describe(board, options);
    return hf_remote_board_new(hosts, &remote, out, err);
}

hf_status hf_farm_hosts_console(hf_hosts *hosts, const hf_farm_board *board, const hf_board_options *options,
                                const hf_board_line_settings *settings, hf_console_backend *out,
                                hf_error *err)
{
    const hf_remote_board remote = describe(board, options);
    return hf_remote_console_new(hosts, &remote, settings, out, err);
}
