/* SPDX-License-Identifier: Apache-2.0 */
/* DWT (DDI0403E C1.8): the cycle counter; comparators are not modelled. */
#include "machine_state.h"

#define CYCCNTENA 1u
#define DEMCR     0xE000EDFCu
#define LAR_KEY   0xC5ACCE55u

static bool counting(const vb_machine *m)
{
    bool trace = m->debug.read(m->debug.user, DEMCR) & 0x01000000u; /* TRCENA */
    return trace && (m->dwt.ctrl & CYCCNTENA);
}

/* DEMCR belongs to the debug unit and may change unnoticed: read it at each access. The count up to then uses
 * the earlier setting. */
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
        uint32_t count = cycle_count(m, vb_position_cycles(m, r, VB_DWT_BASE + 4));
        /* Code that reads the counter begins or ends a measurement. Each must start from the same state
         * whatever ran before it, because the host's speed determines how often polling loops run. */
        if (r->from_code)
            vb_timing_start_measurement(m->timing);
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

static uint32_t dwt_read_all(vb_machine *m, const vb_request *r)
{
    if (r->offset >= 0xFD0)
        return vb_component_id(r->offset, 0x002, VB_DESIGNER_ARM, 0xE);
    return dwt_read(m, r);
}

bool vb_dwt_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){VB_DWT_BASE, 0x1000, 0, dwt_read_all, dwt_write});
}

void vb_dwt_reset(vb_machine *m, bool power_on)
{
    /* The DWT is in the debug power domain: a system reset does not affect it, except that every boot starts
     * from the same count so that runs repeat exactly. */
    if (power_on)
        m->dwt = (vb_dwt){0};
    m->dwt.base_cycles = m->cycles;
    m->dwt.running = !power_on && counting(m); /* at power-on the debug unit does not exist yet */
}
