/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, requests and leases over a real nats-server. Skipped where none is installed. */
#include "needs_server.h"

#include <pthread.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "broker/blobs.h"

#define DEADLINE_MS 60000
#define LONG_MS     120000

static nats_server server;
static hf_broker *one, *two;

static int set_up(void **state)
{
    (void)state;
    if (!hf_test_has_server())
        return 0;
    if (!nats_server_start(&server))
        return 1;
    one = hf_test_connect(&server);
    two = hf_test_connect(&server);
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

/* ---- Messages ---- */

typedef struct box {
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    size_t size; /* of the last message */
    unsigned count;
    char subject[64];
} box;

static void receive(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    box *b = user;
    pthread_mutex_lock(&b->mutex);
    b->size = size;
    b->count++;
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
    HF_TEST_NEEDS_SERVER();
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
    HF_TEST_NEEDS_SERVER();
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
    HF_TEST_NEEDS_SERVER();
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
    HF_TEST_NEEDS_SERVER();
    static uint8_t file[3 * HF_BLOB_CHUNK + 17];
    char sha256[HF_SHA256_HEX_SIZE], other[HF_SHA256_HEX_SIZE];
    hf_blobs *blobs;
    hf_buffer got = HF_BUFFER_INIT;
    hf_error err = {0};
    for (size_t i = 0; i < sizeof file; i++)
        file[i] = (uint8_t)(i * 7 + i / 1000);
    hf_sha256_hex(file, sizeof file, sha256);
    hf_sha256_hex(file, 100, other);
    assert_int_equal(hf_blobs_new(one, "hf.v1.blob.farm.*", &blobs, NULL), HF_OK);
    assert_true(hf_blobs_offer(blobs, "lab2", sha256, file, sizeof file, false));
    assert_true(hf_blobs_offer(blobs, "lab2", sha256, file, sizeof file, false));
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    hf_status status;
    do /* until the server knows the subscription */
        status = hf_broker_fetch(two, "hf.v1.blob.farm.lab2", sha256, sizeof file, deadline, &got, NULL);
    while (status == HF_ENOTFOUND && !hf_deadline_passed(deadline));
    assert_int_equal(status, HF_OK);
    assert_int_equal(got.size, sizeof file);
    assert_memory_equal(got.data, file, sizeof file);
    hf_blobs_withdraw(blobs, "lab2", sha256);
    assert_int_equal(hf_broker_fetch(two, "hf.v1.blob.farm.lab2", sha256, sizeof file, deadline, &got, NULL),
                     HF_OK);
    assert_int_equal(hf_broker_fetch(two, "hf.v1.blob.farm.lab3", sha256, sizeof file, deadline, &got, NULL),
                     HF_ENOTFOUND); /* offered to another host */
    hf_blobs_withdraw(blobs, "lab2", sha256);
    assert_int_equal(hf_broker_fetch(two, "hf.v1.blob.farm.lab2", sha256, sizeof file, deadline, &got, &err),
                     HF_ENOTFOUND);
    assert_int_equal(err.fault, HF_FAULT_AGENT);
    assert_true(hf_blobs_offer(blobs, "lab2", other, file, sizeof file, false)); /* not what it is called */
    assert_int_equal(hf_broker_fetch(two, "hf.v1.blob.farm.lab2", other, sizeof file, deadline, &got, NULL),
                     HF_EMISMATCH);
    assert_int_equal(
        hf_broker_fetch(two, "hf.v1.blob.farm.lab2", other, sizeof file + 1, deadline, &got, NULL),
        HF_EPROTOCOL);
    assert_int_equal(hf_broker_fetch(two, "hf.v1.blob.nobody.lab2", other, 1, deadline, &got, NULL),
                     HF_ENOTFOUND);
    hf_broker_close(one);
    one = NULL;
    hf_blobs_free(blobs);
    hf_buffer_free(&got);
}

/* @return kilobytes of a mapping that are in this process's memory */
static long resident_kb(const void *address)
{
    char line[512], want[32];
    long kb = -1;
    bool here = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    snprintf(want, sizeof want, "%lx-", (unsigned long)(uintptr_t)address);
    while (kb < 0 && fgets(line, sizeof line, maps)) {
        here |= strncmp(line, want, strlen(want)) == 0;
        if (here && strncmp(line, "Rss:", 4) == 0)
            kb = strtol(line + 4, NULL, 10);
    }
    fclose(maps);
    return kb;
}

/* What is offered from a file does not stay in memory once a host has it. */
static void test_a_mapped_file_leaves_memory(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    char sha256[HF_SHA256_HEX_SIZE];
    static uint8_t bytes[2 * HF_BLOB_CHUNK];
    hf_blobs *blobs;
    hf_buffer got = HF_BUFFER_INIT;
    FILE *file = tmpfile();
    assert_non_null(file);
    memset(bytes, 'x', sizeof bytes);
    hf_sha256_hex(bytes, sizeof bytes, sha256);
    assert_int_equal(fwrite(bytes, sizeof bytes, 1, file), 1);
    assert_int_equal(fflush(file), 0);
    void *mapped = mmap(NULL, sizeof bytes, PROT_READ, MAP_SHARED, fileno(file), 0);
    assert_true(mapped != MAP_FAILED);
    assert_memory_equal(mapped, bytes, sizeof bytes);
    assert_true(resident_kb(mapped) > 0);
    assert_int_equal(hf_blobs_new(one, "hf.v1.blob.farm.*", &blobs, NULL), HF_OK);
    assert_true(hf_blobs_offer(blobs, "lab2", sha256, mapped, sizeof bytes, true));
    const hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    for (int i = 0; i < 2; i++) { /* a second host, or one that has lost it, gets it again */
        while (hf_broker_fetch(two, "hf.v1.blob.farm.lab2", sha256, sizeof bytes, deadline, &got, NULL) !=
               HF_OK)
            assert_false(hf_deadline_passed(deadline));
        assert_memory_equal(got.data, bytes, sizeof bytes);
        assert_int_equal(resident_kb(mapped), 0);
    }
    hf_broker_close(one);
    one = NULL;
    hf_blobs_free(blobs);
    hf_buffer_free(&got);
    munmap(mapped, sizeof bytes);
    fclose(file);
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

/* ---- TLS ---- */

/* An authority, a certificate of the server and one of a host, in a folder. */
static const char make_certificates[] =
    "set -e; cd \"$0\"; key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'; "
    "openssl req -x509 $key -subj /CN=farm -keyout ca.key -out ca.pem; "
    "printf 'subjectAltName=IP:127.0.0.1' >san; "
    "for name in server host; do "
    "  openssl req $key -subj /CN=$name -keyout $name.key -out $name.csr; "
    "  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out "
    "$name.pem; "
    "done; "
    "openssl req -x509 $key -subj /CN=other -keyout other.key -out other.pem; "
    "printf 'tls { cert_file: \"%s/server.pem\", key_file: \"%s/server.key\", ca_file: \"%s/ca.pem\", "
    "verify: true }' "
    "\"$0\" \"$0\" \"$0\" >server.conf";

static hf_status connect_with(const char *folder, const char *ca, const char *cert, hf_broker **out)
{
    char ca_path[96], cert_path[96], key_path[96];
    snprintf(ca_path, sizeof ca_path, "%s/%s.pem", folder, ca ? ca : "");
    snprintf(cert_path, sizeof cert_path, "%s/%s.pem", folder, cert ? cert : "");
    snprintf(key_path, sizeof key_path, "%s/%s.key", folder, cert ? cert : "");
    const hf_broker_options options = {.url = server.url,
                                       .timeout_ms = 5000,
                                       .ca_path = ca ? ca_path : NULL,
                                       .cert_path = cert ? cert_path : NULL,
                                       .key_path = cert ? key_path : NULL};
    return hf_broker_open(&options, out, NULL);
}

static void test_only_hosts_with_a_certificate_are_let_in(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    char folder[] = "/tmp/hf-tls-XXXXXX", config[64];
    process openssl = {0};
    hf_broker *broker = NULL;
    assert_non_null(mkdtemp(folder));
    const char *const argv[] = {"/bin/sh", "-c", make_certificates, folder, NULL};
    assert_true(process_start(&openssl, argv));
    if (process_wait_exit(&openssl, DEADLINE_MS) != 0)
        fail_msg("openssl: %s", openssl.output);
    nats_server_kill(&server);
    snprintf(config, sizeof config, "%s/server.conf", folder);
    server.config = config;
    assert_true(nats_server_start(&server));

    assert_int_equal(connect_with(folder, "ca", "host", &broker), HF_OK);
    assert_int_equal(hf_broker_publish(broker, "hf.test", "x", 1, NULL), HF_OK);
    hf_broker_close(broker);
    broker = NULL;
    assert_int_not_equal(connect_with(folder, NULL, NULL, &broker), HF_OK);    /* in plain text */
    assert_int_not_equal(connect_with(folder, "ca", NULL, &broker), HF_OK);    /* without a certificate */
    assert_int_not_equal(connect_with(folder, "ca", "other", &broker), HF_OK); /* of another authority */
    assert_int_not_equal(connect_with(folder, "other", "host", &broker),
                         HF_OK); /* to a server that is not ours */
    assert_null(broker);
    assert_int_equal(hf_remove_tree(folder, NULL), HF_OK);
}

/* ---- Permissions ---- */

static const char permissions[] = "authorization { users: [\n"
                                  "  {user: farm, password: f},\n"
                                  "  {user: lab2, password: l, permissions: {\n"
                                  "    publish: {allow: [\"hf.v1.owner.*.lab2\", \"hf.v1.blob.*.lab2\"]},\n"
                                  "    subscribe: {allow: [\"hf.v1.host.lab2\", \"hf.v1.hello.lab2\", "
                                  "\"hf.v1.answer.lab2\", \"hf.v1.inbox.lab2.>\"]},\n"
                                  "    allow_responses: true}}]}\n";

static hf_broker *log_in(const char *user, const char *password)
{
    hf_broker *broker = NULL;
    const hf_broker_options options = {
        .url = server.url, .name = user, .user = user, .password = password, .timeout_ms = 5000};
    return hf_broker_open(&options, &broker, NULL) == HF_OK ? broker : NULL;
}

/* Waits until what was sent before has been dealt with: a message that is allowed comes after all others. */
static void wait_for_all(hf_broker *from, box *b)
{
    assert_int_equal(hf_broker_publish(from, "hf.v1.owner.farm.lab2", "the last", 8, NULL), HF_OK);
    assert_int_equal(wait_for(b), 8);
}

static void test_what_a_host_may_do(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    char config[96], sha256[HF_SHA256_HEX_SIZE];
    box mine = {.mutex = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER}, farm = mine,
        others = mine;
    hf_blobs *blobs;
    hf_buffer reply = HF_BUFFER_INIT;
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    snprintf(config, sizeof config, "%s/users.conf", server.dir);
    assert_int_equal(hf_file_write(config, permissions, sizeof permissions - 1, NULL), HF_OK);
    nats_server_kill(&server);
    server.config = config;
    assert_true(nats_server_start(&server));
    hf_broker_close(one);
    hf_broker_close(two);
    one = log_in("farm", "f");
    two = log_in("lab2", "l");
    assert_true(one && two && !log_in("lab2", "wrong") && !log_in("lab3", "l"));

    /* What it is for. */
    hf_sha256_hex("image", 5, sha256);
    assert_int_equal(hf_blobs_new(one, "hf.v1.blob.farm.*", &blobs, NULL), HF_OK);
    assert_true(hf_blobs_offer(blobs, "lab2", sha256, "image", 5, false));
    assert_int_equal(hf_broker_subscribe(two, "hf.v1.hello.lab2", receive, &mine, NULL), HF_OK);
    assert_int_equal(hf_broker_subscribe(one, "hf.v1.owner.farm.*", receive, &farm, NULL), HF_OK);
    while (hf_broker_request(one, "hf.v1.hello.lab2", "?", 1, 1000, &reply, NULL) != HF_OK)
        assert_false(hf_deadline_passed(deadline));
    assert_string_equal(hf_buffer_text(&reply), "got ?");
    while (hf_broker_fetch(two, "hf.v1.blob.farm.lab2", sha256, 5, deadline, &reply, NULL) != HF_OK)
        assert_false(hf_deadline_passed(deadline));

    /* What it is not for. */
    (void)hf_broker_subscribe(two, "hf.v1.host.lab3", receive, &others,
                              NULL); /* refused later, by the server */
    (void)hf_broker_subscribe(two, "hf.v1.inbox.>", receive, &others, NULL);       /* likewise */
    (void)hf_broker_subscribe(two, "hf.v1.owner.>", receive, &others, NULL);       /* likewise */
    (void)hf_broker_publish(two, "hf.v1.owner.farm.lab3", "as another", 10, NULL); /* likewise */
    (void)hf_broker_publish(two, "hf.v1.host.lab3", "an order", 8, NULL);          /* likewise */
    wait_for_all(two, &farm);
    assert_string_equal(farm.subject, "hf.v1.owner.farm.lab2");
    assert_int_equal(farm.count, 1);
    assert_int_equal(hf_broker_publish(one, "hf.v1.host.lab3", "an order", 8, NULL), HF_OK);
    assert_int_equal(hf_broker_request(one, "hf.v1.hello.lab2", "?", 1, 5000, &reply, NULL),
                     HF_OK); /* after it */
    assert_int_equal(others.size, 0);
    assert_int_equal(hf_broker_use_leases(one, LONG_MS, NULL), HF_OK);
    assert_int_not_equal(hf_broker_use_leases(two, LONG_MS, NULL), HF_OK);
    hf_broker_close(one);
    one = NULL;
    hf_blobs_free(blobs);
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
    HF_TEST_NEEDS_SERVER();
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
    HF_TEST_NEEDS_SERVER();
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
    HF_TEST_NEEDS_SERVER();
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
    HF_TEST_NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    nats_server_kill(&server);
    assert_int_equal(hf_broker_renew(one, &lease), HF_LEASE_FAILED);
    assert_true(nats_server_start(&server));
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (hf_broker_renew(one, &lease) != HF_LEASE_OK)
        assert_false(hf_deadline_passed(deadline));
}

static void test_a_store_with_another_time_to_live(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_error err = {0};
    assert_int_equal(hf_broker_use_leases(one, 2000, NULL), HF_OK);
    assert_int_equal(hf_broker_use_leases(two, 3000, &err), HF_EMISMATCH);
    assert_int_equal(err.lasting, HF_PERMANENT);
    assert_non_null(strstr(err.message, "has a time to live of 2000 ms, expected 3000 ms"));
}

static void test_tokens_grow_though_the_store_was_deleted(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    use_leases(LONG_MS);
    hf_lease lease = take(one, "ann.1");
    hf_broker_release(one, &lease);
    lease = take(one, "ann.2");
    restart(true);
    hf_broker_close(two);
    two = hf_test_connect(&server);
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
        CASE(test_a_mapped_file_leaves_memory),
        CASE(test_requests_for_chunks),
        CASE(test_what_a_host_may_do),
        CASE(test_only_hosts_with_a_certificate_are_let_in),
        CASE(test_one_holder_at_a_time),
        CASE(test_replies_that_were_lost),
        CASE(test_a_lease_expires),
        CASE(test_a_server_that_comes_back),
        CASE(test_a_store_with_another_time_to_live),
        CASE(test_tokens_grow_though_the_store_was_deleted),
    };
    return cmocka_run_group_tests_name("hosts_broker", tests, NULL, NULL);
}
