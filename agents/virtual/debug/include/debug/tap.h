/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TAP_H
#define VB_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "debug/dp.h"

/**
 * @file tap.h
 * The JTAG scan chain of an STM32 as seen from its pins: TDI -> boundary scan TAP (IR 5 bits) -> CPU TAP (IR
 * 4 bits, the JTAG-DP) -> TDO. IEEE 1149.1-2001 clause 6 (state machine), 7 (instruction register), 12
 * (device identification).
 */

typedef struct vb_tap vb_tap;

/**
 * @param dp where DPACC, APACC and ABORT scans go; borrowed as long as the chain exists
 * @return NULL if out of memory
 */
vb_tap *vb_tap_new(vb_dp *dp, uint32_t cpu_idcode, uint32_t boundary_idcode);
void vb_tap_free(vb_tap *tap);

/** TRST: both TAPs to Test-Logic-Reset, whatever TCK does. The DP's registers keep their values. */
void vb_tap_reset(vb_tap *tap);

/** New levels of TCK, TMS and TDI. Both TAPs act on TCK's rising edge; TDO changes on its falling edge. */
void vb_tap_set_pins(vb_tap *tap, bool tck, bool tms, bool tdi);

/** Level of TDO; 1 (pulled up) while nothing is shifted. */
bool vb_tap_tdo(const vb_tap *tap);

#endif
