/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_RUN_LOOP_H
#define VB_RUN_LOOP_H

#include <unicorn/unicorn.h>

#include "blocks.h"

/**
 * @file run_loop.h
 * Running the emulator, and why it stops.
 */

enum {
    VB_MAX_BREAKPOINTS = 8,
    VB_MAX_DIVIDE_HOOKS = 256,
    VB_WATCH_BLOCKS = 24,
    VB_WATCH_STORES = 32,
    VB_WATCH_INTERVAL = 16384, /**< instructions between two searches for an idle loop, at first */
    VB_GO_ON = -1              /**< in place of a vb_stop: run on */
};

/** Why a hook stopped the emulator. */
typedef enum vb_why {
    VB_WHY_NONE,
    VB_WHY_SLICE,
    VB_WHY_SYNC,       /**< translations must be dropped first */
    VB_WHY_STALE,      /**< the next block was translated from other bytes */
    VB_WHY_STEP_BLOCK, /**< run the block one instruction at a time and check each */
    VB_WHY_CLOCK,      /**< fetch from flash with too few wait states */
    VB_WHY_BREAKPOINT,
    VB_WHY_DIVIDE,
    VB_WHY_HOOK_DIVIDES,
    VB_WHY_IDLE,
} vb_why;

typedef struct vb_watch {
    bool active;
    bool started;   /**< the first block has been seen */
    bool full_loop; /**< the stores of one iteration are known; their memory is compared over a second one */
    bool progress;  /**< something was read or written that an idle loop does not touch */
    uint32_t blocks_left;
    uint32_t address;
    uint32_t registers[17];
    uint32_t store_count;
    struct {
        uint32_t address, bytes;
        uint8_t before[64];
    } stores[VB_WATCH_STORES];
} vb_watch;

typedef struct vb_bad_access {
    bool pending;
    uc_mem_type type;
    uint32_t address;
    uint32_t bytes;
} vb_bad_access;

/* emulator_hooks.c */
bool vb_run_add_hooks(vb_machine *m);
/** From within a hook: stops the emulator before the block or instruction at `pc`. */
void vb_run_stop(vb_machine *m, vb_why why, uint32_t pc);

/* emulator.c */
/** Runs the emulator once from the PC, and turns what stopped it into faults and exceptions.
 * @param until address before which to stop
 * @return a vb_stop, or VB_GO_ON */
int vb_emulate(vb_machine *m, uint32_t until);

/* single_step.c */
/** Runs the block at the PC one instruction at a time until one faults or the block ends.
 * @return a vb_stop, or VB_GO_ON */
int vb_step_block(vb_machine *m);

/* breakpoints.c */
/** Puts a hook on each divide of the block about to run. @return false if there are too many hooks already */
bool vb_breakpoints_hook_divides(vb_machine *m, uint32_t address);

/* idle_detection.c */

void vb_idle_begin(vb_machine *m);
/** Called before each block while m->watch.active. @return true if the core is idle */
bool vb_idle_block(vb_machine *m, const vb_code *code);

#endif
