/* SPDX-License-Identifier: Apache-2.0 */
#include "debug_rig.h"

void rig_open(struct rig *rig, bool is_m7)
{
    *rig = (struct rig){.core = vb_core_debug_new()};
    assert_non_null(rig->core);
    vb_debug_port port = vb_core_debug_as_port(rig->core);
    rig->machine = fake_machine_new(is_m7, &port);
    assert_non_null(rig->machine);
    vb_core_debug_attach(rig->core, rig->machine);
    rig->ap = vb_mem_ap_new(rig->core, vb_machine_tar_wrap_bytes(rig->machine), 0x24770011);
    assert_non_null(rig->ap);
    rig->dp = vb_dp_new(rig->ap);
    assert_non_null(rig->dp);
    rig->tap =
        vb_tap_new(rig->dp, vb_machine_tap_idcode(rig->machine), vb_machine_boundary_idcode(rig->machine));
    assert_non_null(rig->tap);
    rig->bitbang = (vb_bitbang){.tap = rig->tap, .core = rig->core};
    rig_reset_tap(rig);
}

void rig_close(struct rig *rig)
{
    vb_tap_free(rig->tap);
    vb_dp_free(rig->dp);
    vb_mem_ap_free(rig->ap);
    vb_machine_free(rig->machine);
    vb_core_debug_free(rig->core);
}

const char *rig_send(struct rig *rig, const char *characters)
{
    static char replies[512];
    size_t count, position;
    assert_true(strlen(characters) < sizeof replies);
    vb_bitbang_end end = vb_bitbang_process(&rig->bitbang, (const uint8_t *)characters, strlen(characters),
                                            (uint8_t *)replies, &count, &position);
    assert_int_equal(end, VB_BITBANG_CONTINUE);
    assert_int_equal(position, strlen(characters));
    replies[count] = '\0';
    return replies;
}

/* One clock: TDO is sampled while TCK is low, as OpenOCD does. */
static bool clock_bit(struct rig *rig, bool tms, bool tdi)
{
    unsigned pins = (unsigned)(tms << 1 | tdi);
    char characters[4] = {(char)('0' + pins), 'R', (char)('4' + pins), '\0'};
    const char *reply = rig_send(rig, characters);
    assert_int_equal(strlen(reply), 1);
    return reply[0] == '1';
}

static void clock_tms(struct rig *rig, const char *tms)
{
    for (; *tms; tms++)
        clock_bit(rig, *tms == '1', false);
}

void rig_reset_tap(struct rig *rig)
{
    clock_tms(rig, "111110");
    rig->current_ir = IR_IDCODE;
}

/* From the shift state to idle. */
static uint64_t shift_bits(struct rig *rig, uint64_t value, unsigned bits)
{
    uint64_t out = 0;
    for (unsigned i = 0; i < bits; i++)
        out |= (uint64_t)clock_bit(rig, i == bits - 1, value >> i & 1) << i;
    clock_tms(rig, "10");
    return out;
}

uint32_t rig_scan_ir(struct rig *rig, uint32_t cpu_ir, uint32_t boundary_ir)
{
    clock_tms(rig, "1100");
    rig->current_ir = (uint8_t)cpu_ir;
    return (uint32_t)shift_bits(rig, cpu_ir | boundary_ir << 4, 9);
}

uint64_t rig_scan_dr(struct rig *rig, uint64_t value, unsigned bits)
{
    clock_tms(rig, "100");
    return shift_bits(rig, value, bits);
}

uint32_t rig_access(struct rig *rig, uint8_t ir, unsigned address, bool read, uint32_t value)
{
    if (rig->current_ir != ir)
        rig_scan_ir(rig, ir, 0x1F);
    /* The CPU's 35 bits leave first; the boundary TAP's BYPASS bit is behind them. */
    uint64_t out = rig_scan_dr(rig, (uint64_t)value << 3 | (address >> 2 & 3) << 1 | read, 36);
    rig->ack = out & 7;
    return (uint32_t)(out >> 3);
}

void rig_dp_write(struct rig *rig, unsigned address, uint32_t value)
{
    rig_access(rig, IR_DPACC, address, false, value);
    assert_int_equal(rig->ack, ACK_OK);
}

uint32_t rig_dp_read(struct rig *rig, unsigned address)
{
    rig_access(rig, IR_DPACC, address, true, 0);
    assert_int_equal(rig->ack, ACK_OK);
    uint32_t value = rig_access(rig, IR_DPACC, 0xC, true, 0);
    assert_int_equal(rig->ack, ACK_OK);
    return value;
}

void rig_ap_write(struct rig *rig, unsigned reg, uint32_t value)
{
    rig_dp_write(rig, 0x8, reg & 0xF0);
    rig_access(rig, IR_APACC, reg & 0xF, false, value);
    assert_int_equal(rig->ack, ACK_OK);
}

uint32_t rig_ap_read(struct rig *rig, unsigned reg)
{
    rig_dp_write(rig, 0x8, reg & 0xF0);
    rig_access(rig, IR_APACC, reg & 0xF, true, 0);
    assert_int_equal(rig->ack, ACK_OK);
    uint32_t value = rig_access(rig, IR_DPACC, 0xC, true, 0);
    assert_int_equal(rig->ack, ACK_OK);
    return value;
}

void rig_power_up(struct rig *rig)
{
    rig_dp_write(rig, 0x4, 0x50000000);
    assert_int_equal(rig_dp_read(rig, 0x4) >> 28, 0xF);
}

uint32_t rig_read32(struct rig *rig, uint32_t address)
{
    rig_ap_write(rig, 0x00, 0x23000012);
    rig_ap_write(rig, 0x04, address);
    return rig_ap_read(rig, 0x0C);
}

void rig_write32(struct rig *rig, uint32_t address, uint32_t value)
{
    rig_ap_write(rig, 0x00, 0x23000012);
    rig_ap_write(rig, 0x04, address);
    rig_ap_write(rig, 0x0C, value);
}
