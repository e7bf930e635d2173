/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/mem_ap.h"

#include <stdlib.h>

/* Register offsets: IHI0031, "MEM-AP register summary". */
#define REG_CSW  0x00
#define REG_TAR  0x04
#define REG_DRW  0x0C
#define REG_BD0  0x10
#define REG_BD3  0x1C
#define REG_CFG  0xF4
#define REG_BASE 0xF8
#define REG_IDR  0xFC

/* CSW fields. */
#define CSW_SIZE        0x7u
#define CSW_ADDRINC     (3u << 4)
#define ADDRINC_SINGLE  (1u << 4)
#define ADDRINC_PACKED  (2u << 4)
#define CSW_DEVICE_EN   (1u << 6)
#define CSW_PROT        (0x7Fu << 24)
#define CSW_PROT_RESET  (0x3u << 24) /* privileged data access, as the AHB-AP powers up */
#define CSW_SIZE_WORD   2u
#define ROM_TABLE_ENTRY 0xE00FF003u /* BASE: table at 0xE00FF000, ADIv5 format (bit 1), present (bit 0) */

struct vb_mem_ap {
    vb_core_debug *core;
    uint32_t tar_wrap_bytes;
    uint32_t idr;
    uint32_t csw;
    uint32_t tar;
};

vb_mem_ap *vb_mem_ap_new(vb_core_debug *core, uint32_t tar_wrap_bytes, uint32_t idr)
{
    vb_mem_ap *ap = calloc(1, sizeof *ap);
    if (!ap)
        return NULL;
    ap->core = core;
    ap->tar_wrap_bytes = tar_wrap_bytes;
    ap->idr = idr;
    ap->csw = CSW_PROT_RESET | CSW_DEVICE_EN | CSW_SIZE_WORD;
    return ap;
}

void vb_mem_ap_free(vb_mem_ap *ap)
{
    free(ap);
}

static void write_csw(vb_mem_ap *ap, uint32_t value)
{
    uint32_t size = value & CSW_SIZE;
    if (size > CSW_SIZE_WORD)
        size = CSW_SIZE_WORD; /* 64 bits and more need the Large Data Extension, which CFG does not report */
    uint32_t addrinc = value & CSW_ADDRINC;
    if (addrinc == CSW_ADDRINC)
        addrinc = 0; /* reserved */
    ap->csw = (value & CSW_PROT) | CSW_DEVICE_EN | addrinc | size;
}

/* Data uses the byte lanes that its address selects (little-endian). */
static bool transfer(vb_mem_ap *ap, uint32_t address, uint32_t size, bool read, uint32_t *data)
{
    if (address & (size - 1))
        return false; /* the AHB-AP makes no unaligned transfers */
    unsigned lane = (address & 3) * 8;
    if (!read)
        return vb_core_debug_bus_write(ap->core, address, size,
                                       size == 4 ? *data : *data >> lane & ((1u << size * 8) - 1));
    uint32_t value;
    if (!vb_core_debug_bus_read(ap->core, address, size, &value))
        return false;
    *data |= value << lane;
    return true;
}

static bool data_access(vb_mem_ap *ap, bool read, uint32_t *data)
{
    uint32_t size = 1u << (ap->csw & CSW_SIZE);
    uint32_t addrinc = ap->csw & CSW_ADDRINC;
    uint32_t transfers = addrinc == ADDRINC_PACKED ? 4 / size : 1;
    for (uint32_t i = 0; i < transfers; i++) {
        if (!transfer(ap, ap->tar, size, read, data))
            return false;
        if (addrinc) {
            uint32_t offset = ap->tar_wrap_bytes - 1;
            ap->tar = (ap->tar & ~offset) | ((ap->tar + size) & offset);
        }
    }
    return true;
}

bool vb_mem_ap_read(vb_mem_ap *ap, unsigned reg, uint32_t *value)
{
    *value = 0;
    switch (reg) {
    case REG_CSW:
        *value = ap->csw;
        return true;
    case REG_TAR:
        *value = ap->tar;
        return true;
    case REG_DRW:
        return data_access(ap, true, value);
    case REG_BASE:
        *value = ROM_TABLE_ENTRY;
        return true;
    case REG_IDR:
        *value = ap->idr;
        return true;
    case REG_CFG: /* 0: little-endian, no large data, no large addresses */
    default:
        if (reg >= REG_BD0 && reg <= REG_BD3) /* 16 bytes in TAR's block, always words; TAR does not change */
            return transfer(ap, (ap->tar & ~0xFu) | (reg & 0xC), 4, true, value);
        return true;
    }
}

bool vb_mem_ap_write(vb_mem_ap *ap, unsigned reg, uint32_t value)
{
    switch (reg) {
    case REG_CSW:
        vb_core_debug_end_stream(ap->core);
        write_csw(ap, value);
        return true;
    case REG_TAR:
        vb_core_debug_end_stream(ap->core);
        ap->tar = value;
        return true;
    case REG_DRW:
        return data_access(ap, false, &value);
    default:
        if (reg >= REG_BD0 && reg <= REG_BD3)
            return transfer(ap, (ap->tar & ~0xFu) | (reg & 0xC), 4, false, &value);
        return true;
    }
}
