/* SPDX-License-Identifier: Apache-2.0 */
/* GPIO ports: registers, clock gating, and what the pins are connected to (RM0432 rev 9, chapter 8; RM0410
 * rev 4, chapter 6: the same block). Only the virtual COM port is wired to the pins. */
#include <string.h>

#include "machine_state.h"

enum { MODER = 0x00, IDR = 0x10, ODR = 0x14, BSRR = 0x18, AFRL = 0x20, BRR = 0x28 };

static bool clocked(vb_machine *m, const vb_request *r)
{
    bool on = m->chip->gpio_clocked(m, r->unit);
    if (!on && r->from_code)
        vb_notice(m, "a GPIO port is accessed without its clock: reads 0, ignores writes");
    return on;
}

static uint32_t gpio_read(vb_machine *m, const vb_request *r)
{
    const uint32_t *regs = m->gpio[r->unit].registers;
    if (!clocked(m, r) || r->offset > BRR)
        return 0;
    if (r->offset == BSRR || r->offset == BRR)
        return 0;
    return regs[(r->offset == IDR ? ODR : r->offset) / 4]; /* outputs read back; inputs read 0 */
}

static void gpio_write(vb_machine *m, const vb_request *r)
{
    uint32_t *regs = m->gpio[r->unit].registers;
    if (!clocked(m, r) || r->offset > BRR || r->offset == IDR)
        return;
    if (r->offset == BSRR)
        regs[ODR / 4] = (regs[ODR / 4] & ~(r->value >> 16)) | (r->value & 0xFFFF);
    else if (r->offset == BRR)
        regs[ODR / 4] &= ~r->value;
    else
        regs[r->offset / 4] = vb_merge(regs[r->offset / 4], r);
}

bool vb_gpio_is_alternate(const vb_machine *m, uint32_t port, uint32_t pin, uint32_t function)
{
    const uint32_t *regs = m->gpio[port].registers;
    return (regs[MODER / 4] >> (2 * pin) & 3) == 2 &&
           (regs[AFRL / 4 + pin / 8] >> (4 * (pin & 7)) & 15) == function;
}

bool vb_gpio_add(vb_machine *m, uint32_t base, uint32_t ports)
{
    m->gpio_ports = ports;
    for (uint32_t port = 0; port < ports; port++)
        if (!vb_bus_add_device(m, &(vb_device){base + 0x400 * port, 0x400, port, gpio_read, gpio_write}))
            return false;
    return true;
}

void vb_gpio_reset(vb_machine *m)
{
    memset(m->gpio, 0, sizeof m->gpio);
    for (uint32_t port = 0; port < m->gpio_ports; port++)
        m->gpio[port].registers[MODER / 4] = m->chip->gpio_moder_reset(port);
}
