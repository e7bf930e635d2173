/* SPDX-License-Identifier: Apache-2.0 */
/* Exception entry and return, DDI0403E B1.5.6 to B1.5.14. Only exceptions that instructions cause; interrupts
 * are not modelled. */
#include "machine_state.h"

#define FRAME_BYTES    0x20u
#define FP_FRAME_BYTES 0x68u
#define XPSR_IT        0x0600FC00u
#define XPSR_ALIGNED   0x00000200u
#define LOCKUP_PC      0xFFFFFFFEu /* DDI0403E B1.5.15 */
#define CONTROL_SPSEL  2u
#define CONTROL_FPCA   4u

static int exception_priority(const vb_machine *m, uint32_t number)
{
    if (number == VB_EXC_NMI)
        return -2;
    if (number == VB_EXC_HARD)
        return -1;
    return (int)vb_scs_priority(m, number);
}

/* DDI0403E B1.5.4, ExecutionPriority(). Grouping has no effect while nothing pre-empts. */
static int execution_priority(const vb_machine *m)
{
    int priority = 256;
    for (uint32_t number = 2; number < 16; number++)
        if (m->scs.active >> number & 1) {
            int p = exception_priority(m, number);
            priority = p < priority ? p : priority;
        }
    int basepri = (int)vb_uc_get(m, UC_ARM_REG_BASEPRI);
    if (basepri && basepri < priority)
        priority = basepri;
    if ((vb_uc_get(m, UC_ARM_REG_PRIMASK) & 1) && priority > 0)
        priority = 0;
    if ((vb_uc_get(m, UC_ARM_REG_FAULTMASK) & 1) && priority > -1)
        priority = -1;
    return priority;
}

void vb_exception_reset(vb_machine *m)
{
    m->scs.active = 0;
    m->locked_up = false;
    vb_uc_set(m, UC_ARM_REG_XPSR, VB_XPSR_T);
    vb_uc_set(m, UC_ARM_REG_CONTROL, 0);
    vb_uc_set(m, UC_ARM_REG_PRIMASK, 0);
    vb_uc_set(m, UC_ARM_REG_BASEPRI, 0);
    vb_uc_set(m, UC_ARM_REG_FAULTMASK, 0);
    vb_uc_set(m, UC_ARM_REG_PSP, 0);
    vb_uc_set(m, UC_ARM_REG_LR, 0xFFFFFFFFu);
}

static void lock_up(vb_machine *m)
{
    m->locked_up = true;
    vb_uc_set_pc(m, LOCKUP_PC);
}

static bool push_frame(vb_machine *m, uint32_t return_address, uint32_t xpsr, bool with_fp,
                       uint32_t *exc_return)
{
    bool handler = xpsr & 0x1FF;
    bool psp = !handler && (vb_uc_get(m, UC_ARM_REG_CONTROL) & CONTROL_SPSEL);
    uint32_t sp = vb_uc_get(m, UC_ARM_REG_SP);
    uint32_t bytes = with_fp ? FP_FRAME_BYTES : FRAME_BYTES;
    bool force_align = with_fp || (m->scs.ccr & 0x200);
    uint32_t padding = force_align && (sp & 4) ? 4 : 0;
    uint32_t frame = sp - bytes - padding;
    static const int stacked[5] = {UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3,
                                   UC_ARM_REG_R12};
    bool good = true;
    for (uint32_t i = 0; i < 5; i++)
        good &= vb_bus_poke(m, frame + 4 * i, vb_uc_get(m, stacked[i]));
    good &= vb_bus_poke(m, frame + 20, vb_uc_get(m, UC_ARM_REG_LR));
    good &= vb_bus_poke(m, frame + 24, return_address);
    good &= vb_bus_poke(m, frame + 28, (xpsr & ~XPSR_ALIGNED) | (padding ? XPSR_ALIGNED : 0));
    if (with_fp) {
        /* Stacked immediately, not lazily: the same frame, only earlier. */
        for (int i = 0; i < 16; i++)
            good &= vb_bus_poke(m, frame + 32 + 4 * (uint32_t)i, vb_uc_get(m, UC_ARM_REG_S0 + i));
        good &= vb_bus_poke(m, frame + 96, vb_uc_get(m, UC_ARM_REG_FPSCR));
    }
    for (uint32_t i = 0; i < bytes; i += 4)
        good &= !vb_mpu_refuses(m, frame + i);
    vb_uc_set(m, UC_ARM_REG_SP, frame);
    *exc_return = (handler ? 0xFFFFFFF1u : psp ? 0xFFFFFFFDu : 0xFFFFFFF9u) & ~(with_fp ? 0x10u : 0u);
    return good;
}

static void enter(vb_machine *m, uint32_t number, uint32_t return_address)
{
    uint32_t xpsr = vb_uc_get(m, UC_ARM_REG_XPSR);
    uint32_t control = vb_uc_get(m, UC_ARM_REG_CONTROL);
    bool with_fp = (control & CONTROL_FPCA) && (m->scs.fpccr & 0x80000000u);
    uint32_t exc_return;
    bool stacked = push_frame(m, return_address, xpsr, with_fp, &exc_return);
    if (with_fp)
        vb_uc_set(m, UC_ARM_REG_CONTROL, control & ~CONTROL_FPCA & 7);
    if (!stacked) {
        uint32_t sp = vb_uc_get(m, UC_ARM_REG_SP);
        m->scs.cfsr |= vb_bus_memory(m, sp, 4) ? VB_CFSR_MSTKERR : VB_CFSR_STKERR;
        if (number == VB_EXC_HARD) {
            lock_up(m);
            return;
        }
        /* A derived exception (B1.5.11): its handler runs instead, with the modified stack pointer. */
        m->scs.hfsr |= VB_HFSR_FORCED;
        number = VB_EXC_HARD;
    }
    uint32_t vector;
    if (!vb_bus_peek(m, m->scs.vtor + 4 * number, 4, &vector)) {
        m->scs.hfsr |= VB_HFSR_VECTTBL;
        if (number == VB_EXC_HARD || !vb_bus_peek(m, m->scs.vtor + 4 * VB_EXC_HARD, 4, &vector)) {
            lock_up(m);
            return;
        }
        number = VB_EXC_HARD;
    }
    m->scs.active |= 1u << number;
    /* The exception number also switches the emulator to the main stack. */
    vb_uc_set(m, UC_ARM_REG_XPSR,
              (xpsr & ~(0x1FFu | XPSR_IT | VB_XPSR_T)) | number | (vector & 1 ? VB_XPSR_T : 0));
    vb_uc_set(m, UC_ARM_REG_LR, exc_return);
    vb_uc_set_pc(m, vector);
}

static void hard_fault(vb_machine *m, uint32_t hfsr, uint32_t return_address)
{
    m->scs.hfsr |= hfsr;
    if (execution_priority(m) <= -1)
        lock_up(m);
    else
        enter(m, VB_EXC_HARD, return_address);
}

void vb_exception_fault(vb_machine *m, uint32_t number, uint32_t cfsr, uint32_t return_address)
{
    m->fault_count++;
    m->scs.cfsr |= cfsr;
    /* SHCSR bits 16 to 18 enable MemManage, BusFault, UsageFault */
    bool enabled = m->scs.shcsr >> (16 + number - VB_EXC_MEMMANAGE) & 1;
    if (enabled && exception_priority(m, number) < execution_priority(m))
        enter(m, number, return_address);
    else
        hard_fault(m, VB_HFSR_FORCED, return_address);
}

void vb_exception_svc(vb_machine *m, uint32_t return_address)
{
    if (exception_priority(m, VB_EXC_SVC) < execution_priority(m))
        enter(m, VB_EXC_SVC, return_address);
    else
        hard_fault(m, VB_HFSR_FORCED, return_address - 2); /* a fault returns to the instruction itself */
}

void vb_exception_debug(vb_machine *m, uint32_t return_address)
{
    uint32_t demcr = m->debug.read(m->debug.user, 0xE000EDFC);
    if ((demcr & 0x10000) && exception_priority(m, VB_EXC_DEBUG) < execution_priority(m))
        enter(m, VB_EXC_DEBUG, return_address);
    else
        hard_fault(m, VB_HFSR_DEBUGEVT, return_address);
}

static void return_fault(vb_machine *m, uint32_t exc_return)
{
    /* B1.5.8: taken as a chained exception from the handler that tried to return */
    vb_uc_set(m, UC_ARM_REG_LR, exc_return);
    vb_exception_fault(m, VB_EXC_USAGE, VB_CFSR_INVPC, vb_uc_get(m, UC_ARM_REG_PC));
}

void vb_exception_return(vb_machine *m, uint32_t exc_return)
{
    uint32_t number = vb_core_exception(m);
    if (number == 0) { /* in Thread mode these are ordinary addresses, and not executable */
        vb_exception_fault(m, VB_EXC_MEMMANAGE, VB_CFSR_IACCVIOL, exc_return & ~1u);
        return;
    }
    bool with_fp = !(exc_return & 0x10);
    uint32_t kind = exc_return & 0xF;
    bool valid = (exc_return & 0xFFFFFFE0u) == 0xFFFFFFE0u && (kind == 1 || kind == 9 || kind == 13);
    uint32_t others = m->scs.active & ~(1u << number);
    if (!(m->scs.active >> number & 1) || !valid || (kind == 1 && !others) ||
        (kind != 1 && others && !(m->scs.ccr & 1))) {
        m->scs.active = others;
        return_fault(m, exc_return);
        return;
    }
    m->scs.active = others;
    if (number != VB_EXC_NMI)
        vb_uc_set(m, UC_ARM_REG_FAULTMASK, 0);
    bool psp = kind == 13;
    uint32_t frame = vb_uc_get(m, psp ? UC_ARM_REG_PSP : UC_ARM_REG_MSP), word[8], fp[17];
    bool good = true;
    for (uint32_t i = 0; i < 8; i++)
        good &= vb_bus_peek(m, frame + 4 * i, 4, &word[i]);
    for (uint32_t i = 0; with_fp && i < 17; i++)
        good &= vb_bus_peek(m, frame + 32 + 4 * i, 4, &fp[i]);
    if (!good) {
        vb_uc_set(m, UC_ARM_REG_LR, exc_return);
        vb_exception_fault(m, VB_EXC_BUS, VB_CFSR_UNSTKERR, vb_uc_get(m, UC_ARM_REG_PC));
        return;
    }
    static const int stacked[6] = {UC_ARM_REG_R0, UC_ARM_REG_R1,  UC_ARM_REG_R2,
                                   UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_LR};
    for (int i = 0; i < 6; i++)
        vb_uc_set(m, stacked[i], word[i]);
    for (int i = 0; with_fp && i < 16; i++)
        vb_uc_set(m, UC_ARM_REG_S0 + i, fp[i]);
    if (with_fp)
        vb_uc_set(m, UC_ARM_REG_FPSCR, fp[16]);
    uint32_t sp = frame + (with_fp ? FP_FRAME_BYTES : FRAME_BYTES) + (word[7] & XPSR_ALIGNED ? 4 : 0);
    vb_uc_set(m, psp ? UC_ARM_REG_PSP : UC_ARM_REG_MSP, sp);
    if (((word[7] & 0x1FF) != 0) != (kind == 1)) {
        return_fault(m, exc_return);
        return;
    }
    vb_uc_set(m, UC_ARM_REG_XPSR, word[7] & ~XPSR_ALIGNED);
    uint32_t control = vb_uc_get(m, UC_ARM_REG_CONTROL) & 1;
    vb_uc_set(m, UC_ARM_REG_CONTROL, control | (psp ? CONTROL_SPSEL : 0) | (with_fp ? CONTROL_FPCA : 0));
    vb_uc_set_pc(m, word[6]);
}
