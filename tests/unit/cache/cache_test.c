/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "cache/cache.h"
#include "cache_file.h"

typedef struct fixture {
    char folder[64];
    hf_cache *cache;
} fixture;

static void require(hf_status status, const hf_error *err)
{
    if (status != HF_OK)
        fail_msg("%s", err->message);
}

static void open_cache(fixture *f, uint64_t limit_bytes)
{
    hf_error err = {0};
    require(hf_cache_open(f->folder, limit_bytes, &f->cache, &err), &err);
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    snprintf(f->folder, sizeof f->folder, "/tmp/hilfarm-cache-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    hf_cache_close(f->cache);
    (void)chmod(f->folder, 0700);
    assert_int_equal(hf_remove_tree(f->folder, NULL), HF_OK);
    free(f);
    return 0;
}

/* The key of a number. */
static const char *key_of(unsigned number)
{
    static char key[HF_SHA256_HEX_SIZE];
    hf_sha256_hex(&number, sizeof number, key);
    return key;
}

static bool holds(hf_cache *cache, unsigned number, const void *data, size_t size)
{
    uint8_t *found = NULL;
    size_t found_size = 0;
    if (!hf_cache_read(cache, key_of(number), &found, &found_size))
        return false;
    const bool same = found_size == size && memcmp(found, data, size) == 0;
    free(found);
    assert_true(same);
    return true;
}

static void file_of(const fixture *f, unsigned number, char path[256])
{
    snprintf(path, 256, "%s/%s", f->folder, key_of(number));
}

static uint64_t folder_bytes(const fixture *f, unsigned numbers)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < numbers; i++) {
        char path[256];
        struct stat about;
        file_of(f, i, path);
        if (stat(path, &about) == 0)
            bytes += (uint64_t)about.st_size;
    }
    return bytes;
}

static void gives_back_what_was_written(void **state)
{
    fixture *f = *state;
    open_cache(f, 0);
    assert_false(holds(f->cache, 1, "", 0));
    assert_false(hf_cache_has(f->cache, key_of(1)));
    assert_true(hf_cache_write(f->cache, key_of(1), "one\n\0two", 8));
    assert_true(hf_cache_write(f->cache, key_of(2), "", 0));
    assert_true(hf_cache_has(f->cache, key_of(1)));
    assert_true(holds(f->cache, 1, "one\n\0two", 8));
    assert_true(holds(f->cache, 2, "", 0));
    assert_true(hf_cache_write(f->cache, key_of(1), "other", 5));
    assert_true(holds(f->cache, 1, "other", 5));
    hf_cache_close(f->cache); /* and another process finds it */
    open_cache(f, 0);
    assert_true(holds(f->cache, 1, "other", 5));
    hf_cache_remove(f->cache, key_of(1));
    assert_false(holds(f->cache, 1, "", 0));
}

static void rejects_keys_that_are_not_digests(void **state)
{
    fixture *f = *state;
    open_cache(f, 0);
    uint8_t *data = NULL;
    size_t size = 0;
    static const char *const keys[] = {"",
                                       "..",
                                       "../etc/passwd",
                                       "0123",
                                       "g123456789012345678901234567890123456789012345678901234567890123",
                                       "A123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_false(hf_cache_write(f->cache, keys[i], "x", 1));
        assert_false(hf_cache_read(f->cache, keys[i], &data, &size));
        assert_false(hf_cache_has(f->cache, keys[i]));
        hf_cache_remove(f->cache, keys[i]);
    }
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), (ssize_t)size);
    close(file);
}

/* Every byte of an entry changed, one by one, and every shorter file: never a wrong result, and the file is removed. */
static void damage_is_noticed(void **state)
{
    fixture *f = *state;
    static const char data[] = "a result that was expensive to compute";
    char path[256];
    uint8_t *bytes = NULL;
    size_t size = 0;
    open_cache(f, 0);
    assert_true(hf_cache_write(f->cache, key_of(3), data, sizeof data));
    file_of(f, 3, path);
    assert_int_equal(hf_file_read(path, 4096, &bytes, &size, NULL), HF_OK);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        write_file(path, bytes, size);
        bytes[i] ^= 1;
        assert_false(holds(f->cache, 3, data, sizeof data));
        assert_int_equal(access(path, F_OK), -1);
        write_file(path, bytes, i);
        assert_false(holds(f->cache, 3, data, sizeof data));
    }
    write_file(path, bytes, size);
    assert_true(holds(f->cache, 3, data, sizeof data));
    char other[256]; /* an entry under another's name */
    file_of(f, 4, other);
    assert_int_equal(rename(path, other), 0);
    assert_false(holds(f->cache, 4, data, sizeof data));
    free(bytes);
}

static void other_kinds_of_files_are_no_entries(void **state)
{
    fixture *f = *state;
    char path[256], target[256];
    open_cache(f, 0);
    assert_true(hf_cache_write(f->cache, key_of(1), "x", 1));
    file_of(f, 1, target);
    file_of(f, 5, path);
    assert_int_equal(symlink(target, path), 0);
    assert_false(holds(f->cache, 5, "x", 1));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0); /* opening it must not wait for a writer */
    assert_false(holds(f->cache, 5, "x", 1));
    file_of(f, 6, path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(holds(f->cache, 6, "x", 1));
    assert_false(hf_cache_write(f->cache, key_of(6), "x", 1));
}

static void set_use(const fixture *f, unsigned number, time_t seconds)
{
    char path[256];
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    file_of(f, number, path);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void least_recently_used_entries_are_removed(void **state)
{
    fixture *f = *state;
    static const uint8_t data[1000] = {7};
    open_cache(f, 20000);
    for (unsigned i = 0; i < 10; i++) {
        assert_true(hf_cache_write(f->cache, key_of(i), data, sizeof data));
        set_use(f, i, 1000 + (time_t)i);
    }
    assert_true(holds(f->cache, 0, data, sizeof data)); /* the oldest one, but used now */
    for (unsigned i = 10; i < 20; i++)
        assert_true(hf_cache_write(f->cache, key_of(i), data, sizeof data));
    assert_true(folder_bytes(f, 20) <= 20000);
    assert_true(folder_bytes(f, 20) > 15000);
    assert_true(hf_cache_has(f->cache, key_of(0)));
    assert_false(hf_cache_has(f->cache, key_of(1)));
    assert_false(hf_cache_has(f->cache, key_of(2)));
    assert_true(hf_cache_has(f->cache, key_of(9)));
    assert_true(hf_cache_has(f->cache, key_of(19)));
    hf_cache_close(f->cache); /* opened with less room */
    open_cache(f, 5000);
    assert_true(folder_bytes(f, 20) <= 5000);
    assert_true(hf_cache_write(f->cache, key_of(50), data, 10));
    static const uint8_t large[6000];
    assert_false(hf_cache_write(f->cache, key_of(51), large, sizeof large));
}

static void remains_of_killed_processes_are_removed(void **state)
{
    fixture *f = *state;
    char old[256], fresh[256], foreign[256];
    snprintf(old, sizeof old, "%s/" HF_CACHE_TEMPORARY_PREFIX "0123456789abcdef", f->folder);
    snprintf(fresh, sizeof fresh, "%s/" HF_CACHE_TEMPORARY_PREFIX "fedcba9876543210", f->folder);
    snprintf(foreign, sizeof foreign, "%s/README", f->folder);
    write_file(old, (const uint8_t *)"x", 1);
    write_file(fresh, (const uint8_t *)"x", 1);
    write_file(foreign, (const uint8_t *)"x", 1);
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_int_equal(utimensat(AT_FDCWD, old, times, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, foreign, times, 0), 0);
    open_cache(f, 0);
    assert_int_equal(access(old, F_OK), -1);
    assert_int_equal(access(fresh, F_OK), 0); /* may be in use */
    assert_int_equal(access(foreign, F_OK), 0);
}

static void folders_of_others_are_refused(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    assert_int_equal(chmod(f->folder, 0777), 0);
    assert_int_equal(hf_cache_open(f->folder, 0, &f->cache, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "must not be writable by everybody"));
    assert_int_equal(chmod(f->folder, 0700), 0);
    char path[256];
    snprintf(path, sizeof path, "%s/file", f->folder);
    write_file(path, (const uint8_t *)"x", 1);
    hf_error_clear(&err);
    assert_int_not_equal(hf_cache_open(path, 0, &f->cache, &err), HF_OK);
    assert_null(f->cache);
    snprintf(path, sizeof path, "%s/new/folder", f->folder);
    require(hf_cache_open(path, 0, &f->cache, &err), &err);
}

/* A child: reads and writes entries at random, whose data follow from their number. @return its exit status */
static int use_at_random(const fixture *f, unsigned seed)
{
    hf_cache *cache = NULL;
    if (hf_cache_open(f->folder, 30000, &cache, NULL) != HF_OK)
        return 1;
    int wrong = 0;
    for (int i = 0; i < 400; i++) {
        seed = seed * 1664525U + 1013904223U;
        const unsigned number = (seed >> 16) % 40;
        uint8_t data[2000], *found = NULL;
        const size_t size = 500 + number * 37;
        size_t found_size = 0;
        memset(data, (int)number, size);
        if (hf_cache_read(cache, key_of(number), &found, &found_size))
            wrong += found_size != size || memcmp(found, data, size) != 0;
        else
            (void)hf_cache_write(cache, key_of(number), data, size);
        free(found);
    }
    hf_cache_close(cache);
    return wrong != 0;
}

static void processes_share_a_cache(void **state)
{
    fixture *f = *state;
    pid_t children[6];
    for (unsigned i = 0; i < 6; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(use_at_random(f, i + 1));
    }
    for (unsigned i = 0; i < 6; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_true(folder_bytes(f, 40) <= 30000 + 6 * 3000);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(gives_back_what_was_written),
        CASE(rejects_keys_that_are_not_digests),
        CASE(damage_is_noticed),
        CASE(other_kinds_of_files_are_no_entries),
        CASE(least_recently_used_entries_are_removed),
        CASE(remains_of_killed_processes_are_removed),
        CASE(folders_of_others_are_refused),
        CASE(processes_share_a_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
