/* SPDX-License-Identifier: Apache-2.0 */
/* What it costs that a board is on another host: attempts on a virtual board, with and without a nats-server in between, on this
 * machine's loopback. Prints metric,value,unit,goal,better. usage: bench_remote_attempt BIN FIRMWARE */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "host/host.h"
#include "hosts/hosts.h"
#include "job.h"
#include "nats_server.h"
#include "worker/local_board.h"

#define ATTEMPTS 20

static const hf_board_config board = {.id = "v1", .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600};
static const hf_board_config *const board_list[] = {&board};
static char vboard[512], dir[40], cache[64], state[64];
static nats_server server;
static unsigned chunks; /* asked for by the agent; written by one thread of the connection */

static void fail_with(const char *what)
{
    fprintf(stderr, "bench_remote_attempt: %s\n", what);
    nats_server_end(&server);
    exit(1);
}

static void must(hf_status status, const hf_error *err)
{
    if (status != HF_OK)
        fail_with(err->message);
}

static hf_broker *connect_to_server(void)
{
    hf_broker *broker = NULL;
    hf_error err = {0};
    const hf_broker_options options = {.url = server.url, .timeout_ms = 5000};
    must(hf_broker_open(&options, &broker, &err), &err);
    return broker;
}

/* Listens to the requests for files. */
static void count_chunk(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    (void)user;
    (void)subject;
    (void)bytes;
    (void)size;
    (void)reply;
    chunks++;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What an attempt takes beyond the time that the board and its flasher took: what the board does varies from one attempt to
 * the next by far more than what is to be measured. Median of the attempts after the first, which flashes. */
static double attempts(const hf_worker_backend *backend, const job *work)
{
    double ms[ATTEMPTS];
    hf_worker_reply reply = {0};
    must(backend->open(backend->board, &reply), &reply.error);
    for (int i = -1; i < ATTEMPTS; i++) {
        const uint64_t start_ns = hf_now_ns();
        hf_worker_reply got = {0};
        must(backend->attempt(backend->board, &work->request, &got), &got.error);
        if (i >= 0)
            ms[i] = ((double)(hf_now_ns() - start_ns) - (double)got.result.total_ns) / HF_NS_PER_MS;
        hf_worker_reply_clear(&got);
    }
    backend->close(backend->board);
    backend->free(backend->board);
    hf_worker_reply_clear(&reply);
    qsort(ms, ATTEMPTS, sizeof ms[0], compare);
    return ms[ATTEMPTS / 2];
}

static double local(const hf_board_options *options, const job *work)
{
    hf_worker_backend backend;
    hf_error err = {0};
    must(hf_local_board_new(&board, options, &backend, &err), &err);
    return attempts(&backend, work);
}

static double remote(const hf_board_options *options, const job *work)
{
    hf_worker_backend backend;
    hf_hosts *hosts;
    hf_host *host;
    hf_error err = {0};
    const hf_host_options host_options = {.name = "lab2",
                                          .version = "bench",
                                          .boards = board_list,
                                          .board_count = 1,
                                          .cache_dir = cache,
                                          .state_dir = state,
                                          .work_dir = dir,
                                          .vboard_path = vboard};
    const hf_remote_board far = {
        .host = "lab2", .id = board.id, .chip = board.chip, .modelled = true, .options = options};
    hf_broker *listener = connect_to_server();
    must(hf_broker_subscribe(listener, "hf.v1.blob.>", count_chunk, NULL, &err), &err);
    must(hf_host_start(connect_to_server(), &host_options, &host, &err), &err);
    must(hf_hosts_new(connect_to_server(), "bench", &hosts, &err), &err);
    must(hf_remote_board_new(hosts, &far, &backend, &err), &err);
    const double ms = attempts(&backend, work);
    hf_hosts_free(hosts);
    hf_host_free(host);
    hf_broker_close(listener);
    return ms;
}

int main(int argc, char **argv)
{
    job work;
    if (argc < 3 || !nats_server_installed())
        fail_with("expected the folders of programs and firmware, and nats-server to be installed");
    strcpy(dir, "/tmp/hf-bench-XXXXXX");
    if (!mkdtemp(dir) || !nats_server_start(&server))
        fail_with("nats-server does not start");
    snprintf(vboard, sizeof vboard, "%s/hilfarm-vboard", argv[1]);
    snprintf(cache, sizeof cache, "%s/cache", dir);
    snprintf(state, sizeof state, "%s/state", dir);
    job_make(&work, "mobilenetv1_0.25_96_c3_o2", 7);
    const hf_board_options options = {
        .vboard_path = vboard, .firmware_dir = argv[2], .work_dir = dir, .cpu = -1, .cancel_fd = -1};
    const double near_ms = local(&options, &work), far_ms = remote(&options, &work);
    fprintf(stderr,
            "an attempt beyond what a virtual board takes: %.1f ms on this host, %.1f ms over nats-server "
            "(medians "
            "of %d); image of "
            "%zu bytes\n",
            near_ms, far_ms, ATTEMPTS, work.request.image_bytes);
    printf("remote_overhead_ms,%.1f,ms,20,lower\n", far_ms - near_ms);
    printf("files_fetched_in_chunks,%u,count,3,lower\n",
           chunks); /* two builds of the firmware, and the image once */
    job_free(&work);
    nats_server_end(&server);
    (void)hf_remove_tree(dir, NULL); /* a folder in /tmp stays */
    return 0;
}
