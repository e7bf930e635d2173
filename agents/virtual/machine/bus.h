/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_BUS_H
#define VB_BUS_H

#include "interface/machine.h"
#include "timing/timing.h"

/**
 * @file bus.h
 * Memories and devices by address.
 */

typedef enum vb_memory_kind { VB_RAM, VB_FLASH, VB_ROM } vb_memory_kind;

/** A range of addresses backed by host memory; several may share it (aliases). */
typedef struct vb_memory {
    uint32_t base;
    uint32_t bytes;
    uint8_t *host;
    vb_memory_kind kind;
    vb_region region;
    bool read_only; /**< flash alias through which nothing can be programmed */
    bool owns_host; /**< unmapped on free; the aliases of the same memory do not own it */
} vb_memory;

/** One access to a device register, widened to a word: mask has the bits that are read or written. */
typedef struct vb_request {
    uint32_t offset; /**< in the device, a multiple of 4 */
    uint32_t mask;
    uint32_t value; /**< writes: in place, zero outside mask */
    uint32_t bytes; /**< 1, 2 or 4 */
    uint32_t unit;  /**< vb_device.unit */
    bool from_code;
} vb_request;

typedef struct vb_device {
    uint32_t base;
    uint32_t bytes; /**< a multiple of 1024, the emulator's page */
    uint32_t unit;  /**< distinguishes devices of one kind: GPIO port */
    uint32_t (*read)(vb_machine *m, const vb_request *request);
    void (*write)(vb_machine *m, const vb_request *request);
} vb_device;

typedef struct vb_binding {
    vb_machine *machine;
    vb_device device;
} vb_binding;

bool vb_bus_add_memory(vb_machine *m, uint32_t base, uint32_t bytes, vb_memory_kind kind, vb_region region,
                       uint8_t *shared_host);
bool vb_bus_add_device(vb_machine *m, const vb_device *device);
/** @return the memory that contains all of [address, address + bytes), or NULL */
const vb_memory *vb_bus_memory(const vb_machine *m, uint32_t address, uint32_t bytes);
/** Reads memory, never a device: no side effects. */
bool vb_bus_peek(const vb_machine *m, uint32_t address, uint32_t bytes, uint32_t *value);
/** Writes RAM without the emulated core: for exception frames. */
bool vb_bus_poke(vb_machine *m, uint32_t address, uint32_t value);
/** The bits of a register after a write of some of its bytes. */
static inline uint32_t vb_merge(uint32_t old, const vb_request *request)
{
    return (old & ~request->mask) | request->value;
}

#endif
