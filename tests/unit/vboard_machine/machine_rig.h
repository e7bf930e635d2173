/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RIG_H
#define RIG_H

#include "hf_test.h"

#include "machine/setup.h"

/** A machine whose serial line and debug unit the test can inspect. */
typedef struct rig {
    vb_machine *m;
    bool is_f7;
    uint32_t dhcsr, demcr; /**< the debug unit's answers */
    uint32_t debug_writes, last_debug_address, last_debug_value;
    bool tx_blocked;
    bool one_at_a_time; /**< each byte sent blocks the line */
    uint8_t sent[4096];
    uint32_t sent_count;
    const uint8_t *incoming;
    uint32_t incoming_count;
    uint32_t baud, baud_changes;
} rig;

enum { SP = 13, LR = 14, PC = 15, XPSR = 16, MSP = 17, PSP = 18, S0 = 64 };

#define RAM        0x20000000u
#define STACK      0x20008000u
#define CODE       0x08000400u /* where rig_load() puts programs */
#define CODE_ALIAS 0x00000400u /* the same on the L4, at the boot alias */

#define L4 "stm32l4r5zi"
#define F7 "stm32f767zi"

rig *rig_new(const char *chip);
void rig_free(rig *r);
uint32_t rig_read(rig *r, uint32_t address);
void rig_write(rig *r, uint32_t address, uint32_t value);
/** Erases and programs flash by register accesses of a debugger, as a flash driver does. */
void rig_program(rig *r, uint32_t address, const void *data, uint32_t bytes);
/** Copies a program into RAM. */
void rig_copy(rig *r, uint32_t address, const void *data, uint32_t bytes);
/** PC at the address, a stack, Thread mode. */
void rig_start(rig *r, uint32_t address);
/** Runs until something other than the end of a slice happens, in slices of `slice`; fails after `limit`. */
vb_stop rig_run(rig *r, uint64_t slice, uint64_t limit);
/** rig_run() that must end at a BKPT. */
void rig_run_to_stop(rig *r);
uint32_t rig_reg(rig *r, uint32_t regsel);
void rig_set(rig *r, uint32_t regsel, uint32_t value);
/** Programs a vector table at 0x08000000 whose vectors are all `handler`, and code at CODE. */
void rig_load_with_handler(rig *r, const void *code, uint32_t bytes, const void *handler,
                           uint32_t handler_bytes);
#define HANDLER 0x08001000u

#define rig_load(r, code) rig_load_with_handler((r), (code), sizeof(code), handler_stop, sizeof handler_stop)
#define rig_load_handler(r, code, handler)                                                                   \
    rig_load_with_handler((r), (code), sizeof(code), (handler), sizeof(handler))

/* System control space */
#define CCR        0xE000ED14u
#define SHCSR      0xE000ED24u
#define CFSR       0xE000ED28u
#define HFSR       0xE000ED2Cu
#define BFAR       0xE000ED38u
#define CPACR      0xE000ED88u
#define AIRCR      0xE000ED0Cu
#define DWT_CTRL   0xE0001000u
#define DWT_CYCCNT 0xE0001004u
#define COUNT_LO   0xE0043000u

#endif
