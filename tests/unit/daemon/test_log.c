/* SPDX-License-Identifier: Apache-2.0 */
/* The log outlives the daemon: its lines are in files of bounded size, and are read page by page. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "hf_test.h"
#include "log.h"
#include "log_file.h"

#define MANY 30000

static char folder[64], path[96], older[96];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hilfarm-log-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(older, sizeof older, "%s/log.1", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

static hf_log_file *open_file(void)
{
    hf_log_file *file = NULL;
    hf_error err = {0};
    if (hf_log_file_open(folder, &file, &err) != HF_OK)
        fail_msg("%s", err.message);
    return file;
}

static void add(hf_log_file *file, int64_t number, hf_log_level level, const char *text)
{
    char copy[HF_LOG_LINE_SIZE];
    snprintf(copy, sizeof copy, "%s", text);
    hf_log_file_add(
        file,
        &(hf_log_line){.number = number, .at_ms = 1790000000000 + number, .level = level, .text = copy});
}

static void expect(const hf_log_line *line, int64_t number, hf_log_level level, const char *text)
{
    assert_int_equal(line->number, number);
    assert_int_equal(line->at_ms, 1790000000000 + number);
    assert_int_equal(line->level, level);
    assert_string_equal(line->text, text);
    free(line->text);
}

static void lines_are_read_back(void **state)
{
    (void)state;
    hf_log_line lines[4];
    hf_log_file *file = open_file();
    assert_int_equal(hf_log_file_last(file), 0);
    assert_int_equal(hf_log_file_read(file, INT64_MAX, 4, lines), 0);
    add(file, 1, HF_LOG_NOTICE, "board l4-1 is disabled by ann");
    add(file, 2, HF_LOG_ERROR, " cannot  write: a: \"b\"");
    add(file, 3, HF_LOG_INFO, "");
    hf_log_file_close(file);
    file = open_file(); /* another daemon */
    assert_int_equal(hf_log_file_last(file), 3);
    add(file, 4, HF_LOG_WARNING, "run 17 is stopped");
    assert_int_equal(hf_log_file_read(file, INT64_MAX, 4, lines), 4);
    expect(&lines[0], 4, HF_LOG_WARNING, "run 17 is stopped");
    expect(&lines[1], 3, HF_LOG_INFO, "");
    expect(&lines[2], 2, HF_LOG_ERROR, " cannot  write: a: \"b\"");
    expect(&lines[3], 1, HF_LOG_NOTICE, "board l4-1 is disabled by ann");
    assert_int_equal(hf_log_file_read(file, 3, 1, lines), 1);
    expect(&lines[0], 2, HF_LOG_ERROR, " cannot  write: a: \"b\"");
    hf_log_file_close(file);
    uint8_t *text = NULL;
    size_t size = 0;
    struct stat info;
    assert_int_equal(hf_file_read(path, 4096, &text, &size, NULL), HF_OK);
    assert_memory_equal(text, "1 2026-09-21T14:13:20.001Z notice board l4-1 is disabled by ann\n", 64);
    free(text);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07, 0); /* nothing for others */
}

static void damage_costs_one_line(void **state)
{
    (void)state;
    hf_log_line lines[8];
    static const char torn[] =
        "1 2026-09-21T14:13:20.001Z notice first\nnonsense\n\n9 yesterday info x\n"
        "3 2026-09-21T14:13:20.003Z loud x\n4 2026-09-21T14:13:20.004Z info fourth\n5 2026-09-21T1";
    assert_int_equal(hf_file_write(path, torn, sizeof torn - 1, NULL), HF_OK);
    hf_log_file *file = open_file();
    assert_int_equal(hf_log_file_last(file), 4);
    add(file, 5, HF_LOG_INFO, "fifth");
    assert_int_equal(hf_log_file_read(file, INT64_MAX, 8, lines), 3);
    expect(&lines[0], 5, HF_LOG_INFO, "fifth");
    expect(&lines[1], 4, HF_LOG_INFO, "fourth");
    expect(&lines[2], 1, HF_LOG_NOTICE, "first");
    hf_log_file_close(file);
}

static void files_stay_small(void **state)
{
    (void)state;
    static hf_log_line lines[MANY];
    struct stat info;
    char text[128];
    hf_log_file *file = open_file();
    for (int64_t n = 1; n <= MANY; n++) {
        snprintf(text, sizeof text, "line %lld of a long life, in which much is worth a line", (long long)n);
        add(file, n, HF_LOG_INFO, text);
    }
    assert_int_equal(stat(path, &info), 0);
    assert_true(info.st_size <= HF_LOG_FILE_BYTES);
    assert_int_equal(stat(older, &info), 0);
    assert_true(info.st_size <= HF_LOG_FILE_BYTES && info.st_size > HF_LOG_FILE_BYTES / 2);
    const size_t count = hf_log_file_read(file, INT64_MAX, MANY, lines);
    assert_true(count > 11000 && count < MANY); /* what fits into two files, without a gap */
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lines[i].number, MANY - i);
        free(lines[i].text);
    }
    hf_log_file_close(file);
}

static size_t page(int64_t before, size_t most, hf_log_line *lines)
{
    const size_t count = hf_log_page(before, most, lines);
    for (size_t i = 0; i < count; i++)
        free(lines[i].text);
    for (size_t i = 1; i < count; i++)
        assert_int_equal(lines[i].number, lines[i - 1].number + 1);
    return count;
}

/* The numbers go on where the last daemon's ended, and pages join lines in memory and in the file. */
static void pages_reach_back(void **state)
{
    (void)state;
    static hf_log_line lines[2000];
    hf_error err = {0};
    hf_log_file *file = open_file();
    for (int64_t n = 1; n <= 100; n++)
        add(file, n, HF_LOG_INFO, "an earlier daemon");
    hf_log_file_close(file);
    hf_log(HF_LOG_INFO, "before there is a file");
    assert_int_equal(hf_log_keep(folder, &err), HF_OK);
    hf_log(HF_LOG_DEBUG, "for the journal");
    for (int i = 0; i < HF_LOG_KEPT + 50; i++)
        hf_log(HF_LOG_INFO, "now\n");
    const size_t all = 100 + 1 + HF_LOG_KEPT + 50;
    assert_int_equal(page(INT64_MAX, 2000, lines), all);
    assert_int_equal(lines[0].number, 1);
    assert_int_equal(lines[all - 1].number, all);
    assert_int_equal(page(INT64_MAX, 10, lines), 10);
    assert_int_equal(lines[9].number, all);
    assert_int_equal(page(105, 10, lines), 10);
    assert_int_equal(lines[9].number, 104);
    assert_int_equal(page(1, 10, lines), 0);
    hf_log_keep_end();
    assert_int_equal(page(INT64_MAX, 2000, lines), HF_LOG_KEPT); /* those in memory */
    hf_log_keep_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_costs_one_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_stay_small, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_reach_back, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("daemon_log", tests, NULL, NULL);
}
