/* SPDX-License-Identifier: Apache-2.0 */
#include "fpb.h"

/* Register offsets and fields: Armv7-M ARM C1.11.3 (FP_CTRL), C1.11.5 (FP_COMPn). */
#define FP_CTRL  0x000u
#define FP_COMP0 0x008u

#define CTRL_ENABLE   (1u << 0)
#define CTRL_KEY      (1u << 1)
#define CTRL_V1       (2u << 8 | 6u << 4)  /* NUM_LIT 2, NUM_CODE 6, REV 0 (Cortex-M4 TRM DDI0439, 9.3) */
#define CTRL_V2       (1u << 28 | 8u << 4) /* REV 1, no literal comparators, NUM_CODE 8 (M7 TRM DDI0489) */
#define V1_COMP_MASK  0xDFFFFFFDu
#define V1_LOWER_HALF (1u << 30)
#define V1_UPPER_HALF (1u << 31)
#define COMP_ENABLE   (1u << 0)

static uint32_t comparator_count(const vb_fpb *fpb)
{
    return fpb->version == VB_FPB_V1 ? 6 : 8;
}

/* @return index of the comparator at this offset, or -1 */
static int comparator_at(const vb_fpb *fpb, uint32_t offset)
{
    if (offset < FP_COMP0 || offset >= FP_COMP0 + 4 * comparator_count(fpb) || offset & 3)
        return -1;
    return (int)((offset - FP_COMP0) / 4);
}

uint32_t vb_fpb_read(const vb_fpb *fpb, uint32_t address)
{
    uint32_t offset = address - VB_FPB_BASE;
    if (offset == FP_CTRL)
        return (fpb->version == VB_FPB_V1 ? CTRL_V1 : CTRL_V2) | (fpb->enabled ? CTRL_ENABLE : 0);
    int i = comparator_at(fpb, offset);
    return i >= 0 ? fpb->comparators[i] : 0; /* FP_REMAP 0: no remapping (RMPSPT clear) */
}

void vb_fpb_write(vb_fpb *fpb, uint32_t address, uint32_t value)
{
    uint32_t offset = address - VB_FPB_BASE;
    if (offset == FP_CTRL) {
        if (value & CTRL_KEY)
            fpb->enabled = value & CTRL_ENABLE;
        return;
    }
    int i = comparator_at(fpb, offset);
    if (i >= 0)
        fpb->comparators[i] = fpb->version == VB_FPB_V1 ? value & V1_COMP_MASK : value;
}

uint32_t vb_fpb_breakpoints(const vb_fpb *fpb, uint32_t *addresses, uint32_t limit)
{
    uint32_t count = 0;
    if (!fpb->enabled)
        return 0;
    for (uint32_t i = 0; i < comparator_count(fpb); i++) {
        uint32_t comparator = fpb->comparators[i];
        if (!(comparator & COMP_ENABLE))
            continue;
        if (fpb->version == VB_FPB_V2) {
            if (count < limit)
                addresses[count++] = comparator & ~1u;
            continue;
        }
        uint32_t word = comparator & 0x1FFFFFFCu;
        if (comparator & V1_LOWER_HALF && count < limit)
            addresses[count++] = word;
        if (comparator & V1_UPPER_HALF && count < limit)
            addresses[count++] = word + 2;
    }
    return count;
}
