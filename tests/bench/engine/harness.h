/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_HARNESS_H
#define ENGINE_HARNESS_H

#include <stdint.h>

/* Where the host puts data for the engine built for the target, and how it receives events. */

#define HARNESS_CODE_BASE   0x08000000U
#define HARNESS_CODE_BYTES  0x00100000U
#define HARNESS_IMAGE_BASE  0x08100000U
#define HARNESS_IMAGE_BYTES 0x01000000U
#define HARNESS_RAM_BASE    0x20000000U
#define HARNESS_STACK_BYTES 0x00010000U /* at the start of RAM; the arena follows */
#define HARNESS_ARENA_BASE  (HARNESS_RAM_BASE + HARNESS_STACK_BYTES)
#define HARNESS_RAM_BYTES   0x01000000U
#define HARNESS_EVENT_BASE  0x40000000U /* the host observes writes of a harness_event's members */
#define HARNESS_EVENT_BYTES 0x1000U

/** Written member by member before and after rows of a layer are computed; `phase` last. */
typedef struct harness_event {
    uint32_t index;
    uint32_t output; /**< address of row first_row */
    uint32_t first_row, end_row;
    uint32_t phase; /**< 0 before these rows, 1 after them */
} harness_event;

#define HARNESS_EVENT_PHASE (HARNESS_EVENT_BASE + 16U)

#endif
