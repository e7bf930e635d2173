/* SPDX-License-Identifier: Apache-2.0 */
/* NVIC (DDI0403E B3.4): registers only, no interrupt is ever taken. */
#include "machine_state.h"

uint32_t vb_nvic_read(vb_machine *m, const vb_request *r)
{
    uint32_t offset = r->offset, word = offset / 4 & 7;
    if (offset < 0x200)
        return m->scs.nvic_enable[word];
    if (offset < 0x300)
        return m->scs.nvic_pending[word];
    return offset >= 0x400 && offset < 0x4F0 ? m->scs.nvic_priority[(offset - 0x400) / 4] : 0;
}

void vb_nvic_write(vb_machine *m, const vb_request *r)
{
    uint32_t word = r->offset / 4 & 7;
    bool sets = r->offset < 0x180 || (r->offset >= 0x200 && r->offset < 0x280);
    if (sets && r->value)
        vb_notice(m, "interrupts are not modelled: those that the NVIC enables or pends are never taken");
    if (r->offset < 0x180)
        m->scs.nvic_enable[word] |= r->value;
    else if (r->offset < 0x200)
        m->scs.nvic_enable[word] &= ~r->value;
    else if (r->offset < 0x280)
        m->scs.nvic_pending[word] |= r->value;
    else if (r->offset < 0x300)
        m->scs.nvic_pending[word] &= ~r->value;
    else if (r->offset >= 0x400 && r->offset < 0x4F0) {
        uint32_t *priority = &m->scs.nvic_priority[(r->offset - 0x400) / 4];
        *priority = vb_merge(*priority, r) & 0xF0F0F0F0; /* four bits on STM32 */
    }
}
