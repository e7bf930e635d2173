/* SPDX-License-Identifier: Apache-2.0 */
#include "register_mask.h"

#include "instruction.h"

uint64_t vb_register_mask(unsigned reg)
{
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        return 1ULL << (reg - ARM_REG_R0);
    if (reg >= ARM_REG_S0 && reg <= ARM_REG_S31)
        return 1ULL << (VB_FIRST_FP_REGISTER + reg - ARM_REG_S0);
    if (reg >= ARM_REG_D0 && reg <= ARM_REG_D15)
        return 3ULL << (VB_FIRST_FP_REGISTER + 2 * (reg - ARM_REG_D0));
    switch (reg) {
    case ARM_REG_SP:
        return 1ULL << VB_REGISTER_SP;
    case ARM_REG_LR:
        return 1ULL << VB_REGISTER_LR;
    case ARM_REG_PC:
        return 1ULL << VB_REGISTER_PC;
    default:
        return 0;
    }
}

uint8_t vb_register_number(unsigned reg)
{
    uint64_t mask = vb_register_mask(reg) & 0xFFFF;
    return mask ? (uint8_t)__builtin_ctzll(mask) : VB_NO_REGISTER;
}
