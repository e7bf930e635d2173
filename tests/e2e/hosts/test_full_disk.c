/* SPDX-License-Identifier: Apache-2.0 */
/* A host whose disk takes no more: what it cannot keep costs time at most. A folder in the place of a file is what cannot be
 * written, for root too. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <sys/stat.h>

#include "base/file.h"
#include "remote_board.h"

static const char *in_folder(const char *folder, const char *name)
{
    static char paths[4][200];
    static unsigned at;
    char *path = paths[at++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* The answer cannot be written: it still arrives, from memory. */
static void test_an_answer_that_cannot_be_kept(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    assert_int_equal(mkdir(in_folder(state, "v1.answer"), 0700), 0);
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    for (int i = 0; i < 2; i++)
        expect_ok(command(&c, HF_WORKER_ATTEMPT));
    expect_ok(command(&c, HF_WORKER_CLOSE));
    client_end(&c);
}

/* Firmware of builds that a board ran before goes when it gets another one; that of other boards stays. */
static void test_firmware_of_earlier_builds(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    static const char *const stays[] = {"0123456789abcdef-0123456789abcdef-v10", "0123456789abcdef--v2",
                                        "0123456789abcdef-0123456789abcdef-x-v1", "v1",
                                        "0123456789abcdef-abc-v1"};
    static const char *const goes[] = {"0123456789abcdef-0123456789abcdef-v1", "fedcba9876543210--v1"};
    char folder[120];
    client c;
    snprintf(folder, sizeof folder, "%s/firmware", cache);
    for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++)
        assert_int_equal(hf_make_dirs(in_folder(folder, stays[i]), NULL), HF_OK);
    for (size_t i = 0; i < sizeof goes / sizeof goes[0]; i++)
        assert_int_equal(hf_make_dirs(in_folder(folder, goes[i]), NULL), HF_OK);
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++)
        assert_int_equal(access(in_folder(folder, stays[i]), F_OK), 0);
    for (size_t i = 0; i < sizeof goes / sizeof goes[0]; i++)
        assert_int_not_equal(access(in_folder(folder, goes[i]), F_OK), 0);
    expect_ok(command(&c, HF_WORKER_ATTEMPT)); /* with the firmware that is there now */
    expect_ok(command(&c, HF_WORKER_CLOSE));
    client_end(&c);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, remote_board_set_up, remote_board_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_an_answer_that_cannot_be_kept),
        CASE(test_firmware_of_earlier_builds),
    };
    return cmocka_run_group_tests_name("hosts_full_disk", tests, NULL, NULL);
}
