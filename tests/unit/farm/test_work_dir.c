/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a run's sockets and flash files. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/work_dir.h"

static void made_in(const char *wanted, const char *expected)
{
    hf_error err = {0};
    hf_work_dir made;
    char path[HF_WORK_DIR_SIZE], begin[256];
    struct stat info;
    if (wanted)
        setenv("TMPDIR", wanted, 1);
    else
        unsetenv("TMPDIR");
    assert_ok(hf_work_dir_make(&made, &err), &err);
    unsetenv("TMPDIR");
    memcpy(path, made.path, sizeof path);
    snprintf(begin, sizeof begin, "%s/hilfarm-run-%d-", expected, getpid());
    assert_memory_equal(path, begin, strlen(begin));
    assert_true(strlen(path) < 60);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    hf_work_dir_remove(&made);
    hf_work_dir_remove(&made); /* once is enough */
    assert_int_not_equal(stat(path, &info), 0);
}

static void tmpdir_is_used_if_a_socket_fits(void **state)
{
    char folder[HF_WORK_DIR_PARENT_MAX + 2] = "/tmp/hilfarm-tmpdir-XXXXXX";
    assert_non_null(mkdtemp(folder));
    made_in(folder, folder);
    made_in(NULL, "/tmp");
    made_in("", "/tmp");
    made_in("tmp", "/tmp"); /* relative */
    made_in("/nowhere", "/tmp");
    made_in("/dev/null", "/tmp");
    const size_t length = strlen(folder);
    assert_int_equal(rmdir(folder), 0);
    memset(folder + length, 'x', HF_WORK_DIR_PARENT_MAX - length);
    assert_int_equal(mkdir(folder, 0700), 0); /* the longest allowed */
    made_in(folder, folder);
    assert_int_equal(rmdir(folder), 0);
    folder[HF_WORK_DIR_PARENT_MAX] = 'x';
    assert_int_equal(mkdir(folder, 0700), 0);
    made_in(folder, "/tmp");
    assert_int_equal(rmdir(folder), 0);
    (void)state;
}

/* Folders of processes that have ended are removed from the same place, and nothing else: not one whose process is only not seen, as in
 * another PID namespace, but holds its lock. */
static void folders_of_ended_processes_are_removed(void **state)
{
    char parent[] = "/tmp/hilfarm-tmpdir-XXXXXX", dead[64], other[64], unseen[64];
    hf_work_dir made;
    hf_error err = {0};
    assert_non_null(mkdtemp(parent));
    snprintf(dead, sizeof dead, "%s/hilfarm-run-999999999-abcdef", parent); /* above any process ID */
    snprintf(unseen, sizeof unseen, "%s/hilfarm-run-999999998-abcdef", parent);
    snprintf(other, sizeof other, "%s/hilfarm-run-x", parent);
    assert_int_equal(mkdir(dead, 0700), 0);
    assert_int_equal(mkdir(unseen, 0700), 0);
    assert_int_equal(mkdir(other, 0700), 0);
    const int lock = open(unseen, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
    setenv("TMPDIR", parent, 1);
    assert_ok(hf_work_dir_make(&made, &err), &err);
    unsetenv("TMPDIR");
    assert_int_not_equal(access(dead, F_OK), 0);
    assert_int_equal(access(unseen, F_OK), 0);
    assert_int_equal(access(other, F_OK), 0);
    const int its = open(made.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(flock(its, LOCK_EX | LOCK_NB), 0);
    close(its);
    hf_work_dir_remove(&made);
    close(lock);
    assert_int_equal(rmdir(unseen), 0);
    assert_int_equal(rmdir(other), 0);
    assert_int_equal(rmdir(parent), 0);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tmpdir_is_used_if_a_socket_fits),
        cmocka_unit_test(folders_of_ended_processes_are_removed),
    };
    return cmocka_run_group_tests_name("farm_work_dir", tests, NULL, NULL);
}
