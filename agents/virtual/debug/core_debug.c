/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/core_debug.h"

#include <stdlib.h>

#include "debug/fpb.h"

#define VTOR  0xE000ED08u
#define AIRCR 0xE000ED0Cu
#define CPUID 0xE000ED00u
#define DFSR  0xE000ED30u
#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu

/* C1.6.1 */
#define DFSR_HALTED (1u << 0)
#define DFSR_BKPT   (1u << 1)
#define DFSR_VCATCH (1u << 3)
#define DFSR_ALL    0x1Fu

/* C1.6.2 */
#define DBGKEY       0xA05F0000u
#define C_DEBUGEN    (1u << 0)
#define C_HALT       (1u << 1)
#define C_STEP       (1u << 2)
#define C_MASKINTS   (1u << 3)
#define C_SNAPSTALL  (1u << 5)
#define S_REGRDY     (1u << 16)
#define S_HALT       (1u << 17)
#define S_SLEEP      (1u << 18)
#define S_LOCKUP     (1u << 19)
#define S_RETIRE_ST  (1u << 24)
#define S_RESET_ST   (1u << 25)
#define DHCSR_STORED (C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS | C_SNAPSTALL)

/* C1.6.3 */
#define DCRSR_WRITE  (1u << 16)
#define DCRSR_REGSEL 0x7Fu

/* C1.6.5 */
#define VC_CORERESET  (1u << 0)
#define VC_MMERR      (1u << 4)
#define VC_NOCPERR    (1u << 5)
#define VC_CHKERR     (1u << 6)
#define VC_STATERR    (1u << 7)
#define VC_BUSERR     (1u << 8)
#define VC_INTERR     (1u << 9)
#define VC_HARDERR    (1u << 10)
#define MON_BITS      (0xFu << 16)
#define TRCENA        (1u << 24)
#define DEMCR_STORED  (0x7F1u | MON_BITS | TRCENA)
#define VC_USAGE_MASK (VC_NOCPERR | VC_CHKERR | VC_STATERR)

/* B3.2.6, AIRCR */
#define AIRCR_VECTKEY_MASK 0xFFFF0000u
#define AIRCR_VECTKEY      0x05FA0000u
#define AIRCR_SYSRESETREQ  (1u << 2)
#define AIRCR_VECTRESET    (1u << 0)

#define MAX_BREAKPOINTS 8 /* vb_machine_set_breakpoints() */
#define REGSEL_PC       15
#define REGSEL_XPSR     16

/* A register transfer or control change asked for inside a bus access, carried out when the machine has
 * returned from it. */
enum request {
    REQUEST_TRANSFER = 1,
    REQUEST_CONTROL = 2,
};

struct vb_core_debug {
    vb_machine *machine;
    vb_fpb fpb;
    uint32_t dhcsr; /* control bits */
    uint32_t dcrsr, dcrdr, demcr, dfsr;
    bool halted, locked_up, sleeping, in_reset;
    bool reset_seen;         /* S_RESET_ST */
    uint64_t retired_before; /* instruction count at the last read of DHCSR, for S_RETIRE_ST */
    bool debugger_access;    /* the access in progress is the debugger's */
    bool debugger_wrote;
    unsigned requests;
    uint32_t requested_control;
    bool leave_catch; /* resuming: the vector catch at the current PC has been taken already */
    bool breakpoints_changed;
    uint32_t
        points[MAX_BREAKPOINTS]; /* as the machine has them: those of the FPB, then the caught handlers */
    uint32_t fpb_points, point_count;
};

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

bool vb_core_debug_take_write(vb_core_debug *core)
{
    bool wrote = core->debugger_wrote;
    core->debugger_wrote = false;
    return wrote;
}

/* --- Debug state ------------------------------------------------------------------------------------------
 */

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
    /* C_HALT and the monitor bits follow a system reset, C_DEBUGEN, the vector catches and TRCENA only a
     * power-on reset. */
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

/* --- Breakpoints and vector catches ------------------------------------------------------------------------
 */

/* Exceptions whose entry a set of DEMCR bits asks to catch. */
static const struct {
    uint32_t demcr_bits;
    uint8_t exception;
} caught_exceptions[] = {
    {VC_HARDERR | VC_INTERR, 3},
    {VC_MMERR, 4},
    {VC_BUSERR, 5},
    {VC_USAGE_MASK, 6},
};

static uint32_t handler_of(vb_core_debug *core, uint8_t exception)
{
    uint32_t vtor, handler;
    if (!vb_machine_bus_read(core->machine, VTOR, 4, &vtor) ||
        !vb_machine_bus_read(core->machine, (vtor & ~0x7Fu) + 4u * exception, 4, &handler))
        return 0;
    return handler & ~1u;
}

/* The firmware can move or rewrite its vector table, so this is done anew for every slice that has a catch.
 */
static void refresh_breakpoints(vb_core_debug *core)
{
    bool enabled = core->dhcsr & C_DEBUGEN;
    bool catches = enabled && core->demcr & DEMCR_STORED & ~(VC_CORERESET | MON_BITS | TRCENA);
    if (!core->breakpoints_changed && !catches)
        return;

    uint32_t points[MAX_BREAKPOINTS] = {0};
    uint32_t count = enabled ? vb_fpb_breakpoints(&core->fpb, points, MAX_BREAKPOINTS) : 0;
    core->fpb_points = count;
    for (size_t i = 0; catches && i < sizeof caught_exceptions / sizeof caught_exceptions[0]; i++) {
        if (!(core->demcr & caught_exceptions[i].demcr_bits) || count == MAX_BREAKPOINTS)
            continue;
        uint32_t handler = handler_of(core, caught_exceptions[i].exception);
        bool known = handler == 0;
        for (uint32_t k = 0; k < count && !known; k++)
            known = points[k] == handler;
        if (!known)
            points[count++] = handler;
    }
    bool same = count == core->point_count;
    for (uint32_t i = 0; i < count && same; i++)
        same = points[i] == core->points[i];
    if (!same)
        vb_machine_set_breakpoints(core->machine, points, count);
    for (uint32_t i = 0; i < count; i++)
        core->points[i] = points[i];
    core->point_count = count;
    core->breakpoints_changed = false;
}

/* True if the PC is at a handler whose entry is to be caught and that exception is active. */
static bool at_caught_handler(vb_core_debug *core, uint32_t pc)
{
    uint32_t exception = vb_machine_get_register(core->machine, REGSEL_XPSR) & 0x1FF;
    for (size_t i = 0; i < sizeof caught_exceptions / sizeof caught_exceptions[0]; i++)
        if (core->demcr & caught_exceptions[i].demcr_bits && caught_exceptions[i].exception == exception)
            return handler_of(core, (uint8_t)exception) == pc;
    return false;
}

/* True if the machine stopped at this PC only for the sake of a vector catch: neither the FPB nor a BKPT. */
static bool is_catch_point(vb_core_debug *core, uint32_t pc)
{
    bool ours = false;
    for (uint32_t i = 0; i < core->point_count; i++)
        if (core->points[i] == pc) {
            if (i < core->fpb_points)
                return false;
            ours = true;
        }
    uint32_t code;
    return ours && vb_machine_bus_read(core->machine, pc, 2, &code) && (code & 0xFF00) != 0xBE00;
}

/* --- Running
 * ------------------------------------------------------------------------------------------------ */

static vb_run after_stop(vb_core_debug *core, vb_stop stop);

/* Executes the instruction at a vector catch's address, which its breakpoint must not keep from happening. */
static vb_stop step_past_catch(vb_core_debug *core)
{
    vb_machine_set_breakpoints(core->machine, core->points, core->fpb_points);
    vb_stop stop = vb_machine_step(core->machine);
    vb_machine_set_breakpoints(core->machine, core->points, core->point_count);
    return stop;
}

static vb_run at_breakpoint(vb_core_debug *core)
{
    if (!(core->dhcsr & C_DEBUGEN)) { /* the machine escalates these itself; do not spin on one */
        core->locked_up = true;
        return VB_RUN_HALTED;
    }
    uint32_t pc = vb_machine_get_register(core->machine, REGSEL_PC) & ~1u;
    if (!is_catch_point(core, pc)) {
        halt(core, DFSR_BKPT);
        return VB_RUN_HALTED;
    }
    if (at_caught_handler(core, pc)) {
        halt(core, DFSR_VCATCH);
        core->leave_catch = true;
        return VB_RUN_HALTED;
    }
    /* The handler is shared with an exception nobody wants to catch: go on. */
    return after_stop(core, step_past_catch(core));
}

/* Code that sleeps stands behind its WFI or WFE. */
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

/* Control bits that code wrote while it ran take effect here. */
static void apply_control(vb_core_debug *core);

vb_run vb_core_debug_run(vb_core_debug *core, uint64_t max_instructions)
{
    if (!vb_core_debug_may_run(core))
        return VB_RUN_HALTED;
    refresh_breakpoints(core);
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

/* One instruction with C_STEP (C1.4.2), or what stands in its way. */
static void step(vb_core_debug *core)
{
    core->halted = false;
    core->leave_catch = false;
    refresh_breakpoints(core);
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
        control = 0; /* C1.6.2: the other bits have no effect without it; a halted core leaves Debug state */
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

/* --- Registers
 * ---------------------------------------------------------------------------------------------- */

static uint32_t read_dhcsr(vb_core_debug *core)
{
    uint32_t value = core->dhcsr | S_REGRDY;
    value |= core->halted ? S_HALT : 0;
    value |= core->sleeping ? S_SLEEP : 0;
    value |= core->locked_up ? S_LOCKUP : 0;
    value |= core->reset_seen ? S_RESET_ST : 0;
    if (!core->debugger_access || !core->machine)
        return value; /* the machine asks for C_DEBUGEN this way, in the midst of running */
    uint64_t retired = vb_machine_instructions(core->machine);
    value |= retired != core->retired_before ? S_RETIRE_ST : 0;
    core->retired_before = retired;
    core->reset_seen = core->in_reset; /* C1.6.2: reads as 1 as long as the reset lasts */
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
            break; /* transfers work in Debug state only, when no code runs */
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

/* --- The debugger's bus accesses
 * ---------------------------------------------------------------------------- */

bool vb_core_debug_bus_read(vb_core_debug *core, uint32_t address, uint32_t size, uint32_t *value)
{
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
    core->debugger_wrote = true;
    if (!ok)
        return false;
    if (core->requests)
        apply_requests(core);
    /* The machine reports a reset request when it runs next, but a halted one does not run. */
    if (address == AIRCR && size == 4 && (value & AIRCR_VECTKEY_MASK) == AIRCR_VECTKEY &&
        value & (AIRCR_SYSRESETREQ | AIRCR_VECTRESET))
        system_reset(core);
    return true;
}
