/* SPDX-License-Identifier: Apache-2.0 */
/* SysTick (DDI0403E B3.3): a counter derived from the cycles; its interrupt is not modelled. */
#include "machine_state.h"

#define SYSTICK_COUNTS 1u
#define SYSTICK_INT    2u
#define SYSTICK_CORE   4u

static uint64_t systick_elapsed(vb_machine *m, const vb_request *r)
{
    uint64_t cycles = vb_position_cycles(m, r, VB_SCS_BASE + r->offset) - m->scs.systick_base_cycles;
    return m->scs.systick_ctrl & SYSTICK_CORE ? cycles : cycles / 8; /* RM0432, RM0410: else HCLK / 8 */
}

static uint32_t systick_value(vb_machine *m, const vb_request *r)
{
    if (!(m->scs.systick_ctrl & SYSTICK_COUNTS))
        return m->scs.systick_stopped_value;
    uint64_t elapsed = systick_elapsed(m, r);
    return elapsed == 0 ? 0 : m->scs.systick_load - (uint32_t)((elapsed - 1) % (m->scs.systick_load + 1u));
}

static void systick_restart(vb_machine *m)
{
    m->scs.systick_base_cycles = m->cycles;
    m->scs.systick_wraps_seen = 0;
}

uint32_t vb_systick_read(vb_machine *m, const vb_request *r)
{
    m->watch.progress = true;
    switch (r->offset) {
    case 0x010: {
        uint32_t control = m->scs.systick_ctrl;
        if (control & SYSTICK_COUNTS) {
            uint64_t elapsed = systick_elapsed(m, r);
            uint64_t turns = elapsed == 0 ? 0 : (elapsed - 1) / (m->scs.systick_load + 1u);
            if (turns > m->scs.systick_wraps_seen)
                control |= 0x10000; /* COUNTFLAG, cleared by reading */
            m->scs.systick_wraps_seen = turns;
        }
        return control;
    }
    case 0x014:
        return m->scs.systick_load;
    case 0x018:
        return systick_value(m, r);
    default:
        return 0xC0000000; /* CALIB: no reference clock */
    }
}

void vb_systick_write(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0x010) {
        uint32_t control = vb_merge(m->scs.systick_ctrl, r) & 7;
        if ((control & SYSTICK_INT) && !(m->scs.systick_ctrl & SYSTICK_INT))
            vb_notice(m, "the SysTick interrupt is not modelled and is never taken");
        vb_request now = *r;
        now.from_code = false;
        uint32_t value = systick_value(m, &now);
        if ((control ^ m->scs.systick_ctrl) & 5) {
            systick_restart(m);
            m->scs.systick_stopped_value = value;
        }
        m->scs.systick_ctrl = control;
    } else if (r->offset == 0x014) {
        m->scs.systick_load = vb_merge(m->scs.systick_load, r) & 0xFFFFFF;
    } else if (r->offset == 0x018) {
        systick_restart(m);
        m->scs.systick_stopped_value = 0;
    }
}
