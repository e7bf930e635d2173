/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MEM_AP_H
#define VB_MEM_AP_H

#include <stdbool.h>
#include <stdint.h>

#include "debug/core_debug.h"

/**
 * @file mem_ap.h
 * The AHB-AP: a MEM-AP on the core's bus (Arm IHI0031, chapter "The Memory Access Port").
 */

typedef struct vb_mem_ap vb_mem_ap;

/**
 * @param core performs the bus accesses; borrowed
 * @param tar_wrap_bytes TAR auto-increment wraps within blocks of this size, a power of two >= 1024
 * @param idr the AP's identification register
 * @return NULL if out of memory
 */
vb_mem_ap *vb_mem_ap_new(vb_core_debug *core, uint32_t tar_wrap_bytes, uint32_t idr);
void vb_mem_ap_free(vb_mem_ap *ap);

/**
 * Register access; reg = bank << 4 | A[3:2] << 2, 0x00 .. 0xFC. Unimplemented registers read 0 and ignore
 * writes.
 * @return false = the bus answered with an error (TAR is not incremented then)
 */
bool vb_mem_ap_read(vb_mem_ap *ap, unsigned reg, uint32_t *value);
bool vb_mem_ap_write(vb_mem_ap *ap, unsigned reg, uint32_t value);

#endif
