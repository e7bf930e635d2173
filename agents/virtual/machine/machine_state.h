/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MACHINE_STATE_H
#define VB_MACHINE_STATE_H

#include "block_position.h"
#include "blocks.h"
#include "bus.h"
#include "chip.h"
#include "core_registers.h"
#include "exceptions.h"
#include "machine/setup.h"
#include "modelled_time.h"
#include "notices.h"
#include "peripherals.h"
#include "private_bus.h"
#include "run_loop.h"
#include "thumb.h"

/**
 * @file machine_state.h
 * The machine's state. Registers that only one chip has are in that chip's folder (stm32l4r5zi/parts.h),
 * behind vb_chip. Each member belongs to the file whose header declares its type. "DDI0403E" is the Armv7-M
 * Architecture Reference Manual, issue E.
 */

enum { VB_MAX_MEMORIES = 12, VB_MAX_DEVICES = 48 };

struct vb_machine {
    const vb_chip *chip;
    void *parts; /**< the chip's own, chip->parts_bytes; zero at power-on */
    uc_engine *uc;
    vb_uart_port uart;
    vb_debug_port debug;
    vb_timing *timing;

    vb_memory memories[VB_MAX_MEMORIES];
    vb_binding bindings[VB_MAX_DEVICES];
    uint32_t memory_count, binding_count;
    uint8_t *flash; /**< the array, chip->flash_bytes */

    vb_code *code[VB_CODE_SLOTS];
    uint32_t dirty_from, dirty_to; /**< flash offsets whose code has to be dropped; from >= to = none */

    /* Totals include all of the block being executed. */
    uint64_t instructions, cycles;
    /** the block hook does its occasional checks at this count; 0 = before the next block */
    uint64_t slice_end;
    uint64_t run_end;    /**< end of vb_machine_run()'s slice */
    uint64_t next_watch; /**< when to search for an idle loop again */
    uint64_t watch_interval;
    uint32_t step_pc, stop_pc, step_blocks;
    uint32_t stopped_block_bytes; /**< size of the block before which the hook stopped */
    uint32_t fault_count;
    const vb_code *current;
    uint32_t current_cycles;
    uint32_t slots[VB_MAX_SLOTS]; /**< for vb_timing_enter(): registers at the block's entry */
    void *slot_pointers[16];      /**< pointers to the first of them, for the emulator */
    uint32_t located;             /**< instructions of the current block up to the last device access found */

    vb_why why;
    int interrupt; /**< number from the interrupt hook, -1 = none */
    vb_bad_access bad;
    vb_watch watch;

    uint32_t breakpoints[VB_MAX_BREAKPOINTS];
    uc_hook breakpoint_hooks[VB_MAX_BREAKPOINTS];
    uint32_t breakpoint_count;
    struct {
        uint32_t address;
        uc_hook hook;
    } divide_hooks[VB_MAX_DIVIDE_HOOKS];
    uint32_t divide_hook_count;

    uint64_t reset_instructions; /**< total at the last reset */

    vb_scs scs;
    vb_dwt dwt;
    vb_guard guards[16];
    uint32_t guard_count;
    uint32_t dbgmcu[8];
    vb_cache cache;
    uint32_t reset_flags; /**< of RCC_CSR: cause of the last reset */
    vb_clocks clocks;
    vb_time time;
    uint32_t hse_hz;        /**< vb_machine_set_oscillators() */
    uint32_t flash_percent; /**< of the data sheet's times */
    const char *notices[VB_MAX_NOTICES];
    uint32_t unmodelled[VB_MAX_NOTICES]; /**< addresses / 1024, or of registers */
    uint32_t notice_count, unmodelled_count;
    vb_gpio gpio[11];
    uint32_t gpio_ports;
    vb_usart usart;

    bool has_lse;
    bool flush_all; /**< drop everything decoded before the next block */
    bool mpu_changed;
    bool stepping;
    bool reset_requested;
    bool locked_up;
    bool booted;
};

/** @return true if CPACR grants access to the FPU */
static inline bool vb_core_fpu_enabled(const vb_machine *m)
{
    return (m->scs.cpacr & 0x00F00000) == 0x00F00000;
}

#endif
