/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, requests and leases over a real nats-server. Skipped where none is installed. */
#include "hf_test.h"

#include <pthread.h>

#include "base/clock.h"
#include "broker/blobs.h"
#include "nats_server.h"

#define DEADLINE_MS 60000
#define LONG_MS     120000

static nats_server server;
static hf_broker *one, *two;

static hf_broker *connect_to_server(void)
{
    hf_broker *broker = NULL;
    const hf_broker_options options = {.url = server.url, .name = "test", .timeout_ms = 5000};
    return hf_broker_open(&options, &broker, NULL) == HF_OK ? broker : NULL;
}

/* Whether there is a server, and a libnats to reach it with. */
static bool can_run(void)
{
    hf_broker *broker = NULL;
    const hf_broker_options options = {.url = "nats://127.0.0.1:1", .timeout_ms = 1000};
    return nats_server_installed() && hf_broker_open(&options, &broker, NULL) != HF_EUNSUPPORTED;
}

static int set_up(void **state)
{
    (void)state;
    if (!can_run())
        return 0;
    if (!nats_server_start(&server))
        return 1;
    one = connect_to_server();
    two = connect_to_server();
    return !one || !two;
}

static int tear_down(void **state)
{
    (void)state;
    hf_broker_close(one);
    hf_broker_close(two);
    one = two = NULL;
    nats_server_end(&server);
    return 0;
}

#define NEEDS_SERVER()                                                                                       \
    do {                                                                                                     \
        if (!can_run()) {                                                                                    \
            printf("SKIPPED: nats-server or libnats is not installed\n");                                    \
            skip();                                                                                          \
        }                                                                                                    \
    } while (0)

/* ---- Messages ---- */

typedef struct box {
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    size_t size;
    char subject[64];
} box;

static void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    box *b = user;
    pthread_mutex_lock(&b->mutex);
    b->size = size;
    snprintf(b->subject, sizeof b->subject, "%s", subject);
    pthread_cond_signal(&b->arrived);
    pthread_mutex_unlock(&b->mutex);
    if (reply && size > 0) {
        hf_buffer_puts(reply, "got ");
        hf_buffer_append(reply, bytes, size);
    }
}

static size_t wait_for(box *b)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_MS / 1000;
    pthread_mutex_lock(&b->mutex);
    while (b->size == 0 && pthread_cond_timedwait(&b->arrived, &b->mutex, &until) == 0)
        ;
    const size_t size = b->size;
    pthread_mutex_unlock(&b->mutex);
    return size;
}

static void test_messages_and_requests(void **state)
{
    (void)state;
    NEEDS_SERVER();
    box b = {.mutex = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER};
    hf_buffer reply = HF_BUFFER_INIT;
    assert_int_equal(hf_broker_subscribe(one, "hf.test.*", receive, &b, NULL), HF_OK);
    /* The subscription is known to the server once a request is answered. */
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_request(two, "hf.test.a", "ping", 4, 1000, &reply, NULL) != HF_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_string_equal(hf_buffer_text(&reply), "got ping");
    b.size = 0;
    assert_int_equal(hf_broker_publish(two, "hf.test.b", "hello", 5, NULL), HF_OK);
    assert_int_equal(wait_for(&b), 5);
    assert_string_equal(b.subject, "hf.test.b");
    hf_buffer_free(&reply);
}

static void test_what_cannot_be_sent(void **state)
{
    (void)state;
    NEEDS_SERVER();
    static char large[HF_BROKER_MESSAGE_MAX + 1];
    hf_buffer reply = HF_BUFFER_INIT;
    hf_error err = {0};
    assert_int_equal(hf_broker_request(two, "hf.nobody", "?", 1, 1000, &reply, &err), HF_ENOTFOUND);
    assert_int_equal(err.fault, HF_FAULT_AGENT);
    assert_int_equal(hf_broker_publish(two, "hf.x", large, sizeof large, NULL), HF_ELIMIT);
    assert_int_equal(hf_broker_publish(two, "hf.x", large, sizeof large - 1, NULL), HF_OK);
    hf_buffer_free(&reply);
}

static void test_no_server(void **state)
{
    (void)state;
    NEEDS_SERVER();
    hf_broker *broker = NULL;
    hf_error err = {0};
    const hf_broker_options options = {.url = "nats://127.0.0.1:1", .timeout_ms = 1000};
    assert_int_not_equal(hf_broker_open(&options, &broker, &err), HF_OK);
    assert_int_equal(err.fault, HF_FAULT_AGENT);
    assert_non_null(strstr(err.message, "cannot connect to the NATS server nats://127.0.0.1:1: "));
    assert_null(broker);
}

/* ---- Files in chunks ---- */

static void test_files_in_chunks(void **state)
{
    (void)state;
    NEEDS_SERVER();
    static uint8_t file[3 * HF_BLOB_CHUNK + 17];
    char sha256[HF_SHA256_HEX_SIZE], other[HF_SHA256_HEX_SIZE];
    hf_blobs *blobs;
    hf_buffer got = HF_BUFFER_INIT;
    hf_error err = {0};
    for (size_t i = 0; i < sizeof file; i++)
        file[i] = (uint8_t)(i * 7 + i / 1000);
    hf_sha256_hex(file, sizeof file, sha256);
    hf_sha256_hex(file, 100, other);
    assert_int_equal(hf_blobs_new(one, "lab2", &blobs, NULL), HF_OK);
    assert_true(hf_blobs_offer(blobs, sha256, file, sizeof file));
    assert_true(hf_blobs_offer(blobs, sha256, file, sizeof file));
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    hf_status status;
    do /* until the server knows the subscription */
        status = hf_broker_fetch(two, "lab2", sha256, sizeof file, deadline, &got, NULL);
    while (status == HF_ENOTFOUND && !hf_deadline_passed(deadline));
    assert_int_equal(status, HF_OK);
    assert_int_equal(got.size, sizeof file);
    assert_memory_equal(got.data, file, sizeof file);
    hf_blobs_withdraw(blobs, sha256);
    assert_int_equal(hf_broker_fetch(two, "lab2", sha256, sizeof file, deadline, &got, NULL), HF_OK);
    hf_blobs_withdraw(blobs, sha256);
    assert_int_equal(hf_broker_fetch(two, "lab2", sha256, sizeof file, deadline, &got, &err), HF_ENOTFOUND);
    assert_int_equal(err.fault, HF_FAULT_AGENT);
    assert_true(hf_blobs_offer(blobs, other, file, sizeof file)); /* not what it is called */
    assert_int_equal(hf_broker_fetch(two, "lab2", other, sizeof file, deadline, &got, NULL), HF_EMISMATCH);
    assert_int_equal(hf_broker_fetch(two, "lab2", other, sizeof file + 1, deadline, &got, NULL),
                     HF_EPROTOCOL);
    assert_int_equal(hf_broker_fetch(two, "lab3", other, 1, deadline, &got, NULL), HF_ENOTFOUND);
    hf_broker_close(one);
    one = NULL;
    hf_blobs_free(blobs);
    hf_buffer_free(&got);
}

static void test_requests_for_chunks(void **state)
{
    (void)state;
    char sha256[HF_SHA256_HEX_SIZE];
    uint32_t chunk;
    static const char good[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 12";
    assert_true(hf_blob_request(good, sizeof good - 1, sha256, &chunk));
    assert_int_equal(chunk, 12);
    assert_false(hf_blob_request(good, sizeof good - 4, sha256, &chunk));
    assert_false(hf_blob_request(good + 1, sizeof good - 2, sha256, &chunk));
    assert_false(hf_blob_request("", 0, sha256, &chunk));
    hf_buffer reply = HF_BUFFER_INIT;
    hf_blob_reply("abc", 3, UINT32_MAX, &reply);
    assert_int_equal(reply.size, 1);
    assert_int_equal(reply.data[0], 0);
    hf_buffer_free(&reply);
}

/* ---- Leases ---- */

static hf_lease take(hf_broker *broker, const char *holder)
{
    hf_lease lease;
    char by[HF_ENVELOPE_NAME_SIZE];
    assert_int_equal(hf_broker_acquire(broker, "b", holder, &lease, by), HF_LEASE_OK);
    return lease;
}

static void use_leases(uint32_t lease_ms)
{
    assert_int_equal(hf_broker_use_leases(one, lease_ms, NULL), HF_OK);
    assert_int_equal(hf_broker_use_leases(two, lease_ms, NULL), HF_OK);
}

static void test_one_holder_at_a_time(void **state)
{
    (void)state;
    NEEDS_SERVER();
    char by[HF_ENVELOPE_NAME_SIZE];
    hf_lease other;
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    assert_int_equal(hf_broker_acquire(two, "b", "ben.1", &other, by), HF_LEASE_TAKEN);
    assert_string_equal(by, "ann.1");
    const hf_order_token before = lease.token;
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_OK);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_OK);
    assert_int_equal(hf_order_token_compare(before, lease.token), 0); /* of this holding */
    hf_broker_release(one, &lease);
    other = take(two, "ben.1");
    assert_true(hf_order_token_compare(other.token, before) > 0);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_TAKEN);
    hf_broker_release(one, &lease); /* not ours any more: without effect */
    assert_int_equal(hf_broker_renew(two, &other), HF_LEASE_OK);
    assert_int_equal(hf_broker_acquire(one, "c", "ann.2", &lease, by), HF_LEASE_OK); /* another board */
}

static void test_replies_that_were_lost(void **state)
{
    (void)state;
    NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    hf_lease same = take(one, "ann.1"); /* as if the first reply had not come */
    assert_int_equal(hf_order_token_compare(lease.token, same.token), 0);
    const hf_lease old = same;
    assert_int_equal(hf_broker_renew(one, &same), HF_LEASE_OK);
    hf_lease behind = old; /* as if the reply to that had not come */
    assert_int_equal(hf_broker_renew(one, &behind), HF_LEASE_FAILED);
    assert_int_equal(hf_broker_renew(one, &behind), HF_LEASE_OK);
}

static void test_a_lease_expires(void **state)
{
    (void)state;
    NEEDS_SERVER();
    char by[HF_ENVELOPE_NAME_SIZE];
    hf_lease other;
    use_leases(1000);
    hf_lease lease = take(one, "ann.1");
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_acquire(two, "b", "ben.1", &other, by) != HF_LEASE_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_true(hf_order_token_compare(other.token, lease.token) > 0);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_TAKEN);
}

static void restart(bool forget)
{
    nats_server_kill(&server);
    if (forget)
        nats_server_forget(&server);
    assert_true(nats_server_start(&server));
}

static void test_a_server_that_comes_back(void **state)
{
    (void)state;
    NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    nats_server_kill(&server);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_FAILED);
    assert_true(nats_server_start(&server));
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_renew(one, &lease) != HF_LEASE_OK)
        assert_false(hf_deadline_passed(deadline));
}

static void test_tokens_grow_though_the_store_was_deleted(void **state)
{
    (void)state;
    NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    hf_broker_release(one, &lease);
    lease = take(one, "ann.2");
    restart(true);
    hf_broker_close(two);
    two = connect_to_server();
    assert_int_equal(hf_broker_use_leases(two, LONG_MS, NULL), HF_OK);
    hf_lease again = take(two, "ben.1");
    assert_true(again.token.revision < lease.token.revision);
    assert_true(hf_order_token_compare(again.token, lease.token) > 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_messages_and_requests),
        CASE(test_what_cannot_be_sent),
        CASE(test_no_server),
        CASE(test_files_in_chunks),
        CASE(test_requests_for_chunks),
        CASE(test_one_holder_at_a_time),
        CASE(test_replies_that_were_lost),
        CASE(test_a_lease_expires),
        CASE(test_a_server_that_comes_back),
        CASE(test_tokens_grow_though_the_store_was_deleted),
    };
    return cmocka_run_group_tests_name("hosts_broker", tests, NULL, NULL);
}
