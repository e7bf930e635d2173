/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes, waits, commands and the transcript. */
#include "hf_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "find_program.h"
#include "process/child.h"
#include "process/shell_command.h"

static int open_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

typedef struct lines {
    int count;
    char last[200];
} lines;

static void see_line(void *user, const char *line)
{
    lines *seen = user;
    seen->count++;
    snprintf(seen->last, sizeof seen->last, "%s", line);
}

static hf_status start_shell(const char *script, hf_transcript *transcript, lines *seen, hf_child **out,
                             hf_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const hf_child_options options = {
        .name = "the shell",
        .argv = argv,
        .cpu = -1,
        .fault = HF_FAULT_PROBE,
        .transcript = transcript,
        .speaker = HF_SPEAKER_OPENOCD,
        .line = seen ? see_line : NULL,
        .line_user = seen,
    };
    return hf_child_start(&options, out, err);
}

static hf_status wait_end(hf_child *child, hf_error *err)
{
    hf_watch watch = HF_WATCH_INIT;
    assert_int_equal(hf_watch_add(&watch, hf_child_fd(child), hf_child_ready, child, err), HF_OK);
    return hf_watch_wait(&watch, -1, 0, hf_deadline_in_ms(20000), err);
}

static void output_and_exit_are_reported(void **state)
{
    (void)state;
    int descriptors = open_descriptors();
    hf_error err = {0};
    hf_child *child = NULL;
    lines seen = {0};
    hf_transcript *transcript = hf_transcript_new(4096);
    assert_int_equal(
        start_shell("echo one; echo two >&2; printf three; exit 7", transcript, &seen, &child, &err), HF_OK);
    assert_int_equal(wait_end(child, &err), HF_ECHILD);
    assert_int_equal(err.fault, HF_FAULT_PROBE);
    assert_non_null(strstr(err.message, "exited with status 7"));
    hf_child_stop(child, 100);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.last, "two");
    const char *text = hf_transcript_text(transcript);
    assert_non_null(strstr(text, "openocd: one\n"));
    assert_non_null(strstr(text, "openocd: two\n"));
    assert_non_null(strstr(text, "openocd: three\n"));
    hf_transcript_free(transcript);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(open_descriptors(), descriptors);
}

static void a_signal_is_named(void **state)
{
    (void)state;
    hf_error err = {0};
    hf_child *child = NULL;
    assert_int_equal(start_shell("kill -SEGV $$", NULL, NULL, &child, &err), HF_OK);
    assert_int_equal(wait_end(child, &err), HF_ECHILD);
    assert_non_null(strstr(err.message, "was killed by signal 11"));
    hf_child_stop(child, 100);
}

static void a_missing_program_fails_immediately(void **state)
{
    (void)state;
    int descriptors = open_descriptors();
    hf_error err = {0};
    hf_child *child = NULL;
    const char *const argv[] = {"/nonexistent/program", NULL};
    const hf_child_options options = {.name = "it", .argv = argv, .cpu = -1, .fault = HF_FAULT_PROBE};
    assert_int_equal(hf_child_start(&options, &child, &err), HF_ECHILD);
    assert_null(child);
    assert_int_equal(err.fault, HF_FAULT_FARM);
    assert_non_null(strstr(err.message, "'/nonexistent/program': No such file or directory"));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(open_descriptors(), descriptors);
}

/* The child and its own child ignore SIGTERM; both are killed. */
static void unresponsive_children_are_killed_with_their_group(void **state)
{
    (void)state;
    hf_error err = {0};
    hf_child *child = NULL;
    lines seen = {0};
    assert_int_equal(start_shell("trap '' TERM; sleep 1000 & echo $!; wait; wait", NULL, &seen, &child, &err),
                     HF_OK);
    hf_watch watch = HF_WATCH_INIT;
    while (seen.count == 0) {
        assert_int_equal(hf_watch_wait(&watch, hf_child_fd(child), POLLIN, hf_deadline_in_ms(20000), &err),
                         HF_OK);
        assert_int_equal(hf_child_ready(child, &err), HF_OK);
    }
    pid_t grandchild = (pid_t)strtol(seen.last, NULL, 10);
    assert_int_equal(getpgid(grandchild), hf_child_pid(child)); /* its own process group */
    hf_child_stop(child, 100);
    /* Reap the orphan: prctl made this process the subreaper. */
    assert_int_equal(waitpid(grandchild, NULL, 0), grandchild);
}

static void a_child_inherits_no_descriptors(void **state)
{
    (void)state;
    hf_error err = {0};
    hf_child *child = NULL;
    lines seen = {0};
    int leaky = open("/dev/null", O_RDONLY); /* no O_CLOEXEC, as some library might */
    assert_true(leaky > 2);
    assert_int_equal(start_shell("ls /proc/self/fd | wc -l", NULL, &seen, &child, &err), HF_OK);
    assert_int_equal(wait_end(child, &err), HF_ECHILD);
    assert_int_equal(strtol(seen.last, NULL, 10), 4); /* 0, 1, 2 and the folder that ls reads */
    hf_child_stop(child, 100);
    close(leaky);
}

static void waits_respect_their_deadline(void **state)
{
    (void)state;
    hf_error err = {0};
    int line[2];
    assert_int_equal(pipe(line), 0);
    hf_watch watch = HF_WATCH_INIT;
    assert_int_equal(hf_watch_wait(&watch, line[0], POLLIN, hf_deadline_in_ms(0), &err), HF_ETIMEOUT);
    assert_int_equal(hf_watch_wait(&watch, line[0], POLLIN, hf_deadline_in_ms(20), &err), HF_ETIMEOUT);
    assert_int_equal(err.status, HF_OK);
    assert_int_equal(write(line[1], "x", 1), 1);
    assert_int_equal(hf_watch_wait(&watch, line[0], POLLIN, hf_deadline_in_ms(0), &err), HF_OK);
    watch.cancel_fd = line[0]; /* takes precedence */
    assert_int_equal(hf_watch_wait(&watch, line[0], POLLIN, hf_deadline_in_ms(0), &err), HF_ECANCELLED);
    for (int i = 0; i < HF_WATCH_MAX_ITEMS; i++)
        assert_int_equal(hf_watch_add(&watch, line[0], hf_child_ready, line, NULL), HF_OK);
    assert_int_equal(hf_watch_add(&watch, line[0], hf_child_ready, line, NULL), HF_ELIMIT);
    hf_watch_remove(&watch, line);
    assert_int_equal(watch.item_count, 0);
    close(line[0]);
    close(line[1]);
}

static void a_transcript_is_bounded_and_readable(void **state)
{
    (void)state;
    hf_transcript *transcript = hf_transcript_new(8192);
    hf_transcript_note(transcript, "the %s note", "first");
    hf_transcript_stream(transcript, HF_SPEAKER_SERIAL_IN, "a\x01\xff", 3);
    hf_transcript_stream(transcript, HF_SPEAKER_SERIAL_OUT, "between\n", 8);
    hf_transcript_stream(transcript, HF_SPEAKER_SERIAL_IN, "b\r\n", 3);
    const char *text = hf_transcript_text(transcript);
    assert_non_null(strstr(text, "agent:   the first note\n"));
    assert_non_null(strstr(text, "serial>  between\n"));
    assert_non_null(strstr(text, "serial<  a\\x01\\xffb\n"));
    hf_transcript_stream(transcript, HF_SPEAKER_SERIAL_IN, "\0\0\0\0\0\0\0\0z\n", 10);
    assert_non_null(strstr(hf_transcript_text(transcript), "serial<  \\x00{8 times}z\n"));

    for (int i = 0; i < 5000; i++)
        hf_transcript_note(transcript, "line number %d", i);
    text = hf_transcript_text(transcript);
    assert_true(strlen(text) < 10000);
    assert_non_null(strstr(text, "the first note"));
    assert_non_null(strstr(text, "bytes left out"));
    assert_non_null(strstr(text, "line number 4999\n"));
    hf_transcript_clear(transcript);
    assert_string_equal(hf_transcript_text(transcript), "");
    hf_transcript_free(transcript);

    hf_transcript_note(NULL, "nobody listens");
    assert_string_equal(hf_transcript_text(NULL), "");
}

static void make_program(const char *folder, const char *name, const char *script, mode_t mode)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(script, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

/* Looked up before fork(), by the rules of execvp(3). */
static void a_program_is_found_in_path(void **state)
{
    (void)state;
    char first[] = "/tmp/hf-process-XXXXXX", second[] = "/tmp/hf-process-XXXXXX", path[256], folders[96];
    assert_true(mkdtemp(first) && mkdtemp(second));
    make_program(first, "tool", "", 0644); /* not executable: the next folder is searched */
    make_program(second, "tool", "#!/bin/sh\necho here\n", 0755);
    make_program(first, "note", "", 0644);
    const char *kept = getenv("PATH");
    char *old = kept ? strdup(kept) : NULL;
    snprintf(folders, sizeof folders, "%s:%s", first, second);
    setenv("PATH", folders, 1);
    assert_int_equal(hf_program_find("tool", path, sizeof path), 0);
    assert_memory_equal(path, second, strlen(second));
    assert_int_equal(hf_program_find("note", path, sizeof path), EACCES);
    assert_int_equal(hf_program_find("nothing", path, sizeof path), ENOENT);
    assert_int_equal(hf_program_find("", path, sizeof path), ENOENT);
    assert_int_equal(hf_program_find("tool", path, 10), ENAMETOOLONG);
    assert_int_equal(hf_program_find(first, path, sizeof path), EACCES); /* a folder */

    const char *const argv[] = {"tool", NULL};
    lines seen = {0};
    hf_error err = {0};
    hf_child *child = NULL;
    const hf_child_options options = {
        .name = "the tool", .argv = argv, .cpu = -1, .line = see_line, .line_user = &seen};
    assert_int_equal(hf_child_start(&options, &child, &err), HF_OK);
    assert_int_equal(wait_end(child, &err), HF_ECHILD);
    assert_string_equal(seen.last, "here");
    hf_child_stop(child, 1000);
    const char *const none[] = {"note", NULL};
    hf_error_clear(&err);
    assert_int_equal(
        hf_child_start(&(hf_child_options){.name = "the note", .argv = none, .cpu = -1}, &child, &err),
        HF_ECHILD);
    assert_string_equal(err.message, "cannot start the note: 'note': Permission denied");
    assert_int_equal(err.lasting, HF_PERMANENT);

    if (old)
        setenv("PATH", old, 1);
    free(old);
    (void)hf_remove_tree(first, NULL); /* a leftover folder in /tmp is harmless */
    (void)hf_remove_tree(second, NULL);
}

static hf_status run_command(const char *text, uint32_t limit_ms, hf_error *err)
{
    const hf_shell_command command = {
        .name = "hook", .text = text, .limit_ms = limit_ms, .fault = HF_FAULT_FARM};
    hf_error_clear(err);
    return hf_shell_command_run(&command, err);
}

static void commands_succeed_by_exit_status_0(void **state)
{
    (void)state;
    hf_error err = {0};
    int before = open_descriptors();
    assert_int_equal(run_command("true", 20000, &err), HF_OK);
    assert_int_equal(run_command("exec >&- 2>&-; sleep 0.02; true", 20000, &err), HF_OK);
    assert_int_equal(run_command("exec >&- 2>&-; sleep 0.02; exit 4", 20000, &err), HF_ECHILD);
    assert_string_equal(err.message, "hook: 'exec >&- 2>&-; sleep 0.02; exit 4' exited with status 4");
    assert_int_equal(run_command("echo first; echo last >&2; false", 20000, &err), HF_ECHILD);
    assert_string_equal(err.message, "hook: 'echo first; echo last >&2; false' exited with status 1: last");
    assert_int_equal(err.fault, HF_FAULT_FARM);
    assert_int_equal(run_command("kill -9 $$", 20000, &err), HF_ECHILD);
    assert_string_equal(err.message, "hook: 'kill -9 $$' was killed by a signal");
    assert_int_equal(run_command("sleep 1000", 30, &err), HF_ETIMEOUT);
    /* A background process keeps the output open, but does not outlive the command. */
    assert_int_equal(run_command("sleep 1000 & true", 20000, &err), HF_OK);
    while (waitpid(-1, NULL, 0) > 0) /* reap orphans: prctl made this process the subreaper */
        ;
    assert_int_equal(open_descriptors(), before);
}

static void a_command_that_cannot_be_executed_fails_permanently(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        hf_lasting lasting;
        hf_fault shared_fault; /* if all boards need it */
    } cases[] = {{"hf-no-such-program", HF_PERMANENT, HF_FAULT_FARM},
                 {"/dev/null", HF_PERMANENT, HF_FAULT_FARM},
                 {"exit 125", HF_TRANSIENT, HF_FAULT_BOARD},
                 {"exit 128", HF_TRANSIENT, HF_FAULT_BOARD}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hf_shell_command command = {
            .name = "hook", .text = cases[i].text, .limit_ms = 20000, .fault = HF_FAULT_BOARD};
        hf_error err = {0};
        assert_int_equal(hf_shell_command_run(&command, &err), HF_ECHILD);
        assert_int_equal(err.lasting, cases[i].lasting);
        assert_int_equal(err.fault, HF_FAULT_BOARD);
        command.for_all_boards = true;
        hf_error_clear(&err);
        assert_int_equal(hf_shell_command_run(&command, &err), HF_ECHILD);
        assert_int_equal(err.lasting, cases[i].lasting);
        assert_int_equal(err.fault, cases[i].shared_fault);
    }
}

int main(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_exit_are_reported),
        cmocka_unit_test(a_signal_is_named),
        cmocka_unit_test(a_missing_program_fails_immediately),
        cmocka_unit_test(unresponsive_children_are_killed_with_their_group),
        cmocka_unit_test(a_child_inherits_no_descriptors),
        cmocka_unit_test(waits_respect_their_deadline),
        cmocka_unit_test(a_transcript_is_bounded_and_readable),
        cmocka_unit_test(a_program_is_found_in_path),
        cmocka_unit_test(commands_succeed_by_exit_status_0),
        cmocka_unit_test(a_command_that_cannot_be_executed_fails_permanently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
