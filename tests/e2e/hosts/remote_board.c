/* SPDX-License-Identifier: Apache-2.0 */
#include "remote_board.h"

#include <sys/eventfd.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "needs_server.h"

#define DEADLINE_S 120

nats_server server;
static char dir[40];
static const hf_board_config boards[] = {
    {.id = "v1", .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600},
    {.id = "v2", .chip = "stm32f767zi", .is_virtual = true, .baud = 921600}};
static const hf_board_config *const board_list[] = {&boards[0], &boards[1]};
char cache[64], state[64];
static char vboard[512];
hf_host *host;
hf_hosts *hosts;
job work;

void start_host(void)
{
    hf_error err = {0};
    const hf_host_options options = {.name = "lab2",
                                     .version = "test",
                                     .boards = board_list,
                                     .board_count = 2,
                                     .cache_dir = cache,
                                     .state_dir = state,
                                     .work_dir = dir,
                                     .vboard_path = vboard};
    hf_broker *broker = hf_test_connect(&server);
    assert_non_null(broker);
    if (hf_host_start(broker, &options, &host, &err) != HF_OK)
        fail_msg("%s", err.message);
}

hf_hosts *start_hosts(const char *owner)
{
    hf_hosts *started = NULL;
    hf_broker *broker = hf_test_connect(&server);
    assert_non_null(broker);
    assert_int_equal(hf_hosts_new(broker, owner, &started, NULL), HF_OK);
    return started;
}

int remote_board_set_up(void **unused)
{
    (void)unused;
    if (!hf_test_has_server())
        return 0;
    strcpy(dir, "/tmp/hf-hosts-XXXXXX");
    if (!mkdtemp(dir) || !nats_server_start(&server))
        return 1;
    snprintf(vboard, sizeof vboard, "%s/hilfarm-vboard", getenv("HILFARM_BIN_DIR"));
    snprintf(cache, sizeof cache, "%s/cache", dir);
    snprintf(state, sizeof state, "%s/state", dir);
    job_make(&work, "mobilenetv1_0.1_32_c1_o2", 7);
    start_host();
    hosts = start_hosts("test-1");
    return 0;
}

int remote_board_tear_down(void **unused)
{
    (void)unused;
    hf_hosts_free(hosts);
    hf_host_free(host);
    hosts = NULL;
    host = NULL;
    job_free(&work);
    nats_server_end(&server);
    if (dir[0])
        (void)hf_remove_tree(dir, NULL); /* a folder in /tmp stays */
    dir[0] = '\0';
    return 0;
}

/* ---- A worker whose board is on the other host ---- */

static void post(void *user, hf_worker_reply *reply)
{
    client *c = user;
    pthread_mutex_lock(&c->mutex);
    c->reply = reply;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
}

static void progress(void *user, uint32_t index, hf_phase phase, uint32_t done, uint32_t of)
{
    client *c = user;
    (void)index;
    (void)done;
    (void)of;
    pthread_mutex_lock(&c->mutex);
    c->running |= phase >= HF_PHASE_FLASH;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
}

void client_start(client *c, hf_hosts *of, const char *id, const char *chip)
{
    hf_worker_backend backend;
    const hf_worker_callbacks callbacks = {.user = c, .post = post, .progress = progress};
    *c = (client){.options = {.firmware_dir = getenv("HILFARM_FIRMWARE_DIR"),
                              .cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}};
    c->board =
        (hf_remote_board){.host = "lab2", .id = id, .chip = chip, .modelled = true, .options = &c->options};
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->changed, NULL);
    assert_int_equal(hf_remote_board_new(of, &c->board, &backend, NULL), HF_OK);
    assert_int_equal(hf_worker_new(0, id, &backend, &callbacks, &c->worker, NULL), HF_OK);
}

void client_end(client *c)
{
    hf_worker_free(c->worker);
    close(c->options.cancel_fd);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mutex);
}

void await(client *c, const bool *flag)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_S;
    pthread_mutex_lock(&c->mutex);
    while (!c->reply && !(flag && *flag) && pthread_cond_timedwait(&c->changed, &c->mutex, &until) == 0)
        ;
    pthread_mutex_unlock(&c->mutex);
}

hf_worker_reply *take_reply(client *c)
{
    await(c, NULL);
    hf_worker_reply *reply = c->reply;
    c->reply = NULL;
    assert_non_null(reply);
    return reply;
}

hf_worker_reply *command(client *c, hf_worker_command what)
{
    hf_worker_send(c->worker, what, what == HF_WORKER_ATTEMPT ? &work.request : NULL);
    return take_reply(c);
}

void expect_ok(hf_worker_reply *reply)
{
    if (reply->status != HF_OK)
        fail_msg("%s (%s)\n%s", reply->error.message, hf_fault_name(reply->error.fault),
                 reply->transcript ? reply->transcript : "");
    hf_worker_reply_free(reply);
}

void await_file(const char *path, bool there)
{
    const hf_deadline deadline = hf_deadline_in_ms((uint64_t)DEADLINE_S * 1000);
    const struct timespec step = {.tv_nsec = 10000000};
    while ((access(path, F_OK) == 0) != there) {
        if (hf_deadline_passed(deadline))
            fail_msg("%s is %s", path, there ? "missing" : "still there");
        nanosleep(&step, NULL);
    }
}
