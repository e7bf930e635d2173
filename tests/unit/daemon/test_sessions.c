/* SPDX-License-Identifier: Apache-2.0 */
#include "sessions.h"

#include <stdio.h>

#include "hf_test.h"

static bool check(hf_sessions *sessions, const char *token, int64_t now_ms, hf_http_peer *peer)
{
    char header[96];
    snprintf(header, sizeof header, "Bearer %s", token);
    return hf_sessions_check(sessions, header, now_ms, peer);
}

static void a_token_stands_for_its_user(void **state)
{
    (void)state;
    hf_sessions *sessions = hf_sessions_new();
    char ann[HF_SESSION_TOKEN_SIZE], bob[HF_SESSION_TOKEN_SIZE];
    hf_http_peer peer = {0};
    assert_int_equal(hf_sessions_begin(sessions, 1000, 0, ann, NULL), HF_OK);
    assert_int_equal(hf_sessions_begin(sessions, 1001, 0, bob, NULL), HF_OK);
    assert_int_equal(strspn(ann, "0123456789abcdef"), HF_SESSION_TOKEN_SIZE - 1);
    assert_string_not_equal(ann, bob);
    assert_true(check(sessions, ann, 1, &peer));
    assert_true(peer.local && peer.session && peer.uid == 1000);
    assert_true(check(sessions, bob, 1, &peer));
    assert_int_equal(peer.uid, 1001);
    hf_http_peer nobody = {0};
    assert_false(hf_sessions_check(sessions, NULL, 1, &nobody));
    assert_false(hf_sessions_check(sessions, ann, 1, &nobody)); /* without the scheme */
    assert_false(check(sessions, "", 1, &nobody));
    ann[0] = ann[0] == '0' ? '1' : '0';
    assert_false(check(sessions, ann, 1, &nobody));
    assert_false(nobody.local || nobody.session);
    hf_sessions_free(sessions);
}

static void idle_sessions_end(void **state)
{
    (void)state;
    hf_sessions *sessions = hf_sessions_new();
    char token[HF_SESSION_TOKEN_SIZE];
    hf_http_peer peer;
    assert_int_equal(hf_sessions_begin(sessions, 1000, 5, token, NULL), HF_OK);
    assert_true(check(sessions, token, 5 + HF_SESSION_IDLE_MS, &peer)); /* used: it lasts again as long */
    assert_true(check(sessions, token, 5 + 2 * (int64_t)HF_SESSION_IDLE_MS, &peer));
    assert_false(check(sessions, token, 6 + 3 * (int64_t)HF_SESSION_IDLE_MS, &peer));
    hf_sessions_free(sessions);
}

static void the_number_is_bounded(void **state)
{
    (void)state;
    hf_sessions *sessions = hf_sessions_new();
    static char tokens[HF_SESSIONS_MOST + 1][HF_SESSION_TOKEN_SIZE];
    hf_http_peer peer;
    for (int i = 0; i < HF_SESSIONS_MOST; i++)
        assert_int_equal(hf_sessions_begin(sessions, 1000, i, tokens[i], NULL), HF_OK);
    assert_true(check(sessions, tokens[0], HF_SESSIONS_MOST, &peer)); /* used last */
    assert_int_equal(hf_sessions_begin(sessions, 1000, HF_SESSIONS_MOST, tokens[HF_SESSIONS_MOST], NULL),
                     HF_OK);
    assert_true(check(sessions, tokens[0], HF_SESSIONS_MOST, &peer));
    assert_false(check(sessions, tokens[1], HF_SESSIONS_MOST, &peer));
    for (int i = 2; i <= HF_SESSIONS_MOST; i++)
        assert_true(check(sessions, tokens[i], HF_SESSIONS_MOST, &peer));
    hf_sessions_free(sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_stands_for_its_user),
        cmocka_unit_test(idle_sessions_end),
        cmocka_unit_test(the_number_is_bounded),
    };
    return cmocka_run_group_tests_name("daemon_sessions", tests, NULL, NULL);
}
