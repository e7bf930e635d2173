/* SPDX-License-Identifier: Apache-2.0 */
#include "board_fixture.h"

#include <signal.h>
#include <sys/wait.h>

/* hilfarm-vboard as a program: options, exit status, and what remains afterwards. */

static const char *board_program(void)
{
    static char program[1024];
    const char *bin = getenv("HILFARM_BIN_DIR");
    snprintf(program, sizeof program, "%s/hilfarm-vboard", bin ? bin : "build/release/bin");
    return program;
}

static process child;

static int run(const char *const *arguments)
{
    const char *argv[16] = {board_program()};
    for (int i = 0; arguments[i]; i++)
        argv[i + 1] = arguments[i];
    assert_true(process_start(&child, argv));
    return process_wait_exit(&child, 20000);
}

static void vboard_program_reports_wrong_options(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[8];
        int status;
        const char *message;
    } cases[] = {
        {{NULL}, 2, "--chip NAME is missing"},
        {{"--chip", "stm32l4r5zi"}, 2, "--socket PATH is missing"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "more"}, 2, "\"more\""},
        {{"--speed", "1"}, 2, "--speed"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--cpu", "two"}, 2, "\"two\" is not a CPU number"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--fault", "uart-mute,jtag-wait=0"},
         2,
         "jtag-wait=0"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--fault", "uart-mute=3"}, 2, "uart-mute=3"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--fault", ""}, 2, "expected jtag-wait=N"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--fault-seed", "-1"}, 2, "\"-1\" is not a number"},
        {{"--chip", "stm32l4r5zi", "--socket", "/nowhere/at/all"}, 1, "cannot listen on /nowhere/at/all"},
        {{"--chip", "z80", "--socket", "/tmp/x"}, 1, "z80"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--flash-time", "-1"},
         2,
         "\"-1\" is not a number from 0"},
        {{"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--oscillators", "hse,hsi"},
         2,
         "expected hse, lse or none"},
        {{"--help"}, 0, "usage: hilfarm-vboard"},
        {{"--version"}, 0, "hilfarm-vboard "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = run(cases[i].arguments);
        if (status != cases[i].status)
            fail_msg("case %zu: status %d: %s", i, status, child.output);
        expect_output(child.output, cases[i].message);
    }
}

static void vboard_program_ends_cleanly_on_signals(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench, &chips[i], NULL);
        expect_output(bench.board.output, chips[i].name);
        expect_output(bench.board.output, bench.socket);
        char pty[64] = {0};
        assert_true(readlink(bench.link, pty, sizeof pty - 1) > 0);
        expect_output(bench.board.output, pty);
        kill(bench.board.pid, signals[i]);
        bench_close(&bench);
    }
}

static void vboard_program_ends_with_its_parent(void **state)
{
    (void)state;
    char folder[] = "/tmp/vboard_e2e_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char command[2048];
    /* The shell waits for the line, then SIGKILL ends it before it can stop the board. Its output pipe ends
     * only when the board has exited too. */
    snprintf(command, sizeof command,
             "'%s' --chip stm32l4r5zi --socket %s/jtag --die-with-parent & read line; kill -9 $$",
             board_program(), folder);
    const char *argv[] = {"sh", "-c", command, NULL};
    int input[2];
    assert_int_equal(pipe(input), 0);
    int saved = dup(STDIN_FILENO);
    dup2(input[0], STDIN_FILENO);
    assert_true(process_start(&child, argv));
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(input[0]);
    assert_true(process_wait_output(&child, "ready ", 20000));
    assert_int_equal(write(input[1], "go\n", 3), 3);
    close(input[1]);
    assert_int_equal(process_wait_exit(&child, 20000), 128 + SIGKILL);
    char socket_path[64];
    snprintf(socket_path, sizeof socket_path, "%s/jtag", folder);
    assert_int_equal(access(socket_path, F_OK), -1);
    rmdir(folder);

    const char *const orphan[] = {"--chip", "stm32l4r5zi", "--socket", "/tmp/x", "--die-with-parent=1", NULL};
    assert_int_equal(run(orphan), 1);
    expect_output(child.output, "the parent is gone");
}

/* Programmed data survives a power cycle, and a file of the wrong size is refused. */
static void vboard_program_keeps_the_flash(void **state)
{
    (void)state;
    char folder[] = "/tmp/vboard_e2e_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64], socket_path[64], commands[256];
    snprintf(path, sizeof path, "%s/flash", folder);
    for (int i = 0; i < 2; i++) {
        struct bench bench;
        static uint8_t image[5000];
        fill_random(image, sizeof image, (uint32_t)i);
        bench_open_with_flash(&bench, &chips[i], path);
        snprintf(commands, sizeof commands,
                 "init; reset halt; flash write_image erase %s 0x08010000 bin; shutdown",
                 bench_file(&bench, "image.bin", image, sizeof image));
        bench_openocd(&bench, 0, commands);
        bench_close(&bench);

        bench_open_with_flash(&bench, &chips[i], path);
        snprintf(commands, sizeof commands, "init; reset halt; verify_image %s 0x08010000 bin; shutdown",
                 bench_file(&bench, "image.bin", image, sizeof image));
        expect_output(bench_openocd(&bench, 0, commands), "verified");
        bench_close(&bench);
        assert_int_equal(unlink(path), 0);
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("short", file);
    fclose(file);
    snprintf(socket_path, sizeof socket_path, "%s/jtag", folder);
    const char *const arguments[] = {"--chip", "stm32l4r5zi", "--socket", socket_path, "--flash", path, NULL};
    assert_int_equal(run(arguments), 1);
    expect_output(child.output, "5 bytes; expected a file of 2097152");
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_program_reports_wrong_options),
        cmocka_unit_test(vboard_program_ends_cleanly_on_signals),
        cmocka_unit_test(vboard_program_ends_with_its_parent),
        cmocka_unit_test(vboard_program_keeps_the_flash),
    };
    return cmocka_run_group_tests_name("vboard_program", tests, NULL, NULL);
}
