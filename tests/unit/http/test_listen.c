/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/file.h"
#include "hf_test.h"
#include "http/listen.h"

static char folder[64], path[128];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-listen-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/new/folder/socket", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

static void only_the_user_may_connect_without_a_group(void **state)
{
    (void)state;
    int fd = -1;
    hf_error err = {0};
    assert_int_equal(hf_listen_unix(path, "no-such-group", &fd, &err), HF_OK);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISSOCK(info.st_mode));
    assert_int_equal(info.st_mode & 0777, 0600);
    close(fd);
}

static void members_of_the_group_may_connect(void **state)
{
    (void)state;
    if (getuid() != 0) /* only root may give files to any group */
        skip();
    int fd = -1;
    assert_int_equal(hf_listen_unix(path, "daemon", &fd, NULL), HF_OK);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0660);
    close(fd);
}

static void a_socket_in_use_is_not_replaced(void **state)
{
    (void)state;
    int fd = -1, second = -1;
    hf_error err = {0};
    assert_int_equal(hf_listen_unix(path, NULL, &fd, &err), HF_OK);
    assert_int_equal(hf_listen_unix(path, NULL, &second, &err), HF_EBUSY);
    assert_non_null(strstr(err.message, "another process listens there"));
    assert_non_null(strstr(err.message, path));
    close(fd); /* as after kill -9: the file stays */
    hf_error_clear(&err);
    assert_int_equal(hf_listen_unix(path, NULL, &second, &err), HF_OK);
    close(second);
}

static void other_files_are_not_replaced(void **state)
{
    (void)state;
    int fd = -1;
    hf_error err = {0};
    snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(hf_file_write(path, "x", 1, &err), HF_OK);
    assert_int_equal(hf_listen_unix(path, NULL, &fd, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "is not a socket"));
    assert_int_equal(access(path, F_OK), 0);
}

static void long_paths_are_refused(void **state)
{
    (void)state;
    char longest[HF_UNIX_PATH_MAX + 2];
    int fd = -1;
    hf_error err = {0};
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(hf_listen_unix(longest, NULL, &fd, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "107"));
}

static void tcp_addresses_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "8080", ":8080", "localhost:", "::1:8080", "localhost:none"};
    int fd = -1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hf_error err = {0};
        assert_int_equal(hf_listen_tcp(bad[i], &fd, &err), HF_EINVALID);
        assert_non_null(strstr(err.message, "cannot listen on"));
    }
    hf_error err = {0};
    assert_int_equal(hf_listen_tcp("127.0.0.1:0", &fd, &err), HF_OK);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_the_user_may_connect_without_a_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(members_of_the_group_may_connect, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_socket_in_use_is_not_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_files_are_not_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_paths_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tcp_addresses_are_checked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
