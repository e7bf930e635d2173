/* SPDX-License-Identifier: Apache-2.0 */
#include "machine_rig.h"

static bool tx_ready(void *user)
{
    const rig *r = user;
    return !r->tx_blocked;
}

static void tx(void *user, uint8_t byte)
{
    rig *r = user;
    assert_false(r->tx_blocked); /* the contract: only when ready */
    assert_true(r->sent_count < sizeof r->sent);
    r->sent[r->sent_count++] = byte;
    r->tx_blocked = r->one_at_a_time;
}

static bool rx_ready(void *user)
{
    const rig *r = user;
    return r->incoming_count > 0;
}

static uint8_t rx(void *user)
{
    rig *r = user;
    assert_true(r->incoming_count > 0);
    r->incoming_count--;
    return *r->incoming++;
}

static void set_baud(void *user, uint32_t baud)
{
    rig *r = user;
    r->baud = baud;
    r->baud_changes++;
}

static uint32_t debug_read(void *user, uint32_t address)
{
    const rig *r = user;
    return address == 0xE000EDF0 ? r->dhcsr : address == 0xE000EDFC ? r->demcr : 0;
}

static void debug_write(void *user, uint32_t address, uint32_t value, bool from_code)
{
    rig *r = user;
    (void)from_code;
    r->debug_writes++;
    r->last_debug_address = address;
    r->last_debug_value = value;
    if (address == 0xE000EDFC)
        r->demcr = value;
}

rig *rig_new(const char *chip)
{
    rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    vb_uart_port uart = {r, tx_ready, tx, rx_ready, rx, set_baud};
    vb_debug_port debug = {r, debug_read, debug_write};
    r->is_f7 = strcmp(chip, F7) == 0;
    r->dhcsr = 1; /* C_DEBUGEN: BKPT halts */
    r->m = vb_machine_new(chip, &uart, &debug);
    assert_non_null(r->m);
    return r;
}

void rig_free(rig *r)
{
    vb_machine_free(r->m);
    free(r);
}

uint32_t rig_read(rig *r, uint32_t address)
{
    uint32_t value = 0;
    assert_true(vb_machine_bus_read(r->m, address, 4, &value));
    return value;
}

void rig_write(rig *r, uint32_t address, uint32_t value)
{
    assert_true(vb_machine_bus_write(r->m, address, 4, value));
}

uint32_t rig_reg(rig *r, uint32_t regsel)
{
    return vb_machine_get_register(r->m, regsel);
}

void rig_set(rig *r, uint32_t regsel, uint32_t value)
{
    vb_machine_set_register(r->m, regsel, value);
}

static void unlock(rig *r, uint32_t keyr, uint32_t cr)
{
    if (!(rig_read(r, cr) >> 31))
        return;
    rig_write(r, keyr, 0x45670123);
    rig_write(r, keyr, 0xCDEF89AB);
    assert_int_equal(rig_read(r, cr) >> 31, 0);
}

static void program_l4(rig *r, uint32_t address, const uint8_t *data, uint32_t bytes)
{
    const uint32_t sr = 0x40022010, cr = 0x40022014;
    unlock(r, 0x40022008, cr);
    for (uint32_t page = (address - 0x08000000) / 4096; page <= (address + bytes - 1 - 0x08000000) / 4096;
         page++)
        rig_write(r, cr, 1u << 16 | 2 | (page & 255) << 3 | (page >= 256 ? 1u << 11 : 0));
    rig_write(r, cr, 1);
    for (uint32_t i = 0; i < bytes; i += 8) {
        uint8_t word[8] = {0};
        memcpy(word, data + i, bytes - i < 8 ? bytes - i : 8);
        uint32_t half[2];
        memcpy(half, word, 8);
        rig_write(r, address + i, half[0]);
        rig_write(r, address + i + 4, half[1]);
    }
    rig_write(r, cr, 0);
    assert_int_equal(rig_read(r, sr), 0);
    rig_write(r, cr, 1u << 31);
}

static void program_f7(rig *r, uint32_t address, const uint8_t *data, uint32_t bytes)
{
    const uint32_t sr = 0x40023C0C, cr = 0x40023C10;
    unlock(r, 0x40023C04, cr);
    uint32_t sector = (address - 0x08000000) / 0x8000;
    assert_true(sector < 4);
    rig_write(r, cr, 1u << 16 | 2 | sector << 3);
    rig_write(r, cr, 1 | 2u << 8);
    for (uint32_t i = 0; i < bytes; i += 4) {
        uint32_t word = 0;
        memcpy(&word, data + i, bytes - i < 4 ? bytes - i : 4);
        rig_write(r, address + i, word);
    }
    assert_int_equal(rig_read(r, sr), 0);
    rig_write(r, cr, 1u << 31);
}

void rig_program(rig *r, uint32_t address, const void *data, uint32_t bytes)
{
    if (r->is_f7)
        program_f7(r, address, data, bytes);
    else
        program_l4(r, address, data, bytes);
}

void rig_copy(rig *r, uint32_t address, const void *data, uint32_t bytes)
{
    const uint8_t *at = data;
    for (uint32_t i = 0; i < bytes; i++)
        assert_true(vb_machine_bus_write(r->m, address + i, 1, at[i]));
}

void rig_load_with_handler(rig *r, const void *code, uint32_t bytes, const void *handler,
                           uint32_t handler_bytes)
{
    uint8_t image[HANDLER + 64 - 0x08000000];
    uint32_t vectors[64] = {STACK, CODE | 1};
    for (uint32_t i = 2; i < 64; i++)
        vectors[i] = HANDLER | 1;
    assert_true(bytes <= HANDLER - CODE && handler_bytes <= 64);
    memset(image, 0xFF, sizeof image);
    memcpy(image, vectors, sizeof vectors);
    memcpy(image + (CODE - 0x08000000), code, bytes);
    memcpy(image + (HANDLER - 0x08000000), handler, handler_bytes);
    rig_program(r, 0x08000000, image, sizeof image);
    vb_machine_reset(r->m);
    rig_start(r, CODE);
}

void rig_start(rig *r, uint32_t address)
{
    rig_set(r, XPSR, 0x01000000);
    rig_set(r, SP, STACK);
    rig_set(r, PC, address);
}

vb_stop rig_run(rig *r, uint64_t slice, uint64_t limit)
{
    uint64_t end = vb_machine_instructions(r->m) + limit;
    while (vb_machine_instructions(r->m) < end) {
        vb_stop stop = vb_machine_run(r->m, slice);
        if (stop != VB_STOP_SLICE)
            return stop;
    }
    return VB_STOP_SLICE;
}

void rig_run_to_stop(rig *r)
{
    assert_int_equal(rig_run(r, 20000, 10000000), VB_STOP_BREAKPOINT);
}
