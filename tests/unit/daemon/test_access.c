/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "access.h"
#include "base/file.h"
#include "hf_test.h"

static char path[64];

static void write_tokens(const char *text, mode_t mode)
{
    snprintf(path, sizeof path, "/tmp/hilfarm-tokens-%d", (int)getpid());
    unlink(path);
    assert_int_equal(hf_file_write(path, text, strlen(text), NULL), HF_OK);
    assert_int_equal(chmod(path, mode), 0);
}

static int remove_tokens(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void tokens_name_their_users(void **state)
{
    (void)state;
    hf_tokens *tokens = NULL;
    char name[HF_USER_NAME_SIZE] = "";
    write_tokens("# people\nann:0123456789abcdef\n\nbob.2:fedcba9876543210-long", 0600);
    assert_int_equal(hf_tokens_load(path, &tokens, NULL), HF_OK);
    assert_true(hf_tokens_check(tokens, "Bearer 0123456789abcdef", name));
    assert_string_equal(name, "ann");
    assert_true(hf_tokens_check(tokens, "bearer fedcba9876543210-long", name));
    assert_string_equal(name, "bob.2");
    static const char *const bad[] = {"Bearer ",
                                      "Bearer 0123456789abcde",
                                      "Bearer 0123456789abcdef0",
                                      "Basic 0123456789abcdef",
                                      "0123456789abcdef",
                                      "Bearer ann:0123456789abcdef",
                                      ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(hf_tokens_check(tokens, bad[i], name));
    assert_false(hf_tokens_check(tokens, NULL, name));
    assert_false(hf_tokens_check(NULL, "Bearer 0123456789abcdef", name));
    hf_tokens_free(tokens);
}

static void careless_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mode_t mode;
        const char *message;
    } cases[] = {
        {"ann:0123456789abcdef\n", 0640, "can be read by others: its mode is 0640"},
        {"ann:0123456789abcdef\n", 0604, "can be read by others"},
        {"ann:short\n", 0600, ":1: the token of ann needs at least 16 characters"},
        {"# x\n0123456789abcdef0123456789abcdef\n", 0600, ":2: expected NAME:TOKEN"},
        {"a b:0123456789abcdef\n", 0600, ":1: expected NAME:TOKEN"},
        {":0123456789abcdef\n", 0600, ":1: expected NAME:TOKEN"},
        {"ann:0123456789 abcdef\n", 0600, "without spaces"},
        {"", 0600, "has no tokens"},
        {"# only this\n", 0600, "has no tokens"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_tokens *tokens = NULL;
        hf_error err = {0};
        write_tokens(cases[i].text, cases[i].mode);
        assert_int_equal(hf_tokens_load(path, &tokens, &err), HF_EINVALID);
        if (!strstr(err.message, cases[i].message))
            fail_msg("case %zu: %s", i, err.message);
        assert_null(strstr(err.message, "0123456789abcdef")); /* a log must not have it */
    }
    hf_tokens *tokens = NULL;
    assert_int_equal(hf_tokens_load("/nonexistent/tokens", &tokens, NULL), HF_EIO);
}

static void only_the_owner_may_change(void **state)
{
    (void)state;
    const uid_t other = geteuid() + 1000;
    const hf_http_peer root = {.local = true, .uid = 0}, self = {.local = true, .uid = geteuid()},
                       ann = {.local = true, .uid = other}, token = {.name = "ann"};
    assert_true(hf_access_may_change(&root, other, "ann"));
    assert_true(hf_access_may_change(&self, other, "ann"));
    assert_true(hf_access_may_change(&ann, other, "ann"));
    assert_false(hf_access_may_change(&ann, other + 1, "bob"));
    assert_false(hf_access_may_change(&ann, -1, "ann")); /* a token's run: the name proves nothing */
    assert_true(hf_access_may_change(&token, -1, "ann"));
    assert_false(hf_access_may_change(&token, -1, "bob"));
    assert_false(hf_access_may_change(&token, -1, NULL));
}

static void users_are_named(void **state)
{
    (void)state;
    char name[HF_USER_NAME_SIZE];
    hf_access_name(&(hf_http_peer){.local = true, .uid = 0}, name);
    assert_string_equal(name, "root");
    hf_access_name(&(hf_http_peer){.local = true, .uid = 3999999999}, name);
    assert_string_equal(name, "3999999999");
    hf_access_name(&(hf_http_peer){.name = "ann"}, name);
    assert_string_equal(name, "ann");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(tokens_name_their_users, remove_tokens),
        cmocka_unit_test_teardown(careless_files_are_refused, remove_tokens),
        cmocka_unit_test(only_the_owner_may_change),
        cmocka_unit_test(users_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
