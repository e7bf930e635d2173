/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed before every single change of the disk: what it had promised is there afterwards, and
 * nothing half done. */
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"

/* What the process had been promised when it was killed: bit i = promise i. */
enum { ONE_STORED = 1, FIRST_ADDED = 2, SECOND_ADDED = 4, FIRST_OVER = 8, ALL_DONE = 16 };

static uint32_t steps_left;
static int promises_fd;

static void die_in_time(void *user)
{
    (void)user;
    if (steps_left-- == 0)
        raise(SIGKILL);
}

static void promised(uint8_t promise)
{
    if (write(promises_fd, &promise, 1) != 1)
        _exit(2);
}

/* In a process of its own. Repeats what an earlier one may have done already. */
static void work(void)
{
    const hf_spool_options options = {.step = die_in_time};
    hf_spool *spool = NULL;
    char one[HF_SHA256_HEX_SIZE];
    if (hf_spool_open(spool_folder, &options, &spool, NULL) != HF_OK ||
        upload(spool, "one", one, NULL) != HF_OK)
        _exit(3);
    promised(ONE_STORED);
    const hf_spool_file files[] = {{"m/a", one}, {"m/b", one}};
    if (hf_spool_add(spool, "first", "text", 4, files, 2, NULL) != HF_OK)
        _exit(4);
    promised(FIRST_ADDED);
    if (hf_spool_add(spool, "second", "text", 4, files, 1, NULL) != HF_OK)
        _exit(5);
    promised(SECOND_ADDED);
    if (hf_spool_set_over(spool, "first", "over", 4, NULL) != HF_OK)
        _exit(6);
    promised(FIRST_OVER);
    if (hf_spool_prune(spool, INT64_MAX, NULL) != HF_OK)
        _exit(7);
    promised(ALL_DONE);
    hf_spool_close(spool);
    _exit(0);
}

/* @return the promises made before the process died. @param finished it did not die */
static unsigned work_and_die(uint32_t step, bool *finished)
{
    int pipes[2], state = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        promises_fd = pipes[1];
        steps_left = step;
        work();
    }
    close(pipes[1]);
    unsigned promises = 0;
    for (uint8_t promise; read(pipes[0], &promise, 1) == 1;)
        promises |= promise;
    close(pipes[0]);
    assert_int_equal(waitpid(child, &state, 0), child);
    *finished = WIFEXITED(state);
    assert_true(*finished ? WEXITSTATUS(state) == 0 : WTERMSIG(state) == SIGKILL);
    return promises;
}

static void expect_text(hf_spool *spool, const char *key, bool over, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(over ? hf_spool_read_over(spool, key, &text, &size, NULL)
                          : hf_spool_read(spool, key, &text, &size, NULL),
                     HF_OK);
    assert_string_equal(text, expected);
    free(text);
}

/* Every submission is complete, and those that were promised are there. */
static void check(unsigned promises)
{
    hf_spool *spool = open_spool(NULL);
    hf_spool_entry *entries = NULL;
    uint32_t count = 0;
    bool first = false, second = false;
    assert_int_equal(hf_spool_list(spool, &entries, &count, NULL), HF_OK);
    for (uint32_t i = 0; i < count; i++) {
        const bool is_first = strcmp(entries[i].key, "first") == 0;
        first |= is_first;
        second |= !is_first;
        expect_text(spool, entries[i].key, false, "text");
        char *tree = hf_spool_tree(spool, entries[i].key);
        if (entries[i].is_over) {
            expect_text(spool, entries[i].key, true, "over");
            assert_int_not_equal(access(tree, F_OK), 0);
        } else {
            expect_content(tree, "rel/m/a", "one");
            if (is_first)
                expect_content(tree, "rel/m/b", "one");
            assert_false(is_first && promises & FIRST_OVER);
        }
        free(tree);
    }
    free(entries);
    assert_true(second || !(promises & SECOND_ADDED));
    /* Once it is over it may be pruned. */
    assert_true(first || !(promises & FIRST_ADDED) || promises & FIRST_OVER);
    assert_false(first && promises & ALL_DONE);
    if (promises & ONE_STORED)
        assert_int_equal(count_files("files"), 1);
    hf_spool_close(spool);
}

static void test_killed_before_every_change(void **state)
{
    (void)state;
    bool finished = false;
    uint32_t step = 0;
    for (; !finished; step++) {
        assert_int_equal(make_folder(NULL), 0);
        const unsigned promises = work_and_die(step, &finished);
        check(promises);
        assert_int_equal(remove_folder(NULL), 0);
    }
    assert_in_range(step, 20, 1000); /* the changes are really counted */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed_before_every_change)};
    return cmocka_run_group_tests_name("spool_crash", tests, NULL, NULL);
}
