/* SPDX-License-Identifier: Apache-2.0 */
#include "debug_rig.h"

static void vboard_jtag_reset_selects_both_idcodes(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    assert_int_equal(rig_scan_dr(&rig, 0, 64), UINT64_C(0x064700414BA00477));
    rig_close(&rig);
    rig_open(&rig, true);
    assert_int_equal(rig_scan_dr(&rig, 0, 64), UINT64_C(0x064510415BA00477));
    rig_close(&rig);
}

static void vboard_jtag_ir_capture_marks_each_register(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    assert_int_equal(rig_scan_ir(&rig, IR_BYPASS, 0x1F), 0x11);
    assert_int_equal(rig_scan_ir(&rig, IR_BYPASS, 0x1F), 0x11);
    rig_close(&rig);
}

static void vboard_jtag_bypass_is_one_bit_a_tap(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_scan_ir(&rig, IR_BYPASS, 0x1F);
    assert_int_equal(rig_scan_dr(&rig, 0x2D5, 12), 0x2D5 << 2 & 0xFFF);
    rig_scan_ir(&rig, 0x3, 0x1F); /* no instruction: BYPASS as well */
    assert_int_equal(rig_scan_dr(&rig, 0x1, 8), 0x4);
    rig_scan_ir(&rig, IR_IDCODE, 0x00); /* boundary scan is not modelled: BYPASS */
    assert_int_equal(rig_scan_dr(&rig, 0x1, 34), UINT64_C(0x200000000) | 0x4BA00477);
    rig_close(&rig);
}

static void vboard_jtag_pause_keeps_the_scan(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_send(&rig, "260404"); /* TMS 1, 0, 0: Select-DR, Capture-DR, Shift-DR */
    assert_string_equal(rig_send(&rig, "0R40R40R42R6"), "1110"); /* IDCODE's lowest digit, then Exit1-DR */
    rig_send(&rig, "04042604");                                  /* Pause-DR twice, Exit2-DR, Shift-DR */
    assert_string_equal(rig_send(&rig, "0R40R40R40R4"), "1110"); /* 0x4BA00477: second digit 7 */
    rig_close(&rig);
}

static void vboard_jtag_five_ones_reset_from_every_state(void **state)
{
    (void)state;
    /* Paths of TMS levels from Test-Logic-Reset to each of the sixteen states. */
    static const char *const paths[] = {"1",      "0",       "01",       "010",    "0100", "01001",
                                        "010010", "0100101", "010011",   "011",    "0110", "01100",
                                        "011001", "0110010", "01100101", "0110011"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct rig rig;
        rig_open(&rig, false);
        rig_scan_ir(&rig, IR_BYPASS, 0x1F);
        rig_send(&rig, "2626262626");
        for (const char *tms = paths[i]; *tms; tms++)
            rig_send(&rig, *tms == '1' ? "26" : "04");
        rig_reset_tap(&rig);
        assert_int_equal(rig_scan_dr(&rig, 0, 32), 0x4BA00477);
        rig_close(&rig);
    }
}

static void vboard_jtag_trst_resets_without_clock(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_scan_ir(&rig, IR_BYPASS, 0x1F);
    rig_send(&rig, "tr04");
    assert_int_equal(rig_scan_dr(&rig, 0, 32), 0x4BA00477);
    rig_close(&rig);
}

static void vboard_bitbang_stops_at_quit_and_at_unknown_characters(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    uint8_t replies[8];
    size_t count, position;
    vb_bitbang_end end =
        vb_bitbang_process(&rig.bitbang, (const uint8_t *)"RBbQR", 5, replies, &count, &position);
    assert_int_equal(end, VB_BITBANG_QUIT);
    assert_int_equal(count, 1);
    end = vb_bitbang_process(&rig.bitbang, (const uint8_t *)"RR8R", 4, replies, &count, &position);
    assert_int_equal(end, VB_BITBANG_UNKNOWN);
    assert_int_equal(count, 2);
    assert_int_equal(position, 2);
    rig_close(&rig);
}

static void vboard_dp_powers_up_on_request(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    assert_int_equal(rig_dp_read(&rig, 0x4), 0);
    rig_dp_write(&rig, 0x4, 0x10000000);
    assert_int_equal(rig_dp_read(&rig, 0x4), 0x30000000);
    rig_dp_write(&rig, 0x4, 0x50000000);
    assert_int_equal(rig_dp_read(&rig, 0x4), 0xF0000000);
    assert_int_equal(rig_dp_read(&rig, 0x0), 0); /* no DPIDR before DP version 1 */
    rig_close(&rig);
}

static void vboard_dp_ap_access_without_power_is_an_error(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_access(&rig, IR_APACC, 0x0, true, 0);
    assert_int_equal(rig_dp_read(&rig, 0x4), 1u << 5);
    rig_close(&rig);
}

static void vboard_dp_reads_are_posted(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_write32(&rig, FAKE_RAM, 0x11111111);
    rig_write32(&rig, FAKE_RAM + 4, 0x22222222);
    rig_ap_write(&rig, 0x04, FAKE_RAM);
    rig_access(&rig, IR_APACC, 0xC, true, 0);
    assert_int_equal(rig_access(&rig, IR_APACC, 0xC, true, 0), 0x11111111);
    assert_int_equal(rig_access(&rig, IR_DPACC, 0xC, true, 0), 0x22222222);
    assert_int_equal(rig_access(&rig, IR_DPACC, 0xC, true, 0), 0); /* RDBUFF itself reads 0 on JTAG */
    rig_close(&rig);
}

static void vboard_dp_sticky_error_discards_until_cleared(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_write32(&rig, FAKE_RAM, 0xCAFE);
    rig_read32(&rig, 0x60000000);
    assert_true(rig_dp_read(&rig, 0x4) & 1u << 5);
    rig_write32(&rig, FAKE_RAM, 0xDEAD);
    assert_true(rig_dp_read(&rig, 0x4) & 1u << 5);
    rig_dp_write(&rig, 0x4, 0x50000000 | 1u << 5);
    assert_false(rig_dp_read(&rig, 0x4) & 1u << 5);
    assert_int_equal(rig_read32(&rig, FAKE_RAM), 0xCAFE);
    rig_close(&rig);
}

static void vboard_dp_other_aps_are_absent(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    assert_int_equal(rig_ap_read(&rig, 0xFC), 0x24770011);
    rig_dp_write(&rig, 0x8, 0x010000F0);
    assert_int_equal(rig_dp_read(&rig, 0x8), 0x010000F0);
    rig_access(&rig, IR_APACC, 0xC, true, 0);
    assert_int_equal(rig_access(&rig, IR_DPACC, 0xC, true, 0), 0);
    rig_close(&rig);
}

static void vboard_dp_injected_wait_is_not_carried_out(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_dp_write(&rig, 0x4, 0x50000001); /* ORUNDETECT */
    rig_write32(&rig, FAKE_RAM, 0x33333333);
    rig_ap_write(&rig, 0x04, FAKE_RAM);
    rig_access(&rig, IR_APACC, 0xC, true, 0); /* its result is due with the next scan */

    vb_dp_set_faults(rig.dp, &(vb_dp_faults){.wait_every = 1});
    rig_access(&rig, IR_APACC, 0xC, false, 0x44444444);
    assert_int_equal(rig.ack, ACK_WAIT);
    vb_dp_set_faults(rig.dp, &(vb_dp_faults){0});

    /* The posted result survives; the overrun is sticky and keeps AP accesses out until it is cleared. */
    uint32_t result = rig_access(&rig, IR_APACC, 0xC, false, 0x55555555);
    assert_int_equal(rig.ack, ACK_OK);
    assert_int_equal(result, 0x33333333);
    assert_int_equal(rig_dp_read(&rig, 0x4) & 0x22, 0x2);
    rig_dp_write(&rig, 0x4, 0x50000003);
    assert_int_equal(rig_dp_read(&rig, 0x4) & 0x22, 0);
    assert_int_equal(rig_read32(&rig, FAKE_RAM), 0x33333333);
    assert_int_equal(rig_read32(&rig, FAKE_RAM + 4), 0);
    rig_close(&rig);
}

static void record_death(void *user)
{
    ++*(int *)user;
}

static void vboard_dp_dies_after_the_given_accesses(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    int deaths = 0;
    vb_dp_set_faults(rig.dp, &(vb_dp_faults){.die_after = 3, .died = record_death, .user = &deaths});
    for (int i = 0; i < 3; i++)
        rig_access(&rig, IR_DPACC, 0xC, true, 0);
    assert_int_equal(deaths, 0);
    rig_access(&rig, IR_DPACC, 0xC, true, 0);
    assert_int_equal(deaths, 1);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_jtag_reset_selects_both_idcodes),
        cmocka_unit_test(vboard_jtag_ir_capture_marks_each_register),
        cmocka_unit_test(vboard_jtag_bypass_is_one_bit_a_tap),
        cmocka_unit_test(vboard_jtag_pause_keeps_the_scan),
        cmocka_unit_test(vboard_jtag_five_ones_reset_from_every_state),
        cmocka_unit_test(vboard_jtag_trst_resets_without_clock),
        cmocka_unit_test(vboard_bitbang_stops_at_quit_and_at_unknown_characters),
        cmocka_unit_test(vboard_dp_powers_up_on_request),
        cmocka_unit_test(vboard_dp_ap_access_without_power_is_an_error),
        cmocka_unit_test(vboard_dp_reads_are_posted),
        cmocka_unit_test(vboard_dp_sticky_error_discards_until_cleared),
        cmocka_unit_test(vboard_dp_other_aps_are_absent),
        cmocka_unit_test(vboard_dp_injected_wait_is_not_carried_out),
        cmocka_unit_test(vboard_dp_dies_after_the_given_accesses),
    };
    return cmocka_run_group_tests_name("vboard_jtag", tests, NULL, NULL);
}
