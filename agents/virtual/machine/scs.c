/* SPDX-License-Identifier: Apache-2.0 */
/* System control space, DDI0403E B3.2 to B3.5. Accesses to the registers of halting debug are passed to
 * debug/. */
#include <string.h>

#include "machine_state.h"

#define VECTKEY       0x05FA0000u
#define CCR_WRITABLE  0x0000031Bu
#define CCR_CACHES    0x00030000u /* M7: IC, DC */
#define CCR_BP        0x00040000u /* M7: branch prediction, always on */
#define CPACR_FPU     0x00F00000u
#define SHCSR_ENABLES 0x00070000u

/* Where the active bit of each system exception is in SHCSR (B3.2.13). */
static const struct {
    uint8_t exception, bit;
} active_bits[] = {{VB_EXC_MEMMANAGE, 0}, {VB_EXC_BUS, 1},     {VB_EXC_USAGE, 3},   {VB_EXC_SVC, 7},
                   {VB_EXC_DEBUG, 8},     {VB_EXC_PENDSV, 10}, {VB_EXC_SYSTICK, 11}};

uint32_t vb_scs_priority(const vb_machine *m, uint32_t exception)
{
    return exception >= 4 && exception < 16 ? m->scs.shpr[exception / 4 - 1] >> (exception % 4 * 8) & 0xFF
                                            : 0;
}

static uint32_t debug_read(vb_machine *m, const vb_request *r)
{
    return m->debug.read(m->debug.user, VB_SCS_BASE + r->offset);
}

static void debug_write(vb_machine *m, const vb_request *r)
{
    m->debug.write(m->debug.user, VB_SCS_BASE + r->offset, r->value, r->from_code);
    vb_dwt_demcr_written(m);
}

/* Ranges of offsets that belong to other units. */
typedef struct unit {
    uint32_t first, last;
    uint32_t (*read)(vb_machine *m, const vb_request *r);
    void (*write)(vb_machine *m, const vb_request *r);
} unit;

static const unit units[] = {
    {0x010, 0x01C, vb_systick_read, vb_systick_write}, {0x100, 0xCFC, vb_nvic_read, vb_nvic_write},
    {0xD30, 0xD30, debug_read, debug_write},           {0xD90, 0xDB8, vb_mpu_read, vb_mpu_write},
    {0xDF0, 0xDFC, debug_read, debug_write},
};

static const unit *find_unit(uint32_t offset)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (offset >= units[i].first && offset <= units[i].last)
            return &units[i];
    return NULL;
}

static uint32_t shcsr_read(const vb_machine *m)
{
    uint32_t value = m->scs.shcsr;
    for (size_t i = 0; i < sizeof active_bits / sizeof active_bits[0]; i++)
        value |= (m->scs.active >> active_bits[i].exception & 1) << active_bits[i].bit;
    return value;
}

/* ID_PFR0 to ID_ISAR4 (B4.1), as the cores' manuals list them: DDI0439B 4.1 and DDI0489B 4.1. */
static const uint32_t feature_ids[16] = {
    0x00000030, 0x00000200, 0x00100000, 0x00000000, 0x00100030, 0x00000000, 0x01000000, 0x00000000,
    0x01101110, 0x02112000, 0x20232231, 0x01111131, 0x01310132, 0,          0,          0};

static uint32_t ids_read(const vb_machine *m, uint32_t offset)
{
    bool m7 = m->chip->core == VB_CORE_M7;
    switch (offset) {
    case 0xD78:
        return m7 ? 0x09000003 : 0; /* CLIDR: split caches, one level */
    case 0xD7C:
        return m7 ? 0x8303C003 : 0x8000C000; /* CTR */
    case 0xD80: /* CCSIDR: 16 KB each, 32-byte lines; 4-way data, 2-way instruction (RM0410 rev 4, 1.3) */
        return !m7 ? 0 : m->scs.csselr & 1 ? 0xF01FE009 : 0xF00FE019;
    case 0xD84:
        return m->scs.csselr;
    default:
        return feature_ids[(offset - 0xD40) / 4 & 15];
    }
}

static uint32_t *plain_register(vb_machine *m, uint32_t offset)
{
    bool m7 = m->chip->core == VB_CORE_M7;
    switch (offset) {
    case 0x008:
        return &m->scs.actlr;
    case 0xD10:
        return &m->scs.scr;
    case 0xD18:
    case 0xD1C:
    case 0xD20:
        return &m->scs.shpr[(offset - 0xD18) / 4];
    case 0xD34:
        return &m->scs.mmfar;
    case 0xD38:
        return &m->scs.bfar;
    case 0xD3C:
        return &m->scs.afsr;
    case 0xF34:
        return &m->scs.fpccr;
    case 0xF38:
        return &m->scs.fpcar;
    case 0xF3C:
        return &m->scs.fpdscr;
    case 0xF90:
        return m7 ? &m->scs.itcmcr : NULL;
    case 0xF94:
        return m7 ? &m->scs.dtcmcr : NULL;
    case 0xF98:
        return m7 ? &m->scs.ahbpcr : NULL;
    case 0xF9C:
        return m7 ? &m->scs.cacr : NULL;
    default:
        return NULL;
    }
}

static uint32_t scs_read(vb_machine *m, const vb_request *r)
{
    uint32_t offset = r->offset;
    const unit *other = find_unit(offset);
    if (other)
        return other->read(m, r);
    uint32_t *plain = plain_register(m, offset);
    if (plain)
        return *plain;
    switch (offset) {
    case 0x004:
        return 3; /* ICTR: up to 128 interrupt lines */
    case 0xD00:
        return m->chip->cpuid;
    case 0xD04:
        return m->scs.icsr_pending | (m->scs.active & (m->scs.active - 1) ? 0 : 0x800) | vb_core_exception(m);
    case 0xD08:
        return m->scs.vtor;
    case 0xD0C:
        return 0xFA050000u | m->scs.aircr_group;
    case 0xD14:
        return m->scs.ccr;
    case 0xD24:
        return shcsr_read(m);
    case 0xD28:
        return m->scs.cfsr;
    case 0xD2C:
        return m->scs.hfsr;
    case 0xD88:
        return m->scs.cpacr;
    case 0xF40:
        return m->chip->mvfr0;
    case 0xF44:
        return m->chip->mvfr1;
    case 0xF48:
        return m->chip->mvfr2;
    default:
        if (offset >= 0xD40 && offset <= 0xD84)
            return ids_read(m, offset);
        if (r->from_code && offset < 0xFB4)
            vb_notice_register(m, "the system control space", offset);
        return 0;
    }
}

static void aircr_write(vb_machine *m, const vb_request *r)
{
    if (r->bytes != 4 || (r->value & 0xFFFF0000u) != VECTKEY)
        return;
    m->scs.aircr_group = r->value & 0x700;
    if (r->value & 5) { /* SYSRESETREQ; VECTRESET also resets the peripherals, which the manual leaves open */
        m->reset_requested = true;
        vb_core_attention(m);
    }
}

static void ccr_write(vb_machine *m, const vb_request *r)
{
    bool m7 = m->chip->core == VB_CORE_M7;
    uint32_t writable = CCR_WRITABLE | (m7 ? CCR_CACHES : 0);
    uint32_t value = (vb_merge(m->scs.ccr, r) & writable) | (m7 ? CCR_BP | 0x200 : 0);
    uint32_t changed = value ^ m->scs.ccr;
    m->scs.ccr = value;
    if (changed & 0x18) { /* blocks are decoded depending on UNALIGN_TRP and DIV_0_TRP */
        m->flush_all = true;
        vb_core_attention(m);
    }
    if (changed & CCR_CACHES) {
        vb_cache_switched(m, value ^ changed, value);
        vb_clocks_changed(m);
    }
}

static void scs_write(vb_machine *m, const vb_request *r)
{
    uint32_t offset = r->offset;
    const unit *other = find_unit(offset);
    uint32_t *plain = plain_register(m, offset);
    if (other) {
        other->write(m, r);
        return;
    }
    if (plain) {
        *plain = vb_merge(*plain, r);
        return;
    }
    switch (offset) {
    case 0xD04: /* set and clear bits of PendSV and SysTick; they stay pending, because interrupts are not taken */
        if (r->value & 0x94000000u)
            vb_notice(m, "NMI, PendSV and SysTick exceptions, set pending in ICSR, are not modelled and are "
                         "never taken");
        m->scs.icsr_pending |= r->value & 0x14000000;
        m->scs.icsr_pending &= ~(r->value << 1 & 0x14000000);
        break;
    case 0xD08:
        m->scs.vtor = vb_merge(m->scs.vtor, r) & 0xFFFFFF80u;
        break;
    case 0xD0C:
        aircr_write(m, r);
        break;
    case 0xD14:
        ccr_write(m, r);
        break;
    case 0xD24:
        m->scs.shcsr = vb_merge(m->scs.shcsr, r) & SHCSR_ENABLES;
        break;
    case 0xD28:
        m->scs.cfsr &= ~r->value;
        break;
    case 0xD2C:
        m->scs.hfsr &= ~r->value;
        break;
    case 0xD84:
        m->scs.csselr = r->value & 15;
        break;
    case 0xD88:
        m->scs.cpacr = vb_merge(m->scs.cpacr, r) & CPACR_FPU;
        break;
    default:
        vb_cache_maintained(m, offset, r->value);
        if (r->from_code && (offset < 0xF50 || offset > 0xF78))
            vb_notice_register(m, "the system control space", offset);
        break;
    }
}

bool vb_scs_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){VB_SCS_BASE, 0x1000, 0, scs_read, scs_write});
}

void vb_scs_reset(vb_machine *m)
{
    memset(&m->scs, 0, sizeof m->scs);
    memset(&m->cache, 0, sizeof m->cache);
    m->scs.vtor = m->chip->vtor_reset;
    m->scs.ccr = 0x200 | (m->chip->core == VB_CORE_M7 ? CCR_BP : 0);
    m->scs.fpccr = 0xC0000000u; /* ASPEN, LSPEN */
    if (m->chip->core == VB_CORE_M7) {
        m->scs.itcmcr = 0x39; /* DDI0489B 3.3: the sizes of the TCMs, enabled on STM32F7 */
        m->scs.dtcmcr = 0x41;
    }
}
