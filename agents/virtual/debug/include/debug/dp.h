/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_DP_H
#define VB_DP_H

#include <stdint.h>

#include "debug/mem_ap.h"

/**
 * @file dp.h
 * The JTAG Debug Port, DP architecture version 0 (Arm IHI0031, chapters "The Debug Port" and "The JTAG Debug
 * Port"): power-up handshake, sticky flags, posted AP accesses. Scans arrive from tap.h as 35-bit values.
 */

typedef struct vb_dp vb_dp;

/** Which of the two 35-bit access registers a scan goes through. */
typedef enum vb_acc { VB_DPACC, VB_APACC } vb_acc;

/** Faults to inject; 0 = never. */
typedef struct vb_dp_faults {
    uint32_t wait_every;  /**< every n-th access is answered with WAIT and not executed */
    uint32_t wait_at;     /**< so is the n-th alone */
    uint64_t die_after;   /**< `died` is called after this many captured accesses */
    void (*died)(void *); /**< does not return */
    void *user;           /**< for died */
} vb_dp_faults;

/**
 * @param ap AP number 0; all other APs read as absent (IDR 0); borrowed
 * @return NULL if out of memory
 */
vb_dp *vb_dp_new(vb_mem_ap *ap);
void vb_dp_free(vb_dp *dp);
void vb_dp_set_faults(vb_dp *dp, const vb_dp_faults *faults);

/** Capture-DR with DPACC or APACC selected. @return ACK in bits 2:0, result of the previous read in 34:3 */
uint64_t vb_dp_capture(vb_dp *dp);
/** Update-DR: bit 0 RnW, 2:1 address bits A[3:2], 34:3 data. Ignored if the preceding
 * capture answered WAIT. */
void vb_dp_update(vb_dp *dp, vb_acc acc, uint64_t scan);
/** Update-DR with ABORT selected. */
void vb_dp_abort(vb_dp *dp, uint64_t scan);

#endif
