/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_fixture.h"

#include <dirent.h>
#include <fcntl.h>

#include "hf_test.h"

int cli_set_up(void **state)
{
    cli_fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    strcpy(fixture->folder, "/tmp/hilfarm-cli-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->db, sizeof fixture->db, "%s/out/farm.db", fixture->folder);
    *state = fixture;
    return 0;
}

int cli_tear_down(void **state)
{
    cli_fixture *fixture = *state;
    process_stop(&fixture->child, 5000);
    process remove = {0};
    const char *const argv[] = {"rm", "-rf", fixture->folder, NULL};
    process_start(&remove, argv);
    process_wait_exit(&remove, 10000);
    free(fixture);
    return 0;
}

const char *cli_program(const char *name)
{
    static char path[1024];
    const char *folder = getenv("HILFARM_BIN_DIR");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "build/release/bin", name);
    return path;
}

const char *cli_write(cli_fixture *fixture, const char *name, const char *text)
{
    static char paths[2][128];
    static int turn;
    char *path = paths[turn ^= 1];
    snprintf(path, sizeof paths[0], "%s/%s", fixture->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

void cli_start(cli_fixture *fixture, const char *command, const char *const *words)
{
    const char *argv[16] = {cli_program("hilfarm"), command};
    int count = 2;
    while (*words && count < 13)
        argv[count++] = *words++;
    argv[count++] = "--db";
    argv[count] = fixture->db;
    assert_true(process_start(&fixture->child, argv));
}

int cli_run(cli_fixture *fixture, const char *command, const char *const *words)
{
    cli_start(fixture, command, words);
    return process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
}

void cli_expect(cli_fixture *fixture, const char *command, const char *const *words, int status)
{
    int got = cli_run(fixture, command, words);
    if (got != status)
        fail_msg("%s: exit status %d, expected %d:\n%s", command, got, status, fixture->child.output);
}

void cli_assert_output(const cli_fixture *fixture, const char *part)
{
    if (!strstr(fixture->child.output, part))
        fail_msg("expected \"%s\" in:\n%s", part, fixture->child.output);
}

void cli_make_net(cli_fixture *fixture, const char *alpha)
{
    char name[64], path[96];
    snprintf(name, sizeof name, "mobilenetv1_%s_32_c1_o2_l1ll16pl16", alpha);
    snprintf(path, sizeof path, "%s/net.tflite", fixture->folder);
    const char *const make[] = {"tflite", name, "-o", path, NULL};
    cli_expect(fixture, "export", make, 0);
}

const char *cli_query_text(cli_fixture *fixture, const char *sql)
{
    static char text[4096];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    text[0] = '\0';
    assert_int_equal(sqlite3_open_v2(fixture->db, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const unsigned char *value = sqlite3_column_text(statement, 0);
        snprintf(text, sizeof text, "%s", value ? (const char *)value : "");
    } else {
        assert_int_equal(result, SQLITE_DONE);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text;
}

int64_t cli_query(cli_fixture *fixture, const char *sql)
{
    const char *text = cli_query_text(fixture, sql);
    return *text ? strtoll(text, NULL, 10) : -1;
}

/* Whether the process's environment or arguments hold the needle. */
static bool process_mentions(const char *pid, const char *needle)
{
    char path[64], text[16384];
    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, text, sizeof text);
    close(fd);
    return got > 0 && memmem(text, (size_t)got, needle, strlen(needle)) != NULL;
}

int cli_stray_processes(const char *needle)
{
    int count = 0;
    DIR *folder = opendir("/proc");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || strtol(entry->d_name, NULL, 10) == getpid())
            continue;
        count += process_mentions(entry->d_name, needle);
    }
    closedir(folder);
    return count;
}
