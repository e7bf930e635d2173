/* SPDX-License-Identifier: Apache-2.0 */
/* Inviting, signing and revoking, without a server. */
#include "hf_test.h"

#include <sys/stat.h>

#include "authority_state.h"
#include "base/file.h"
#include "joining/host_certificate.h"
#include "joining/messages.h"

#define NOW INT64_C(1800000000)

static char dir[40], folder[64];
static hf_authority *authority;

static int set_up(void **state)
{
    (void)state;
    static const char *const names[] = {"farm.lab", "192.0.2.7"};
    const hf_authority_setup setup = {.names = names, .name_count = 2};
    strcpy(dir, "/tmp/hf-authority-XXXXXX");
    if (!mkdtemp(dir))
        return 1;
    snprintf(folder, sizeof folder, "%s/broker", dir);
    return hf_authority_init(folder, &setup, NOW, NULL) != HF_OK ||
           hf_authority_open(folder, &authority, NULL) != HF_OK;
}

static int tear_down(void **state)
{
    (void)state;
    hf_authority_close(authority);
    authority = NULL;
    return hf_remove_tree(dir, NULL) != HF_OK;
}

static hf_join_token invite(const char *host)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_join_token token = {0};
    char id[HF_CREDENTIAL_ID_SIZE];
    hf_error err = {0};
    if (hf_authority_invite(authority, host, NULL, NOW, NOW + 3600, &text, id, &err) != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(hf_join_token_decode(hf_buffer_text(&text), &token, NULL), HF_OK);
    assert_string_equal(token.id, id);
    hf_secret_free(&text);
    return token;
}

static hf_status admit(const char *host, const char *id, const hf_key *key, int64_t now_s, hf_buffer *reply,
                       hf_error *err)
{
    hf_buffer pem = HF_BUFFER_INIT, request = HF_BUFFER_INIT;
    assert_int_equal(hf_request_make(key, "anything", &pem, NULL), HF_OK);
    hf_join_request_write(hf_buffer_text(&pem), &request);
    hf_buffer_clear(reply);
    hf_status status = hf_authority_admit(authority, host, id, request.data, request.size, now_s, reply, err);
    hf_buffer_free(&pem);
    hf_buffer_free(&request);
    return status;
}

static char *read_users(void)
{
    char path[96];
    uint8_t *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/users.conf", folder);
    assert_int_equal(hf_file_read(path, 1 << 20, &text, &size, NULL), HF_OK);
    return (char *)text;
}

static unsigned users_with(const char *text)
{
    unsigned count = 0;
    char *users = read_users();
    for (const char *at = users; (at = strstr(at, text)); at++)
        count++;
    free(users);
    return count;
}

static void test_a_token_works_once(void **state)
{
    (void)state;
    hf_join_token token = invite("lab2");
    hf_key *key = NULL, *thief = NULL;
    hf_buffer first = HF_BUFFER_INIT, again = HF_BUFFER_INIT;
    hf_error err = {0};
    assert_string_equal(token.url, "tls://farm.lab:4222");
    assert_int_equal(hf_key_generate(&key, NULL), HF_OK);
    assert_int_equal(hf_key_generate(&thief, NULL), HF_OK);
    assert_int_equal(users_with("hilfarm:join:lab2:"), 1);
    assert_int_equal(users_with("hilfarm:host:lab2:"), 0);
    assert_int_equal(admit("lab3", token.id, key, NOW, &again, &err), HF_EMISMATCH); /* for another host */
    err = (hf_error){0};
    assert_int_equal(admit("lab2", token.id, key, NOW, &first, &err), HF_OK);
    assert_int_equal(users_with("hilfarm:host:lab2:"), 1);
    /* The reply was lost: the same key gets the same certificate, also later. Another key gets the reason. */
    assert_int_equal(admit("lab2", token.id, key, NOW + 7200, &again, &err), HF_OK);
    assert_string_equal(hf_buffer_text(&first), hf_buffer_text(&again));
    assert_int_equal(admit("lab2", token.id, thief, NOW, &again, &err), HF_EMISMATCH);
    assert_non_null(strstr(err.message, "the token was used on "));
    assert_non_null(strstr(hf_buffer_text(&again), "hilfarm-join 1 refused\nthe token was used on "));
    assert_int_equal(users_with("hilfarm:host:lab2:"), 1);
    hf_key_free(key);
    hf_key_free(thief);
    hf_buffer_free(&first);
    hf_buffer_free(&again);
    hf_join_token_free(&token);
}

static void test_tokens_that_cannot_be_used(void **state)
{
    (void)state;
    hf_join_token token = invite("lab2");
    hf_key *key = NULL;
    hf_buffer reply = HF_BUFFER_INIT;
    hf_error err = {0};
    assert_int_equal(hf_key_generate(&key, NULL), HF_OK);
    assert_int_equal(admit("lab2", token.id, key, NOW + 3600, &reply, &err), HF_EMISMATCH);
    assert_non_null(strstr(err.message, "the token expired on "));
    err = (hf_error){0};
    assert_int_equal(admit("lab2", "0123456789abcdef", key, NOW, &reply, &err), HF_EMISMATCH);
    assert_non_null(strstr(err.message, "has made no such token"));
    assert_int_equal(hf_authority_revoke(authority, "lab2", NOW, NULL), HF_OK);
    err = (hf_error){0};
    assert_int_equal(admit("lab2", token.id, key, NOW, &reply, &err), HF_EMISMATCH);
    assert_non_null(strstr(err.message, "the token was revoked on "));
    assert_int_equal(users_with(":lab2:"), 0);
    hf_key_free(key);
    hf_buffer_free(&reply);
    hf_join_token_free(&token);
}

static void test_names_that_hosts_cannot_have(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",   "a b",          "a.b",  "lab*",    ">",
        "-x", "hilfarmd-pc1", "a\"b", "a,URI:b", "01234567890123456789012345678901234567890"};
    hf_buffer text = HF_BUFFER_INIT;
    char id[HF_CREDENTIAL_ID_SIZE];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(hf_authority_invite(authority, wrong[i], NULL, NOW, NOW + 60, &text, id, NULL),
                         HF_EINVALID);
    assert_int_equal(text.size, 0);
    static const char *const bad_names[] = {"a b", "a,b", "-a", "", "x\"y"};
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
        const hf_authority_setup setup = {.names = &bad_names[i], .name_count = 1};
        assert_int_equal(hf_authority_init(folder, &setup, NOW, NULL), HF_EINVALID);
    }
    static const char *const bad_addresses[] = {"",      "4222",      "x:", "1.2.3.4:0", "1.2.3.4:70000",
                                                "a b:1", "1.2.3.4:1x"};
    for (size_t i = 0; i < sizeof bad_addresses / sizeof bad_addresses[0]; i++) {
        const hf_authority_setup setup = {.listen = bad_addresses[i]};
        assert_int_equal(hf_authority_init(folder, &setup, NOW, NULL), HF_EINVALID);
    }
}

static void test_what_ends_soon_is_renewed(void **state)
{
    (void)state;
    const int64_t day = 86400, years = INT64_C(730) * day;
    bool renewed = true;
    assert_int_equal(hf_authority_renew_own(authority, NOW, 60 * day, &renewed, NULL), HF_OK);
    assert_false(renewed);
    assert_int_equal(hf_authority_renew_own(authority, NOW + years - 60 * day - 1, 60 * day, &renewed, NULL),
                     HF_OK);
    assert_false(renewed);
    assert_int_equal(hf_authority_renew_own(authority, NOW + years - 59 * day, 60 * day, &renewed, NULL),
                     HF_OK);
    assert_true(renewed);
    assert_int_equal(users_with("hilfarm:farm:farm:"), 2); /* programs that run have the one of before */
    assert_int_equal(hf_authority_renew_own(authority, NOW + years, 60 * day, &renewed, NULL), HF_OK);
    assert_false(renewed);
}

static void test_renewing_keeps_the_hosts(void **state)
{
    (void)state;
    hf_join_token token = invite("lab2");
    hf_key *key = NULL;
    hf_buffer reply = HF_BUFFER_INIT;
    hf_member *members = NULL;
    uint32_t count = 0;
    const hf_authority_setup same = {0};
    assert_int_equal(hf_key_generate(&key, NULL), HF_OK);
    assert_int_equal(admit("lab2", token.id, key, NOW, &reply, NULL), HF_OK);
    assert_int_equal(hf_authority_init(folder, &same, NOW + 10, NULL), HF_OK);
    assert_int_equal(users_with("hilfarm:host:lab2:"), 1);
    assert_int_equal(users_with("hilfarm:farm:farm:"), 2); /* programs that run have the one of before */
    hf_join_token later = invite("lab3");
    assert_string_equal(hf_buffer_text(&token.authority), hf_buffer_text(&later.authority));
    assert_string_equal(later.url, "tls://farm.lab:4222");
    assert_int_equal(hf_authority_list(authority, NOW, &members, &count, NULL), HF_OK);
    assert_int_equal(count, 2);
    assert_int_equal(members[0].state, HF_MEMBER_JOINED);
    assert_int_equal(members[1].state, HF_MEMBER_INVITED);
    free(members);
    hf_join_token_free(&token);
    hf_join_token_free(&later);
    hf_key_free(key);
    hf_buffer_free(&reply);
}

static void test_no_secret_is_where_it_does_not_belong(void **state)
{
    (void)state;
    static const char *const files[] = {"registry.json", "users.conf", "nats-server.conf"};
    hf_join_token token = invite("lab2");
    char seed[HF_CREDENTIAL_LIMIT], path[96];
    /* The line of the key's PEM that holds it. */
    const char *line = strchr(hf_buffer_text(&token.key), '\n') + 1;
    snprintf(seed, sizeof seed, "%.40s", line);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        uint8_t *text;
        size_t size;
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        assert_int_equal(hf_file_read(path, 1 << 20, &text, &size, NULL), HF_OK);
        assert_null(strstr((char *)text, seed));
        assert_null(strstr((char *)text, "PRIVATE"));
        free(text);
    }
    hf_error err = {0};
    char broken[] = "hfjoin1_c2VjcmV0c2VjcmV0c2VjcmV0";
    assert_int_equal(hf_join_token_decode(broken, &token, &err), HF_EFORMAT);
    assert_null(strstr(err.message, "c2Vj"));
    snprintf(path, sizeof path, "%s/ca.key", folder);
    assert_int_equal(chmod(path, 0640), 0);
    hf_authority *other = NULL;
    assert_int_equal(hf_authority_open(folder, &other, NULL), HF_EINVALID);
    hf_join_token_free(&token);
}

/* The server goes by the name in the certificate, and would let in a host that goes by another one. */
static void test_a_host_has_the_name_of_its_certificate(void **state)
{
    (void)state;
    hf_join_token token = invite("lab2");
    hf_key *key = NULL;
    hf_buffer reply = HF_BUFFER_INIT;
    hf_error err = {0};
    const char *pem;
    size_t size;
    char path[96];
    snprintf(path, sizeof path, "%s/host.pem", dir);
    assert_int_equal(hf_host_certificate_check("lab2", path, NULL), HF_OK); /* connecting tells that */
    assert_int_equal(hf_key_generate(&key, NULL), HF_OK);
    assert_int_equal(admit("lab2", token.id, key, NOW, &reply, NULL), HF_OK);
    assert_int_equal(hf_join_reply_read(reply.data, reply.size, &pem, &size, NULL), HF_OK);
    assert_int_equal(hf_file_write(path, pem, size, NULL), HF_OK);
    assert_int_equal(hf_host_certificate_check("lab2", path, NULL), HF_OK);
    assert_int_equal(hf_host_certificate_check("lab3", path, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "host: \"lab3\""));
    assert_non_null(strstr(err.message, "is for the host \"lab2\""));
    err = (hf_error){0};
    assert_int_equal(hf_file_write(path, token.certificate.data, token.certificate.size, NULL), HF_OK);
    assert_int_equal(hf_host_certificate_check("lab2", path, &err), HF_EINVALID); /* of the token */
    assert_non_null(strstr(err.message, "is not that of a host"));
    assert_int_equal(hf_file_write(path, token.authority.data, token.authority.size, NULL), HF_OK);
    assert_int_equal(hf_host_certificate_check("lab2", path, NULL), HF_OK); /* no identity of ours */
    hf_join_token_free(&token);
    hf_buffer_free(&reply);
    hf_key_free(key);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_token_works_once),
        CASE(test_tokens_that_cannot_be_used),
        CASE(test_names_that_hosts_cannot_have),
        CASE(test_what_ends_soon_is_renewed),
        CASE(test_renewing_keeps_the_hosts),
        CASE(test_no_secret_is_where_it_does_not_belong),
        CASE(test_a_host_has_the_name_of_its_certificate),
    };
    return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
