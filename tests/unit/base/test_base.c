/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/open_files.h"
#include "base/path.h"
#include "base/user.h"

static void test_first_cause_wins(void **state)
{
    (void)state;
    hf_error err = {0};
    assert_int_equal(HF_FAIL_AS(&err, HF_FAULT_SERIAL, HF_ETIMEOUT, "no answer in %d ms", 20), HF_ETIMEOUT);
    assert_int_equal(HF_FAIL(&err, HF_EIO, "later"), HF_EIO);
    assert_int_equal(err.status, HF_ETIMEOUT);
    assert_string_equal(err.message, "no answer in 20 ms");
    hf_error_context(&err, HF_FAULT_BOARD, "asking %s", "b1");
    assert_string_equal(err.message, "asking b1: no answer in 20 ms");
    assert_int_equal(err.fault, HF_FAULT_SERIAL);
    assert_int_equal(HF_FAIL(NULL, HF_EIO, "nobody listens"), HF_EIO);
}

static void test_cause_is_passed_on_completely(void **state)
{
    (void)state;
    hf_error cause = {0}, err = {0};
    (void)HF_FAIL_AS(&cause, HF_FAULT_PROBE, HF_ENOTFOUND, "no such probe");
    assert_int_equal(cause.lasting, HF_TRANSIENT);
    cause.lasting = HF_ABSENT;
    assert_int_equal(hf_error_pass(NULL, &cause), HF_ENOTFOUND);
    assert_int_equal(hf_error_pass(&err, &cause), HF_ENOTFOUND);
    assert_memory_equal(&err, &cause, sizeof err);
    hf_error other = {0};
    (void)HF_FAIL(&other, HF_EIO, "later");
    assert_int_equal(hf_error_pass(&err, &other), HF_EIO);
    assert_string_equal(err.message, "no such probe");
}

static void test_context_classifies_and_truncates(void **state)
{
    (void)state;
    hf_error err = {0};
    hf_error_context(&err, HF_FAULT_BOARD, "nothing failed");
    assert_int_equal(err.status, HF_OK);
    char longest[sizeof err.message * 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    (void)HF_FAIL(&err, HF_EFORMAT, "%s", longest);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    hf_error_context(&err, HF_FAULT_BOARD, "a");
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_int_equal(err.fault, HF_FAULT_BOARD);
    for (int i = 0; i < 3; i++)
        hf_error_context(&err, HF_FAULT_JOB, "%s", longest);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(hf_status_name(HF_ETIMEOUT), "TIMEOUT");
    assert_string_equal(hf_status_text(HF_ETIMEOUT), "deadline passed");
    assert_string_equal(hf_status_text((hf_status)12345), "unknown status");
    hf_fault fault = HF_FAULT_NONE;
    for (int i = 0; i <= HF_FAULT_FARM; i++) {
        assert_int_equal(hf_fault_parse(hf_fault_name((hf_fault)i), &fault), HF_OK);
        assert_int_equal(fault, i);
    }
    assert_int_equal(hf_fault_parse("bored", &fault), HF_ENOTFOUND);
    assert_string_equal(hf_fault_name((hf_fault)99), "unknown fault");
}

static void test_buffer(void **state)
{
    (void)state;
    hf_buffer buffer = HF_BUFFER_INIT;
    assert_string_equal(hf_buffer_text(&buffer), "");
    for (int i = 0; i < 1000; i++)
        hf_buffer_printf(&buffer, "%d,", i);
    assert_int_equal(buffer.size, 10 * 2 + 90 * 3 + 900 * 4);
    assert_memory_equal(buffer.data, "0,1,2,", 6);
    hf_buffer_consume(&buffer, 2);
    assert_memory_equal(buffer.data, "1,2,", 4);
    hf_buffer_consume(&buffer, 1000000);
    assert_int_equal(buffer.size, 0);
    hf_buffer_append(&buffer, "a\0b", 3);
    char *taken = hf_buffer_take(&buffer);
    assert_memory_equal(taken, "a\0b\0", 4);
    free(taken);
    assert_null(buffer.data);
    hf_buffer_free(&buffer);
}

static void test_buffer_limit_is_sticky(void **state)
{
    (void)state;
    hf_buffer buffer = {.limit = 4};
    hf_buffer_puts(&buffer, "abcd");
    assert_false(buffer.failed);
    hf_buffer_putc(&buffer, 'e');
    assert_true(buffer.failed);
    hf_buffer_consume(&buffer, 4);
    hf_buffer_putc(&buffer, 'f');
    assert_string_equal(hf_buffer_text(&buffer), "");
    assert_null(hf_buffer_take(&buffer));
    hf_buffer_clear(&buffer);
    hf_buffer_putc(&buffer, 'g');
    assert_string_equal(hf_buffer_text(&buffer), "g");
    hf_buffer_free(&buffer);
    assert_int_equal(buffer.limit, 4);
}

static void test_deadlines(void **state)
{
    (void)state;
    hf_deadline past = {0}, future = hf_deadline_in_ms(3600000);
    assert_true(hf_deadline_passed(past));
    assert_int_equal(hf_deadline_left_ms(past), 0);
    assert_false(hf_deadline_passed(future));
    assert_in_range(hf_deadline_left_ms(future), 3500000, 3600000);
    assert_int_equal(hf_deadline_min(past, future).at_ns, 0);
    assert_int_equal(hf_deadline_left_ms((hf_deadline){UINT64_MAX}), INT32_MAX);
}

/* Replace the C library's functions to observe the order of sync and rename. */
static ino_t last_synced;
static int renamed_unsynced;

int fsync(int fd)
{
    struct stat info;
    int result = (int)syscall(SYS_fsync, fd);
    if (result == 0 && fstat(fd, &info) == 0)
        last_synced = info.st_ino;
    return result;
}

int rename(const char *old, const char *new)
{
    struct stat info;
    renamed_unsynced += stat(old, &info) != 0 || info.st_ino != last_synced;
    return (int)syscall(SYS_renameat, AT_FDCWD, old, AT_FDCWD, new);
}

/* Otherwise a power cut could leave an empty file under the new name. */
static void test_files_are_synced_before_they_are_renamed(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-base-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    last_synced = 0;
    renamed_unsynced = 0;
    assert_int_equal(hf_file_write(path, "hello", 5, NULL), HF_OK);
    assert_int_not_equal(last_synced, 0);
    assert_int_equal(renamed_unsynced, 0);
    assert_int_equal(hf_remove_tree(folder, NULL), HF_OK);
}

static void test_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-base-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[160], deep[128];
    snprintf(deep, sizeof deep, "%s/a/b//c", folder);
    snprintf(path, sizeof path, "%s/file", deep);
    hf_error err = {0};
    assert_int_equal(hf_make_dirs(deep, &err), HF_OK);
    assert_int_equal(hf_make_dirs(deep, &err), HF_OK);
    assert_int_equal(hf_file_write(path, "hello", 5, &err), HF_OK);
    assert_int_equal(hf_file_write(path, "hell\0", 5, &err), HF_OK);
    uint8_t *data = NULL;
    size_t size = 0;
    assert_int_equal(hf_file_read(path, 5, &data, &size, &err), HF_OK);
    assert_int_equal(size, 5);
    assert_memory_equal(data, "hell\0", 6);
    free(data);
    data = NULL;
    assert_int_equal(hf_file_read(path, 4, &data, &size, &err), HF_ELIMIT);
    assert_null(data);
    assert_non_null(strstr(err.message, "5 bytes, more than the 4"));
    hf_error_clear(&err);
    assert_int_equal(hf_file_read(deep, 100, &data, &size, &err), HF_EINVALID);
    hf_error_clear(&err);
    char fifo[192];
    snprintf(fifo, sizeof fifo, "%s/fifo", deep);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(hf_file_read(fifo, 100, &data, &size, &err), HF_EINVALID);
    hf_error_clear(&err);
    assert_int_equal(hf_file_read("/nonexistent/x", 100, &data, &size, &err), HF_ENOTFOUND);
    hf_error_clear(&err);
    assert_int_equal(hf_make_dirs(path, &err), HF_EIO);
    hf_error_clear(&err);
    assert_int_equal(hf_file_write("/nonexistent/x", "", 0, &err), HF_EIO);
    hf_error_clear(&err);
    assert_int_equal(hf_remove_tree(folder, &err), HF_OK);
    assert_int_not_equal(access(folder, F_OK), 0);
    assert_int_equal(hf_remove_tree(folder, &err), HF_OK);
}

static void expect_file(const char *path, const char *content, mode_t mode)
{
    uint8_t *data = NULL;
    size_t size = 0;
    struct stat info;
    assert_int_equal(hf_file_read(path, 100, &data, &size, NULL), HF_OK);
    assert_string_equal((char *)data, content);
    free(data);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, mode);
}

static void test_written_files_keep_links_and_modes(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-base-XXXXXX", file[64], link[64], loose[64], target[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/file", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    snprintf(loose, sizeof loose, "%s/loose", folder);
    snprintf(target, sizeof target, "%s/target", folder);
    struct stat info;
    mode_t before = umask(027);
    assert_int_equal(hf_file_write(file, "new", 3, NULL), HF_OK);
    expect_file(file, "new", 0640);
    assert_int_equal(chmod(file, 0604), 0);
    assert_int_equal(hf_file_write(file, "again", 5, NULL), HF_OK);
    expect_file(file, "again", 0604);

    assert_int_equal(symlink("file", link), 0);
    assert_int_equal(hf_file_write(link, "through", 7, NULL), HF_OK);
    expect_file(file, "through", 0604);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));

    assert_int_equal(symlink("target", loose), 0);
    assert_int_equal(hf_file_write(loose, "made", 4, NULL), HF_OK);
    expect_file(target, "made", 0640);
    assert_int_equal(lstat(loose, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    umask(before);
    assert_int_equal(hf_remove_tree(folder, NULL), HF_OK);
}

static void test_devices_and_pipes_are_written_in_place(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-base-XXXXXX", fifo[64], full[64], got[8] = "";
    assert_non_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    int reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    hf_error err = {0};
    assert_int_equal(hf_file_write(fifo, "hello", 5, &err), HF_OK);
    assert_int_equal(read(reader, got, sizeof got), 5);
    assert_string_equal(got, "hello");
    close(reader);
    struct stat info;
    assert_int_equal(lstat(fifo, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));

    /* Through a link, so that a defect replaces the link and not the host's device. */
    snprintf(full, sizeof full, "%s/full", folder);
    assert_int_equal(symlink("/dev/full", full), 0);
    assert_int_equal(hf_file_write(full, "hello", 5, &err), HF_EIO);
    assert_non_null(strstr(err.message, "No space left"));
    assert_int_equal(lstat(full, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    hf_error_clear(&err);
    assert_int_equal(hf_file_write(folder, "hello", 5, &err), HF_EIO);
    assert_non_null(strstr(err.message, "Is a directory"));
    assert_int_equal(hf_remove_tree(folder, NULL), HF_OK);
}

/* `hilfarm ... -o /dev/stdout >>file` appends to the file, and neither replaces nor overwrites it. */
static void test_open_files_are_written_where_they_are(void **state)
{
    (void)state;
    char folder[] = "/tmp/hilfarm-base-XXXXXX", file[64], path[64], link[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/file", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    const int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "before ", 7), 7);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    assert_int_equal(hf_file_write(path, "middle ", 7, NULL), HF_OK);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(hf_file_write(link, "after", 5, NULL), HF_OK);
    expect_file(file, "before middle after", 0600);
    close(fd);
    /* A file that only has such a name is an ordinary one. */
    snprintf(path, sizeof path, "%s/%d", folder, fd);
    assert_int_equal(hf_file_write(path, "new", 3, NULL), HF_OK);
    assert_int_equal(access(path, F_OK), 0);
    hf_error err = {0};
    assert_int_equal(hf_file_write("/dev/fd/987654", "x", 1, &err), HF_EIO);
    assert_int_equal(hf_remove_tree(folder, NULL), HF_OK);
}

static void expect_path(const char *path, const char *expected)
{
    char resolved[256] = "";
    assert_int_equal(hf_path_resolve(path, resolved, sizeof resolved, NULL), HF_OK);
    assert_string_equal(resolved, expected);
}

static void test_paths(void **state)
{
    (void)state;
    char dir[] = "/tmp/hf-path-XXXXXX", path[64], key[2][HF_DEVICE_KEY_SIZE], cwd[256], expected[300];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/link", dir);
    assert_int_equal(symlink("/dev", path), 0);
    expect_path("/", "/");
    expect_path("/..", "/");
    expect_path("//dev/./null", "/dev/null");
    expect_path("/dev/../dev/null", "/dev/null");
    expect_path("/dev/hf-not-there/../also-not", "/dev/also-not");
    expect_path("/dev/hf-not-there/", "/dev/hf-not-there");
    snprintf(path, sizeof path, "%s/link/hf-not-there", dir);
    expect_path(path, "/dev/hf-not-there");
    snprintf(path, sizeof path, "%s/link/../etc", dir); /* the target's parent, not the link's */
    expect_path(path, "/etc");
    assert_non_null(getcwd(cwd, sizeof cwd));
    snprintf(expected, sizeof expected, "%s/hf-not-there", cwd);
    expect_path("./hf-not-there", expected);

    snprintf(path, sizeof path, "%s/link/null", dir);
    assert_int_equal(hf_path_device_key(path, key[0], NULL), HF_OK);
    assert_int_equal(hf_path_device_key("/dev/null", key[1], NULL), HF_OK);
    assert_string_equal(key[0], "device 1:3"); /* the kernel's devices.txt */
    assert_string_equal(key[1], key[0]);
    assert_int_equal(hf_path_device_key("/dev/zero", key[1], NULL), HF_OK);
    assert_string_not_equal(key[1], key[0]);

    char small[8];
    hf_error err = {0};
    assert_int_equal(hf_path_resolve("/dev/hf-not-there", small, sizeof small, &err), HF_ELIMIT);
    hf_error_clear(&err);
    snprintf(path, sizeof path, "%s/round", dir);
    assert_int_equal(symlink(path, path), 0);
    assert_int_equal(hf_path_resolve(path, key[0], sizeof key[0], &err), HF_EIO);
    assert_int_equal(hf_remove_tree(dir, NULL), HF_OK);
}

static void expect_place(const char *path, const char *expected)
{
    char place[64] = "";
    assert_int_equal(hf_path_in_tree("t", path, place, sizeof place, NULL), HF_OK);
    assert_string_equal(place, expected);
}

static void test_places_in_a_tree(void **state)
{
    (void)state;
    expect_place("a/b.tflite", "t/rel/a/b.tflite");
    expect_place("./a//b.tflite/", "t/rel/a/b.tflite");
    expect_place("/a/b", "t/abs/a/b");
    expect_place("a/../../b", "t/rel/a/@up/@up/b");
    expect_place("@up/@x", "t/rel/@@up/@@x"); /* a folder of that name is not the parent folder */
    expect_place("..a/...", "t/rel/..a/...");
    expect_place(".", "t/rel");
    char small[12];
    hf_error err = {0};
    assert_int_equal(hf_path_in_tree("t", "abcdef", small, sizeof small, &err), HF_ELIMIT);
    assert_non_null(strstr(err.message, "abcdef"));
    char long_path[5000];
    memset(long_path, 'a', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    char place[6000] = "as it was";
    assert_int_equal(hf_path_in_tree("t", long_path, place, sizeof place, NULL), HF_ELIMIT);
    assert_string_equal(place, "as it was");
}

static void test_user_names(void **state)
{
    (void)state;
    char name[32] = "as it was", cut[3];
    assert_true(hf_user_name(0, name, sizeof name));
    assert_string_equal(name, "root");
    assert_true(hf_user_name(0, cut, sizeof cut));
    assert_string_equal(cut, "ro");
    assert_false(hf_user_name(4000000000u, name, sizeof name));
    assert_string_equal(name, "");
}

static void test_sha256(void **state)
{
    (void)state;
    char hex[HF_SHA256_HEX_SIZE];
    hf_sha256_hex("abc", 3, hex); /* FIPS 180-4's example */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_limit_on_open_files(void **state)
{
    (void)state;
    hf_error err = {0};
    struct rlimit usual, now;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const struct rlimit low = {.rlim_cur = 40, .rlim_max = usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    assert_int_equal(hf_open_files_allow(30, &err), HF_OK); /* never lowered */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    assert_int_equal(now.rlim_cur, 40);
    assert_int_equal(hf_open_files_allow(50, &err), HF_OK);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    assert_int_equal(now.rlim_cur, 50);
    if (usual.rlim_max != RLIM_INFINITY) {
        assert_int_equal(hf_open_files_allow(usual.rlim_max + 1, &err), HF_ELIMIT);
        assert_int_equal(err.lasting, HF_PERMANENT);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
        assert_int_equal(now.rlim_cur, 50);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_on_open_files),
        cmocka_unit_test(test_first_cause_wins),
        cmocka_unit_test(test_cause_is_passed_on_completely),
        cmocka_unit_test(test_context_classifies_and_truncates),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_buffer_limit_is_sticky),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_files_are_synced_before_they_are_renamed),
        cmocka_unit_test(test_written_files_keep_links_and_modes),
        cmocka_unit_test(test_devices_and_pipes_are_written_in_place),
        cmocka_unit_test(test_open_files_are_written_where_they_are),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_places_in_a_tree),
        cmocka_unit_test(test_user_names),
        cmocka_unit_test(test_sha256),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
