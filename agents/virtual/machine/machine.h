/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MACHINE_H
#define VB_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file machine.h
 * The microcontroller of a virtual board: core (libunicorn), memories, flash controller, clocks, USART, DWT,
 * as the firmware, OpenOCD's flash loaders and a debugger see them. Single-threaded; knows nothing of JTAG,
 * sockets or ptys.
 */

typedef struct vb_machine vb_machine;

/** The far end of the USART wired to the debug probe's virtual COM port; see uart.h for the real one. */
typedef struct vb_uart_port {
    void *user;
    bool (*tx_ready)(void *user); /**< room for one more byte now (the line is paced at the baud rate) */
    void (*tx)(void *user, uint8_t byte); /**< called only while tx_ready */
    bool (*rx_ready)(void *user);         /**< a byte has arrived */
    uint8_t (*rx)(void *user);            /**< called only while rx_ready */
    void (*set_baud)(void *user,
                     uint32_t baud); /**< from BRR and the USART's kernel clock, at every change */
} vb_uart_port;

/**
 * The debug unit in the core's private peripheral bus (Armv7-M ARM C1.6): the machine hands every access,
 * from code or debugger, to DHCSR, DCRSR, DCRDR, DEMCR, DFSR (0xE000EDF0-FC, 0xE000ED30) and to the FPB
 * (0xE0002000-0xE0002FFF) to it. Implemented in debug/.
 */
typedef struct vb_debug_port {
    void *user;
    uint32_t (*read)(void *user, uint32_t address);
    void (*write)(void *user, uint32_t address, uint32_t value, bool from_code);
} vb_debug_port;

/** Why vb_machine_run() came back. */
typedef enum vb_stop {
    VB_STOP_SLICE, /**< the slice is over */
    VB_STOP_IDLE,  /**< code spins or sleeps: the same registers recur without I/O; wait for I/O, then run on
                    */
    VB_STOP_BREAKPOINT, /**< BKPT or an FPB comparator; PC at the instruction, which has not executed */
    VB_STOP_RESET,  /**< AIRCR.SYSRESETREQ was written by code or debugger; the owner decides when to reset */
    VB_STOP_LOCKUP, /**< fault in a fault handler, or no vector table */
} vb_stop;

/**
 * @param chip "stm32l4r5zi" or "stm32f767zi"
 * @param uart, debug borrowed for the machine's life
 * @return NULL with a message on stderr if the chip is unknown or the emulator cannot start
 */
vb_machine *vb_machine_new(const char *chip, const vb_uart_port *uart, const vb_debug_port *debug);
void vb_machine_free(vb_machine *machine);

/** JTAG IDCODE of the CPU TAP (0x4ba00477 on M4, 0x5ba00477 on M7). */
uint32_t vb_machine_tap_idcode(const vb_machine *machine);
/** JTAG IDCODE of the boundary scan TAP. */
uint32_t vb_machine_boundary_idcode(const vb_machine *machine);
/** MEM-AP TAR auto-increment wraps at this many bytes (4096 on M4's AHB-AP, see the core's manual). */
uint32_t vb_machine_tar_wrap_bytes(const vb_machine *machine);

/**
 * System reset (Armv7-M ARM B1.5.5): core and peripherals to their reset state; flash and RAM contents stay;
 * SP and PC from the vector table at VTOR's reset value. Clears a pending reset request.
 */
void vb_machine_reset(vb_machine *machine);

/** Runs until the slice of about `max_instructions` is over or something else happens. */
vb_stop vb_machine_run(vb_machine *machine, uint64_t max_instructions);
/** Executes exactly one instruction, interrupts masked; VB_STOP_SLICE when it went well. */
vb_stop vb_machine_step(vb_machine *machine);
/** Breakpoint addresses that the FPB has enabled (bit 0 clear). At most 8; replaces the earlier set. */
void vb_machine_set_breakpoints(vb_machine *machine, const uint32_t *addresses, uint32_t count);

/**
 * One access of the debugger through the AHB-AP. size 1, 2 or 4; address aligned to it. Flash writes,
 * register side effects and bus errors are those of the bus.
 * @return false = bus error (sets the DP's sticky error)
 */
bool vb_machine_bus_read(vb_machine *machine, uint32_t address, uint32_t size, uint32_t *value);
bool vb_machine_bus_write(vb_machine *machine, uint32_t address, uint32_t size, uint32_t value);

/**
 * Core registers by DCRSR.REGSEL (Armv7-M ARM C1.6.3): 0-15 r0-r12, SP, LR, PC; 16 xPSR; 17 MSP; 18 PSP;
 * 20 CONTROL:FAULTMASK:BASEPRI:PRIMASK; 33 FPSCR; 64-95 s0-s31. Others read 0 and ignore writes.
 */
uint32_t vb_machine_get_register(vb_machine *machine, uint32_t regsel);
void vb_machine_set_register(vb_machine *machine, uint32_t regsel, uint32_t value);

/**
 * Time passed while no instruction was executed: the core stands still in debug state, or waits in a loop
 * that VB_STOP_IDLE announced (then its cycles go on, as they do on silicon).
 */
void vb_machine_pass_time(vb_machine *machine, uint64_t ns, bool waiting);
/** Modelled time since power-on, ns. */
uint64_t vb_machine_time_ns(const vb_machine *machine);

/** How long erasing and programming take: percent of the data sheet's times; 0 (at first) = none. */
void vb_machine_set_flash_time(vb_machine *machine, uint32_t percent);
/** Which clocks the board feeds in: HSE in Hz (0 = none), and whether there is an LSE crystal. Before it
 * runs. */
void vb_machine_set_oscillators(vb_machine *machine, uint32_t hse_hz, bool lse);

/**
 * Breaks a part of clocks or supply: it never becomes ready, whatever software does.
 * @param part "msi", "hsi", "pll", "regulator", "over-drive" or "over-drive-switch"
 * @return false if there is no part of that name
 */
bool vb_machine_set_dead(vb_machine *machine, const char *part);

/**
 * How many different things have been reported on stderr that software must not do on the real chip, or that
 * are not modelled.
 */
uint32_t vb_machine_notices(const vb_machine *machine);

/** Instructions executed and cycles spent since power-on; monotonic. */
uint64_t vb_machine_instructions(const vb_machine *machine);
uint64_t vb_machine_cycles(const vb_machine *machine);

#endif
