/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, requests and files in chunks over a real nats-server. Skipped where none is installed. */
#include "needs_server.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "broker/blobs.h"
#include "two_brokers.h"

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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, two_brokers_set_up, two_brokers_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_messages_and_requests),
        CASE(test_what_cannot_be_sent),
        CASE(test_no_server),
        CASE(test_files_in_chunks),
        CASE(test_a_mapped_file_leaves_memory),
        CASE(test_requests_for_chunks),
    };
    return cmocka_run_group_tests_name("hosts_broker", tests, NULL, NULL);
}
