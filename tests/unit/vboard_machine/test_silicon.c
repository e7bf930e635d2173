/* SPDX-License-Identifier: Apache-2.0 */
/* What silicon does not forgive: waiting times, sequences that the manuals forbid, and what is not modelled.
 * Code in RAM performs the steps. */
#include "code.h"
#include "machine_rig.h"

#define L4_RCC_CR       0x40021000u
#define L4_RCC_CFGR     0x40021008u
#define L4_RCC_PLLCFGR  0x4002100Cu
#define L4_RCC_APB1ENR1 0x40021058u
#define L4_RCC_BDCR     0x40021090u
#define L4_PWR_CR1      0x40007000u
#define L4_PWR_SR2      0x40007014u
#define L4_PWR_CR5      0x40007080u
#define L4_FLASH_ACR    0x40022000u
#define L4_FLASH_KEYR   0x40022008u
#define L4_FLASH_SR     0x40022010u
#define L4_FLASH_CR     0x40022014u
#define L4_LPUART_ISR   0x4000801Cu

#define F7_RCC_CR      0x40023800u
#define F7_RCC_PLLCFGR 0x40023804u
#define F7_RCC_CFGR    0x40023808u
#define F7_RCC_AHB1ENR 0x40023830u
#define F7_RCC_APB1ENR 0x40023840u
#define F7_PWR_CR1     0x40007000u
#define F7_PWR_CSR1    0x40007004u
#define F7_FLASH_KEYR  0x40023C04u
#define F7_FLASH_SR    0x40023C0Cu
#define F7_FLASH_CR    0x40023C10u

#define PWREN (1u << 28)
#define MS    UINT64_C(1000000)

/* Captures stderr in a file. */
typedef struct capture {
    FILE *file;
    int saved;
    char text[4096];
} capture;

static void capture_begin(capture *c)
{
    fflush(stderr);
    c->file = tmpfile();
    c->saved = dup(STDERR_FILENO);
    assert_non_null(c->file);
    assert_true(c->saved >= 0 && dup2(fileno(c->file), STDERR_FILENO) >= 0);
}

static void capture_end(capture *c)
{
    fflush(stderr);
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    rewind(c->file);
    c->text[fread(c->text, 1, sizeof c->text - 1, c->file)] = '\0';
    fclose(c->file);
}

static void expect_message_once(const capture *c, const char *what)
{
    const char *first = strstr(c->text, what);
    if (!first)
        fail_msg("\"%s\" is not in \"%s\"", what, c->text);
    else
        assert_null(strstr(first + 1, what));
}

/* Runs code_two_writes. */
static void code_writes(rig *r, uint32_t first, uint32_t value, uint32_t second, uint32_t second_value)
{
    rig_copy(r, RAM, code_two_writes, sizeof code_two_writes);
    rig_set(r, 0, first);
    rig_set(r, 1, value);
    rig_set(r, 2, second);
    rig_set(r, 3, second_value);
    rig_start(r, RAM);
    rig_run_to_stop(r);
}

static void code_reads(rig *r, uint32_t address)
{
    rig_copy(r, RAM, code_spin_and_read, sizeof code_spin_and_read);
    rig_set(r, 0, address);
    rig_set(r, 1, 1);
    rig_start(r, RAM);
    (void)rig_run(r, 20000, 10000000);
}

/* Executes code that writes a register and polls another until a bit is set. @return modelled
 * ns until then */
static uint64_t code_waits(rig *r, uint32_t address, uint32_t value, uint32_t polled, uint32_t bits)
{
    rig_copy(r, RAM, code_write_and_poll, sizeof code_write_and_poll);
    rig_set(r, 0, address);
    rig_set(r, 1, value);
    rig_set(r, 2, polled);
    rig_set(r, 4, 0);
    rig_set(r, 5, bits);
    rig_start(r, RAM);
    uint64_t before = vb_machine_time_ns(r->m);
    rig_run_to_stop(r);
    return vb_machine_time_ns(r->m) - before;
}

/* ---- time ---- */

static void time_goes_by_the_core_clock(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    uint64_t cycles = vb_machine_cycles(r->m), ns = vb_machine_time_ns(r->m);
    code_reads(r, RAM);
    assert_true(vb_machine_time_ns(r->m) - ns == (vb_machine_cycles(r->m) - cycles) * 250); /* 4 MHz */
    cycles = vb_machine_cycles(r->m);
    ns = vb_machine_time_ns(r->m);
    vb_machine_pass_time(r->m, MS, false); /* in Debug state the cycle counter stops */
    assert_true(vb_machine_time_ns(r->m) - ns == MS && vb_machine_cycles(r->m) == cycles);
    vb_machine_pass_time(r->m, MS, true); /* in a loop that waits it advances */
    assert_true(vb_machine_time_ns(r->m) - ns == 2 * MS && vb_machine_cycles(r->m) == cycles + 4000);
    rig_free(r);
}

static void oscillators_and_pll_take_their_time(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    uint32_t notices = vb_machine_notices(r->m);
    assert_in_range(code_waits(r, L4_RCC_CR, 0x63 | 1u << 8, L4_RCC_CR, 1u << 10), 2000, 20000); /* HSI */
    rig_write(r, L4_RCC_PLLCFGR, 1 | 60 << 8 | 1u << 24);
    assert_in_range(code_waits(r, L4_RCC_CR, 0x63 | 1u << 24, L4_RCC_CR, 1u << 25), 30000, 60000);
    assert_true(rig_reg(r, 4) > 10); /* it was polled while it locked */
    rig_write(r, L4_RCC_CR, 0x63);
    assert_int_equal(rig_read(r, L4_RCC_CR) >> 25 & 1, 0);
    rig_write(r, L4_RCC_CR, 0x63 | 1u << 24); /* relocks */
    assert_int_equal(rig_read(r, L4_RCC_CR) >> 25 & 1, 0);
    vb_machine_pass_time(r->m, MS, false);
    assert_int_equal(rig_read(r, L4_RCC_CR) >> 25 & 1, 1);
    assert_int_equal(vb_machine_notices(r->m), notices);
    rig_free(r);
    r = rig_new(F7);
    rig_write(r, F7_RCC_CR, 0x83 | 1u << 18);
    assert_in_range(code_waits(r, F7_RCC_CR, 0x83 | 5u << 16, F7_RCC_CR, 1u << 17), 50000, 200000); /* HSE */
    rig_write(r, F7_RCC_PLLCFGR, 4 | 216 << 6 | 1u << 22 | 9 << 24);
    assert_in_range(code_waits(r, F7_RCC_CR, 0x83 | 5u << 16 | 1u << 24, F7_RCC_CR, 1u << 25), 100000,
                    400000);
    assert_int_equal(vb_machine_notices(r->m), 0);
    rig_free(r);
}

static void the_lse_takes_seconds_and_survives_resets(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_write(r, L4_RCC_APB1ENR1, PWREN);
    code_writes(r, L4_RCC_BDCR, 1, RAM + 64, 0);
    assert_int_equal(rig_read(r, L4_RCC_BDCR), 0); /* write-protected without PWR_CR1.DBP */
    assert_int_equal(vb_machine_notices(r->m), 1);
    rig_write(r, L4_PWR_CR1, 0x300);
    code_writes(r, L4_RCC_BDCR, 1, RAM + 64, 0);
    assert_int_equal(rig_read(r, L4_RCC_BDCR), 1);
    vb_machine_pass_time(r->m, 1900 * MS, false);
    assert_int_equal(rig_read(r, L4_RCC_BDCR), 1);
    vb_machine_pass_time(r->m, 200 * MS, false);
    assert_int_equal(rig_read(r, L4_RCC_BDCR), 3);
    vb_machine_reset(r->m);
    assert_int_equal(rig_read(r, L4_RCC_BDCR), 3);
    rig_free(r);

    r = rig_new(L4);
    vb_machine_set_oscillators(r->m, 0, false);
    rig_write(r, L4_RCC_APB1ENR1, PWREN);
    rig_write(r, L4_PWR_CR1, 0x300);
    rig_write(r, L4_RCC_BDCR, 1);
    vb_machine_pass_time(r->m, 10000 * MS, false);
    assert_int_equal(rig_read(r, L4_RCC_BDCR), 1); /* no crystal: never */
    rig_free(r);
}

static void the_msi_locks_to_the_lse(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    code_writes(r, L4_RCC_CR, 0x67, RAM + 64, 0);
    assert_int_equal(rig_read(r, L4_RCC_CR) & 4, 0); /* the hardware prevents it while LSE is not ready */
    assert_int_equal(vb_machine_notices(r->m), 1);
    rig_write(r, L4_RCC_APB1ENR1, PWREN);
    rig_write(r, L4_PWR_CR1, 0x300);
    rig_write(r, L4_RCC_BDCR, 1);
    vb_machine_pass_time(r->m, 3000 * MS, false);
    code_writes(r, L4_RCC_CR, 0x67, RAM + 64, 0);
    assert_int_equal(rig_read(r, L4_RCC_CR) & 4, 4);
    uint64_t cycles = vb_machine_cycles(r->m);
    vb_machine_pass_time(r->m, 1000 * MS, true);
    assert_int_equal(vb_machine_cycles(r->m) - cycles, 122 * 32768); /* DS12023 */
    rig_free(r);
}

static void regulators_take_their_time(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_write(r, L4_RCC_APB1ENR1, PWREN);
    rig_write(r, L4_PWR_CR1, 2u << 9);
    rig_write(r, L4_PWR_CR1, 1u << 9);
    assert_int_equal(rig_read(r, L4_PWR_SR2) >> 10 & 1, 1); /* VOSF */
    vb_machine_pass_time(r->m, MS, false);
    assert_int_equal(rig_read(r, L4_PWR_SR2) >> 10 & 1, 0);
    rig_free(r);
    r = rig_new(F7);
    rig_write(r, F7_RCC_APB1ENR, PWREN);
    assert_in_range(code_waits(r, F7_PWR_CR1, 0xC000 | 1u << 16, F7_PWR_CSR1, 1u << 16), 20000, 200000);
    assert_in_range(code_waits(r, F7_PWR_CR1, 0xC000 | 3u << 16, F7_PWR_CSR1, 1u << 17), 20000, 200000);
    assert_int_equal(vb_machine_notices(r->m), 0);
    rig_free(r);
}

/* ---- forbidden steps ---- */

/* HCLK up to 60 MHz with the PLL at 120 MHz, in the right order. */
static void l4_to_half_speed(rig *r)
{
    rig_write(r, L4_RCC_APB1ENR1, PWREN);
    rig_write(r, L4_PWR_CR5, 0);
    rig_write(r, L4_FLASH_ACR, 0x705);
    rig_write(r, L4_RCC_PLLCFGR, 1 | 60 << 8 | 1u << 24);
    rig_write(r, L4_RCC_CR, 0x63 | 1u << 24);
    vb_machine_pass_time(r->m, MS, false);
    rig_write(r, L4_RCC_CFGR, 8u << 4 | 3);
}

static void the_boost_sequence_is_checked(void **state)
{
    (void)state;
    capture c;
    rig *r = rig_new(L4);
    l4_to_half_speed(r);
    vb_machine_pass_time(r->m, 1100, false);
    code_writes(r, L4_RCC_CFGR, 3, RAM + 64, 0);
    assert_int_equal(vb_machine_notices(r->m), 0);
    rig_free(r);

    r = rig_new(L4);
    capture_begin(&c);
    l4_to_half_speed(r);
    code_writes(r, L4_RCC_CFGR, 3, RAM + 64, 0); /* too soon */
    capture_end(&c);
    expect_message_once(&c, "less than 1 us after the switch to boost");
    rig_free(r);

    r = rig_new(L4);
    l4_to_half_speed(r);
    rig_write(r, L4_RCC_CFGR, 0);
    capture_begin(&c);
    code_writes(r, L4_RCC_CFGR, 3, L4_RCC_CFGR, 3); /* from MSI straight to 120 MHz */
    capture_end(&c);
    expect_message_once(&c, "in one step");
    rig_free(r);
}

static void l4_clock_rules_are_checked(void **state)
{
    (void)state;
    capture c;
    rig *r = rig_new(L4);
    capture_begin(&c);
    code_writes(r, L4_RCC_CFGR, 1, L4_RCC_CFGR, 0); /* HSI, which is off */
    code_writes(r, L4_RCC_CR, 0, RAM + 64, 0);      /* MSI off while it is used */
    rig_write(r, L4_RCC_PLLCFGR, 1 | 60 << 8 | 1u << 24);
    code_writes(r, L4_RCC_CR, 0x63 | 1u << 24, L4_RCC_PLLCFGR, 1 | 40 << 8 | 1u << 24);
    code_writes(r, L4_RCC_CR, 0x63 | 1u << 16, L4_RCC_CR, 0x63 | 5u << 16); /* HSEBYP after HSEON */
    code_writes(r, L4_RCC_CR, 0x9B, L4_RCC_CR, 0x6B); /* MSIRANGE twice without checking MSIRDY */
    code_writes(r, L4_PWR_CR1, 0, RAM + 64, 0);       /* without PWREN */
    capture_end(&c);
    expect_message_once(&c, "a clock that is not ready is selected as system clock");
    expect_message_once(&c, "the clock in use is switched off");
    expect_message_once(&c, "PLLCFGR is written while the PLL is on");
    expect_message_once(&c, "HSEBYP is changed while HSE is on");
    expect_message_once(&c, "MSIRANGE is changed while MSI is on and not ready");
    expect_message_once(&c, "PWR is accessed without its clock");
    assert_int_equal(vb_machine_notices(r->m), 6);
    assert_int_equal(rig_read(r, L4_RCC_PLLCFGR) >> 8 & 0x7F, 60);
    assert_int_equal(rig_read(r, L4_RCC_CR) >> 18 & 1, 0);
    rig_free(r);
}

static void f7_clock_rules_are_checked(void **state)
{
    (void)state;
    capture c;
    rig *r = rig_new(F7);
    capture_begin(&c);
    rig_write(r, F7_RCC_APB1ENR, PWREN);
    code_writes(r, F7_PWR_CR1, 0xC000 | 3u << 16, RAM + 64, 0); /* both at once: not ready yet */
    assert_int_equal(rig_read(r, F7_PWR_CR1) >> 17 & 1, 0);
    vb_machine_pass_time(r->m, MS, false);
    rig_write(r, F7_RCC_APB1ENR, PWREN | 1u << 18); /* USART3 */
    code_writes(r, F7_PWR_CR1, 0xC000 | 3u << 16, RAM + 64, 0);
    rig_write(r, F7_RCC_PLLCFGR, 8 | 160 << 6 | 8 << 24);
    code_writes(r, F7_RCC_CR, 0x83 | 1u << 24, F7_PWR_CR1, 0x8000 | 3u << 16); /* VOS with the PLL on */
    assert_int_equal(rig_read(r, F7_PWR_CR1) >> 14 & 3, 3);
    vb_machine_pass_time(r->m, MS, false);
    rig_write(r, 0x40023C00, 0x307);
    code_writes(r, F7_RCC_CFGR, 2, F7_PWR_CR1, 0xC000);         /* 160 MHz on APB1 */
    code_writes(r, F7_PWR_CR1, 0xC000 | 1u << 16, RAM + 64, 0); /* over-drive while the PLL is used */
    capture_end(&c);
    expect_message_once(&c, "ODSWEN is set before ODRDY");
    expect_message_once(&c, "peripherals are clocked while over-drive is switched on");
    expect_message_once(&c, "VOS is changed while the PLL is on");
    expect_message_once(&c, "APB1 runs above 54 MHz");
    expect_message_once(&c, "ODEN is set while the PLL is the system clock");
    rig_free(r);
}

/* ---- serial port ---- */

static void listen(rig *r)
{
    rig_write(r, L4_RCC_APB1ENR1, PWREN);
    rig_write(r, 0x40007004, 0x200);
    rig_write(r, 0x4002104C, 1u << 6);
    rig_write(r, 0x4002105C, 1);
    rig_write(r, 0x48001800, 0xFFFFFFFF & ~(5u << 14));
    rig_write(r, 0x48001820, 8u << 28);
    rig_write(r, 0x48001824, 8);
    rig_write(r, 0x4000800C, 8889); /* 115200 baud: 86.8 us, 347 cycles a byte */
    rig_write(r, 0x40008000, 1 | 4 | 8);
    r->incoming = (const uint8_t *)"abcdef";
    r->incoming_count = 6;
}

static void a_byte_not_read_in_time_loses_the_next(void **state)
{
    (void)state;
    capture c;
    rig *r = rig_new(L4);
    listen(r);
    capture_begin(&c);
    rig_copy(r, RAM, code_spin_and_read, sizeof code_spin_and_read);
    rig_set(r, 0, L4_LPUART_ISR);
    rig_set(r, 1, 2000);
    rig_start(r, RAM);
    assert_int_equal(rig_run(r, 200, 100000),
                     VB_STOP_BREAKPOINT); /* in short slices: the line is polled often */
    capture_end(&c);
    expect_message_once(&c, "overrun, ISR.ORE");
    assert_int_equal(rig_reg(r, 3) & 0x28, 0x28);   /* RXNE and ORE */
    assert_int_equal(rig_read(r, 0x40008024), 'a'); /* the first byte stays, the others are lost */
    assert_true(r->incoming_count == 0);
    rig_write(r, 0x40008020, 8); /* ICR.ORECF */
    assert_int_equal(rig_read(r, L4_LPUART_ISR) & 0x28, 0);
    rig_free(r);
}

static void a_byte_read_in_time_is_not_lost(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    listen(r);
    for (int i = 0; i < 6; i++) {
        /* CR1 as it is, then poll RXNE: the next byte takes its time on the line */
        uint64_t ns = code_waits(r, 0x40008000, 1 | 4 | 8, L4_LPUART_ISR, 0x20);
        if (i > 0)
            assert_in_range(ns, 60000, 100000);
        assert_int_equal(rig_read(r, 0x40008024), "abcdef"[i]);
    }
    assert_int_equal(vb_machine_notices(r->m), 0);
    rig_free(r);
}

/* ---- flash ---- */

static void l4_flash_takes_data_sheet_times(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    vb_machine_set_flash_time(r->m, 100);
    rig_write(r, L4_FLASH_KEYR, 0x45670123);
    rig_write(r, L4_FLASH_KEYR, 0xCDEF89AB);
    rig_write(r, L4_FLASH_CR, 2 | 16 << 3 | 1u << 16); /* page 16 */
    assert_int_equal(rig_read(r, L4_FLASH_SR), 1u << 16);
    vb_machine_pass_time(r->m, 20 * MS, false);
    assert_int_equal(rig_read(r, L4_FLASH_SR), 1u << 16);
    vb_machine_pass_time(r->m, 5 * MS, false);
    assert_int_equal(rig_read(r, L4_FLASH_SR), 0);
    rig_write(r, L4_FLASH_CR, 1);
    uint64_t before = vb_machine_time_ns(r->m);
    code_writes(r, 0x08010000, 1, 0x08010004, 2);
    assert_int_equal(rig_read(r, L4_FLASH_SR), 1u << 16);
    assert_int_equal(vb_machine_notices(r->m), 0);
    code_writes(r, 0x08010008, 1, 0x0801000C, 2); /* without checking BSY: the bus stalls */
    assert_int_equal(vb_machine_notices(r->m), 1);
    assert_in_range(vb_machine_time_ns(r->m) - before, 80000, 100000);
    assert_int_equal(rig_read(r, 0x0801000C), 2);
    vb_machine_set_flash_time(r->m, 0);
    vb_machine_pass_time(r->m, MS, false);
    code_writes(r, 0x08010010, 1, 0x08010014, 2);
    assert_int_equal(rig_read(r, L4_FLASH_SR), 0);
    rig_free(r);
}

static void f7_flash_takes_data_sheet_times(void **state)
{
    (void)state;
    rig *r = rig_new(F7);
    vb_machine_set_flash_time(r->m, 10);
    rig_write(r, F7_FLASH_KEYR, 0x45670123);
    rig_write(r, F7_FLASH_KEYR, 0xCDEF89AB);
    rig_write(r, F7_FLASH_CR, 2 | 1 << 3 | 1u << 16); /* sector 1, 32 KB */
    vb_machine_pass_time(r->m, 24 * MS, false);
    assert_int_equal(rig_read(r, F7_FLASH_SR), 1u << 16);
    vb_machine_pass_time(r->m, 2 * MS, false);
    assert_int_equal(rig_read(r, F7_FLASH_SR), 0);
    rig_write(r, F7_FLASH_CR, 1 | 2u << 8);
    code_writes(r, 0x08008000, 1, RAM + 64, 2);
    assert_int_equal(rig_read(r, F7_FLASH_SR), 1u << 16);
    rig_write(r, F7_FLASH_CR, 0); /* while busy */
    assert_int_equal(vb_machine_notices(r->m), 1);
    rig_free(r);
}

static void broken_flash_rules_are_reported(void **state)
{
    (void)state;
    capture c;
    capture_begin(&c);
    rig *r = rig_new(L4);
    code_writes(r, L4_FLASH_CR, 1, 0x08010000, 0); /* locked */
    code_writes(r, L4_FLASH_KEYR, 1, L4_FLASH_KEYR, 2);
    rig_free(r);
    r = rig_new(F7);
    code_writes(r, F7_FLASH_CR, 1, 0x08008000, 0);
    code_writes(r, F7_FLASH_KEYR, 1, F7_FLASH_KEYR, 2);
    rig_free(r);
    capture_end(&c);
    expect_message_once(&c, "flash is written while FLASH_CR is locked: PGSERR");
    expect_message_once(&c, "flash is written while FLASH_CR is locked: ERSERR");
    expect_message_once(&c, "locked until the next reset (RM0432");
    expect_message_once(&c, "locked until the next reset (RM0410");
}

/* ---- what is not modelled ---- */

static void what_is_not_modelled_is_named_once(void **state)
{
    (void)state;
    capture c;
    rig *r = rig_new(L4);
    r->dhcsr = 0;
    capture_begin(&c);
    code_reads(r, 0x40000000);
    code_reads(r, 0x40000024); /* the same timer */
    code_reads(r, 0x40013804);
    uint32_t value;
    assert_false(vb_machine_bus_read(r->m, 0x40023000, 4, &value));
    assert_false(vb_machine_bus_write(r->m, 0x48003000, 4, 0));
    rig_write(r, 0x40022000 - 0xFC4, 0); /* in RCC: no message */
    r->dhcsr = 1;
    vb_machine_reset(r->m);
    code_writes(r, 0xE000E100, 1, 0xE000ED04, 1u << 28); /* NVIC_ISER, ICSR.PENDSVSET */
    code_writes(r, 0xE000E010, 3, 0xE000E010, 7);        /* SysTick with its interrupt */
    capture_end(&c);
    expect_message_once(&c, "read of 0x40000000: nothing is modelled there (TIM2)");
    assert_null(strstr(c.text, "0x40000024"));
    expect_message_once(&c, "read of 0x40013804: nothing is modelled there (USART1)");
    expect_message_once(&c, "read of 0x40023000: nothing is modelled there (CRC)");
    expect_message_once(&c, "write to 0x48003000: nothing is modelled there (bus AHB2)");
    expect_message_once(&c, "interrupts are not modelled");
    expect_message_once(&c, "NMI, PendSV and SysTick exceptions, set pending in ICSR");
    expect_message_once(&c, "the SysTick interrupt is not modelled");
    rig_free(r);
}

static void peripherals_without_clock_are_reported(void **state)
{
    (void)state;
    capture c;
    rig *r = rig_new(F7);
    capture_begin(&c);
    code_writes(r, 0x40004800, 1, 0x40020C00, 0); /* USART3, GPIOD */
    code_writes(r, 0x40004800, 1, 0x40020C00, 0);
    capture_end(&c);
    expect_message_once(&c, "the serial port is accessed without its clock");
    expect_message_once(&c, "a GPIO port is accessed without its clock");
    rig_free(r);
}

static void ram_survives_a_reset(void **state)
{
    (void)state;
    static const uint32_t l4[] = {0x20000000, 0x2002FFFC, 0x20030000, 0x2009FFFC};
    static const uint32_t f7[] = {0x20000000, 0x2001FFFC, 0x20020000, 0x2007FFFC};
    for (int i = 0; i < 2; i++) {
        rig *r = rig_new(i ? F7 : L4);
        for (uint32_t k = 0; k < 4; k++)
            rig_write(r, i ? f7[k] : l4[k], 0xC0FFEE00 + k);
        rig_write(r, AIRCR, 0x05FA0004);
        assert_int_equal(vb_machine_run(r->m, 100), VB_STOP_RESET);
        vb_machine_reset(r->m);
        for (uint32_t k = 0; k < 4; k++)
            assert_int_equal(rig_read(r, i ? f7[k] : l4[k]), 0xC0FFEE00 + k);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_goes_by_the_core_clock),
        cmocka_unit_test(oscillators_and_pll_take_their_time),
        cmocka_unit_test(the_lse_takes_seconds_and_survives_resets),
        cmocka_unit_test(the_msi_locks_to_the_lse),
        cmocka_unit_test(regulators_take_their_time),
        cmocka_unit_test(the_boost_sequence_is_checked),
        cmocka_unit_test(l4_clock_rules_are_checked),
        cmocka_unit_test(f7_clock_rules_are_checked),
        cmocka_unit_test(a_byte_not_read_in_time_loses_the_next),
        cmocka_unit_test(a_byte_read_in_time_is_not_lost),
        cmocka_unit_test(l4_flash_takes_data_sheet_times),
        cmocka_unit_test(f7_flash_takes_data_sheet_times),
        cmocka_unit_test(broken_flash_rules_are_reported),
        cmocka_unit_test(what_is_not_modelled_is_named_once),
        cmocka_unit_test(peripherals_without_clock_are_reported),
        cmocka_unit_test(ram_survives_a_reset),
    };
    return cmocka_run_group_tests_name("vboard_machine_silicon", tests, NULL, NULL);
}
