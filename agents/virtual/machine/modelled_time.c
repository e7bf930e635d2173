/* SPDX-License-Identifier: Apache-2.0 */
/* Modelled time: cycles at the clock rate they ran with, and time that passes while no instruction executes.
 * Oscillators, PLLs and regulators become ready and flash operations end by this time, so that every run of
 * the same code is the same. */
#include <string.h>

#include "machine_state.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static uint64_t scale(uint64_t value, uint64_t by, uint64_t divisor)
{
    return (uint64_t)((unsigned __int128)value * by / divisor);
}

uint64_t vb_time_ns(const vb_machine *m)
{
    const vb_time *t = &m->time;
    return t->hz ? t->base_ns + scale(m->cycles - t->base_cycles, NS_PER_SECOND, t->hz) : t->base_ns;
}

uint64_t vb_time_block_ns(const vb_machine *m)
{
    uint32_t cycles = m->current && !m->stepping ? m->current_cycles : 0;
    return vb_time_ns(m) - (m->time.hz ? scale(cycles, NS_PER_SECOND, m->time.hz) : 0);
}

uint64_t vb_machine_time_ns(const vb_machine *m)
{
    return vb_time_ns(m);
}

void vb_time_set_clock(vb_machine *m, uint32_t hclk_hz)
{
    if (hclk_hz == m->time.hz)
        return;
    m->time.base_ns = vb_time_ns(m);
    m->time.base_cycles = m->cycles;
    m->time.hz = hclk_hz;
}

void vb_machine_pass_time(vb_machine *m, uint64_t ns, bool waiting)
{
    if (waiting)
        m->cycles += scale(ns, m->time.hz, NS_PER_SECOND);
    else
        m->time.base_ns += ns;
    if (vb_time_part_due(m))
        m->chip->update_clocks(m);
}

static void expect(vb_machine *m, vb_part part, uint64_t delay_ns)
{
    uint64_t at = vb_time_ns(m) + delay_ns;
    m->time.ready_ns[part] = at;
    m->time.next_ns = at < m->time.next_ns ? at : m->time.next_ns;
}

bool vb_time_part(vb_machine *m, vb_part part, bool on, uint64_t delay_ns)
{
    if (on && !m->time.on[part])
        expect(m, part, delay_ns);
    m->time.on[part] = on;
    return on && !(m->time.dead & 1u << part) && vb_time_ns(m) >= m->time.ready_ns[part];
}

bool vb_machine_set_dead(vb_machine *m, const char *part)
{
    static const char *const names[VB_PART_COUNT] = {
        [VB_PART_MSI] = "msi",
        [VB_PART_HSI] = "hsi",
        [VB_PART_PLL] = "pll",
        [VB_PART_REGULATOR] = "regulator",
        [VB_PART_OVER_DRIVE] = "over-drive",
        [VB_PART_OVER_DRIVE_SWITCH] = "over-drive-switch",
    };
    for (uint32_t i = 0; i < VB_PART_COUNT; i++)
        if (names[i] && strcmp(names[i], part) == 0) {
            m->time.dead |= 1u << i;
            return true;
        }
    return false;
}

void vb_time_restart_part(vb_machine *m, vb_part part, uint64_t delay_ns)
{
    expect(m, part, delay_ns);
}

bool vb_time_part_due(vb_machine *m)
{
    if (m->time.next_ns == UINT64_MAX)
        return false;
    uint64_t now = vb_time_ns(m);
    if (now < m->time.next_ns) {
        m->watch.progress = true; /* code that polls for it does not wait for I/O */
        return false;
    }
    m->time.next_ns = UINT64_MAX;
    for (uint32_t i = 0; i < VB_PART_COUNT; i++)
        if (m->time.on[i] && m->time.ready_ns[i] > now && m->time.ready_ns[i] < m->time.next_ns)
            m->time.next_ns = m->time.ready_ns[i];
    return true;
}

/* ---- flash ---- */

void vb_machine_set_flash_time(vb_machine *m, uint32_t percent)
{
    m->flash_percent = percent;
}

void vb_time_flash_starts(vb_machine *m, uint64_t ns)
{
    if (m->flash_percent)
        m->time.flash_busy_until_ns = vb_time_ns(m) + ns * m->flash_percent / 100;
}

bool vb_time_flash_busy(vb_machine *m)
{
    if (!m->time.flash_busy_until_ns)
        return false;
    if (vb_time_ns(m) < m->time.flash_busy_until_ns) {
        m->watch.progress = true;
        return true;
    }
    m->time.flash_busy_until_ns = 0;
    return false;
}

void vb_time_flash_stall(vb_machine *m)
{
    if (vb_time_flash_busy(m))
        vb_machine_pass_time(m, m->time.flash_busy_until_ns - vb_time_ns(m) + 1, true);
    m->time.flash_busy_until_ns = 0;
}
