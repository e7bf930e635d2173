/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/file.h"
#include "code.h"
#include "machine_rig.h"

/*
 * The cycle model's figures for whole programs (kernels.S), as the program itself reads them from DWT_CYCCNT.
 * A change of any rule that these kernels meet changes a figure here: update it together with TIMING.md, and
 * say why. What the programs compute is checked too.
 */

#define DATA   (RAM + 0x1000)
#define RESULT (RAM + 0x2000)

/* The order of the table in kernels.S. */
enum kernel {
    LIST_REVERSE,
    LIST_FIND,
    MATRIX_MULTIPLY,
    COUNT_NUMBERS,
    CRC16,
    GCD,
    DOT_INT8,
    DOT_FLOAT,
    AXPY_FLOAT,
    KERNELS
};

enum {
    TABLE = 0x20, /* of the kernels' addresses */
    NODES = 32,
    ORDER = 9, /* of the matrices */
    BYTES = 32,
    WORDS = 32,
    DIVISIONS = 21
};

/* Flash and caches. */
typedef enum setting { L4_NO_WAIT, L4_FULL_SPEED, F7_FULL_SPEED, SETTINGS } setting;

static uint8_t *code;
static size_t code_bytes;

static int load_code(void **state)
{
    (void)state;
    hf_error err = {0};
    if (hf_file_read(KERNELS_BINARY, HANDLER - CODE, &code, &code_bytes, &err))
        fail_msg("%s", err.message);
    return 0;
}

static int free_code(void **state)
{
    (void)state;
    free(code);
    return 0;
}

static void full_speed_l4(rig *r)
{
    rig_write(r, 0x40022000, 0x705); /* FLASH_ACR: 5 wait states, prefetch, both caches */
}

static void full_speed_f7(rig *r)
{
    rig_write(r, 0x40023C00, 7); /* FLASH_ACR */
    rig_write(r, 0xE000EF50, 0); /* ICIALLU */
    for (uint32_t line = 0; line < 4 * 128; line++)
        rig_write(r, 0xE000EF60, (line & 3) << 30 | line >> 2 << 5); /* DCISW */
    rig_write(r, CCR, rig_read(r, CCR) | 3u << 16);                  /* DC, IC */
}

static rig *prepare(setting s)
{
    rig *r = rig_new(s == F7_FULL_SPEED ? F7 : L4);
    rig_load_with_handler(r, code, (uint32_t)code_bytes, handler_stop, sizeof handler_stop);
    rig_write(r, CPACR, 0xFu << 20);
    r->demcr = 1u << 24;                  /* TRCENA */
    rig_write(r, 0xE0001FB0, 0xC5ACCE55); /* DWT_LAR */
    rig_write(r, DWT_CTRL, 1);
    if (s == L4_FULL_SPEED)
        full_speed_l4(r);
    else if (s == F7_FULL_SPEED)
        full_speed_f7(r);
    return r;
}

/** @return cycles of a kernel; its result is in r0 */
static uint32_t run(rig *r, enum kernel kernel, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    uint32_t address;
    memcpy(&address, code + TABLE + 4 * (size_t)kernel, sizeof address);
    rig_start(r, CODE);
    const uint32_t registers[] = {a, b, c, d, address, 0, DWT_CYCCNT};
    for (uint32_t i = 0; i < sizeof registers / sizeof *registers; i++)
        rig_set(r, i, registers[i]);
    rig_run_to_stop(r);
    return rig_reg(r, 5);
}

/** A value for every kernel's data. */
static int16_t value_at(uint32_t i)
{
    return (int16_t)(i * 37 % 101 - 50);
}

/* Nodes of two words: the next node, and the address of two halfwords of which the second is the value. */
static uint32_t run_list(rig *r, enum kernel kernel)
{
    for (uint32_t i = 0; i < NODES; i++) {
        rig_write(r, DATA + 8 * i, i + 1 < NODES ? DATA + 8 * (i + 1) : 0);
        rig_write(r, DATA + 8 * i + 4, RESULT + 4 * i);
        rig_write(r, RESULT + 4 * i, i << 16);
    }
    uint32_t cycles = run(r, kernel, DATA, NODES - 2, 0, 0);
    if (kernel == LIST_FIND) {
        assert_int_equal(rig_reg(r, 0), DATA + 8 * (NODES - 2));
        return cycles;
    }
    assert_int_equal(rig_reg(r, 0), DATA + 8 * (NODES - 1));
    for (uint32_t i = 0; i < NODES; i++)
        assert_int_equal(rig_read(r, DATA + 8 * i), i > 0 ? DATA + 8 * (i - 1) : 0);
    return cycles;
}

static uint32_t run_matrix(rig *r)
{
    int16_t m[2][ORDER][ORDER];
    for (uint32_t i = 0; i < 2 * ORDER * ORDER; i++)
        m[i / (ORDER * ORDER)][i / ORDER % ORDER][i % ORDER] = value_at(i);
    rig_copy(r, DATA, m, sizeof m);
    uint32_t cycles = run(r, MATRIX_MULTIPLY, RESULT, DATA, DATA + sizeof m[0], ORDER);
    for (uint32_t i = 0; i < ORDER * ORDER; i++) {
        int32_t sum = 0;
        for (uint32_t k = 0; k < ORDER; k++)
            sum += m[0][i / ORDER][k] * m[1][k][i % ORDER];
        assert_int_equal((int32_t)rig_read(r, RESULT + 4 * i), sum);
    }
    return cycles;
}

static uint32_t run_count(rig *r)
{
    static const char text[] = "12,-7 + 305;;-,x9y 44-1 0";
    rig_copy(r, DATA, text, sizeof text);
    uint32_t cycles = run(r, COUNT_NUMBERS, DATA, 0, 0, 0);
    assert_int_equal(rig_reg(r, 0), 7);
    return cycles;
}

static uint32_t run_crc(rig *r)
{
    uint8_t bytes[BYTES];
    uint32_t crc = 0;
    for (uint32_t i = 0; i < BYTES; i++) {
        bytes[i] = (uint8_t)value_at(i);
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xA001 : 0);
    }
    rig_copy(r, DATA, bytes, sizeof bytes);
    uint32_t cycles = run(r, CRC16, DATA, BYTES, 0, 0);
    assert_int_equal(rig_reg(r, 0), crc);
    return cycles;
}

static uint32_t run_gcd(rig *r)
{
    uint32_t cycles = run(r, GCD, 6 * 28657, 6 * 17711, 0, 0); /* Fibonacci numbers */
    assert_int_equal(rig_reg(r, 0), 6);
    return cycles;
}

/* The kernels' own code serves as weights in flash. */
static uint32_t run_dot_int8(rig *r)
{
    int8_t a[4 * WORDS];
    int32_t sum = 0;
    for (uint32_t i = 0; i < sizeof a; i++) {
        a[i] = (int8_t)value_at(i);
        sum += a[i] * (int8_t)code[i];
    }
    rig_copy(r, DATA, a, sizeof a);
    uint32_t cycles = run(r, DOT_INT8, DATA, CODE, WORDS, 0);
    assert_int_equal((int32_t)rig_reg(r, 0), sum);
    return cycles;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t run_float(rig *r, enum kernel kernel)
{
    float a[WORDS], b[WORDS], sum = 0;
    for (uint32_t i = 0; i < WORDS; i++) {
        a[i] = (float)value_at(i) / 8;
        b[i] = (float)value_at(i + WORDS) / 4;
        sum = fmaf(a[i], b[i], sum);
    }
    rig_copy(r, DATA, a, sizeof a);
    rig_copy(r, RESULT, b, sizeof b);
    if (kernel == DOT_FLOAT) {
        uint32_t cycles = run(r, kernel, DATA, RESULT, WORDS / 2, 0);
        assert_int_equal(rig_reg(r, 0), bits_of(sum));
        return cycles;
    }
    uint32_t cycles = run(r, kernel, DATA, RESULT, WORDS, bits_of(0.5f));
    for (uint32_t i = 0; i < WORDS; i++)
        assert_int_equal(rig_read(r, DATA + 4 * i), bits_of(a[i] + b[i] * 0.5f));
    return cycles;
}

static uint32_t cycles_of(rig *r, enum kernel kernel)
{
    switch (kernel) {
    case LIST_REVERSE:
    case LIST_FIND:
        return run_list(r, kernel);
    case MATRIX_MULTIPLY:
        return run_matrix(r);
    case COUNT_NUMBERS:
        return run_count(r);
    case CRC16:
        return run_crc(r);
    case GCD:
        return run_gcd(r);
    case DOT_INT8:
        return run_dot_int8(r);
    default:
        return run_float(r, kernel);
    }
}

/*
 * The sums in the first column are worked out from the rules for the Cortex-M4 in TIMING.md: + 5 for the call, the
 * return and the reading of the counter; a branch back costs 1 more if it leads to a 16-bit instruction, 2 to a
 * 32-bit one. The plain numbers are the model's.
 * The second adds cold reads of code (5 cycles for 8 bytes, less what prefetching hides) and, for dot_int8, of 128
 * bytes of weights (4 cycles for 8 bytes). The third has lines of 13 cycles and wrong predictions of 6 or 8.
 */
static const struct {
    const char *name;
    uint32_t cycles[SETTINGS];
} FIGURES[KERNELS] = {
    [LIST_REVERSE] = {"list_reverse", {7 * NODES + 2 + 5, 243, 147}},
    [LIST_FIND] = {"list_find", {11 * (NODES - 2) + 6 + 2 + 5, 354, 265}},
    [MATRIX_MULTIPLY] = {"matrix_multiply", {((9 * ORDER + 7) * ORDER + 5) * ORDER + 21 + 5, 7216, 4127}},
    [COUNT_NUMBERS] = {"count_numbers", {422, 436, 577}},
    [CRC16] = {"crc16", {47 * BYTES + 2 + 5, 1529, 1097}},
    [GCD] = {"gcd", {13 * DIVISIONS + 3 + 5, 291, 301}},
    [DOT_INT8] = {"dot_int8", {14 * WORDS + 11 + 5, 548, 359}},
    [DOT_FLOAT] = {"dot_float", {16 * (WORDS / 2) + 1 + 5, 282, 179}},
    [AXPY_FLOAT] = {"axpy_float", {13 * WORDS + 5, 438, 260}},
};

static void check(setting s)
{
    rig *r = prepare(s);
    bool good = true;
    for (uint32_t k = 0; k < KERNELS; k++) {
        uint32_t cycles = cycles_of(r, (enum kernel)k);
        if (cycles == FIGURES[k].cycles[s])
            continue;
        print_error("%s: %u cycles, expected %u\n", FIGURES[k].name, cycles, FIGURES[k].cycles[s]);
        good = false;
    }
    assert_true(good);
    assert_int_equal(vb_machine_notices(r->m), 0);
    rig_free(r);
}

static void m4_without_wait_states(void **state)
{
    (void)state;
    check(L4_NO_WAIT);
}

static void m4_at_full_speed(void **state)
{
    (void)state;
    check(L4_FULL_SPEED);
}

static void m7_at_full_speed(void **state)
{
    (void)state;
    check(F7_FULL_SPEED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m4_without_wait_states),
        cmocka_unit_test(m4_at_full_speed),
        cmocka_unit_test(m7_at_full_speed),
    };
    return cmocka_run_group_tests_name("vboard_machine_kernels", tests, load_code, free_code);
}
