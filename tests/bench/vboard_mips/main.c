/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions per second of a virtual board with its timing model on, and the memory it takes: an int8
 * multiply-accumulate loop as in the engine's convolutions, weights in flash, data in RAM. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machine/machine.h"

/* for (; turns; turns--) for each of 16 outputs: 64 x 2 products by SXTB16 and SMLAD, as GCC 12.2 -O2
 * compiles it; r0 = weights, r1 = inputs, r2 = outputs, r3 = turns; ends with BKPT. */
/* clang-format off */
static const uint16_t mac_loop[] = {
    0x2b00, 0xd064, 0xe92d, 0x4ff0, 0x4604, 0x4608, 0xb087, 0x3040, 0x1d15, 0xe9cd, 0x0502, 0x4619,
    0xf104, 0x0340, 0x9201, 0x9305, 0xf8dd, 0xb014, 0x9104, 0xf04f, 0x0a00, 0x2400, 0x9d02, 0xf8cd,
    0xa000, 0xf1ab, 0x0c40, 0x4623, 0xf8dc, 0x6000, 0xf8dc, 0x0004, 0xf855, 0x1c40, 0x682a, 0xf855,
    0x8c3c, 0x686f, 0xfa2f, 0xf986, 0xf10c, 0x0c08, 0x45e3, 0xfa2f, 0xfe80, 0xfa2f, 0xf696, 0xfa2f,
    0xf090, 0xfa2f, 0xfa81, 0xf105, 0x0508, 0xfb29, 0x330a, 0xfa2f, 0xf191, 0xfb26, 0x3101, 0xfa2f,
    0xf382, 0xfa2f, 0xf292, 0xfb29, 0x4303, 0xfb26, 0x3202, 0xfa2f, 0xf388, 0xfa2f, 0xf898, 0xfb2e,
    0x1303, 0xfa2f, 0xf187, 0xfb20, 0x3308, 0xfb2e, 0x2e01, 0xfa2f, 0xf797, 0xfb20, 0xe407, 0xd1c7,
    0xe9dd, 0xa200, 0xf842, 0x303a, 0x9b03, 0xf843, 0x403a, 0xf10a, 0x0a01, 0xf1ba, 0x0f10, 0xf10b,
    0x0b40, 0xd1b2, 0x9904, 0x3901, 0xd1aa, 0xbe00, 0xe7fe, 0xbe00, 0xe7fe, 0xbf00,
};
/* clang-format on */

enum { CODE = 0x08000000, WEIGHTS = 0x08001000, INPUTS = 0x20000000, OUTPUTS = 0x20001000 };

static bool yes(void *user)
{
    (void)user;
    return true;
}

static bool no(void *user)
{
    (void)user;
    return false;
}

static void drop(void *user, uint8_t byte)
{
    (void)user;
    (void)byte;
}

static uint8_t nothing(void *user)
{
    (void)user;
    return 0;
}

static void any_baud(void *user, uint32_t baud)
{
    (void)user;
    (void)baud;
}

static uint32_t debug_read(void *user, uint32_t address)
{
    (void)user;
    return address == 0xE000EDF0; /* DHCSR.C_DEBUGEN: BKPT stops */
}

static void debug_write(void *user, uint32_t address, uint32_t value, bool from_code)
{
    (void)user;
    (void)address;
    (void)value;
    (void)from_code;
}

static void poke(vb_machine *m, uint32_t address, uint32_t value)
{
    if (!vb_machine_bus_write(m, address, 4, value))
        fprintf(stderr, "vboard_mips: cannot write 0x%08x\n", address);
}

static void prepare(vb_machine *m)
{
    poke(m, 0x40022008, 0x45670123); /* unlock flash, PG */
    poke(m, 0x40022008, 0xCDEF89AB);
    poke(m, 0x40022014, 1);
    uint32_t words[(sizeof mac_loop + 7) / 8 * 2] = {0};
    memcpy(words, mac_loop, sizeof mac_loop);
    for (uint32_t i = 0; i < sizeof words / 4; i++)
        poke(m, CODE + 4 * i, words[i]);
    for (uint32_t i = 0; i < 1024; i += 4)
        poke(m, WEIGHTS + i, 0x01FF7F80u + i * 0x01010101u);
    for (uint32_t i = 0; i < 128; i += 4)
        poke(m, INPUTS + i, 0x80FE0340u + i * 0x00030507u);
    poke(m, 0x40022000, 0x705); /* 5 wait states, prefetch, caches: as at 120 MHz */
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static long resident_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return kb;
}

int main(int argc, char **argv)
{
    uint32_t turns = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
    vb_uart_port uart = {NULL, yes, drop, no, nothing, any_baud};
    vb_debug_port debug = {NULL, debug_read, debug_write};
    vb_machine *m = vb_machine_new("stm32l4r5zi", &uart, &debug);
    if (!m)
        return EXIT_FAILURE;
    prepare(m);
    vb_machine_set_register(m, 0, WEIGHTS);
    vb_machine_set_register(m, 1, INPUTS);
    vb_machine_set_register(m, 2, OUTPUTS);
    vb_machine_set_register(m, 3, turns);
    vb_machine_set_register(m, 13, 0x20008000);
    vb_machine_set_register(m, 16, 0x01000000);
    vb_machine_set_register(m, 15, CODE);
    double start = seconds();
    vb_stop stop;
    do
        stop = vb_machine_run(m, 200000);
    while (stop == VB_STOP_SLICE);
    double took = seconds() - start;
    uint64_t instructions = vb_machine_instructions(m), cycles = vb_machine_cycles(m);
    bool good = stop == VB_STOP_BREAKPOINT;
    if (good)
        printf("vboard_mips: %.0f M instructions/s (%llu in %.2f s), %.2f cycles each, %ld KB resident\n",
               (double)instructions / took * 1e-6, (unsigned long long)instructions, took,
               (double)cycles / (double)instructions, resident_kb());
    else
        fprintf(stderr, "vboard_mips: stopped for reason %d before the end\n", (int)stop);
    vb_machine_free(m);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
