/* SPDX-License-Identifier: Apache-2.0 */
/* The core's registers, and requests to the run loop. */
#include <string.h>

#include "machine_state.h"

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

/* ---- for the debugger ---- */

enum {
    SEL_PC = 15,
    SEL_XPSR = 16,
    SEL_MSP = 17,
    SEL_PSP = 18,
    SEL_SPECIAL = 20,
    SEL_FPSCR = 33,
    SEL_S0 = 64
};

static int debug_register_id(uint32_t regsel)
{
    static const int core[19] = {UC_ARM_REG_R0,   UC_ARM_REG_R1,  UC_ARM_REG_R2,  UC_ARM_REG_R3,
                                 UC_ARM_REG_R4,   UC_ARM_REG_R5,  UC_ARM_REG_R6,  UC_ARM_REG_R7,
                                 UC_ARM_REG_R8,   UC_ARM_REG_R9,  UC_ARM_REG_R10, UC_ARM_REG_R11,
                                 UC_ARM_REG_R12,  UC_ARM_REG_SP,  UC_ARM_REG_LR,  UC_ARM_REG_PC,
                                 UC_ARM_REG_XPSR, UC_ARM_REG_MSP, UC_ARM_REG_PSP};
    if (regsel < sizeof core / sizeof core[0])
        return core[regsel];
    if (regsel == SEL_FPSCR)
        return UC_ARM_REG_FPSCR;
    return regsel >= SEL_S0 && regsel < SEL_S0 + 32 ? UC_ARM_REG_S0 + (int)(regsel - SEL_S0) : -1;
}

uint32_t vb_machine_get_register(vb_machine *m, uint32_t regsel)
{
    if (regsel == SEL_SPECIAL)
        return (vb_uc_get(m, UC_ARM_REG_CONTROL) & 7) << 24 | (vb_uc_get(m, UC_ARM_REG_FAULTMASK) & 1) << 16 |
               (vb_uc_get(m, UC_ARM_REG_BASEPRI) & 0xFF) << 8 | (vb_uc_get(m, UC_ARM_REG_PRIMASK) & 1);
    int id = debug_register_id(regsel);
    return id < 0 ? 0 : vb_uc_get(m, id);
}

void vb_machine_set_register(vb_machine *m, uint32_t regsel, uint32_t value)
{
    if (regsel == SEL_SPECIAL) {
        vb_uc_set(m, UC_ARM_REG_CONTROL, value >> 24 & 7);
        vb_uc_set(m, UC_ARM_REG_FAULTMASK, value >> 16 & 1);
        vb_uc_set(m, UC_ARM_REG_BASEPRI, value >> 8 & 0xFF);
        vb_uc_set(m, UC_ARM_REG_PRIMASK, value & 1);
        return;
    }
    int id = debug_register_id(regsel);
    if (id < 0)
        return;
    if (regsel == SEL_PC) {
        m->locked_up = false; /* DDI0403E B1.5.15: a debugger may move the core out of lock-up */
        vb_uc_set_pc(m, value);
        return;
    }
    vb_uc_set(m, id, regsel == 13 || regsel == SEL_MSP || regsel == SEL_PSP ? value & ~3u : value);
}
