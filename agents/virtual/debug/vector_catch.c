/* SPDX-License-Identifier: Apache-2.0 */
/* Vector catches (DDI0403E C1.6.5), made of breakpoints on the handlers. */
#include <stddef.h>

#include "core_debug_state.h"

/* Exceptions whose entry is caught, and the DEMCR bits that request it. */
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

void vb_vector_catch_refresh(vb_core_debug *core)
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

bool vb_vector_catch_hit(vb_core_debug *core, uint32_t pc)
{
    uint32_t exception = vb_machine_get_register(core->machine, REGSEL_XPSR) & 0x1FF;
    for (size_t i = 0; i < sizeof caught_exceptions / sizeof caught_exceptions[0]; i++)
        if (core->demcr & caught_exceptions[i].demcr_bits && caught_exceptions[i].exception == exception)
            return handler_of(core, (uint8_t)exception) == pc;
    return false;
}

bool vb_vector_catch_is_only_cause(vb_core_debug *core, uint32_t pc)
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
