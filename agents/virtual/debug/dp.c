/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/dp.h"

#include <stdlib.h>

/* IHI0031, "The JTAG Debug Port", DPACC and APACC: ACK responses. OK and FAULT share a code on JTAG. */
#define ACK_WAIT     0x1u
#define ACK_OK_FAULT 0x2u

/* IHI0031, "Debug Port registers": CTRL/STAT. */
#define ORUNDETECT   (1u << 0)
#define STICKYORUN   (1u << 1)
#define STICKYCMP    (1u << 4)
#define STICKYERR    (1u << 5)
#define MASKLANE     (0xFu << 8)
#define TRNCNT       (0xFFFu << 12)
#define CDBGRSTREQ   (1u << 26)
#define CDBGPWRUPREQ (1u << 28)
#define CDBGPWRUPACK (1u << 29)
#define CSYSPWRUPREQ (1u << 30)
#define CSYSPWRUPACK (1u << 31)

/* TRNMODE is missing: pushed compare and verify are optional, and these parts' DPs do not implement them. */
#define CTRL_WRITABLE (ORUNDETECT | MASKLANE | TRNCNT | CDBGRSTREQ | CDBGPWRUPREQ | CSYSPWRUPREQ)
#define STICKY_FLAGS  (STICKYORUN | STICKYCMP | STICKYERR)

struct vb_dp {
    vb_mem_ap *ap;
    uint32_t control; /* CTRL/STAT without the acknowledge bits, which follow the requests */
    uint32_t select;
    uint32_t result; /* ReadResult: what the next capture delivers */
    bool waiting;    /* the scan in progress was answered with WAIT */
    uint64_t accesses;
    vb_dp_faults faults;
};

vb_dp *vb_dp_new(vb_mem_ap *ap)
{
    vb_dp *dp = calloc(1, sizeof *dp);
    if (dp)
        dp->ap = ap;
    return dp;
}

void vb_dp_free(vb_dp *dp)
{
    free(dp);
}

void vb_dp_set_faults(vb_dp *dp, const vb_dp_faults *faults)
{
    dp->faults = *faults;
}

uint64_t vb_dp_capture(vb_dp *dp)
{
    dp->accesses++;
    if (dp->faults.die_after && dp->accesses > dp->faults.die_after)
        dp->faults.died(dp->faults.user);
    dp->waiting = (dp->faults.wait_every && dp->accesses % dp->faults.wait_every == 0) ||
                  (dp->faults.wait_at && dp->accesses == dp->faults.wait_at);
    if (dp->waiting) {
        if (dp->control & ORUNDETECT)
            dp->control |= STICKYORUN;
        return ACK_WAIT;
    }
    return (uint64_t)dp->result << 3 | ACK_OK_FAULT;
}

static uint32_t read_control(const vb_dp *dp)
{
    /* Power comes up immediately, so each request is its own acknowledgement. CDBGRSTACK is never set, as on
     * parts without a debug reset. */
    uint32_t acks =
        (dp->control & CDBGPWRUPREQ ? CDBGPWRUPACK : 0) | (dp->control & CSYSPWRUPREQ ? CSYSPWRUPACK : 0);
    return dp->control | acks;
}

static void write_control(vb_dp *dp, uint32_t value)
{
    /* On a JTAG-DP the sticky flags are cleared by writing 1 to them here. */
    uint32_t sticky = dp->control & STICKY_FLAGS & ~value;
    dp->control = (value & CTRL_WRITABLE) | sticky;
}

static void access_dp(vb_dp *dp, unsigned address, bool read, uint32_t data)
{
    uint32_t value = 0; /* 0x0 is reserved in DP version 0; RDBUFF reads as zero on a JTAG-DP */
    switch (address) {
    case 0x4:
        if (read)
            value = read_control(dp);
        else
            write_control(dp, data);
        break;
    case 0x8:
        if (read)
            value = dp->select;
        else
            dp->select = data & 0xFF0000F0u; /* APSEL 31:24, APBANKSEL 7:4 */
        break;
    default:
        break;
    }
    if (read)
        dp->result = value;
}

static void access_ap(vb_dp *dp, unsigned address, bool read, uint32_t data)
{
    if (dp->control & STICKY_FLAGS)
        return; /* discarded until the debugger clears the flags; the previous result stays */
    if (!(dp->control & CDBGPWRUPREQ) || !(dp->control & CSYSPWRUPREQ)) {
        dp->control |= STICKYERR;
        return;
    }
    uint32_t value = 0;
    bool ok = true;
    if (dp->select >> 24 == 0) {
        unsigned reg = (dp->select & 0xF0u) | address;
        ok = read ? vb_mem_ap_read(dp->ap, reg, &value) : vb_mem_ap_write(dp->ap, reg, data);
    }
    if (!ok)
        dp->control |= STICKYERR;
    if (read)
        dp->result = value;
}

void vb_dp_update(vb_dp *dp, vb_acc acc, uint64_t scan)
{
    if (dp->waiting)
        return;
    bool read = scan & 1;
    unsigned address = (unsigned)(scan >> 1 & 3) << 2;
    uint32_t data = (uint32_t)(scan >> 3);
    if (acc == VB_DPACC)
        access_dp(dp, address, read, data);
    else
        access_ap(dp, address, read, data);
}

void vb_dp_abort(vb_dp *dp, uint64_t scan)
{
    /* DAPABORT (bit 0) has nothing to abort: every access completes before the next scan. The bits that clear
     * flags belong to the SW-DP; on JTAG only version 1 and later have them. */
    (void)dp;
    (void)scan;
}
