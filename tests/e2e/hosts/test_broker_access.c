/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let in, and what they may do, over a real nats-server. Skipped where none is installed. */
#include "needs_server.h"

#include "base/clock.h"
#include "base/file.h"
#include "broker/blobs.h"
#include "two_brokers.h"

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

static hf_status connect_to(const char *url, const char *folder, const char *ca, const char *cert,
                            const char *key, hf_broker **out, hf_error *err)
{
    char ca_path[96], cert_path[96], key_path[96];
    snprintf(ca_path, sizeof ca_path, "%s/%s.pem", folder, ca ? ca : "");
    snprintf(cert_path, sizeof cert_path, "%s/%s.pem", folder, cert ? cert : "");
    snprintf(key_path, sizeof key_path, "%s/%s.key", folder, key ? key : "");
    const hf_broker_options options = {.url = url,
                                       .timeout_ms = 5000,
                                       .ca_path = ca ? ca_path : NULL,
                                       .cert_path = cert ? cert_path : NULL,
                                       .key_path = key ? key_path : NULL};
    return hf_broker_open(&options, out, err);
}

static hf_status connect_with(const char *folder, const char *ca, const char *cert, hf_broker **out)
{
    return connect_to(server.url, folder, ca, cert, cert, out, NULL);
}

/* What libnats calls an SSL error in each case. */
static void assert_tls_failures_are_explained(const char *folder)
{
    hf_broker *broker = NULL;
    hf_error err = {0};
    char by_name[64];
    assert_int_equal(connect_to(server.url, folder, NULL, NULL, NULL, &broker, &err), HF_EIO);
    if (!strstr(err.message, "TLS failed: the server demands it, and `ca` "))
        fail_msg("%s", err.message);
    err = (hf_error){0};
    snprintf(by_name, sizeof by_name, "nats://localhost%s", strrchr(server.url, ':'));
    assert_int_equal(connect_to(by_name, folder, "ca", "host", "host", &broker, &err), HF_EIO);
    if (!strstr(err.message, "TLS failed: its certificate must have the name in this URL"))
        fail_msg("%s", err.message);
    err = (hf_error){0};
    assert_int_equal(connect_to(server.url, folder, "ca", "host", "server", &broker, &err), HF_EIO);
    if (!strstr(err.message, "the certificate and the key do not belong together"))
        fail_msg("%s", err.message);
    assert_null(broker);
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
    assert_tls_failures_are_explained(folder);
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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, two_brokers_set_up, two_brokers_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_only_hosts_with_a_certificate_are_let_in),
        CASE(test_what_a_host_may_do),
    };
    return cmocka_run_group_tests_name("hosts_broker_access", tests, NULL, NULL);
}
