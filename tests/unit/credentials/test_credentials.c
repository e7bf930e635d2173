/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, requests and certificates, and the files that they are kept in. */
#include "hf_test.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/secret_file.h"
#include "credentials/credentials.h"

#define DAY INT64_C(86400)

static const hf_certificate_order authority_order = {
    .use = HF_CERTIFICATE_AUTHORITY, .name = "farm", .until_s = 100 * DAY};
static const hf_certificate_order host_order = {.use = HF_CERTIFICATE_CLIENT,
                                                .name = "lab2",
                                                .identity = "hilfarm:host:lab2:0123456789abcdef",
                                                .from_s = DAY,
                                                .until_s = 50 * DAY};

static hf_key *generate(void)
{
    hf_key *key = NULL;
    assert_int_equal(hf_key_generate(&key, NULL), HF_OK);
    return key;
}

static hf_certificate *issue(const hf_certificate_order *order, const hf_key *subject,
                             const hf_certificate *authority, const hf_key *key)
{
    hf_certificate *certificate = NULL;
    assert_int_equal(hf_certificate_issue(order, subject, authority, key, &certificate, NULL), HF_OK);
    return certificate;
}

static void test_a_certificate_says_who_it_is_for(void **state)
{
    (void)state;
    static const char *const hosts[] = {"pc1", "192.0.2.7", "2001:db8::1"};
    const hf_certificate_order server_order = {
        .use = HF_CERTIFICATE_SERVER, .name = "server", .hosts = hosts, .host_count = 3, .until_s = 50 * DAY};
    hf_key *ca_key = generate(), *key = generate();
    hf_certificate *ca = issue(&authority_order, ca_key, NULL, NULL),
                   *other = issue(&authority_order, key, NULL, NULL);
    hf_certificate *host = issue(&host_order, key, ca, ca_key),
                   *server = issue(&server_order, key, ca, ca_key);
    hf_certificate_info info, again;
    assert_int_equal(hf_certificate_read(host, &info, NULL), HF_OK);
    assert_string_equal(info.name, "lab2");
    assert_string_equal(info.identity, host_order.identity);
    assert_int_equal(info.from_s, DAY);
    assert_int_equal(info.until_s, 50 * DAY);
    assert_int_equal(strlen(info.serial), 16);
    assert_true(hf_certificate_is_from(host, ca) && hf_certificate_is_from(server, ca));
    assert_false(hf_certificate_is_from(host, other)); /* the same name, another key */
    assert_true(hf_certificate_is_for(host, key));
    assert_false(hf_certificate_is_for(host, ca_key));
    assert_int_equal(hf_certificate_read(server, &again, NULL), HF_OK);
    assert_string_equal(again.identity, "");
    assert_string_not_equal(again.serial, info.serial);

    hf_buffer pem = HF_BUFFER_INIT, der = HF_BUFFER_INIT;
    hf_certificate *copy = NULL;
    hf_certificate_pem(host, &pem);
    hf_certificate_der(host, &der);
    assert_int_equal(hf_certificate_parse(pem.data, pem.size, &copy, NULL), HF_OK);
    assert_int_equal(hf_certificate_read(copy, &again, NULL), HF_OK);
    assert_string_equal(again.sha256, info.sha256);
    hf_certificate_free(copy);
    assert_int_equal(hf_certificate_from_der((uint8_t *)der.data, der.size, &copy, NULL), HF_OK);
    hf_certificate_free(copy);
    assert_int_equal(hf_certificate_from_der((uint8_t *)der.data, der.size - 1, &copy, NULL), HF_EFORMAT);
    hf_buffer_putc(&der, 'x');
    assert_int_equal(hf_certificate_from_der((uint8_t *)der.data, der.size, &copy, NULL), HF_EFORMAT);
    assert_int_equal(hf_certificate_parse("nothing", 7, &copy, NULL), HF_EFORMAT);
    hf_buffer_free(&pem);
    hf_buffer_free(&der);
    hf_certificate_free(ca);
    hf_certificate_free(other);
    hf_certificate_free(host);
    hf_certificate_free(server);
    hf_key_free(ca_key);
    hf_key_free(key);
}

static void test_keys_survive_being_written(void **state)
{
    (void)state;
    uint8_t seed[HF_KEY_SEED_SIZE], same[HF_KEY_SEED_SIZE];
    hf_key *key = generate(), *copy = NULL;
    hf_buffer pem = HF_BUFFER_INIT;
    hf_error err = {0};
    assert_int_equal(hf_key_seed(key, seed, NULL), HF_OK);
    hf_key_pem(key, &pem);
    assert_int_equal(hf_key_parse(pem.data, pem.size, &copy, NULL), HF_OK);
    assert_int_equal(hf_key_seed(copy, same, NULL), HF_OK);
    assert_memory_equal(seed, same, sizeof seed);
    hf_key_free(copy);
    assert_int_equal(hf_key_from_seed(seed, &copy, NULL), HF_OK);
    hf_key_free(copy);
    pem.data[40] ^= 1;
    if (hf_key_parse(pem.data, pem.size / 2, &copy, &err) == HF_OK)
        fail();
    assert_null(strstr(err.message, "PRIVATE")); /* nothing of the key is told */
    hf_secret_free(&pem);
    hf_key_free(key);
}

static void test_a_request_proves_that_its_sender_has_the_key(void **state)
{
    (void)state;
    hf_key *key = generate(), *got = NULL;
    hf_buffer pem = HF_BUFFER_INIT;
    uint8_t seed[HF_KEY_SEED_SIZE];
    assert_int_equal(hf_request_make(key, "lab2", &pem, NULL), HF_OK);
    assert_null(strstr(hf_buffer_text(&pem), "PRIVATE"));
    assert_int_equal(hf_request_open(pem.data, pem.size, &got, NULL), HF_OK);
    assert_int_equal(hf_key_seed(got, seed, NULL), HF_EINVALID); /* only the public part */
    hf_certificate *ca = issue(&authority_order, key, NULL, NULL), *host = issue(&host_order, got, ca, key);
    assert_true(hf_certificate_is_for(host, key));
    hf_certificate_free(ca);
    hf_certificate_free(host);
    hf_key_free(got);
    /* Somewhere in the middle of its text, in the public key or the signature. */
    char *middle = pem.data + pem.size / 2;
    *middle = *middle == 'A' ? 'B' : 'A';
    assert_int_equal(hf_request_open(pem.data, pem.size, &got, NULL), HF_EFORMAT);
    assert_int_equal(hf_request_open("nothing", 7, &got, NULL), HF_EFORMAT);
    hf_buffer_free(&pem);
    hf_key_free(key);
}

static void test_base64url(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xfb, 0xff, 0x00, 0x3e, 0x3f};
    for (size_t size = 1; size <= sizeof bytes; size++) {
        hf_buffer text = HF_BUFFER_INIT, back = HF_BUFFER_INIT;
        hf_base64url_encode(bytes, size, &text);
        assert_null(strpbrk(hf_buffer_text(&text), "+/="));
        assert_int_equal(hf_base64url_decode(text.data, text.size, &back, NULL), HF_OK);
        assert_int_equal(back.size, size);
        assert_memory_equal(back.data, bytes, size);
        hf_buffer_free(&text);
        hf_buffer_free(&back);
    }
    hf_buffer back = HF_BUFFER_INIT;
    static const char *const wrong[] = {"", "a", "abcde", "ab=d", "ab d", "ab+d"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(hf_base64url_decode(wrong[i], strlen(wrong[i]), &back, NULL), HF_EFORMAT);
    hf_buffer_free(&back);
}

static void test_files_that_others_can_read_are_refused(void **state)
{
    (void)state;
    char dir[] = "/tmp/hf-secret-XXXXXX", path[64];
    struct stat info;
    hf_error err = {0};
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/key", dir);
    assert_int_equal(hf_secret_check(path, NULL), HF_ENOTFOUND);
    const mode_t before = umask(0);
    assert_int_equal(hf_secret_write(path, "one", 3, NULL), HF_OK);
    umask(before);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(hf_secret_check(path, NULL), HF_OK);
    static const mode_t loose[] = {0640, 0604, 0660, 0644, 0601};
    for (size_t i = 0; i < sizeof loose / sizeof loose[0]; i++) {
        assert_int_equal(chmod(path, loose[i]), 0);
        assert_int_equal(hf_secret_check(path, &err), HF_EINVALID);
    }
    assert_non_null(strstr(err.message, "mode 0640"));
    assert_non_null(strstr(err.message, "chmod 600"));
    assert_int_equal(hf_secret_write(path, "two", 3, NULL), HF_OK); /* a loose file becomes tight */
    assert_int_equal(hf_secret_check(path, NULL), HF_OK);
    if (geteuid() == 0) { /* root prepares files for the daemon's user */
        assert_int_equal(chown(dir, 65534, 65534), 0);
        assert_int_equal(hf_secret_write(path, "three", 5, NULL), HF_OK);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_uid, 65534);
        assert_int_equal(hf_secret_check(path, NULL), HF_OK);
    }
    assert_int_equal(hf_secret_write("/tmp/hf-no-such-folder/key", "x", 1, NULL), HF_EIO);
    assert_int_equal(hf_remove_tree(dir, NULL), HF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_certificate_says_who_it_is_for),
        cmocka_unit_test(test_keys_survive_being_written),
        cmocka_unit_test(test_a_request_proves_that_its_sender_has_the_key),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_files_that_others_can_read_are_refused),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
