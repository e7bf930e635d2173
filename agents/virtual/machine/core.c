/* SPDX-License-Identifier: Apache-2.0 */
/* The core's registers, and what the run loop is asked for. */
#include <string.h>

#include "machine/machine_internal.h"

uint32_t vb_uc_get(const vb_machine *m, int reg)
{
    uint32_t value = 0;
    uc_reg_read(m->uc, reg, &value);
    return value;
}

void vb_uc_set(vb_machine *m, int reg, uint32_t value)
{
    uc_reg_write(m->uc, reg, &value);
}

uint32_t vb_core_exception(const vb_machine *m)
{
    return vb_uc_get(m, UC_ARM_REG_XPSR) & 0x1FF;
}

void vb_uc_set_pc(vb_machine *m, uint32_t pc)
{
    uint32_t thumb = vb_uc_get(m, UC_ARM_REG_XPSR) & VB_XPSR_T ? 1 : 0;
    vb_uc_set(m, UC_ARM_REG_PC, (pc & ~1u) | thumb);
}

void vb_core_attention(vb_machine *m)
{
    m->slice_end = 0;
}

static const int REGISTER_IDS[16] = {UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2,  UC_ARM_REG_R3,
                                     UC_ARM_REG_R4,  UC_ARM_REG_R5, UC_ARM_REG_R6,  UC_ARM_REG_R7,
                                     UC_ARM_REG_R8,  UC_ARM_REG_R9, UC_ARM_REG_R10, UC_ARM_REG_R11,
                                     UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,  UC_ARM_REG_PC};

int vb_core_register_id(uint32_t reg)
{
    return REGISTER_IDS[reg];
}

void vb_core_read_registers(vb_machine *m, uint32_t registers[16])
{
    int ids[16];
    void *values[16];
    memcpy(ids, REGISTER_IDS, sizeof ids);
    for (uint32_t i = 0; i < 16; i++)
        values[i] = &registers[i];
    uc_reg_read_batch(m->uc, ids, values, 16);
}
