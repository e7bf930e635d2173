/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "machine_state.h"

/* CFGR.HPRE and CFGR.PPREx: RM0432 rev 9, 6.4.3; RM0410 rev 4, 5.3.3. */
static uint32_t ahb_shift(uint32_t hpre)
{
    static const uint8_t shift[8] = {1, 2, 3, 4, 6, 7, 8, 9}; /* 2, 4, 8, 16, 64 ... 512 */
    return hpre & 8 ? shift[hpre & 7] : 0;
}

static uint32_t apb_shift(uint32_t ppre)
{
    return ppre & 4 ? (ppre & 3) + 1 : 0;
}

void vb_clocks_divide(vb_machine *m, uint32_t sysclk_hz, uint32_t hpre, uint32_t ppre1, uint32_t ppre2)
{
    m->clocks.sysclk_hz = sysclk_hz;
    m->clocks.hclk_hz = sysclk_hz >> ahb_shift(hpre);
    m->clocks.pclk1_hz = m->clocks.hclk_hz >> apb_shift(ppre1);
    m->clocks.pclk2_hz = m->clocks.hclk_hz >> apb_shift(ppre2);
}

void vb_clocks_changed(vb_machine *m)
{
    vb_time_set_clock(m, m->clocks.hclk_hz);
    vb_memory_timing timing;
    m->chip->memory_timing(m, &timing);
    vb_timing_set_memory(m->timing, &timing);
    if (m->clocks.violation && m->clocks.violation != m->clocks.violation_reported)
        fprintf(stderr, "hilfarm-vboard: %s: %s; HCLK is %u Hz: running from flash faults\n", m->chip->name,
                m->clocks.violation, m->clocks.hclk_hz);
    m->clocks.violation_reported = m->clocks.violation;
    if (m->clocks.pll_complaint)
        vb_notice(m, m->clocks.pll_complaint);
    vb_usart_update(m);
    vb_core_attention(m);
}
