/* SPDX-License-Identifier: Apache-2.0 */
/* Flash controllers, clocks, pins and the serial port of both chips. */
#include "code.h"
#include "machine_rig.h"

/* ---- flash, L4 ---- */

#define L4_KEYR 0x40022008u
#define L4_SR   0x40022010u
#define L4_CR   0x40022014u

static void unlock_l4(rig *r)
{
    rig_write(r, L4_KEYR, 0x45670123);
    rig_write(r, L4_KEYR, 0xCDEF89AB);
    assert_int_equal(rig_read(r, L4_CR) >> 31, 0);
}

static void l4_flash_locks_after_a_wrong_key(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_write(r, L4_KEYR, 0x45670123);
    rig_write(r, L4_KEYR, 0x45670123);
    rig_write(r, L4_KEYR, 0x45670123);
    rig_write(r, L4_KEYR, 0xCDEF89AB);
    assert_int_equal(rig_read(r, L4_CR) >> 31, 1);
    vb_machine_reset(r->m);
    unlock_l4(r);
    rig_write(r, L4_CR, 1u << 31);
    assert_int_equal(rig_read(r, L4_CR) >> 31, 1);
    unlock_l4(r); /* locking by software is allowed */
    rig_free(r);
}

static void expect_error(rig *r, uint32_t error)
{
    assert_int_equal(rig_read(r, L4_SR), error);
    rig_write(r, L4_SR, error);
    assert_int_equal(rig_read(r, L4_SR), 0);
}

static void l4_flash_checks_how_it_is_programmed(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    unlock_l4(r);
    rig_write(r, L4_CR, 1);
    rig_write(r, 0x08010000, 0x01234567);
    assert_int_equal(rig_read(r, 0x08010000), 0xFFFFFFFF); /* half a double word is not programmed */
    rig_write(r, 0x08010004, 0x89ABCDEF);
    assert_int_equal(rig_read(r, 0x08010000), 0x01234567);
    assert_int_equal(rig_read(r, 0x00010004), 0x89ABCDEF); /* boot alias */
    assert_int_equal(rig_read(r, L4_SR), 0);
    rig_write(r, 0x08010000, 0x01234567); /* the same data again is also an error */
    rig_write(r, 0x08010004, 0x89ABCDEF);
    expect_error(r, 1u << 3); /* PROGERR */
    rig_write(r, 0x08010000, 0);
    rig_write(r, 0x08010004, 0);
    expect_error(r, 0);
    assert_int_equal(rig_read(r, 0x08010000), 0); /* all zeros may overwrite data */
    assert_true(vb_machine_bus_write(r->m, 0x08010010, 2, 0));
    expect_error(r, 1u << 6); /* SIZERR */
    rig_write(r, 0x08010014, 0);
    expect_error(r, 1u << 5); /* PGAERR */
    rig_write(r, 0x08010010, 0);
    rig_write(r, 0x0801001C, 0);
    assert_int_equal(rig_read(r, L4_SR), 1u << 5);
    rig_write(r, 0x08010010, 0); /* no programming while an error flag is set */
    expect_error(r, 1u << 5 | 1u << 7);
    rig_write(r, L4_CR, 0);
    rig_write(r, 0x08010010, 0);
    expect_error(r, 1u << 7); /* PGSERR: PG not set */
    rig_free(r);
}

static void l4_flash_erases_pages_and_banks(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    static const uint32_t data[2] = {1, 2};
    rig_program(r, 0x08001000, data, sizeof data);
    rig_program(r, 0x08002000, data, sizeof data);
    rig_program(r, 0x08101000, data, sizeof data);
    unlock_l4(r);
    rig_write(r, L4_CR, 1u << 16 | 1u << 24 | 2 | 1 << 3);
    assert_int_equal(rig_read(r, 0x08001000), 0xFFFFFFFF);
    assert_int_equal(rig_read(r, 0x08002000), 1);
    assert_int_equal(rig_read(r, 0x08101000), 1);
    assert_int_equal(rig_read(r, L4_SR), 1); /* EOP, because EOPIE was set */
    rig_write(r, L4_CR, 1u << 16 | 1u << 15);
    assert_int_equal(rig_read(r, 0x08101000), 0xFFFFFFFF);
    assert_int_equal(rig_read(r, 0x08002000), 1);
    rig_free(r);
}

static void l4_code_in_ram_programs_flash(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    unlock_l4(r);
    rig_write(r, L4_CR, 1);
    rig_copy(r, RAM, code_program, sizeof code_program);
    rig_set(r, 0, 0x08010000);
    rig_set(r, 1, 0x11223344);
    rig_set(r, 2, 0x55667788);
    rig_start(r, RAM);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, 0x08010000), 0x11223344);
    assert_int_equal(rig_read(r, 0x08010004), 0x55667788);
    assert_int_equal(rig_reg(r, 5), 0x11223344);
    assert_int_equal(rig_read(r, L4_SR), 0);
    rig_free(r);
}

/* ---- flash, F7 ---- */

#define F7_KEYR 0x40023C04u
#define F7_SR   0x40023C0Cu
#define F7_CR   0x40023C10u

static void f7_flash_checks_how_it_is_programmed(void **state)
{
    (void)state;
    rig *r = rig_new(F7);
    rig_write(r, 0x08000000, 0);
    assert_int_equal(rig_read(r, F7_SR), 1u << 7); /* ERSERR: nothing set up */
    rig_write(r, F7_SR, 0xF0);
    rig_write(r, F7_KEYR, 0x45670123);
    rig_write(r, F7_KEYR, 0xCDEF89AB);
    rig_write(r, F7_CR, 1 | 2u << 8); /* PG, x32 */
    rig_write(r, 0x08000000, 0xFFFF00F0);
    rig_write(r, 0x08000000, 0xFF0FFF3F);
    assert_int_equal(rig_read(r, 0x08000000), 0xFF0F0030); /* bits change from 1 to 0 only */
    assert_int_equal(rig_read(r, 0x00200000), 0xFF0F0030);
    assert_true(vb_machine_bus_write(r->m, 0x08000000, 1, 0));
    assert_int_equal(rig_read(r, F7_SR), 1u << 6); /* PGPERR: not PSIZE */
    rig_write(r, F7_SR, 0xF0);
    assert_false(vb_machine_bus_write(r->m, 0x00200000, 4, 0)); /* the ITCM side only reads */
    rig_write(r, F7_CR, 2 | 12 << 3 | 1u << 16);                /* there is no sector 12 */
    assert_int_equal(rig_read(r, F7_SR), 1u << 7);
    rig_write(r, F7_SR, 0xF0);
    rig_write(r, F7_CR, 2 | 0 << 3 | 1u << 16 | 1u << 24);
    assert_int_equal(rig_read(r, 0x08000000), 0xFFFFFFFF);
    assert_int_equal(rig_read(r, F7_SR), 1);
    rig_write(r, F7_CR, 1u << 31);
    rig_write(r, F7_CR, 2 | 1u << 16);
    assert_int_equal(rig_read(r, F7_CR), 1u << 31);
    rig_free(r);
}

static void f7_sectors_have_the_right_sizes(void **state)
{
    (void)state;
    static const uint32_t begins[13] = {0,       0x8000,   0x10000,  0x18000,  0x20000,  0x40000, 0x80000,
                                        0xC0000, 0x100000, 0x140000, 0x180000, 0x1C0000, 0x200000};
    rig *r = rig_new(F7);
    rig_write(r, F7_KEYR, 0x45670123);
    rig_write(r, F7_KEYR, 0xCDEF89AB);
    for (uint32_t sector = 0; sector < 12; sector++) {
        rig_write(r, F7_CR, 1 | 2u << 8);
        for (uint32_t i = 0; i < 12; i++) {
            rig_write(r, 0x08000000 + begins[i], 0);
            rig_write(r, 0x08000000 + begins[i + 1] - 4, 0);
        }
        rig_write(r, F7_CR, 2 | sector << 3 | 1u << 16);
        for (uint32_t i = 0; i < 12; i++) {
            uint32_t expected = i == sector ? 0xFFFFFFFF : 0;
            assert_int_equal(rig_read(r, 0x08000000 + begins[i]), expected);
            assert_int_equal(rig_read(r, 0x08000000 + begins[i + 1] - 4), expected);
        }
    }
    rig_free(r);
}

static void f7_halfwords_program_as_psize_says(void **state)
{
    (void)state;
    rig *r = rig_new(F7);
    rig_write(r, F7_KEYR, 0x45670123);
    rig_write(r, F7_KEYR, 0xCDEF89AB);
    rig_write(r, F7_CR, 1 | 1u << 8);
    rig_copy(r, RAM, code_program_half, sizeof code_program_half);
    rig_set(r, 0, 0x08000000);
    rig_set(r, 1, 0x1234);
    rig_set(r, 2, 0x5678);
    rig_start(r, RAM);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, 0x08000000), 0x56781234);
    assert_int_equal(rig_read(r, F7_SR), 0);
    rig_free(r);
}

/* ---- clocks ---- */

static void l4_to_120_mhz(rig *r, uint32_t wait_states, bool boost)
{
    rig_write(r, 0x40021058, 1u << 28); /* PWREN */
    rig_write(r, 0x40007080, boost ? 0 : 0x100);
    rig_write(r, 0x40022000, 0x700 | wait_states);
    rig_write(r, 0x4002100C, 1 | 60 << 8 | 1u << 24); /* MSI 4 MHz * 60 / 2 */
    rig_write(r, 0x40021000, 0x63 | 1u << 24);
    vb_machine_pass_time(r->m, 1000000, false);
    assert_int_equal(rig_read(r, 0x40021000) >> 25 & 1, 1);
    rig_write(r, 0x40021008, 8u << 4 | 3);
    vb_machine_pass_time(r->m, 1000, false);
    rig_write(r, 0x40021008, 3);
    assert_int_equal(rig_read(r, 0x40021008) & 0xF, 0xF); /* SWS follows */
}

static void l4_clock_tree_reaches_120_mhz(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_set_7);
    l4_to_120_mhz(r, 5, true);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 0), 7);
    rig_write(r, 0x40021000, 0x63); /* a PLL in use cannot be switched off */
    assert_int_equal(rig_read(r, 0x40021000) >> 25 & 1, 1);
    rig_free(r);
}

static void too_few_wait_states_fault(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_set_7);
    l4_to_120_mhz(r, 4, true);
    assert_int_equal(rig_run(r, 1000, 10000), VB_STOP_LOCKUP);
    rig_load(r, code_set_7);
    l4_to_120_mhz(r, 5, false);
    assert_int_equal(rig_run(r, 1000, 10000), VB_STOP_LOCKUP);
    rig_free(r);
}

static void a_pll_out_of_range_never_locks(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_write(r, 0x4002100C, 1 | 127 << 8 | 1u << 24); /* VCO at 508 MHz */
    rig_write(r, 0x40021000, 0x63 | 1u << 24);
    assert_int_equal(rig_read(r, 0x40021000) >> 25 & 1, 0);
    rig_write(r, 0x40021008, 3);
    assert_int_equal(rig_read(r, 0x40021008) & 0xC, 0);
    rig_write(r, 0x40021000, 0x63 | 1u << 16); /* no crystal on the board */
    assert_int_equal(rig_read(r, 0x40021000) >> 17 & 1, 0);
    rig_free(r);
}

static void f7_clock_tree_reaches_216_mhz(void **state)
{
    (void)state;
    rig *r = rig_new(F7);
    for (int over_drive = 1; over_drive >= 0; over_drive--) {
        rig_load(r, code_set_7);
        rig_write(r, 0x40023840, 1u << 28);
        if (over_drive) {
            rig_write(r, 0x40007000, 0xC000 | 1u << 16);
            vb_machine_pass_time(r->m, 1000000, false);
            assert_int_equal(rig_read(r, 0x40007004) >> 16 & 3, 1);
            rig_write(r, 0x40007000, 0xC000 | 3u << 16);
            vb_machine_pass_time(r->m, 1000000, false);
            assert_int_equal(rig_read(r, 0x40007004) >> 16 & 3, 3);
        }
        rig_write(r, 0x40023C00, 0x307);
        rig_write(r, 0x40023804, 8 | 216 << 6 | 9 << 24); /* HSI 16 MHz / 8 * 216 / 2 */
        rig_write(r, 0x40023800, 0x83 | 1u << 24);
        vb_machine_pass_time(r->m, 1000000, false);
        rig_write(r, 0x40023808, 2 | 5 << 10 | 4 << 13);
        assert_int_equal(rig_read(r, 0x40023808) & 0xF, 0xA);
        assert_int_equal(rig_run(r, 1000, 10000), over_drive ? VB_STOP_BREAKPOINT : VB_STOP_LOCKUP);
    }
    rig_free(r);
}

/* ---- serial port ---- */

typedef struct wiring {
    const char *chip;
    uint32_t usart, brr, baud;
    uint32_t enable[3][2]; /* register, value: clocks and supply */
    uint32_t moder, moder_value, afr, afr_value;
} wiring;

static const wiring wirings[] = {
    {L4,
     0x40008000,
     8889, /* 256 * 4 MHz / 115200 */
     115198,
     {{0x40021058, 1u << 28}, {0x4002104C, 1u << 6}, {0x4002105C, 1}},
     0x48001800,
     0xFFFFFFFF & ~(5u << 14),
     0x48001820,
     8u << 28},
    {F7,
     0x40004800,
     139, /* 16 MHz / 115200 */
     115107,
     {{0x40023840, 1u << 28 | 1u << 18}, {0x40023830, 1u << 3}, {0x40023840, 1u << 28 | 1u << 18}},
     0x40020C00,
     0xAu << 16,
     0x40020C20,
     0},
};

static void clock_on(rig *r, const wiring *w)
{
    for (int i = 0; i < 3; i++)
        rig_write(r, w->enable[i][0], w->enable[i][1]);
    if (!r->is_f7)
        rig_write(r, 0x40007004, 0x200); /* IOSV */
}

static void pins_on(rig *r, const wiring *w)
{
    rig_write(r, w->moder, w->moder_value);
    rig_write(r, w->afr, w->afr_value);
    rig_write(r, w->afr + 4, r->is_f7 ? 0x77 : 0x8);
}

static void usart_on(rig *r, const wiring *w)
{
    rig_write(r, w->usart + 0x0C, w->brr);
    rig_write(r, w->usart, 1 | 4 | 8); /* UE, RE, TE */
}

static void the_serial_port_sends_and_receives(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const wiring *w = &wirings[i];
        rig *r = rig_new(w->chip);
        clock_on(r, w);
        pins_on(r, w);
        usart_on(r, w);
        assert_int_equal(r->baud, w->baud);
        assert_int_equal(rig_read(r, w->usart + 0x1C) & 0xE0, 0xC0); /* TXE, TC */
        rig_write(r, w->usart + 0x28, 'A');
        assert_int_equal(r->sent_count, 1);
        r->tx_blocked = true; /* the line is busy: one byte waits in TDR */
        rig_write(r, w->usart + 0x28, 'B');
        assert_int_equal(rig_read(r, w->usart + 0x1C) & 0xC0, 0);
        r->tx_blocked = false;
        assert_int_equal(rig_read(r, w->usart + 0x1C) & 0xC0, 0xC0);
        assert_memory_equal(r->sent, "AB", 2);
        r->incoming = (const uint8_t *)"xy";
        r->incoming_count = 2;
        assert_int_equal(rig_read(r, w->usart + 0x1C) & 0x20, 0x20);
        assert_int_equal(rig_read(r, w->usart + 0x24), 'x');
        vb_machine_pass_time(r->m, 100000, false);
        assert_int_equal(rig_read(r, w->usart + 0x1C) & 0x20, 0x20);
        assert_int_equal(rig_read(r, w->usart + 0x24), 'y');
        assert_int_equal(rig_read(r, w->usart + 0x1C) & 0x20, 0);
        rig_free(r);
    }
}

static void a_driver_waiting_for_the_line_idles_and_loses_nothing(void **state)
{
    (void)state;
    static const char text[] = "the quick brown fox jumps over the lazy dog";
    const wiring *w = &wirings[0];
    rig *r = rig_new(w->chip);
    rig_load(r, code_send);
    clock_on(r, w);
    pins_on(r, w);
    usart_on(r, w);
    rig_copy(r, RAM, text, sizeof text - 1);
    rig_set(r, 0, RAM + sizeof text - 2);
    rig_set(r, 1, RAM - 1);
    rig_set(r, 2, w->usart);
    const uint32_t elsewhere = HANDLER;
    vb_machine_set_breakpoints(r->m, &elsewhere, 1);
    r->one_at_a_time = true;
    uint32_t idle = 0;
    vb_stop stop;
    while ((stop = rig_run(r, 20000, 1000000)) == VB_STOP_IDLE) {
        r->tx_blocked = false;
        assert_true(++idle < 1000);
    }
    assert_int_equal(stop, VB_STOP_BREAKPOINT);
    r->tx_blocked = false;
    rig_read(r, w->usart + 0x1C);
    assert_int_equal(r->sent_count, sizeof text - 1);
    assert_memory_equal(r->sent, text, sizeof text - 1);
    assert_true(idle > 10);
    rig_free(r);
}

static void bytes_need_pins_with_the_right_function(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const wiring *w = &wirings[i];
        rig *r = rig_new(w->chip);
        clock_on(r, w);
        usart_on(r, w);
        rig_write(r, w->usart + 0x28, 'A');
        pins_on(r, w);
        rig_write(r, w->afr, 0);
        rig_write(r, w->afr + 4, 0);
        rig_write(r, w->usart + 0x28, 'B');
        assert_int_equal(r->sent_count, 0);
        if (!r->is_f7) {
            pins_on(r, w);
            rig_write(r, 0x40007004, 0); /* port G without PWR_CR2.IOSV */
            rig_write(r, w->usart + 0x28, 'C');
            assert_int_equal(r->sent_count, 0);
        }
        rig_free(r);
    }
}

static void peripherals_need_their_clock(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const wiring *w = &wirings[i];
        rig *r = rig_new(w->chip);
        usart_on(r, w);
        rig_write(r, w->moder, 0);
        assert_int_equal(rig_read(r, w->usart), 0);
        assert_int_equal(rig_read(r, w->usart + 0x0C), 0);
        assert_int_equal(r->baud_changes, 0);
        assert_int_equal(rig_read(r, w->moder), 0);
        clock_on(r, w);
        assert_int_equal(rig_read(r, w->usart), 0);
        assert_int_equal(rig_read(r, w->moder), r->is_f7 ? 0 : 0xFFFFFFFF);
        rig_free(r);
    }
}

static void identity_registers_read_as_openocd_expects(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    assert_int_equal(rig_read(r, 0xE0042000) & 0xFFF, 0x470);
    assert_int_equal(rig_read(r, 0x1FFF75E0) & 0xFFFF, 2048);
    assert_int_equal(rig_read(r, 0x40022020) & 0x4000FF, 0x4000AA); /* dual bank, RDP level 0 */
    assert_int_equal(vb_machine_tap_idcode(r->m), 0x4ba00477);
    uint32_t value;
    assert_false(vb_machine_bus_read(r->m, 0x60000000, 4, &value));
    assert_false(vb_machine_bus_write(r->m, 0x1FFF7000, 4, 0));
    rig_free(r);
    r = rig_new(F7);
    assert_int_equal(rig_read(r, 0xE0042000) & 0xFFF, 0x451);
    assert_true(vb_machine_bus_read(r->m, 0x1FF0F442, 2, &value));
    assert_int_equal(value, 2048);
    assert_int_equal(rig_read(r, 0x40023C14) >> 8 & 0xFF, 0xAA);
    assert_int_equal(vb_machine_tap_idcode(r->m), 0x5ba00477);
    rig_free(r);
    assert_null(vb_machine_new("stm32f4", &(vb_uart_port){0}, &(vb_debug_port){0}));
}

/* ---- the bench firmware itself ---- */

/* Boots it and sends ?hello. @param oscillators NULL = the board's default, else letters: h, l */
static rig *boot_firmware(const char *chip, const char *oscillators, const char *clock)
{
    char path[1024], text[sizeof((rig *)0)->sent + 1];
    static uint8_t image[64 * 1024]; /* the flash that agents/chips/chips.c reserves for a firmware */
    const char *folder = getenv("HILFARM_FIRMWARE_DIR");
    snprintf(path, sizeof path, "%s/hilfarm-%s.bin", folder ? folder : ".", chip);
    FILE *file = fopen(path, "rb");
    if (!file) {
        printf("SKIPPED: %s is not built\n", path);
        skip();
        return NULL;
    }
    size_t bytes = fread(image, 1, sizeof image, file);
    fclose(file);
    assert_true(bytes > 0 && bytes < sizeof image);
    rig *r = rig_new(chip);
    if (oscillators)
        vb_machine_set_oscillators(r->m, strchr(oscillators, 'h') ? 8000000 : 0, strchr(oscillators, 'l'));
    rig_program(r, 0x08000000, image, (uint32_t)bytes);
    vb_machine_reset(r->m);
    r->dhcsr = 0;
    assert_int_equal(rig_run(r, 20000, 50000000), VB_STOP_IDLE); /* waits for a request */
    r->incoming = (const uint8_t *)"?hello\n";
    r->incoming_count = 7;
    for (int i = 0; i < 20 && rig_run(r, 20000, 5000000) == VB_STOP_IDLE; i++)
        ;
    snprintf(text, sizeof text, "%.*s", (int)r->sent_count, (const char *)r->sent);
    assert_non_null(strstr(text, "<0 boot protocol=2 chip="));
    assert_non_null(strstr(text, "<0 id protocol=2 chip="));
    assert_non_null(strstr(text, clock));
    assert_non_null(strstr(text, "counters=cycles,instructions"));
    assert_in_range(r->baud, 114000, 116400);
    assert_int_equal(vb_machine_notices(r->m), 0); /* nothing forbidden by the manuals */
    return r;
}

static void the_firmware_boots_on_l4(void **state)
{
    (void)state;
    rig *r = boot_firmware(L4, NULL, "clock_hz=119930880 clock_source=msi_lse");
    assert_in_range(vb_machine_time_ns(r->m), 2000000000, 2100000000); /* it waited for the crystal */
    /* ... which keeps running through a reset: the next start is quick. */
    vb_machine_reset(r->m);
    uint64_t before = vb_machine_time_ns(r->m);
    assert_int_equal(rig_run(r, 20000, 50000000), VB_STOP_IDLE);
    assert_in_range(vb_machine_time_ns(r->m) - before, 0, 100000000);
    rig_free(r);
    rig_free(boot_firmware(L4, "hl", "clock_hz=120000000 clock_source=hse"));
}

static void the_firmware_boots_on_l4_without_crystals(void **state)
{
    (void)state;
    rig *r = boot_firmware(L4, "", "clock_hz=120000000 clock_source=msi");
    assert_in_range(vb_machine_time_ns(r->m), 2500000000, 3500000000); /* it waited in vain, once */
    vb_machine_reset(r->m);
    uint64_t before = vb_machine_time_ns(r->m);
    assert_int_equal(rig_run(r, 20000, 50000000), VB_STOP_IDLE);
    assert_in_range(vb_machine_time_ns(r->m) - before, 0, 100000000);
    rig_free(r);
}

static void the_firmware_boots_on_f7(void **state)
{
    (void)state;
    rig_free(boot_firmware(F7, NULL, "clock_hz=216000000 clock_source=hse"));
    rig_free(boot_firmware(F7, "", "clock_hz=216000000 clock_source=hsi"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(l4_flash_locks_after_a_wrong_key),
        cmocka_unit_test(l4_flash_checks_how_it_is_programmed),
        cmocka_unit_test(l4_flash_erases_pages_and_banks),
        cmocka_unit_test(l4_code_in_ram_programs_flash),
        cmocka_unit_test(f7_flash_checks_how_it_is_programmed),
        cmocka_unit_test(f7_sectors_have_the_right_sizes),
        cmocka_unit_test(f7_halfwords_program_as_psize_says),
        cmocka_unit_test(l4_clock_tree_reaches_120_mhz),
        cmocka_unit_test(too_few_wait_states_fault),
        cmocka_unit_test(a_pll_out_of_range_never_locks),
        cmocka_unit_test(f7_clock_tree_reaches_216_mhz),
        cmocka_unit_test(the_serial_port_sends_and_receives),
        cmocka_unit_test(a_driver_waiting_for_the_line_idles_and_loses_nothing),
        cmocka_unit_test(bytes_need_pins_with_the_right_function),
        cmocka_unit_test(peripherals_need_their_clock),
        cmocka_unit_test(the_firmware_boots_on_l4),
        cmocka_unit_test(the_firmware_boots_on_l4_without_crystals),
        cmocka_unit_test(the_firmware_boots_on_f7),
        cmocka_unit_test(identity_registers_read_as_openocd_expects),
    };
    return cmocka_run_group_tests_name("vboard_machine_chips", tests, NULL, NULL);
}
