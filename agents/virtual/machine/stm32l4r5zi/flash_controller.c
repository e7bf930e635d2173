/* SPDX-License-Identifier: Apache-2.0 */
/* Flash controller of the STM32L4R5 (RM0432 rev 9, chapter 3), dual bank, 4 KB pages. Erasing and programming
 * change the array immediately and then keep BSY set for the data sheet's time, scaled by
 * vb_machine_set_flash_time(). */
#include <string.h>

#include "stm32l4r5zi/parts.h"

enum { /* offsets, 3.7 */
       ACR = 0x00,
       KEYR = 0x08,
       OPTKEYR = 0x0C,
       SR = 0x10,
       CR = 0x14,
       OPTR = 0x20,
       FIRST_OPTION = 0x20,
       LAST_OPTION = 0x50,
       PAGE_BYTES = 4096,
};

#define SR_EOP     (1u << 0)
#define SR_PROGERR (1u << 3)
#define SR_WRPERR  (1u << 4)
#define SR_PGAERR  (1u << 5)
#define SR_SIZERR  (1u << 6)
#define SR_PGSERR  (1u << 7)
#define SR_ERRORS  0x0000C3FAu
#define SR_BSY     (1u << 16)

#define CR_PG         (1u << 0)
#define CR_PER        (1u << 1)
#define CR_MER1       (1u << 2)
#define CR_BKER       (1u << 11)
#define CR_MER2       (1u << 15)
#define CR_STRT       (1u << 16)
#define CR_OPTSTRT    (1u << 17)
#define CR_EOPIE      (1u << 24)
#define CR_OBL_LAUNCH (1u << 27)
#define CR_OPTLOCK    (1u << 30)
#define CR_LOCK       (1u << 31)
#define CR_PLAIN      0x0704FFFFu
#define ACR_WRITABLE  0x00007F0Fu

/* Typical times, DS12023, "Flash memory characteristics" */
#define DOUBLE_WORD_NS UINT64_C(81690)
#define PAGE_ERASE_NS  UINT64_C(22020000)
#define MASS_ERASE_NS  UINT64_C(22130000)

static void fail(vb_machine *m, uint32_t error)
{
    vb_l4(m)->flash.sr |= error;
    vb_l4(m)->flash.half_pending = false;
}

static void done(vb_machine *m)
{
    if (vb_l4(m)->flash.cr & CR_EOPIE) /* 3.7.5: EOP is set only if its interrupt is enabled */
        vb_l4(m)->flash.sr |= SR_EOP;
}

/* 3.7.13 to 3.7.18: areas A and B of each bank, first and last page; protected while first <= last */
static bool is_protected(const vb_machine *m, uint32_t page)
{
    const uint32_t *areas = &vb_l4(m)->flash.options[((page < 256 ? 0x2C : 0x4C) - FIRST_OPTION) / 4];
    page &= 255;
    for (uint32_t i = 0; i < 2; i++)
        if (page >= (areas[i] & 0xFF) && page <= (areas[i] >> 16 & 0xFF))
            return true;
    return false;
}

static void erase(vb_machine *m, uint32_t first_page, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        if (is_protected(m, first_page + i)) {
            fail(m, SR_WRPERR);
            return;
        }
    vb_time_flash_starts(m, pages == 1 ? PAGE_ERASE_NS : MASS_ERASE_NS);
    memset(m->flash + (size_t)first_page * PAGE_BYTES, 0xFF, (size_t)pages * PAGE_BYTES);
    vb_blocks_memory_changed(m, first_page * PAGE_BYTES, pages * PAGE_BYTES);
    done(m);
}

static void start_erase(vb_machine *m)
{
    uint32_t cr = vb_l4(m)->flash.cr, mass = cr & (CR_MER1 | CR_MER2);
    if ((vb_l4(m)->flash.sr & SR_ERRORS) || (cr & CR_PG) || (!(cr & CR_PER) && !mass) ||
        ((cr & CR_PER) && mass)) {
        fail(m, SR_PGSERR);
        return;
    }
    if (cr & CR_PER)
        erase(m, (cr >> 3 & 0xFF) + (cr & CR_BKER ? 256 : 0), 1);
    if (cr & CR_MER1)
        erase(m, 0, 256);
    if (cr & CR_MER2)
        erase(m, 256, 256);
}

void vb_flash_l4_program(vb_machine *m, uint32_t offset, uint32_t bytes, uint32_t value, bool from_code)
{
    (void)from_code;
    vb_l4_flash *f = &vb_l4(m)->flash;
    if (vb_time_flash_busy(m)) {
        vb_notice(m, "flash is written while FLASH_SR.BSY is set (RM0432 3.3.7)");
        vb_time_flash_stall(m);
    }
    if (!(f->cr & CR_PG) || (f->sr & SR_ERRORS)) { /* 3.3.7: flags of earlier errors must be cleared first */
        if (f->cr & CR_LOCK)
            vb_notice(m, "flash is written while FLASH_CR is locked: PGSERR (RM0432 3.3.5)");
        fail(m, SR_PGSERR);
        return;
    }
    if (bytes != 4) {
        fail(m, SR_SIZERR);
        return;
    }
    if (!f->half_pending) {
        if (offset & 4) {
            fail(m, SR_PGAERR);
            return;
        }
        f->half_pending = true;
        f->half_offset = offset;
        f->half_value = value;
        return;
    }
    if (offset != f->half_offset + 4) {
        fail(m, SR_PGAERR);
        return;
    }
    f->half_pending = false;
    uint32_t data[2] = {f->half_value, value}, old[2];
    uint8_t *target = m->flash + f->half_offset;
    memcpy(old, target, sizeof old);
    if (is_protected(m, offset / PAGE_BYTES)) {
        fail(m, SR_WRPERR);
        return;
    }
    bool erased = old[0] == ~0u && old[1] == ~0u, zero = data[0] == 0 && data[1] == 0;
    if (!erased && !zero) { /* the ECC covers the double word: only all zeros may overwrite data */
        fail(m, SR_PROGERR);
        return;
    }
    vb_time_flash_starts(m, DOUBLE_WORD_NS);
    memcpy(target, data, sizeof data);
    vb_blocks_memory_changed(m, f->half_offset, 8);
    done(m);
}

static void write_cr(vb_machine *m, const vb_request *r)
{
    vb_l4_flash *f = &vb_l4(m)->flash;
    if (f->cr & CR_LOCK) {
        if (r->value != CR_LOCK)
            vb_notice(m, "FLASH_CR is written while it is locked: ignored (RM0432 3.3.5)");
        return;
    }
    if (vb_time_flash_busy(m)) {
        vb_notice(m, "FLASH_CR is written while FLASH_SR.BSY is set (RM0432 3.7.6)");
        vb_time_flash_stall(m);
    }
    uint32_t value = vb_merge(f->cr, r);
    f->cr = (value & CR_PLAIN) | (f->cr & CR_OPTLOCK);
    if (value & CR_OPTLOCK & r->mask)
        f->cr |= CR_OPTLOCK;
    if (!(value & CR_PG))
        f->half_pending = false;
    if (value & CR_STRT)
        start_erase(m);
    if ((value & CR_OPTSTRT) && !(f->cr & CR_OPTLOCK))
        done(m); /* option registers keep what was written */
    if ((value & CR_OBL_LAUNCH) && !(f->cr & CR_OPTLOCK)) {
        m->reset_requested = true; /* 3.4.2: loading the options resets the chip */
        vb_core_attention(m);
    }
    if (value & CR_LOCK & r->mask)
        f->cr |= CR_LOCK | CR_OPTLOCK;
}

static uint32_t flash_read(vb_machine *m, const vb_request *r)
{
    const vb_l4_flash *f = &vb_l4(m)->flash;
    switch (r->offset) {
    case ACR:
        return f->acr;
    case SR:
        return f->sr | (vb_time_flash_busy(m) ? SR_BSY : 0);
    case CR:
        return f->cr;
    default:
        return r->offset >= FIRST_OPTION && r->offset <= LAST_OPTION
                   ? f->options[(r->offset - FIRST_OPTION) / 4]
                   : 0;
    }
}

static void flash_write(vb_machine *m, const vb_request *r)
{
    vb_l4_flash *f = &vb_l4(m)->flash;
    switch (r->offset) {
    case ACR:
        f->acr = vb_merge(f->acr, r) & ACR_WRITABLE;
        m->chip->update_clocks(m);
        break;
    case KEYR:
        if ((f->cr & CR_LOCK) && vb_flash_lock_key(&f->lock, r->value, VB_FLASH_KEY1, VB_FLASH_KEY2))
            f->cr &= ~CR_LOCK;
        if (f->lock.dead)
            vb_notice(m, "a wrong key for FLASH_CR: locked until the next reset (RM0432 3.3.5)");
        break;
    case OPTKEYR:
        if (!(f->cr & CR_LOCK) && (f->cr & CR_OPTLOCK) &&
            vb_flash_lock_key(&f->option_lock, r->value, VB_FLASH_OPTKEY1, VB_FLASH_OPTKEY2))
            f->cr &= ~CR_OPTLOCK;
        break;
    case SR:
        f->sr &= ~(r->value & (SR_ERRORS | SR_EOP));
        break;
    case CR:
        write_cr(m, r);
        break;
    default:
        if (r->offset >= FIRST_OPTION && r->offset <= LAST_OPTION && !(f->cr & CR_OPTLOCK)) {
            uint32_t *option = &f->options[(r->offset - FIRST_OPTION) / 4];
            *option = vb_merge(*option, r);
        }
        break;
    }
}

bool vb_flash_l4_add(vb_machine *m)
{
    static const uint32_t factory[] = {/* OPTR, PCROP1SR, 1ER, WRP1AR, WRP1BR: 3.4.1 as delivered */
                                       0xFFEFF8AA, 0xFFFFFFFF, 0, 0x000000FF, 0x000000FF};
    uint32_t *options = vb_l4(m)->flash.options;
    memcpy(options, factory, sizeof factory);
    options[(0x44 - FIRST_OPTION) / 4] = 0xFFFFFFFF;
    options[(0x4C - FIRST_OPTION) / 4] = 0x000000FF;
    options[(0x50 - FIRST_OPTION) / 4] = 0x000000FF;
    return vb_bus_add_device(m, &(vb_device){0x40022000, 0x400, 0, flash_read, flash_write});
}

void vb_flash_l4_reset(vb_machine *m)
{
    vb_l4_flash *f = &vb_l4(m)->flash;
    f->acr = 0x00000600; /* 3.7.1: both caches on */
    f->sr = 0;
    f->cr = CR_LOCK | CR_OPTLOCK;
    f->lock = f->option_lock = (vb_flash_lock){0};
    f->half_pending = false;
}
