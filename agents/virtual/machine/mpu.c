/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the MPU (DDI0403E B3.5) that protects RAM against writes: stack guards. The emulator protects
 * whole pages of 1 KB, so all writes to such a page reach the memory hook, which performs those outside the
 * region. */
#include "machine_state.h"

#define PAGE           1024u
#define CTRL_ENABLE    1u
#define CTRL_HFNMIENA  2u
#define LARGEST_REGION 0x10000u

static bool refuses_writes(uint32_t rasr)
{
    uint32_t access = rasr >> 24 & 7; /* B3.5.9: AP; privileged code */
    return (rasr & 1) && (access == 0 || access >= 5);
}

void vb_mpu_apply(vb_machine *m)
{
    m->mpu_changed = false;
    for (uint32_t i = 0; i < m->guard_count; i++)
        uc_mem_protect(m->uc, m->guards[i].page, m->guards[i].page_bytes, UC_PROT_ALL);
    m->guard_count = 0;
    if (!(m->scs.mpu_ctrl & CTRL_ENABLE))
        return;
    for (uint32_t i = 0; i < m->chip->mpu_regions; i++) {
        uint32_t rasr = m->scs.mpu_rasr[i], exponent = (rasr >> 1 & 31) + 1;
        uint32_t bytes = exponent >= 5 && exponent < 32 ? 1u << exponent : 0;
        uint32_t base = m->scs.mpu_rbar[i] & ~31u & ~(bytes - 1);
        const vb_memory *memory = bytes ? vb_bus_memory(m, base, bytes) : NULL;
        if (!refuses_writes(rasr) || bytes > LARGEST_REGION || !memory || memory->kind != VB_RAM)
            continue;
        vb_guard *guard = &m->guards[m->guard_count++];
        guard->base = base;
        guard->bytes = bytes;
        guard->page = base & ~(PAGE - 1);
        guard->page_bytes = ((base + bytes + PAGE - 1) & ~(PAGE - 1)) - guard->page;
        uc_mem_protect(m->uc, guard->page, guard->page_bytes, UC_PROT_READ | UC_PROT_EXEC);
    }
}

bool vb_mpu_refuses(const vb_machine *m, uint32_t address)
{
    uint32_t exception = vb_core_exception(m);
    if ((exception == VB_EXC_HARD || exception == VB_EXC_NMI) && !(m->scs.mpu_ctrl & CTRL_HFNMIENA))
        return false;
    for (uint32_t i = 0; i < m->guard_count; i++)
        if (address - m->guards[i].base < m->guards[i].bytes)
            return true;
    return false;
}

uint32_t vb_mpu_read(vb_machine *m, const vb_request *r)
{
    uint32_t region = m->scs.mpu_rnr & 15;
    switch (r->offset) {
    case 0xD90:
        return m->chip->mpu_regions << 8;
    case 0xD94:
        return m->scs.mpu_ctrl;
    case 0xD98:
        return m->scs.mpu_rnr;
    default:
        return (r->offset & 4) == 4 ? m->scs.mpu_rbar[region] : m->scs.mpu_rasr[region];
    }
}

void vb_mpu_write(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0xD94) {
        m->scs.mpu_ctrl = r->value & 7;
    } else if (r->offset == 0xD98) {
        m->scs.mpu_rnr = r->value & 0xFF;
    } else if (r->offset >= 0xD9C && r->offset <= 0xDB8) {
        bool base = ((r->offset - 0xD9C) & 4) == 0;
        if (base && (r->value & 0x10))
            m->scs.mpu_rnr = r->value & 15;
        if (base)
            m->scs.mpu_rbar[m->scs.mpu_rnr & 15] = r->value;
        else
            m->scs.mpu_rasr[m->scs.mpu_rnr & 15] = r->value;
    }
    m->mpu_changed = true;
    vb_core_attention(m);
}
