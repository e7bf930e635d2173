/* SPDX-License-Identifier: Apache-2.0 */
/* Debug components on the private peripheral bus besides the DWT: ROM table, FPB and ITM windows, DBGMCU, and
 * the instruction counter (REGISTERS.md). */
#include "machine_state.h"

#define COUNTER_BASE   0xE0043000u
#define ROM_TABLE_BASE 0xE00FF000u

static uint32_t counter_read(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0 || r->offset == 4)
        m->watch.progress = true;
    if (r->offset == 0) {
        uint64_t count = vb_position_instructions(m, r, COUNTER_BASE) - m->reset_instructions;
        m->dwt.counter_high = (uint32_t)(count >> 32);
        return (uint32_t)count;
    }
    if (r->offset == 4)
        return m->dwt.counter_high;
    return vb_component_id(r->offset, 0xF1C, VB_DESIGNER_NONE, 0xF);
}

static void ignore_write(vb_machine *m, const vb_request *r)
{
    (void)m;
    (void)r;
}

static uint32_t rom_table_read(vb_machine *m, const vb_request *r)
{
    static const uint32_t components[] = {0xE000E000, VB_DWT_BASE, 0xE0002000, 0xE0000000, COUNTER_BASE};
    if (r->offset / 4 < sizeof components / sizeof components[0])
        return ((components[r->offset / 4] - ROM_TABLE_BASE) & 0xFFFFF000u) | 3;
    if (r->offset == 0xFCC)
        return 1; /* MEMTYPE: system memory is visible too */
    return vb_component_id(r->offset, m->chip->core == VB_CORE_M7 ? 0x451 : 0x470, VB_DESIGNER_ST, 1);
}

static uint32_t fpb_read(vb_machine *m, const vb_request *r)
{
    if (r->offset >= 0xFD0)
        return vb_component_id(r->offset, m->chip->core == VB_CORE_M7 ? 0x00E : 0x003, VB_DESIGNER_ARM, 0xE);
    return m->debug.read(m->debug.user, 0xE0002000u + r->offset);
}

static void fpb_write(vb_machine *m, const vb_request *r)
{
    if (r->bytes == 4)
        m->debug.write(m->debug.user, 0xE0002000u + r->offset, r->value, r->from_code);
}

static uint32_t itm_read(vb_machine *m, const vb_request *r)
{
    (void)m; /* present, but not connected: stimulus ports read "not ready" */
    return r->offset >= 0xFD0 ? vb_component_id(r->offset, 0x001, VB_DESIGNER_ARM, 0xE) : 0;
}

/* DBGMCU is ST's, but sits on the private bus: identity and freeze bits (RM0432 rev 9, 57.6; RM0410 rev
 * 4, 40.6). */
static uint32_t dbgmcu_read(vb_machine *m, const vb_request *r)
{
    if (r->offset == 0)
        return m->chip->dbgmcu_idcode;
    return r->offset / 4 < 8 ? m->dbgmcu[r->offset / 4] : 0;
}

static void dbgmcu_write(vb_machine *m, const vb_request *r)
{
    if (r->offset / 4 > 0 && r->offset / 4 < 8)
        m->dbgmcu[r->offset / 4] = vb_merge(m->dbgmcu[r->offset / 4], r);
}

bool vb_debug_components_add(vb_machine *m)
{
    return vb_bus_add_device(m, &(vb_device){0xE0000000, 0x1000, 0, itm_read, ignore_write}) &&
           vb_bus_add_device(m, &(vb_device){0xE0002000, 0x1000, 0, fpb_read, fpb_write}) &&
           vb_bus_add_device(m, &(vb_device){0xE0042000, 0x400, 0, dbgmcu_read, dbgmcu_write}) &&
           vb_bus_add_device(m, &(vb_device){COUNTER_BASE, 0x1000, 0, counter_read, ignore_write}) &&
           vb_bus_add_device(m, &(vb_device){ROM_TABLE_BASE, 0x1000, 0, rom_table_read, ignore_write});
}
