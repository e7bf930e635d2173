/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "machine/machine_internal.h"

void vb_clocks_changed(vb_machine *m)
{
    vb_time_set_clock(m, m->clocks.hclk_hz);
    vb_memory_timing timing;
    m->chip->memory_timing(m, &timing);
    vb_timing_set_memory(m->timing, &timing);
    if (m->clocks.violation && m->clocks.violation != m->clocks.violation_told)
        fprintf(stderr, "hilfarm-vboard: %s: %s; HCLK is %u Hz: running from flash faults\n", m->chip->name,
                m->clocks.violation, m->clocks.hclk_hz);
    m->clocks.violation_told = m->clocks.violation;
    if (m->clocks.pll_complaint)
        vb_notice(m, m->clocks.pll_complaint);
    vb_usart_update(m);
    vb_core_attention(m);
}
