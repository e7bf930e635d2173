/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core_debug_state.h"

#define PERIPHERALS 0x40000000u /* memory lies below (Armv7-M ARM B3.1) */

vb_core_debug *vb_core_debug_new(void)
{
    return calloc(1, sizeof(vb_core_debug));
}

void vb_core_debug_free(vb_core_debug *core)
{
    free(core);
}

bool vb_core_debug_may_run(const vb_core_debug *core)
{
    return !core->halted && !core->locked_up && !core->in_reset;
}

bool vb_core_debug_consume_write(vb_core_debug *core)
{
    bool wrote = core->debugger_wrote;
    core->debugger_wrote = false;
    if (wrote)
        core->streamed_writes = false;
    return wrote;
}

/* ---- Debug state ---- */

static void halt(vb_core_debug *core, uint32_t cause)
{
    core->dfsr |= cause;
    core->dhcsr |= C_HALT;
    core->halted = true;
    core->locked_up = false; /* C1.6.2: S_LOCKUP clears on entry to Debug state */
    core->sleeping = false;
}

static void system_reset(vb_core_debug *core)
{
    vb_machine_reset(core->machine);
    core->reset_seen = true;
    core->halted = core->locked_up = core->sleeping = core->leave_catch = false;
    /* A system reset clears C_HALT and the monitor bits; only a power-on reset clears C_DEBUGEN, the vector
     * catches and TRCENA. */
    core->dhcsr &= ~(C_HALT | C_STEP);
    core->demcr &= ~MON_BITS;
    core->breakpoints_changed = true;
    if (!core->in_reset && core->dhcsr & C_DEBUGEN && core->demcr & VC_CORERESET)
        halt(core, DFSR_VCATCH);
}

void vb_core_debug_attach(vb_core_debug *core, vb_machine *machine)
{
    core->machine = machine;
    uint32_t cpuid = 0;
    bool known = vb_machine_bus_read(machine, CPUID, 4, &cpuid);
    core->fpb.version = known && (cpuid >> 4 & 0xFFF) == 0xC27 ? VB_FPB_V2 : VB_FPB_V1;
    system_reset(core);
}

void vb_core_debug_set_srst(vb_core_debug *core, bool asserted)
{
    if (asserted == core->in_reset)
        return;
    core->in_reset = asserted;
    core->debugger_wrote = true;
    system_reset(core);
}

/* ---- Running ---- */

static vb_run after_stop(vb_core_debug *core, vb_stop stop);

/* Executes the instruction at the address of a vector catch without stopping at its breakpoint again. */
static vb_stop step_past_catch(vb_core_debug *core)
{
    vb_machine_set_breakpoints(core->machine, core->points, core->fpb_points);
    vb_stop stop = vb_machine_step(core->machine);
    vb_machine_set_breakpoints(core->machine, core->points, core->point_count);
    return stop;
}

static vb_run at_breakpoint(vb_core_debug *core)
{
    if (!(core->dhcsr & C_DEBUGEN)) { /* the machine escalates these; do not run into the same one again */
        core->locked_up = true;
        return VB_RUN_HALTED;
    }
    uint32_t pc = vb_machine_get_register(core->machine, REGSEL_PC) & ~1u;
    if (!vb_vector_catch_is_only_cause(core, pc)) {
        halt(core, DFSR_BKPT);
        return VB_RUN_HALTED;
    }
    if (vb_vector_catch_hit(core, pc)) {
        halt(core, DFSR_VCATCH);
        core->leave_catch = true;
        return VB_RUN_HALTED;
    }
    /* The handler is shared with an exception that is not to be caught: continue. */
    return after_stop(core, step_past_catch(core));
}

/* A sleeping core's PC is just after its WFI or WFE. */
static bool is_asleep(vb_core_debug *core)
{
    uint32_t pc = vb_machine_get_register(core->machine, REGSEL_PC) & ~1u;
    uint32_t code;
    return vb_machine_bus_read(core->machine, pc - 2, 2, &code) && (code == 0xBF30 || code == 0xBF20);
}

static vb_run after_stop(vb_core_debug *core, vb_stop stop)
{
    core->sleeping = false;
    switch (stop) {
    case VB_STOP_BREAKPOINT:
        return at_breakpoint(core);
    case VB_STOP_RESET:
        system_reset(core);
        return core->halted ? VB_RUN_HALTED : VB_RUN_MORE;
    case VB_STOP_LOCKUP:
        core->locked_up = true;
        return VB_RUN_HALTED;
    case VB_STOP_IDLE:
        core->sleeping = core->dhcsr & C_DEBUGEN && is_asleep(core);
        return VB_RUN_IDLE;
    case VB_STOP_SLICE:
    default:
        return VB_RUN_MORE;
    }
}

/* Applies control bits that code wrote while it ran. */
static void apply_control(vb_core_debug *core);

vb_run vb_core_debug_run(vb_core_debug *core, uint64_t max_instructions)
{
    if (!vb_core_debug_may_run(core))
        return VB_RUN_HALTED;
    vb_vector_catch_refresh(core);
    vb_stop stop;
    if (core->leave_catch) {
        core->leave_catch = false;
        stop = step_past_catch(core);
    } else {
        stop = vb_machine_run(core->machine, max_instructions);
    }
    vb_run run = after_stop(core, stop);
    apply_control(core);
    return vb_core_debug_may_run(core) ? run : VB_RUN_HALTED;
}

/* Executes one instruction with C_STEP (C1.4.2), or stops at a breakpoint on it. */
static void step(vb_core_debug *core)
{
    core->halted = false;
    core->leave_catch = false;
    vb_vector_catch_refresh(core);
    vb_stop stop = vb_machine_step(core->machine);
    if (stop == VB_STOP_BREAKPOINT) {
        halt(core, DFSR_BKPT);
        return;
    }
    after_stop(core, stop);
    if (!core->halted && !core->locked_up)
        halt(core, DFSR_HALTED);
}

static void apply_control(vb_core_debug *core)
{
    if (!(core->requests & REQUEST_CONTROL))
        return;
    core->requests &= ~(unsigned)REQUEST_CONTROL;
    uint32_t control = core->requested_control;
    if (!(control & C_DEBUGEN))
        control =
            0; /* C1.6.2: the other bits have no effect without it, and a halted core leaves Debug state */
    if ((control ^ core->dhcsr) & C_DEBUGEN)
        core->breakpoints_changed = true;
    core->dhcsr = control;
    if (core->in_reset)
        return;
    if (control & C_HALT) {
        if (!core->halted)
            halt(core, DFSR_HALTED);
        return;
    }
    if (control & C_STEP && (core->halted || !core->locked_up))
        step(core);
    else
        core->halted = false;
}

static void apply_requests(vb_core_debug *core)
{
    if (core->requests & REQUEST_TRANSFER) {
        core->requests &= ~(unsigned)REQUEST_TRANSFER;
        uint32_t regsel = core->dcrsr & DCRSR_REGSEL;
        if (core->halted && core->dcrsr & DCRSR_WRITE) {
            vb_machine_set_register(core->machine, regsel, core->dcrdr);
            core->leave_catch = core->leave_catch && regsel != REGSEL_PC;
        } else if (core->halted) {
            core->dcrdr = vb_machine_get_register(core->machine, regsel);
        }
    }
    apply_control(core);
}

/* ---- Registers ---- */

static uint32_t read_dhcsr(vb_core_debug *core)
{
    uint32_t value = core->dhcsr | S_REGRDY;
    value |= core->halted ? S_HALT : 0;
    value |= core->sleeping ? S_SLEEP : 0;
    value |= core->locked_up ? S_LOCKUP : 0;
    value |= core->reset_seen ? S_RESET_ST : 0;
    if (!core->debugger_access || !core->machine)
        return value; /* the machine reads C_DEBUGEN this way while it runs */
    uint64_t retired = vb_machine_instructions(core->machine);
    value |= retired != core->retired_before ? S_RETIRE_ST : 0;
    core->retired_before = retired;
    core->reset_seen = core->in_reset; /* C1.6.2: reads as 1 while the reset lasts */
    return value;
}

static uint32_t port_read(void *user, uint32_t address)
{
    vb_core_debug *core = user;
    switch (address) {
    case DHCSR:
        return read_dhcsr(core);
    case DCRDR:
        return core->dcrdr;
    case DEMCR:
        return core->demcr;
    case DFSR:
        return core->dfsr;
    default: /* DCRSR is write-only */
        return address >= VB_FPB_BASE && address < VB_FPB_END ? vb_fpb_read(&core->fpb, address) : 0;
    }
}

static void write_dhcsr(vb_core_debug *core, uint32_t value, bool from_code)
{
    if ((value & 0xFFFF0000u) != DBGKEY)
        return;
    if (from_code) /* C1.6.2: software can neither set nor clear C_DEBUGEN */
        value = (value & ~C_DEBUGEN) | (core->dhcsr & C_DEBUGEN);
    core->requested_control = value & DHCSR_STORED;
    core->requests |= REQUEST_CONTROL;
}

static void port_write(void *user, uint32_t address, uint32_t value, bool from_code)
{
    vb_core_debug *core = user;
    switch (address) {
    case DHCSR:
        write_dhcsr(core, value, from_code);
        break;
    case DCRSR:
        if (from_code)
            break; /* transfers work in Debug state only, and no code runs then */
        core->dcrsr = value;
        core->requests |= REQUEST_TRANSFER;
        break;
    case DCRDR:
        core->dcrdr = value;
        break;
    case DEMCR:
        core->demcr = value & DEMCR_STORED;
        core->breakpoints_changed = true;
        break;
    case DFSR: /* write 1 to clear */
        core->dfsr &= ~value & DFSR_ALL;
        break;
    default:
        if (address >= VB_FPB_BASE && address < VB_FPB_END) {
            vb_fpb_write(&core->fpb, address, value);
            core->breakpoints_changed = true;
        }
        break;
    }
}

vb_debug_port vb_core_debug_as_port(vb_core_debug *core)
{
    return (vb_debug_port){.user = core, .read = port_read, .write = port_write};
}

/* ---- The debugger's bus accesses ---- */

void vb_core_debug_end_stream(vb_core_debug *core)
{
    core->debugger_wrote |= core->streamed_writes;
}

bool vb_core_debug_bus_read(vb_core_debug *core, uint32_t address, uint32_t size, uint32_t *value)
{
    vb_core_debug_end_stream(core);
    core->debugger_access = true;
    bool ok = vb_machine_bus_read(core->machine, address, size, value);
    core->debugger_access = false;
    return ok;
}

bool vb_core_debug_bus_write(vb_core_debug *core, uint32_t address, uint32_t size, uint32_t value)
{
    core->debugger_access = true;
    bool ok = vb_machine_bus_write(core->machine, address, size, value);
    core->debugger_access = false;
    if (address < PERIPHERALS)
        core->streamed_writes = true;
    else
        core->debugger_wrote = true;
    if (!ok)
        return false;
    if (core->requests)
        apply_requests(core);
    /* The machine reports a reset request the next time it runs, but a halted one does not run. */
    if (address == AIRCR && size == 4 && (value & AIRCR_VECTKEY_MASK) == AIRCR_VECTKEY &&
        value & (AIRCR_SYSRESETREQ | AIRCR_VECTRESET))
        system_reset(core);
    return true;
}
