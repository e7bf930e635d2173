/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RIG_H
#define RIG_H

#include "hf_test.h"

#include "debug/bitbang.h"
#include "fake_machine.h"

/**
 * @file debug_rig.h
 * The whole debug chain on a fake machine, driven through remote_bitbang characters as a JTAG probe would.
 * Every function fails the test when something unexpected happens.
 */
struct rig {
    vb_core_debug *core;
    vb_machine *machine;
    vb_mem_ap *ap;
    vb_dp *dp;
    vb_tap *tap;
    vb_bitbang bitbang;
    uint32_t ack; /* of the last DPACC or APACC scan */
    uint8_t current_ir;
};

#define ACK_OK   2u
#define ACK_WAIT 1u

#define IR_ABORT  0x8
#define IR_DPACC  0xA
#define IR_APACC  0xB
#define IR_IDCODE 0xE
#define IR_BYPASS 0xF

void rig_open(struct rig *rig, bool is_m7);
void rig_close(struct rig *rig);

/** Sends characters. @return the answers, in static storage of at most 511 characters */
const char *rig_send(struct rig *rig, const char *characters);

/** Five clocks with TMS high, then to Run-Test/Idle. */
void rig_reset_tap(struct rig *rig);
/** Shifts 9 bits through both instruction registers, from idle to idle. @return what came out */
uint32_t rig_scan_ir(struct rig *rig, uint32_t cpu_ir, uint32_t boundary_ir);
/** Shifts `bits` bits (1 .. 64), from idle to idle. @return what came out */
uint64_t rig_scan_dr(struct rig *rig, uint64_t value, unsigned bits);

/** One 35-bit scan of the CPU's access register (the boundary TAP in BYPASS); sets rig->ack. @return data */
uint32_t rig_access(struct rig *rig, uint8_t ir, unsigned address, bool read, uint32_t value);
void rig_dp_write(struct rig *rig, unsigned address, uint32_t value);
uint32_t rig_dp_read(struct rig *rig, unsigned address);
/** AP registers of AP 0, bank selected as needed; reads fetch their result through RDBUFF. */
void rig_ap_write(struct rig *rig, unsigned reg, uint32_t value);
uint32_t rig_ap_read(struct rig *rig, unsigned reg);
/** Requests power-up, as a debugger does first. */
void rig_power_up(struct rig *rig);
uint32_t rig_read32(struct rig *rig, uint32_t address);
void rig_write32(struct rig *rig, uint32_t address, uint32_t value);

#endif
