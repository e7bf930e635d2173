/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/tap.h"

#include <stdlib.h>

/* IEEE 1149.1-2001, figure 6-1. */
enum state {
    TEST_LOGIC_RESET,
    RUN_TEST_IDLE,
    SELECT_DR,
    CAPTURE_DR,
    SHIFT_DR,
    EXIT1_DR,
    PAUSE_DR,
    EXIT2_DR,
    UPDATE_DR,
    SELECT_IR,
    CAPTURE_IR,
    SHIFT_IR,
    EXIT1_IR,
    PAUSE_IR,
    EXIT2_IR,
    UPDATE_IR,
};

static const uint8_t next_state[16][2] = {
    [TEST_LOGIC_RESET] = {RUN_TEST_IDLE, TEST_LOGIC_RESET},
    [RUN_TEST_IDLE] = {RUN_TEST_IDLE, SELECT_DR},
    [SELECT_DR] = {CAPTURE_DR, SELECT_IR},
    [CAPTURE_DR] = {SHIFT_DR, EXIT1_DR},
    [SHIFT_DR] = {SHIFT_DR, EXIT1_DR},
    [EXIT1_DR] = {PAUSE_DR, UPDATE_DR},
    [PAUSE_DR] = {PAUSE_DR, EXIT2_DR},
    [EXIT2_DR] = {SHIFT_DR, UPDATE_DR},
    [UPDATE_DR] = {RUN_TEST_IDLE, SELECT_DR},
    [SELECT_IR] = {CAPTURE_IR, TEST_LOGIC_RESET},
    [CAPTURE_IR] = {SHIFT_IR, EXIT1_IR},
    [SHIFT_IR] = {SHIFT_IR, EXIT1_IR},
    [EXIT1_IR] = {PAUSE_IR, UPDATE_IR},
    [PAUSE_IR] = {PAUSE_IR, EXIT2_IR},
    [EXIT2_IR] = {SHIFT_IR, UPDATE_IR},
    [UPDATE_IR] = {RUN_TEST_IDLE, SELECT_DR},
};

/* JTAG-DP instructions (IHI0031, chapter "The JTAG Debug Port"); any other value selects BYPASS. */
#define CPU_IR_BITS   4
#define CPU_IR_ABORT  0x8u
#define CPU_IR_DPACC  0xAu
#define CPU_IR_APACC  0xBu
#define CPU_IR_IDCODE 0xEu

/* Boundary scan TAP (ST's BSDL files): only IDCODE is modelled. All other instructions, EXTEST and SAMPLE
 * included, act as BYPASS, because the virtual chip has no pins to scan. */
#define BOUNDARY_IR_BITS   5
#define BOUNDARY_IR_IDCODE 0x01u

#define ACC_BITS    35 /* IHI0031: DPACC, APACC and ABORT scan chains: data 34:3, A[3:2] 2:1, RnW 0 */
#define IDCODE_BITS 32

/* One TAP's register between TDI and TDO during a scan; bit 0 leaves first. */
struct shifter {
    uint64_t bits;
    unsigned length;
};

struct vb_tap {
    vb_dp *dp;
    uint32_t cpu_idcode, boundary_idcode;
    uint8_t state;
    bool tck, tdo;
    uint8_t cpu_ir, boundary_ir;
    struct shifter cpu, boundary;
};

vb_tap *vb_tap_new(vb_dp *dp, uint32_t cpu_idcode, uint32_t boundary_idcode)
{
    vb_tap *tap = calloc(1, sizeof *tap);
    if (!tap)
        return NULL;
    tap->dp = dp;
    tap->cpu_idcode = cpu_idcode;
    tap->boundary_idcode = boundary_idcode;
    vb_tap_reset(tap);
    return tap;
}

void vb_tap_free(vb_tap *tap)
{
    free(tap);
}

void vb_tap_reset(vb_tap *tap)
{
    tap->state = TEST_LOGIC_RESET;
    tap->cpu_ir = CPU_IR_IDCODE;
    tap->boundary_ir = BOUNDARY_IR_IDCODE;
    tap->tdo = true;
}

static void capture_dr(vb_tap *tap)
{
    switch (tap->cpu_ir) {
    case CPU_IR_DPACC:
    case CPU_IR_APACC:
        tap->cpu = (struct shifter){vb_dp_capture(tap->dp), ACC_BITS};
        break;
    case CPU_IR_ABORT:
        tap->cpu = (struct shifter){0, ACC_BITS};
        break;
    case CPU_IR_IDCODE:
        tap->cpu = (struct shifter){tap->cpu_idcode, IDCODE_BITS};
        break;
    default:
        tap->cpu = (struct shifter){0, 1};
        break;
    }
    if (tap->boundary_ir == BOUNDARY_IR_IDCODE)
        tap->boundary = (struct shifter){tap->boundary_idcode, IDCODE_BITS};
    else
        tap->boundary = (struct shifter){0, 1};
}

static void update_dr(vb_tap *tap)
{
    switch (tap->cpu_ir) {
    case CPU_IR_DPACC:
        vb_dp_update(tap->dp, VB_DPACC, tap->cpu.bits);
        break;
    case CPU_IR_APACC:
        vb_dp_update(tap->dp, VB_APACC, tap->cpu.bits);
        break;
    case CPU_IR_ABORT:
        vb_dp_abort(tap->dp, tap->cpu.bits);
        break;
    default:
        break;
    }
}

static inline void shift(vb_tap *tap, bool tdi)
{
    uint64_t between = tap->boundary.bits & 1;
    tap->boundary.bits = tap->boundary.bits >> 1 | (uint64_t)tdi << (tap->boundary.length - 1);
    tap->cpu.bits = tap->cpu.bits >> 1 | between << (tap->cpu.length - 1);
}

static void rising_edge(vb_tap *tap, bool tms, bool tdi)
{
    /* Shifting happens on the edge that leaves or stays in the shift state. Capture and update take effect on
     * entry; the standard puts update half a cycle later, a difference that no pin shows. */
    if (tap->state == SHIFT_DR || tap->state == SHIFT_IR)
        shift(tap, tdi);

    uint8_t state = next_state[tap->state][tms];
    if (state == tap->state)
        return;
    tap->state = state;
    switch (state) {
    case TEST_LOGIC_RESET:
        tap->cpu_ir = CPU_IR_IDCODE;
        tap->boundary_ir = BOUNDARY_IR_IDCODE;
        break;
    case CAPTURE_DR:
        capture_dr(tap);
        break;
    case UPDATE_DR:
        update_dr(tap);
        break;
    case CAPTURE_IR: /* the two low bits are 01 by 1149.1 clause 7.1.1 */
        tap->cpu = (struct shifter){1, CPU_IR_BITS};
        tap->boundary = (struct shifter){1, BOUNDARY_IR_BITS};
        break;
    case UPDATE_IR:
        tap->cpu_ir = (uint8_t)tap->cpu.bits;
        tap->boundary_ir = (uint8_t)tap->boundary.bits;
        break;
    default:
        break;
    }
}

void vb_tap_set_pins(vb_tap *tap, bool tck, bool tms, bool tdi)
{
    if (tck == tap->tck)
        return;
    tap->tck = tck;
    if (tck)
        rising_edge(tap, tms, tdi);
    else if (tap->state == SHIFT_DR || tap->state == SHIFT_IR)
        tap->tdo = tap->cpu.bits & 1;
    else
        tap->tdo = true;
}

bool vb_tap_tdo(const vb_tap *tap)
{
    return tap->tdo;
}
