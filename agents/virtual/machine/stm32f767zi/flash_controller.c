/* SPDX-License-Identifier: Apache-2.0 */
/* Flash controller of the STM32F767 (RM0410 rev 4, chapter 3), single bank. Erasing and programming change
 * the array immediately and then keep BSY set for the data sheet's time, scaled by
 * vb_machine_set_flash_time(). */
#include <string.h>

#include "stm32f767zi/parts.h"

enum { ACR = 0x00, KEYR = 0x04, OPTKEYR = 0x08, SR = 0x0C, CR = 0x10, OPTCR = 0x14, OPTCR1 = 0x18 }; /* 3.7 */

#define SR_EOP    (1u << 0)
#define SR_WRPERR (1u << 4)
#define SR_PGAERR (1u << 5)
#define SR_PGPERR (1u << 6)
#define SR_ERSERR (1u << 7)
#define SR_FLAGS  0x000000F3u
#define SR_BSY    (1u << 16)

#define CR_PG         (1u << 0)
#define CR_SER        (1u << 1)
#define CR_MER        (1u << 2 | 1u << 15)
#define CR_STRT       (1u << 16)
#define CR_EOPIE      (1u << 24)
#define CR_LOCK       (1u << 31)
#define CR_PLAIN      0x0300837Fu
#define OPTCR_OPTLOCK 1u
#define OPTCR_OPTSTRT 2u
#define ACR_WRITABLE  0x00000B0Fu
#define SECTORS       12u

/* 3.3.2, single bank mode: four of 32 KB, one of 128 KB, seven of 256 KB */
static uint32_t sector_offset(uint32_t sector)
{
    return sector < 5 ? sector * 0x8000 : (sector - 4) * 0x40000;
}

static uint32_t sector_at(uint32_t offset)
{
    uint32_t sector = SECTORS - 1;
    while (offset < sector_offset(sector))
        sector--;
    return sector;
}

/* Typical times with 32 bits at once, DS11532, "Flash memory programming" */
#define PROGRAM_NS    UINT64_C(16000)
#define MASS_ERASE_NS UINT64_C(8000000000)

static uint64_t erase_ns(uint32_t sector)
{
    return sector < 4 ? UINT64_C(250000000) : sector == 4 ? UINT64_C(550000000) : UINT64_C(1000000000);
}

static bool is_protected(const vb_machine *m, uint32_t sector)
{
    return !(vb_f7(m)->flash.optr >> (16 + sector) & 1); /* nWRP */
}

static void done(vb_machine *m)
{
    if (vb_f7(m)->flash.cr & CR_EOPIE) /* 3.7.4: EOP is set only if its interrupt is enabled */
        vb_f7(m)->flash.sr |= SR_EOP;
}

static void erase_sectors(vb_machine *m, uint32_t first, uint32_t end)
{
    for (uint32_t sector = first; sector < end; sector++)
        if (is_protected(m, sector)) {
            vb_f7(m)->flash.sr |= SR_WRPERR;
            return;
        }
    vb_time_flash_starts(m, end - first == 1 ? erase_ns(first) : MASS_ERASE_NS);
    uint32_t from = sector_offset(first), to = end == SECTORS ? m->chip->flash_bytes : sector_offset(end);
    memset(m->flash + from, 0xFF, to - from);
    vb_blocks_memory_changed(m, from, to - from);
    done(m);
}

static void start_erase(vb_machine *m)
{
    uint32_t cr = vb_f7(m)->flash.cr, sector = cr >> 3 & 31;
    if ((cr & CR_PG) || (!(cr & CR_SER) && !(cr & CR_MER)) || ((cr & CR_SER) && sector >= SECTORS))
        vb_f7(m)->flash.sr |= SR_ERSERR;
    else if (cr & CR_MER) /* 3.7.5: with SER set too, mass erase wins */
        erase_sectors(m, 0, SECTORS);
    else
        erase_sectors(m, sector, sector + 1);
}

void vb_flash_f7_program(vb_machine *m, uint32_t offset, uint32_t bytes, uint32_t value, bool from_code)
{
    (void)from_code;
    vb_f7_flash *f = &vb_f7(m)->flash;
    uint32_t parallelism = f->cr >> 8 & 3; /* PSIZE: 2^n bytes */
    if (vb_time_flash_busy(m)) {
        vb_notice(m, "flash is written while FLASH_SR.BSY is set (RM0410 3.3.7)");
        vb_time_flash_stall(m);
    }
    if ((f->cr & CR_LOCK) || !(f->cr & CR_PG)) {
        if (f->cr & CR_LOCK)
            vb_notice(m, "flash is written while FLASH_CR is locked: ERSERR (RM0410 3.3.6)");
        f->sr |= SR_ERSERR;
        return;
    }
    /* A 64-bit store reaches the controller as two words here. */
    uint32_t wanted = parallelism == 3 ? 4 : 1u << parallelism;
    if (bytes != wanted) {
        f->sr |= SR_PGPERR;
        return;
    }
    if (offset & (bytes - 1)) {
        f->sr |= SR_PGAERR;
        return;
    }
    if (is_protected(m, sector_at(offset))) {
        f->sr |= SR_WRPERR;
        return;
    }
    for (uint32_t i = 0; i < bytes; i++) /* 3.3.7: bits only go from 1 to 0 */
        m->flash[offset + i] &= (uint8_t)(value >> 8 * i);
    vb_time_flash_starts(m, PROGRAM_NS);
    vb_blocks_memory_changed(m, offset, bytes);
    done(m);
}

static uint32_t flash_read(vb_machine *m, const vb_request *r)
{
    const vb_f7_flash *f = &vb_f7(m)->flash;
    switch (r->offset) {
    case ACR:
        return f->acr;
    case SR:
        return f->sr | (vb_time_flash_busy(m) ? SR_BSY : 0);
    case CR:
        return f->cr;
    case OPTCR:
        return f->optr;
    case OPTCR1:
        return f->optcr1;
    default:
        return 0;
    }
}

static void flash_write(vb_machine *m, const vb_request *r)
{
    vb_f7_flash *f = &vb_f7(m)->flash;
    switch (r->offset) {
    case ACR:
        f->acr = vb_merge(f->acr, r) & ACR_WRITABLE;
        m->chip->update_clocks(m);
        break;
    case KEYR:
        if ((f->cr & CR_LOCK) && vb_flash_lock_key(&f->lock, r->value, VB_FLASH_KEY1, VB_FLASH_KEY2))
            f->cr &= ~CR_LOCK;
        if (f->lock.dead)
            vb_notice(m, "a wrong key for FLASH_CR: locked until the next reset (RM0410 3.3.6)");
        break;
    case OPTKEYR:
        if ((f->optr & OPTCR_OPTLOCK) &&
            vb_flash_lock_key(&f->option_lock, r->value, VB_FLASH_OPTKEY1, VB_FLASH_OPTKEY2))
            f->optr &= ~OPTCR_OPTLOCK;
        break;
    case SR:
        f->sr &= ~(r->value & SR_FLAGS);
        break;
    case CR:
        if (f->cr & CR_LOCK) {
            if (r->value != CR_LOCK)
                vb_notice(m, "FLASH_CR is written while it is locked: ignored (RM0410 3.3.6)");
            break;
        }
        if (vb_time_flash_busy(m)) {
            vb_notice(m, "FLASH_CR is written while FLASH_SR.BSY is set (RM0410 3.7.5)");
            vb_time_flash_stall(m);
        }
        f->cr = vb_merge(f->cr, r) & (CR_PLAIN | CR_LOCK);
        if (vb_merge(0, r) & CR_STRT)
            start_erase(m);
        break;
    case OPTCR:
        if (!(f->optr & OPTCR_OPTLOCK))
            f->optr = vb_merge(f->optr, r) & ~OPTCR_OPTSTRT;
        break;
    case OPTCR1:
        if (!(f->optr & OPTCR_OPTLOCK))
            f->optcr1 = vb_merge(f->optcr1, r);
        break;
    default:
        break;
    }
}

bool vb_flash_f7_add(vb_machine *m)
{
    vb_f7(m)->flash.optr = 0xFFFFAAFD; /* 3.7.6, as delivered: single bank, no protection */
    vb_f7(m)->flash.optcr1 = 0x00400080;
    return vb_bus_add_device(m, &(vb_device){0x40023C00, 0x400, 0, flash_read, flash_write});
}

void vb_flash_f7_reset(vb_machine *m)
{
    vb_f7_flash *f = &vb_f7(m)->flash;
    f->acr = 0;
    f->sr = 0;
    f->cr = CR_LOCK;
    f->optr |= OPTCR_OPTLOCK;
    f->lock = f->option_lock = (vb_flash_lock){0};
}
