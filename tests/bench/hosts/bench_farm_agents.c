/* SPDX-License-Identifier: Apache-2.0 */
/* Many agents in one process: the agent's library as it is (orders, tokens, files, answers) around boards that only wait. Their
 * back end below takes the place of worker/local_board.c. Prints how busy the boards were when a signal ends it.
 * usage: bench_farm_agents URL AGENTS BOARDS ATTEMPT_MS DIR */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "host/host.h"
#include "worker/local_board.h"

#define AGENTS_MAX   256
#define ATTEMPTS_MAX 1000000

typedef struct span {
    uint64_t from_ns, to_ns;
} span;

static span *spans; /* of attempts, in the order of their ends */
static size_t span_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards both */
static uint32_t attempt_ms;

/* ---- A board that waits ---- */

typedef struct fake_board {
    const hf_board_options *options;
} fake_board;

static hf_status open_board(void *board, hf_worker_reply *reply)
{
    (void)board;
    snprintf(reply->openocd_version, sizeof reply->openocd_version, "none");
    return HF_OK;
}

static hf_status fill_in(const hf_attempt_request *request, hf_worker_reply *reply, uint64_t total_ns)
{
    hf_attempt_result *r = &reply->result;
    *r = (hf_attempt_result){.step_count = request->further_count + 1,
                             .sample_count = (request->further_count + 1) * request->runs,
                             .clock_hz = 120000000,
                             .clock_source = "none",
                             .output_crc32 = request->output_crc32,
                             .firmware_id = "none",
                             .firmware_version = "none",
                             .modelled = true,
                             .total_ns = total_ns};
    r->samples = calloc(r->sample_count, sizeof *r->samples);
    if (!r->samples)
        return HF_FAIL(&reply->error, HF_ENOMEM, "no memory for samples");
    for (uint32_t i = 0; i < r->sample_count; i++)
        r->samples[i] = (hf_sample){.cycles = 1000000, .instructions = 900000};
    return HF_OK;
}

static hf_status attempt(void *at, const hf_attempt_request *request, hf_worker_reply *reply)
{
    const fake_board *board = at;
    const uint64_t from_ns = hf_now_ns();
    struct pollfd cancelled = {.fd = board->options->cancel_fd, .events = POLLIN};
    if (poll(&cancelled, 1, (int)attempt_ms) != 0)
        return HF_FAIL_AS(&reply->error, HF_FAULT_NONE, HF_ECANCELLED, "cancelled");
    const uint64_t to_ns = hf_now_ns();
    pthread_mutex_lock(&mutex);
    if (span_count < ATTEMPTS_MAX)
        spans[span_count++] = (span){from_ns, to_ns};
    pthread_mutex_unlock(&mutex);
    return fill_in(request, reply, to_ns - from_ns);
}

static void close_board(void *board)
{
    (void)board;
}

hf_status hf_local_board_new(const hf_board_config *config, const hf_board_options *options,
                             hf_worker_backend *out, hf_error *err)
{
    fake_board *board = malloc(sizeof *board);
    (void)config;
    if (!board)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a board");
    board->options = options;
    *out = (hf_worker_backend){
        .board = board, .open = open_board, .attempt = attempt, .close = close_board, .free = free};
    return HF_OK;
}

/* ---- How busy they were ---- */

static int by_start(const void *a, const void *b)
{
    const span *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* While there was work for all: from the start of as many attempts as there are boards to the start of the last one. */
static void report(uint32_t boards)
{
    if (span_count <= boards) {
        fprintf(stderr, "bench_farm_agents: %zu attempts are too few for %u boards\n", span_count, boards);
        return;
    }
    qsort(spans, span_count, sizeof *spans, by_start);
    const uint64_t from_ns = spans[boards - 1].from_ns, to_ns = spans[span_count - 1].from_ns;
    uint64_t busy_ns = 0, end_ns = 0;
    for (size_t i = 0; i < span_count; i++) {
        const span s = spans[i];
        const uint64_t begin = s.from_ns > from_ns ? s.from_ns : from_ns,
                       end = s.to_ns < to_ns ? s.to_ns : to_ns;
        busy_ns += end > begin ? end - begin : 0;
        end_ns = s.to_ns > end_ns ? s.to_ns : end_ns;
    }
    fprintf(stderr,
            "%zu attempts of %.1f s on %u boards: the first ones began within %.1f s, all took %.1f s\n",
            span_count, attempt_ms / 1e3, boards, (double)(from_ns - spans[0].from_ns) / HF_NS_PER_S,
            (double)(end_ns - spans[0].from_ns) / HF_NS_PER_S);
    printf("boards_busy_64_agents,%.1f,%% while there is work,95,higher\n",
           100.0 * (double)busy_ns / ((double)boards * (double)(to_ns - from_ns)));
}

/* ---- The agents ---- */

static void must(hf_status status, const hf_error *err)
{
    if (status == HF_OK)
        return;
    fprintf(stderr, "bench_farm_agents: %s\n", err->message);
    exit(1);
}

static hf_host *start_agent(const char *url, const char *dir, uint32_t index,
                            const hf_board_config *const *boards, uint32_t board_count)
{
    static char names[AGENTS_MAX][16], folders[AGENTS_MAX][2][256];
    hf_broker *broker;
    hf_host *host;
    hf_error err = {0};
    snprintf(names[index], sizeof names[index], "lab%u", index + 1);
    snprintf(folders[index][0], sizeof folders[index][0], "%s/%s/state", dir, names[index]);
    snprintf(folders[index][1], sizeof folders[index][1], "%s/%s/cache", dir, names[index]);
    const hf_broker_options options = {.url = url, .name = names[index], .timeout_ms = 10000};
    must(hf_broker_open(&options, &broker, &err), &err);
    const hf_host_options host_options = {.name = names[index],
                                          .version = "bench",
                                          .boards = boards,
                                          .board_count = board_count,
                                          .state_dir = folders[index][0],
                                          .cache_dir = folders[index][1],
                                          .work_dir = dir};
    must(hf_host_start(broker, &host_options, &host, &err), &err);
    return host;
}

int main(int argc, char **argv)
{
    static hf_host *hosts[AGENTS_MAX];
    static char ids[64][8];
    static const hf_board_config *list[64];
    const uint32_t agents = argc > 5 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0,
                   boards = argc > 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    hf_board_config *configs = calloc(64, sizeof *configs);
    attempt_ms = argc > 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
    spans = malloc(ATTEMPTS_MAX * sizeof *spans);
    if (!agents || agents > AGENTS_MAX || !boards || boards > 64 || !attempt_ms || !spans || !configs) {
        fprintf(stderr, "usage: bench_farm_agents URL AGENTS BOARDS ATTEMPT_MS DIR\n");
        free(configs);
        free(spans);
        return 2;
    }
    sigset_t ending;
    int number;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, NULL);
    for (uint32_t i = 0; i < boards; i++) {
        snprintf(ids[i], sizeof ids[i], "b%u", i + 1);
        configs[i] =
            (hf_board_config){.id = ids[i], .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600};
        list[i] = &configs[i];
    }
    for (uint32_t i = 0; i < agents; i++)
        hosts[i] = start_agent(argv[1], argv[5], i, list, boards);
    fprintf(stderr, "%u agents of %u boards are ready\n", agents, boards);
    (void)sigwait(&ending, &number);
    for (uint32_t i = 0; i < agents; i++)
        hf_host_free(hosts[i]);
    report(agents * boards);
    free(configs);
    free(spans);
    return 0;
}
