/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine_state.h"

#define RESET_BY_PIN      (1u << 26) /* RCC_CSR, the same bits on both chips */
#define RESET_BY_SOFTWARE (1u << 28)

/* Memories that share host memory form one bank; bank 0 is everything that is not memory. */
static vb_place place_of(void *user, uint32_t address)
{
    const vb_machine *m = user;
    const vb_memory *memory = vb_bus_memory(m, address, 1);
    if (!memory)
        return (vb_place){VB_REGION_DEVICE, 0};
    uint8_t bank = 1;
    while (m->memories[bank - 1].host != memory->host)
        bank++;
    return (vb_place){memory->region, bank};
}

static bool read_memory(void *user, uint32_t address, uint32_t bytes, uint32_t *value)
{
    return vb_bus_peek(user, address, bytes, value);
}

static bool build(vb_machine *m)
{
    if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &m->uc) != UC_ERR_OK)
        return false;
    if (uc_ctl_set_cpu_model(m->uc, m->chip->uc_model) != UC_ERR_OK)
        return false;
    m->timing = vb_timing_new(m->chip->core, &(vb_memory_view){m, place_of, read_memory});
    if (!m->timing || !m->chip->build(m) || !vb_scs_add(m) || !vb_dwt_add(m) || !vb_debug_components_add(m) ||
        !vb_run_add_hooks(m))
        return false;
    memset(m->flash, 0xFF, m->chip->flash_bytes);
    return true;
}

vb_machine *vb_machine_new(const char *chip, const vb_uart_port *uart, const vb_debug_port *debug)
{
#define VB_CHIP(chip) &(chip),
    static const vb_chip *const chips[] = {
#include "chips.inc"
    };
#undef VB_CHIP
    const vb_chip *found = NULL;
    for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++)
        if (strcmp(chips[i]->name, chip) == 0)
            found = chips[i];
    if (!found) {
        fprintf(stderr, "hilfarm-vboard: unknown chip \"%s\"; expected", chip);
        for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++)
            fprintf(stderr, "%s %s", i ? " or" : "", chips[i]->name);
        fputc('\n', stderr);
        return NULL;
    }
    vb_machine *m = calloc(1, sizeof *m);
    if (!m) {
        fprintf(stderr, "hilfarm-vboard: out of memory\n");
        return NULL;
    }
    m->chip = found;
    m->parts = calloc(1, found->parts_bytes);
    if (!m->parts) {
        fprintf(stderr, "hilfarm-vboard: out of memory\n");
        vb_machine_free(m);
        return NULL;
    }
    m->uart = *uart;
    m->debug = *debug;
    if (!build(m)) {
        fprintf(stderr, "hilfarm-vboard: libunicorn cannot emulate a %s\n", chip);
        vb_machine_free(m);
        return NULL;
    }
    m->reset_flags = found->power_on_flags;
    m->hse_hz = found->hse_hz;
    m->has_lse = found->has_lse;
    m->time.next_ns = UINT64_MAX;
    vb_machine_reset(m);
    return m;
}

void vb_machine_free(vb_machine *m)
{
    if (!m)
        return;
    if (m->uc) {
        vb_blocks_flush(m);
        uc_close(m->uc);
    }
    vb_timing_free(m->timing);
    for (uint32_t i = 0; i < m->memory_count; i++)
        if (m->memories[i].owns_host)
            munmap(m->memories[i].host, m->memories[i].bytes);
    free(m->parts);
    free(m);
}

uint32_t vb_machine_tap_idcode(const vb_machine *m)
{
    return m->chip->tap_idcode;
}

uint32_t vb_machine_boundary_idcode(const vb_machine *m)
{
    return m->chip->boundary_idcode;
}

uint32_t vb_machine_tar_wrap_bytes(const vb_machine *m)
{
    return m->chip->tar_wrap_bytes;
}

void vb_machine_reset(vb_machine *m)
{
    m->reset_flags |= RESET_BY_PIN | (m->reset_requested ? RESET_BY_SOFTWARE : 0);
    m->reset_requested = false;
    m->interrupt = -1;
    m->bad.pending = false;
    m->watch.active = false;
    m->next_watch = 0;
    m->flush_all = false;
    m->dirty_from = m->dirty_to = 0;
    m->time.flash_busy_until_ns = 0;
    /* Every boot starts from the same state: no decoded block, no translation, no cache line. */
    vb_blocks_flush(m);
    vb_timing_reset(m->timing);
    vb_exception_reset(m);
    vb_scs_reset(m);
    vb_mpu_apply(m);
    vb_dwt_reset(m, !m->booted);
    vb_gpio_reset(m);
    vb_usart_reset(m);
    m->chip->reset(m);
    m->booted = true;
    m->reset_instructions = m->instructions;
    for (int i = 0; i < 13; i++)
        vb_uc_set(m, UC_ARM_REG_R0 + i, 0); /* undefined on the chip; zero so that all boots are the same */
    for (int i = 0; i < 32; i++)
        vb_uc_set(m, UC_ARM_REG_S0 + i, 0);
    vb_uc_set(m, UC_ARM_REG_FPSCR, 0);
    uint32_t sp = 0, pc = 0;
    vb_bus_peek(m, m->scs.vtor, 4, &sp);
    vb_bus_peek(m, m->scs.vtor + 4, 4, &pc);
    vb_uc_set(m, UC_ARM_REG_MSP, sp & ~3u);
    vb_uc_set(m, UC_ARM_REG_SP, sp & ~3u);
    vb_uc_set(m, UC_ARM_REG_XPSR, pc & 1 ? VB_XPSR_T : 0);
    vb_uc_set_pc(m, pc);
}

void vb_machine_set_oscillators(vb_machine *m, uint32_t hse_hz, bool lse)
{
    m->hse_hz = hse_hz;
    m->has_lse = lse;
}

uint64_t vb_machine_instructions(const vb_machine *m)
{
    return m->instructions;
}

uint64_t vb_machine_cycles(const vb_machine *m)
{
    return m->cycles;
}
