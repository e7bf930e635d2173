/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_INTERFACE_MACHINE_H
#define VB_INTERFACE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file machine.h
 * The microcontroller of a virtual board as its debug port and its serial port see it. Single-threaded; knows
 * nothing of JTAG, sockets or ptys. Implemented by machine/, and by a small fake in the tests of debug/.
 */

typedef struct vb_machine vb_machine;

/** The far end of the USART that is wired to the debug probe's virtual COM port (uart/pty_port.h). */
typedef struct vb_uart_port {
    void *user;
    bool (*tx_ready)(void *user); /**< room for one more byte now: the line is paced at the baud rate */
    void (*tx)(void *user, uint8_t byte);        /**< called only while tx_ready */
    bool (*rx_ready)(void *user);                /**< a byte has arrived */
    uint8_t (*rx)(void *user);                   /**< called only while rx_ready */
    void (*set_baud)(void *user, uint32_t baud); /**< called at every change of BRR or of the USART's clock */
} vb_uart_port;

/**
 * The debug unit in the core's private peripheral bus (Armv7-M ARM C1.6), implemented in debug/. The machine
 * passes it every access, from code or debugger, to DHCSR, DCRSR, DCRDR, DEMCR, DFSR (0xE000EDF0-FC,
 * 0xE000ED30) and to the FPB (0xE0002000-0xE0002FFF).
 */
typedef struct vb_debug_port {
    void *user;
    uint32_t (*read)(void *user, uint32_t address);
    void (*write)(void *user, uint32_t address, uint32_t value, bool from_code);
} vb_debug_port;

/** Why vb_machine_run() returned. */
typedef enum vb_stop {
    VB_STOP_SLICE, /**< the slice is over */
    VB_STOP_IDLE,  /**< code polls or sleeps: nothing changes until I/O arrives. Wait for it, then run on */
    VB_STOP_BREAKPOINT, /**< BKPT or an FPB comparator; PC at the instruction, which has not executed */
    VB_STOP_RESET,      /**< code or debugger wrote AIRCR.SYSRESETREQ; the caller decides when to reset */
    VB_STOP_LOCKUP,     /**< fault in a fault handler, or no vector table */
} vb_stop;

/** NULL allowed. */
void vb_machine_free(vb_machine *machine);

/** JTAG IDCODE of the CPU TAP (0x4ba00477 on M4, 0x5ba00477 on M7). */
uint32_t vb_machine_tap_idcode(const vb_machine *machine);
/** JTAG IDCODE of the boundary scan TAP. */
uint32_t vb_machine_boundary_idcode(const vb_machine *machine);
/** Size in bytes of the block within which the MEM-AP's TAR auto-increment wraps (the core's manual). */
uint32_t vb_machine_tar_wrap_bytes(const vb_machine *machine);

/**
 * System reset (Armv7-M ARM B1.5.5): core and peripherals return to their reset state; flash and RAM keep
 * their contents; SP and PC come from the vector table at VTOR's reset value. Clears a pending reset request.
 */
void vb_machine_reset(vb_machine *machine);

/** Runs until about `max_instructions` have executed or something else happens. */
vb_stop vb_machine_run(vb_machine *machine, uint64_t max_instructions);
/** Executes exactly one instruction, interrupts masked. @return VB_STOP_SLICE if it executed */
vb_stop vb_machine_step(vb_machine *machine);
/** Breakpoint addresses that the FPB has enabled (bit 0 clear). At most 8; replaces the earlier set. */
void vb_machine_set_breakpoints(vb_machine *machine, const uint32_t *addresses, uint32_t count);

/**
 * One access of the debugger through the AHB-AP, with the bus's flash writes, side effects and errors.
 * @param size 1, 2 or 4 bytes; the address is a multiple of it
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

/** Instructions executed and cycles spent since power-on; monotonic. */
uint64_t vb_machine_instructions(const vb_machine *machine);
uint64_t vb_machine_cycles(const vb_machine *machine);

#endif
