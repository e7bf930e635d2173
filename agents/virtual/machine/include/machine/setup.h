/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MACHINE_SETUP_H
#define VB_MACHINE_SETUP_H

#include "interface/machine.h"

/**
 * @file setup.h
 * Creating the machine, configuring what surrounds the chip, and its time. interface/machine.h has the rest.
 */

/**
 * @param chip "stm32l4r5zi" or "stm32f767zi"
 * @param uart, debug copied; their users are borrowed for the machine's life
 * @return NULL with a message on stderr if the chip is unknown or the emulator cannot start
 */
vb_machine *vb_machine_new(const char *chip, const vb_uart_port *uart, const vb_debug_port *debug);

/** How long erasing and programming take: percent of the data sheet's times; 0 (the default) = no time. */
void vb_machine_set_flash_time(vb_machine *machine, uint32_t percent);

/**
 * Sets the clocks that the board feeds into the chip. Call it before the machine runs.
 * @param hse_hz frequency on OSC_IN, 0 = none
 * @param lse whether a crystal of 32,768 Hz is fitted
 */
void vb_machine_set_oscillators(vb_machine *machine, uint32_t hse_hz, bool lse);

/**
 * Breaks a part of clocks or supply: it never becomes ready.
 * @param part "msi", "hsi", "pll", "regulator", "over-drive" or "over-drive-switch"
 * @return false if there is no part of that name
 */
bool vb_machine_set_dead(vb_machine *machine, const char *part);

/**
 * Lets time pass while no instruction executes: the core is halted, or waits in a loop that VB_STOP_IDLE
 * reported.
 * @param waiting the core waits: its cycle counter advances, as on silicon
 */
void vb_machine_pass_time(vb_machine *machine, uint64_t ns, bool waiting);
/** Modelled time since power-on, ns. */
uint64_t vb_machine_time_ns(const vb_machine *machine);

/**
 * Number of different messages printed so far about things that software must not do on the real chip, or
 * that are not modelled.
 */
uint32_t vb_machine_notices(const vb_machine *machine);

#endif
