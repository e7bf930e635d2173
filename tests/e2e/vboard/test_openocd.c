/* SPDX-License-Identifier: Apache-2.0 */
#include "board_fixture.h"

#include <signal.h>

/* Runs a test body for both chips. */
#define BOTH_CHIPS(name)                                                                                     \
    static void name(void **state)                                                                           \
    {                                                                                                        \
        (void)state;                                                                                         \
        for (int i = 0; i < 2; i++)                                                                          \
            name##_on(&chips[i]);                                                                            \
    }

/* Thumb code at the start of the flash: vectors, then a loop that counts in r0 and stores
 * it to 0x20000200. */
static const uint16_t counting_program[] = {
    0x1000,
    0x2000, /* SP 0x20001000 */
    0x0041,
    0x0800,              /* reset handler 0x08000040 */
    [0x40 / 2] = 0x2000, /* 40: movs r0, #0 */
    0x4902,              /* 42: ldr r1, [pc, #8] -> 0x4c */
    0x3001,              /* 44: adds r0, #1 */
    0x6008,              /* 46: str r0, [r1] */
    0xE7FC,              /* 48: b 44 */
    0xBF00,              /* 4a: nop */
    0x0200,
    0x2000, /* 4c: 0x20000200 */
};

static void write_counting_program(struct bench *bench)
{
    char commands[256];
    snprintf(commands, sizeof commands,
             "init; reset halt; flash write_image erase %s 0x08000000 bin; verify_image %s 0x08000000 bin; "
             "shutdown",
             bench_file(bench, "count.bin", counting_program, sizeof counting_program),
             bench_file(bench, "count.bin", counting_program, sizeof counting_program));
    expect_output(bench_openocd(bench, 0, commands), "verified");
}

static void vboard_attach_halt_and_inspect_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    write_counting_program(&bench);
    const char *output = bench_openocd(
        &bench, 0, "init; reset run; sleep 20; halt; reg; dap info; flash probe 0; flash info 0; shutdown");
    expect_output(output, chip->tap);
    expect_output(output, "halted due to debug-request");
    expect_output(output, "d15 (/64)"); /* MVFR0 and MVFR1 say that there is an FPU */
    expect_output(output, "MEM-AP");
    expect_output(output, "size 0x00200000");
    bench_close(&bench);
}
BOTH_CHIPS(vboard_attach_halt_and_inspect)

/* The unmodified events of the target scripts: `reset init` raises the clocks of core and adapter, and
 * programming and verifying work with them. */
static void vboard_reset_events_raise_the_clocks_on(const chip_facts *chip)
{
    static uint8_t image[20000];
    fill_random(image, sizeof image, 7);
    bool l4 = strcmp(chip->name, "stm32l4r5zi") == 0;
    struct bench bench;
    bench_open(&bench, chip, NULL);
    char commands[512];
    const char *path = bench_file(&bench, "image.bin", image, sizeof image);
    snprintf(
        commands, sizeof commands,
        "init; reset init; echo \"clock [mrw %s]\"; flash write_image erase %s 0x%08x bin; "
        "verify_image %s 0x%08x bin; echo \"then [mrw %s]\"; reset halt; echo \"reset [mrw %s]\"; shutdown",
        l4 ? "0x40021000" : "0x40023808", path, 0x08000000, path, 0x08000000,
        l4 ? "0x40021000" : "0x40023808", l4 ? "0x40021000" : "0x40023808");
    const char *output = bench_openocd(&bench, 0, commands);
    expect_output(output, "verified");
    /* L4: RCC_CR, MSI at 24 MHz. F7: RCC_CFGR, PLL selected and in use, APB1 / 4, APB2 / 2. */
    expect_output(output, l4 ? "clock 0x9b" : "clock 0x940a");
    expect_output(output, l4 ? "then 0x9b" : "then 0x940a");
    expect_output(output, l4 ? "reset 0x63" : "reset 0x0");
    expect_output(output, l4 ? "adapter speed: 500 kHz" : "adapter speed: 2000 kHz");
    if (l4) /* not over JTAG on the F7 */
        expect_output(output, "adapter speed: 4000 kHz");
    assert_null(strstr(output, "executing event"));
    bench_close(&bench);
}
BOTH_CHIPS(vboard_reset_events_raise_the_clocks)

/* Stock OpenOCD's flash drivers and loaders respect the data sheets' times: no message about forbidden steps,
 * and all data arrives. */
static void vboard_flash_takes_its_time_on(const chip_facts *chip)
{
    static uint8_t image[9000];
    fill_random(image, sizeof image, 11);
    struct bench bench;
    bench_open_with_flash_time(&bench, chip, "100");
    char commands[512];
    const char *path = bench_file(&bench, "image.bin", image, sizeof image);
    snprintf(
        commands, sizeof commands,
        "init; reset init; set start [clock milliseconds]; flash write_image erase %s 0x%08x bin; "
        "echo \"took [expr {[clock milliseconds] - $start >= %d}]\"; verify_image %s 0x%08x bin; shutdown",
        path, chip->sector_address, chip->sector_bytes > 4096 ? 250 : 3 * 22, path, chip->sector_address);
    const char *output = bench_openocd(&bench, 0, commands);
    expect_output(output, "took 1"); /* erasing alone: the core is halted */
    expect_output(output, "verified");
    assert_null(strstr(bench.board.output, "BSY"));
    assert_null(strstr(bench.board.output, "FLASH_CR"));
    bench_close(&bench);
}
BOTH_CHIPS(vboard_flash_takes_its_time)

static void vboard_registers_and_memory_hold_values_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    write_counting_program(&bench);
    /* OpenOCD caches register writes until the core resumes: the step writes them. */
    bench_openocd(&bench, 0,
                  "init; reset halt; reg r3 0x12345678; reg psp 0x20000400; reg d7 0x3ff0000012345678; step; "
                  "mww 0x20000100 0xcafe0001 16; mwb 0x20000105 0x5a; mwh 0x20000106 0x1234; shutdown");
    const char *output = bench_openocd(
        &bench, 0, "init; reg r3; reg psp; reg d7; reg pc; mdw 0x20000100 3; mdb 0x20000105; shutdown");
    expect_output(output, "r3 (/32): 0x12345678");
    expect_output(output, "psp (/32): 0x20000400");
    expect_output(output, "d7 (/64): 0x3ff0000012345678");
    expect_output(output, "pc (/32): 0x08000042");
    expect_output(output, "0x20000100: cafe0001 12345a01 cafe0001");
    expect_output(output, "0x20000105: 5a");
    bench_close(&bench);
}
BOTH_CHIPS(vboard_registers_and_memory_hold_values)

static void vboard_reset_halt_stops_at_the_reset_handler_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    write_counting_program(&bench);
    for (int i = 0; i < 2; i++) { /* the second round attaches to a core that is running */
        const char *output = bench_openocd(&bench, 0,
                                           "init; reset halt; reg pc; reg r0; step; step; reg pc; reset "
                                           "init; reg sp; reset run; sleep 50; halt; "
                                           "mdw 0x20000200; reset run; shutdown");
        expect_output(output, "pc (/32): 0x08000040");
        expect_output(output, "pc (/32): 0x08000044");
        expect_output(output, "sp (/32): 0x20001000");
        const char *count = strstr(output, "0x20000200: ");
        assert_non_null(count);
        assert_true(strtoul(count + 12, NULL, 16) > 1000); /* 50 ms of running */
    }
    bench_close(&bench);
}
BOTH_CHIPS(vboard_reset_halt_stops_at_the_reset_handler)

static void vboard_breakpoints_stop_in_flash_and_ram_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    write_counting_program(&bench);
    const char *output = bench_openocd(
        &bench, 0,
        "init; reset halt; bp 0x08000046 2 hw; resume; wait_halt 2000; reg pc; reg r0; resume; "
        "wait_halt 2000; reg r0; rbp 0x08000046; "
        "mww 0x20000300 0xbf00bf00 8; bp 0x20000306 2; resume 0x20000300; wait_halt 2000; reg pc; shutdown");
    expect_output(output, "pc (/32): 0x08000046");
    expect_output(output, "r0 (/32): 0x00000001");
    expect_output(output, "r0 (/32): 0x00000002");
    expect_output(output, "pc (/32): 0x20000306");
    bench_close(&bench);
}
BOTH_CHIPS(vboard_breakpoints_stop_in_flash_and_ram)

static long peak_memory_kb(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    long kb = 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    fclose(file);
    return kb;
}

/* Some ways of stepping and of setting breakpoints make the emulator clear a buffer of 1 GB, for seconds. */
static void vboard_debugging_costs_no_memory_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    write_counting_program(&bench);
    bench_openocd(
        &bench, 0,
        "init; reset halt; step; resume; halt; step; step; bp 0x08000044 2 hw; resume; wait_halt 2000; "
        "rbp 0x08000044; resume; halt; shutdown");
    long kb = peak_memory_kb(bench.board.pid);
    assert_in_range(kb, 1000, 300000); /* 20 MB, more with sanitizers */
    bench_close(&bench);
}
BOTH_CHIPS(vboard_debugging_costs_no_memory)

/* Images that neither start nor end at a boundary of the flash's programming unit (OpenOCD refuses odd
 * addresses on the F7). */
static void vboard_flash_accepts_unaligned_images_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    static uint8_t image[70001];
    static const struct {
        uint32_t offset;
        size_t size;
    } cases[] = {{0, sizeof image}, {0x404, 1237}, {0x1002, 1}, {0x2006, 4097}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fill_random(image, cases[i].size, (uint32_t)i + 1);
        const char *path = bench_file(&bench, "image.bin", image, cases[i].size);
        char commands[512];
        snprintf(
            commands, sizeof commands,
            "init; reset halt; flash write_image erase %s 0x%08x bin; verify_image %s 0x%08x bin; shutdown",
            path, chip->sector_address + cases[i].offset, path, chip->sector_address + cases[i].offset);
        expect_output(bench_openocd(&bench, 0, commands), "verified");
    }
    bench_close(&bench);
}
BOTH_CHIPS(vboard_flash_accepts_unaligned_images)

static void vboard_flash_erases_single_sectors_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, NULL);
    static uint8_t image[2 * 32768];
    size_t size = (size_t)2 * chip->sector_bytes;
    fill_random(image, size, 5);
    const char *path = bench_file(&bench, "image.bin", image, size);
    char commands[512];
    snprintf(commands, sizeof commands,
             "init; reset halt; flash write_image erase %s 0x%08x bin; flash erase_sector 0 %u %u; "
             "mdw 0x%08x 1; mdw 0x%08x 1; mdw 0x%08x 1; mdw 0x%08x 1; shutdown",
             path, chip->sector_address, chip->sector, chip->sector, chip->sector_address,
             chip->sector_address + chip->sector_bytes - 4, chip->sector_address + chip->sector_bytes,
             chip->sector_address + 2 * chip->sector_bytes - 4);
    const char *output = bench_openocd(&bench, 0, commands);
    for (int i = 0; i < 4; i++) {
        uint32_t offset = (uint32_t)(i / 2) * chip->sector_bytes + (i % 2 ? chip->sector_bytes - 4 : 0);
        uint32_t word;
        memcpy(&word, image + offset, 4);
        char line[32];
        snprintf(line, sizeof line, "0x%08x: %08x", chip->sector_address + offset,
                 i < 2 ? 0xFFFFFFFFu : word);
        expect_output(output, line);
    }
    /* Programming flash that is not erased must not appear to succeed. */
    fill_random(image, size, 6);
    path = bench_file(&bench, "image.bin", image, size);
    snprintf(
        commands, sizeof commands,
        "init; reset halt; catch {flash write_image %s 0x%08x bin}; verify_image %s 0x%08x bin; shutdown",
        path, chip->sector_address, path, chip->sector_address);
    bench_openocd(&bench, 1, commands);
    bench_close(&bench);
}
BOTH_CHIPS(vboard_flash_erases_single_sectors)

static void vboard_refuses_a_second_openocd(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &chips[0], NULL);
    process first;
    bench_start_openocd(&bench, &first, "init; halt; mww 0x20000000 1; echo attached");
    assert_true(process_wait_output(&first, "attached", 20000));
    /* It ends with 1, or, when the connection breaks while it writes, with OpenOCD 0.12's own assertion that
     * everything was sent. Which of the two is a matter of scheduling. */
    process second;
    bench_start_openocd(&bench, &second, "init; shutdown");
    int refused = process_wait_exit(&second, 20000);
    assert_true(refused == 1 || refused == 128 + SIGABRT);
    process_stop(&first, 10000);
    expect_output(bench_openocd(&bench, 0, "init; mdw 0x20000000; shutdown"), "0x20000000: 00000001");
    bench_close(&bench);
}

/* OpenOCD repeats accesses answered with WAIT; none may be lost or executed twice. */
static void vboard_jtag_waits_are_survived_on(const chip_facts *chip)
{
    struct bench bench;
    bench_open(&bench, chip, "jtag-wait=2003");
    static uint8_t image[20000];
    fill_random(image, sizeof image, 9);
    const char *path = bench_file(&bench, "image.bin", image, sizeof image);
    char commands[512];
    snprintf(commands, sizeof commands,
             "init; reset halt; load_image %s 0x20001000 bin; verify_image %s 0x20001000 bin; shutdown", path,
             path);
    const char *output = bench_openocd(&bench, 0, commands);
    expect_output(output, "DAP transaction stalled (WAIT)");
    expect_output(output, "verified");
    bench_close(&bench);
}
BOTH_CHIPS(vboard_jtag_waits_are_survived)

static void vboard_dies_after_the_given_accesses(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &chips[0], "die-after=40");
    process openocd;
    bench_start_openocd(&bench, &openocd, "init; halt; shutdown");
    assert_int_equal(process_wait_exit(&bench.board, 20000), 3);
    process_stop(&openocd, 20000);                   /* its exit status does not matter */
    assert_int_equal(access(bench.socket, F_OK), 0); /* a crash does not clean up */
    bench_clear(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_attach_halt_and_inspect),
        cmocka_unit_test(vboard_reset_events_raise_the_clocks),
        cmocka_unit_test(vboard_flash_takes_its_time),
        cmocka_unit_test(vboard_registers_and_memory_hold_values),
        cmocka_unit_test(vboard_reset_halt_stops_at_the_reset_handler),
        cmocka_unit_test(vboard_breakpoints_stop_in_flash_and_ram),
        cmocka_unit_test(vboard_debugging_costs_no_memory),
        cmocka_unit_test(vboard_flash_accepts_unaligned_images),
        cmocka_unit_test(vboard_flash_erases_single_sectors),
        cmocka_unit_test(vboard_refuses_a_second_openocd),
        cmocka_unit_test(vboard_jtag_waits_are_survived),
        cmocka_unit_test(vboard_dies_after_the_given_accesses),
    };
    return cmocka_run_group_tests_name("vboard_openocd", tests, NULL, NULL);
}
