/* SPDX-License-Identifier: Apache-2.0 */
#include "board_fixture.h"

#include <dirent.h>

/* With sanitizers and both cores busy, programming 100 KB can take several seconds. */
#define START_MS   20000
#define OPENOCD_MS 90000

const chip_facts chips[2] = {
    {"stm32l4r5zi", "stm32l4x", "0x4ba00477", 20, 0x08014000, 4096},
    {"stm32f767zi", "stm32f7x", "0x5ba00477", 2, 0x08010000, 32768},
};

static void open_with(struct bench *bench, const chip_facts *chip, const char *option, const char *value)
{
    *bench = (struct bench){.chip = chip};
    snprintf(bench->folder, sizeof bench->folder, "/tmp/vboard_e2e_XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(bench->socket, sizeof bench->socket, "%s/jtag", bench->folder);
    snprintf(bench->link, sizeof bench->link, "%s/tty", bench->folder);
    const char *bin = getenv("HILFARM_BIN_DIR");
    char program[1024];
    snprintf(program, sizeof program, "%s/hilfarm-vboard", bin ? bin : "build/release/bin");
    /* Tests of flash times override this: a later option replaces an earlier one. */
    const char *argv[14] = {program,      "--chip",    chip->name,          "--socket",     bench->socket,
                            "--pty-link", bench->link, "--die-with-parent", "--flash-time", "0"};
    if (value) {
        argv[10] = option;
        argv[11] = value;
    }
    assert_true(process_start(&bench->board, argv));
    if (!process_wait_output(&bench->board, "ready ", START_MS))
        fail_msg("the board did not get ready: %s", bench->board.output);
}

void bench_open(struct bench *bench, const chip_facts *chip, const char *fault)
{
    open_with(bench, chip, "--fault", fault);
}

void bench_open_with_flash(struct bench *bench, const chip_facts *chip, const char *flash_path)
{
    open_with(bench, chip, "--flash", flash_path);
}

void bench_open_with_flash_time(struct bench *bench, const chip_facts *chip, const char *percent)
{
    open_with(bench, chip, "--flash-time", percent);
}

void bench_close(struct bench *bench)
{
    int status = process_stop(&bench->board, START_MS);
    if (status != 0)
        fail_msg("the board ended with status %d: %s", status, bench->board.output);
    assert_int_equal(access(bench->socket, F_OK), -1);
    char target[8];
    assert_int_equal(readlink(bench->link, target, sizeof target), -1);
    bench_clear(bench);
}

void bench_clear(struct bench *bench)
{
    DIR *folder = opendir(bench->folder);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[sizeof bench->folder + sizeof entry->d_name + 1];
        snprintf(path, sizeof path, "%s/%s", bench->folder, entry->d_name);
        unlink(path);
    }
    closedir(folder);
    assert_int_equal(rmdir(bench->folder), 0);
}

void bench_start_openocd(struct bench *bench, process *openocd, const char *commands)
{
    char adapter[256];
    snprintf(adapter, sizeof adapter,
             "adapter driver remote_bitbang; remote_bitbang port 0; remote_bitbang host %s", bench->socket);
    char target[64];
    snprintf(target, sizeof target, "target/%s.cfg", bench->chip->target);
    static const char settings[] =
        "jtag_ntrst_delay 0; adapter srst delay 0; tcl_port disabled; gdb_port disabled; telnet_port "
        "disabled; rename {adapter speed} {}; proc {adapter speed} {khz} {echo \"adapter speed: $khz kHz\"}";
    enum { MAX_ARGUMENTS = 80 };
    const char *argv[MAX_ARGUMENTS] = {"openocd", "-c", adapter, "-f", target, "-c", settings};
    int count = 7;
    /* One -c for each command, because OpenOCD prints the result of a script's last command only. */
    char copy[2048];
    assert_true(strlen(commands) < sizeof copy);
    memcpy(copy, commands, strlen(commands) + 1);
    for (char *rest = copy, *command; (command = strsep(&rest, ";"));) {
        assert_true(count + 2 < MAX_ARGUMENTS);
        argv[count++] = "-c";
        argv[count++] = command;
    }
    assert_true(process_start(openocd, argv));
}

const char *bench_openocd(struct bench *bench, int expected, const char *commands)
{
    static process openocd;
    bench_start_openocd(bench, &openocd, commands);
    int status = process_wait_exit(&openocd, OPENOCD_MS);
    if (status != expected) {
        fputs(openocd.output, stdout); /* cmocka truncates its messages */
        fail_msg("openocd -c \"%s\" ended with status %d, not %d", commands, status, expected);
    }
    return openocd.output;
}

void expect_output(const char *output, const char *text)
{
    if (strstr(output, text))
        return;
    fputs(output, stdout);
    fail_msg("\"%s\" is not in the output above", text);
}

const char *bench_file(struct bench *bench, const char *name, const void *bytes, size_t size)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

void fill_random(uint8_t *bytes, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}
