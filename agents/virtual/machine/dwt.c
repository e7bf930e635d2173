/* SPDX-License-Identifier: Apache-2.0 */
/* DWT (DDI0403E C1.8), ITM and FPB windows, the ROM table and the instruction counter (REGISTERS.md). */
#include "machine/machine_internal.h"

#define DWT_BASE       0xE0001000u
#define COUNTER_BASE   0xE0043000u
#define ROM_TABLE_BASE 0xE00FF000u
#define CYCCNTENA      1u
#define DEMCR          0xE000EDFCu
#define LAR_KEY        0xC5ACCE55u

static bool counting(const vb_machine *m)
{
    bool trace = m->debug.read(m->debug.user, DEMCR) & 0x01000000u; /* TRCENA */
    return trace && (m->dwt.ctrl & CYCCNTENA);
}

/* DEMCR belongs to the debug unit and may change behind our back: look again at each access. The count up to
 * then goes by what held before. */
static uint32_t cycle_count(vb_machine *m, uint64_t now)
{
    if (m->dwt.running)
        m->dwt.cyccnt += (uint32_t)(now - m->dwt.base_cycles);
    m->dwt.base_cycles = now;
    m->dwt.running = counting(m);
    return m->dwt.cyccnt;
}

void vb_dwt_demcr_written(vb_machine *m)
{
    cycle_count(m, m->cycles);
}

static uint32_t dwt_read(vb_machine *m, const vb_request *r)
{
    switch (r->offset) {
    case 0x000:
        return m->dwt.ctrl | (m->chip->dwt_ctrl & 0xFF000000u);
    case 0x004: {
        m->watch.progress = true;
        uint32_t count = cycle_count(m, vb_position_cycles(m, r, DWT_BASE + 4));
        /* Code that reads the counter begins or ends a measurement. Each is to start from the same state,
         * whatever ran before it: polling loops run as often as the host's speed makes them. */
        if (r->from_code)
            vb_timing_settle(m->timing);
        return count;
    }
    case 0x01C: /* PCSR: the address of a recent instruction */
        return vb_uc_get(m, UC_ARM_REG_PC);
    case 0xFB4: /* LSR: the M7 has a software lock */
        if (m->chip->core != VB_CORE_M7 || !r->from_code)
            return 0;
        return m->dwt.unlocked ? 1 : 3;
    default:
        return r->offset < sizeof m->dwt.scratch ? m->dwt.scratch[r->offset / 4] : 0;
    }
}

static void dwt_write(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0xFB0) {
        m->dwt.unlocked = r->value == LAR_KEY;
        return;
    }
    /* Writes by software need the lock open; a debugger's pass (Cortex-M7 TRM, DDI0489, DWT). */
    if (m->chip->core == VB_CORE_M7 && r->from_code && !m->dwt.unlocked)
        return;
    uint64_t now = m->cycles;
    cycle_count(m, now);
    if (r->offset == 0x000)
        m->dwt.ctrl = vb_merge(m->dwt.ctrl, r) & 0x007FFFFFu;
    else if (r->offset == 0x004)
        m->dwt.cyccnt = vb_merge(m->dwt.cyccnt, r);
    else if (r->offset < sizeof m->dwt.scratch)
        m->dwt.scratch[r->offset / 4] = vb_merge(m->dwt.scratch[r->offset / 4], r);
    m->dwt.running = counting(m);
}

static uint32_t component_id(uint32_t offset, uint32_t part, uint32_t designer, uint32_t component_class)
{
    switch (offset) { /* CoreSight: PIDR4, PIDR0 to 3, CIDR0 to 3 */
    case 0xFD0:
        return designer >> 8;
    case 0xFE0:
        return part & 0xFF;
    case 0xFE4:
        return (designer & 0xF) << 4 | part >> 8;
    case 0xFE8:
        return designer ? 8 | (designer >> 4 & 7) : 0;
    case 0xFF0:
        return 0x0D;
    case 0xFF4:
        return component_class << 4;
    case 0xFF8:
        return 0x05;
    case 0xFFC:
        return 0xB1;
    default:
        return 0;
    }
}

enum { DESIGNER_ARM = 0x43B, DESIGNER_ST = 0x020, DESIGNER_NONE = 0 };

static uint32_t counter_read(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0 || r->offset == 4)
        m->watch.progress = true;
    if (r->offset == 0) {
        uint64_t count = vb_position_instructions(m, r, COUNTER_BASE) - m->reset_instructions;
        m->dwt.counter_high = (uint32_t)(count >> 32);
        return (uint32_t)count;
    }
    if (r->offset == 4)
        return m->dwt.counter_high;
    return component_id(r->offset, 0xF1C, DESIGNER_NONE, 0xF);
}

static void ignore_write(vb_machine *m, const vb_request *r)
{
    (void)m;
    (void)r;
}

static uint32_t rom_table_read(vb_machine *m, const vb_request *r)
{
    static const uint32_t components[] = {0xE000E000, DWT_BASE, 0xE0002000, 0xE0000000, COUNTER_BASE};
    if (r->offset / 4 < sizeof components / sizeof components[0])
        return ((components[r->offset / 4] - ROM_TABLE_BASE) & 0xFFFFF000u) | 3;
    if (r->offset == 0xFCC)
        return 1; /* MEMTYPE: system memory is visible too */
    return component_id(r->offset, m->chip->core == VB_CORE_M7 ? 0x451 : 0x470, DESIGNER_ST, 1);
}

static uint32_t dwt_read_all(vb_machine *m, const vb_request *r)
{
    if (r->offset >= 0xFD0)
        return component_id(r->offset, 0x002, DESIGNER_ARM, 0xE);
    return dwt_read(m, r);
}

static uint32_t fpb_read(vb_machine *m, const vb_request *r)
{
    if (r->offset >= 0xFD0)
        return component_id(r->offset, m->chip->core == VB_CORE_M7 ? 0x00E : 0x003, DESIGNER_ARM, 0xE);
    return m->debug.read(m->debug.user, 0xE0002000u + r->offset);
}

static void fpb_write(vb_machine *m, const vb_request *r)
{
    if (r->bytes == 4)
        m->debug.write(m->debug.user, 0xE0002000u + r->offset, r->value, r->from_code);
}

static uint32_t itm_read(vb_machine *m, const vb_request *r)
{
    (void)m; /* present, but nothing listens: stimulus ports say "not ready" */
    return r->offset >= 0xFD0 ? component_id(r->offset, 0x001, DESIGNER_ARM, 0xE) : 0;
}

/* DBGMCU is ST's, but sits on the private bus: identity and freeze bits (RM0432 rev 9, 57.6; RM0410 rev
 * 4, 40.6). */
static uint32_t dbgmcu_read(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0)
        return m->chip->dbgmcu_idcode;
    return r->offset / 4 < 8 ? m->dbgmcu[r->offset / 4] : 0;
}

static void dbgmcu_write(vb_machine *m, const vb_request *r)
{
    if (r->offset / 4 > 0 && r->offset / 4 < 8)
        m->dbgmcu[r->offset / 4] = vb_merge(m->dbgmcu[r->offset / 4], r);
}

bool vb_dwt_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0xE0000000, 0x1000, 0, itm_read, ignore_write}) &&
           vb_bus_add_device(m, &(vb_device){DWT_BASE, 0x1000, 0, dwt_read_all, dwt_write}) &&
           vb_bus_add_device(m, &(vb_device){0xE0002000, 0x1000, 0, fpb_read, fpb_write}) &&
           vb_bus_add_device(m, &(vb_device){0xE0042000, 0x400, 0, dbgmcu_read, dbgmcu_write}) &&
           vb_bus_add_device(m, &(vb_device){COUNTER_BASE, 0x1000, 0, counter_read, ignore_write}) &&
           vb_bus_add_device(m, &(vb_device){ROM_TABLE_BASE, 0x1000, 0, rom_table_read, ignore_write});
}

void vb_dwt_reset(vb_machine *m, bool power_on)
{
    /* The DWT is in the debug power domain: a system reset leaves it alone, except that a boot has to start
     * from the same count every time for runs to repeat exactly. */
    if (power_on)
        m->dwt = (vb_dwt){0};
    m->dwt.base_cycles = m->cycles;
    m->dwt.running = !power_on && counting(m); /* at power-on nobody is there to be asked yet */
}
