/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on stderr, once each: steps that a manual forbids, and what is not modelled. */
#include <stdio.h>

#include "machine_state.h"

void vb_notice(vb_machine *m, const char *text)
{
    for (uint32_t i = 0; i < m->notice_count; i++)
        if (m->notices[i] == text)
            return;
    if (m->notice_count == VB_MAX_NOTICES)
        return;
    m->notices[m->notice_count++] = text;
    fprintf(stderr, "hilfarm-vboard: %s: %s\n", m->chip->name, text);
}

uint32_t vb_machine_notices(const vb_machine *m)
{
    return m->notice_count + m->unmodelled_count;
}

static bool is_new(vb_machine *m, uint32_t what)
{
    for (uint32_t i = 0; i < m->unmodelled_count; i++)
        if (m->unmodelled[i] == what)
            return false;
    if (m->unmodelled_count == VB_MAX_NOTICES)
        return false;
    m->unmodelled[m->unmodelled_count++] = what;
    return true;
}

/* Peripherals at the same address on both chips (memory maps: RM0432 rev 9, 2.2.2; RM0410 rev 4, 2.2.2);
 * whole buses come last. */
static const vb_named_range common[] = {
    {0x40000000, 0x400, "TIM2"},
    {0x40000400, 0x400, "TIM3"},
    {0x40000800, 0x400, "TIM4"},
    {0x40000C00, 0x400, "TIM5"},
    {0x40001000, 0x400, "TIM6"},
    {0x40001400, 0x400, "TIM7"},
    {0x40002800, 0x400, "RTC"},
    {0x40002C00, 0x400, "WWDG"},
    {0x40003000, 0x400, "IWDG"},
    {0x40003800, 0x400, "SPI2"},
    {0x40003C00, 0x400, "SPI3"},
    {0x40004400, 0x400, "USART2"},
    {0x40004800, 0x400, "USART3"},
    {0x40004C00, 0x400, "UART4"},
    {0x40005000, 0x400, "UART5"},
    {0x40005400, 0x400, "I2C1"},
    {0x40005800, 0x400, "I2C2"},
    {0x40005C00, 0x400, "I2C3"},
    {0x40000000, 0x10000, "bus APB1"},
    {0x40010000, 0x10000, "bus APB2"},
    {0x40020000, 0x7FE0000, "bus AHB1"},
    {0x48000000, 0x18000000, "bus AHB2"},
    {0x60000000, 0x80000000, "external memory"},
    {0xE0000000, 0x00100000, "private peripheral bus"},
};

static const char *find(const vb_named_range *ranges, size_t count, uint32_t address)
{
    for (size_t i = 0; i < count; i++)
        if (address - ranges[i].base < ranges[i].bytes)
            return ranges[i].name;
    return NULL;
}

void vb_notice_nothing_there(vb_machine *m, uint32_t address, bool write)
{
    /* Below the peripherals, gaps between memories fault on the real chip too. */
    if (address < 0x40000000u || !is_new(m, address / 1024))
        return;
    const char *name = find(m->chip->not_modelled, m->chip->not_modelled_count, address);
    if (!name)
        name = find(common, sizeof common / sizeof common[0], address);
    fprintf(stderr, "hilfarm-vboard: %s: %s 0x%08x: nothing is modelled there%s%s%s\n", m->chip->name,
            write ? "write to" : "read of", address, name ? " (" : "", name ? name : "", name ? ")" : "");
}

void vb_notice_register(vb_machine *m, const char *device, uint32_t offset)
{
    uint32_t hash = 0x80000000u; /* distinct from the addresses, which were divided */
    for (const char *at = device; *at; at++)
        hash = hash * 31 + (uint8_t)*at;
    if (is_new(m, hash ^ offset))
        fprintf(stderr, "hilfarm-vboard: %s: register 0x%02x of %s is not modelled\n", m->chip->name, offset,
                device);
}
