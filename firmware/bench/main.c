/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bench.h"
#include "chips/chip.h"
#include "chips/cortexm.h"
#include "chips/linker_symbols.h"
#include "chips/runtime.h"

/* The firmware of a board: connects bench.c to the chip. */

#define BUILD_ID_BYTES  20U
#define BUILD_ID_OFFSET 16U /* in the note: name size, descriptor size, type, "GNU" */

/* INFO.md. The linker script places it, followed by the build-id, at a fixed address. */
typedef struct info_block {
    char magic[4];
    uint32_t version;
    char chip[16];
    char firmware_version[16];
    uint32_t *nonce_block;
} info_block;

__attribute__((section(".info"), used)) static const info_block info = {
    .magic = {'H', 'F', 'F', 'W'},
    .version = 3,
    .chip = HILFARM_CHIP,
    .firmware_version = HILFARM_VERSION,
    .nonce_block = _nonce_block,
};

static char build_id[2 * BUILD_ID_BYTES + 1];
static bench the_bench;

static void read_build_id(void)
{
    for (uint32_t i = 0; i < BUILD_ID_BYTES; i++) {
        uint8_t byte = ((const volatile uint8_t *)_build_id_note)[BUILD_ID_OFFSET + i];
        build_id[2 * i] = "0123456789abcdef"[byte >> 4];
        build_id[2 * i + 1] = "0123456789abcdef"[byte & 15];
    }
}

static void send(void *user, const char *bytes, size_t size)
{
    (void)user;
    uart_send(bytes, size);
}

static bool baud_possible(void *user, uint32_t rate)
{
    (void)user;
    return uart_can(rate);
}

static void set_baud(void *user, uint32_t rate)
{
    (void)user;
    uart_set_baud(rate);
}

static uint32_t cycles(void *user)
{
    (void)user;
    return counters_cycles();
}

static uint64_t instructions(void *user)
{
    (void)user;
    return counters_instructions();
}

static uint32_t stack_bytes(void *user)
{
    (void)user;
    return stack_used();
}

static uint32_t rx_errors(void *user)
{
    (void)user;
    return uart_errors();
}

static void note(void *user, const char *doing)
{
    (void)user;
    fault_doing = doing;
}

/* Each level has data that the next one uses, so that the compiler cannot turn it into a loop. The stack
 * overflows long before the count does. */
static __attribute__((noinline)) uint32_t recurse(volatile uint32_t *above)
{
    volatile uint32_t here[8];
    here[0] = *above + 1;
    if (here[0] == UINT32_MAX)
        return 0;
    return recurse(here) + here[0];
}

static void crash(void *user, bench_crash_kind kind)
{
    (void)user;
    volatile uint32_t depth = 0;
    switch (kind) {
    case BENCH_CRASH_UDF:
        __asm volatile("udf #0");
        break;
    case BENCH_CRASH_BUS:
        (void)*(volatile uint32_t *)(void *)_ram_end; /* reserved on both chips */
        break;
    case BENCH_CRASH_STACK:
        (void)recurse(&depth);
        break;
    case BENCH_CRASH_HANG:
        break;
    }
    halt();
}

int main(void)
{
    const char *reset = chip_reset_cause();
    uint32_t clock_hz = 0;
    const char *clock_source = "";
    const char *failure = chip_start_clock(&clock_hz, &clock_source);
    uart_start(clock_hz, UART_BAUD_AFTER_RESET); /* not before: see chip_start_clock() */
    if (failure)
        fault_report("assert", 0, failure);
    counters_start();
    read_build_id();

    static bench_hal hal = {
        .send = send,
        .baud_possible = baud_possible,
        .set_baud = set_baud,
        .cycles = cycles,
        .stack_bytes = stack_bytes,
        .rx_errors = rx_errors,
        .note = note,
        .crash = crash,
    };
    hal.instructions = counters_have_instructions() ? instructions : NULL;
    static bench_board board = {
        .chip = info.chip,
        .firmware = build_id,
        .version = info.firmware_version,
        .model = _model,
        .model_address = (uint32_t)_model,
        .model_bytes = (uint32_t)_model_bytes,
        .arena = _arena,
        .arena_bytes = (uint32_t)_arena_bytes,
        .static_bytes = (uint32_t)_static_bytes,
    };
    board.core = chip_core;
    board.reset = reset;
    board.clock_hz = clock_hz;
    board.clock_source = clock_source;
    board.nonce = reset_nonce;
    bench_init(&the_bench, &hal, &board);
    bench_announce(&the_bench);
    for (;;) {
        bench_receive(&the_bench, uart_receive());
        if (stack_spent())
            fault_report("stack", 0, fault_doing);
    }
}
