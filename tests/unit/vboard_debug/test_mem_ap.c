/* SPDX-License-Identifier: Apache-2.0 */
#include "debug_rig.h"

#define CSW  0x00
#define TAR  0x04
#define DRW  0x0C
#define BD0  0x10
#define BASE 0xF8

#define PROT   0x23000000u
#define SINGLE 0x10u
#define PACKED 0x20u

static void vboard_mem_ap_csw_reads_back_what_it_can_do(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_ap_write(&rig, CSW, PROT | PACKED | 0);
    assert_int_equal(rig_ap_read(&rig, CSW), PROT | PACKED | 0x40);
    rig_ap_write(&rig, CSW, 0x2B000000u | SINGLE | 3); /* no 64-bit transfers: CFG says so too */
    assert_int_equal(rig_ap_read(&rig, CSW), 0x2B000000u | SINGLE | 0x40 | 2);
    rig_ap_write(&rig, CSW, PROT | 0x30 | 2); /* reserved increment */
    assert_int_equal(rig_ap_read(&rig, CSW), PROT | 0x40 | 2);
    assert_int_equal(rig_ap_read(&rig, 0xF4), 0);
    assert_int_equal(rig_ap_read(&rig, BASE), 0xE00FF003);
    rig_close(&rig);
}

static void vboard_mem_ap_sizes_use_the_address_byte_lanes(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_write32(&rig, FAKE_RAM, 0x44332211);
    for (uint32_t i = 0; i < 4; i++) {
        rig_ap_write(&rig, CSW, PROT | 0);
        rig_ap_write(&rig, TAR, FAKE_RAM + i);
        assert_int_equal(rig_ap_read(&rig, DRW), (0x11u + 0x11u * i) << 8 * i);
    }
    rig_ap_write(&rig, CSW, PROT | 1);
    rig_ap_write(&rig, TAR, FAKE_RAM + 2);
    assert_int_equal(rig_ap_read(&rig, DRW), 0x44330000);
    rig_ap_write(&rig, DRW, 0xABCD5678); /* only the upper lanes count */
    assert_int_equal(rig_read32(&rig, FAKE_RAM), 0xABCD2211);
    rig_ap_write(&rig, CSW, PROT | 0);
    rig_ap_write(&rig, TAR, FAKE_RAM + 1);
    rig_ap_write(&rig, DRW, 0xFFFF99FF);
    assert_int_equal(rig_read32(&rig, FAKE_RAM), 0xABCD9911);
    rig_close(&rig);
}

static void vboard_mem_ap_tar_increments_and_wraps(void **state)
{
    (void)state;
    for (int is_m7 = 0; is_m7 < 2; is_m7++) {
        uint32_t wrap = is_m7 ? 1024 : 4096; /* what the fake machine says */
        struct rig rig;
        rig_open(&rig, is_m7);
        rig_power_up(&rig);
        rig_ap_write(&rig, CSW, PROT | SINGLE | 2);
        rig_ap_write(&rig, TAR, FAKE_RAM + wrap - 8);
        rig_ap_write(&rig, DRW, 1);
        assert_int_equal(rig_ap_read(&rig, TAR), FAKE_RAM + wrap - 4);
        rig_ap_write(&rig, DRW, 2);
        assert_int_equal(rig_ap_read(&rig, TAR), FAKE_RAM);
        rig_ap_write(&rig, CSW, PROT | 2);
        rig_ap_write(&rig, DRW, 3);
        assert_int_equal(rig_ap_read(&rig, TAR), FAKE_RAM);
        assert_int_equal(rig_read32(&rig, FAKE_RAM), 3);
        rig_close(&rig);
    }
}

static void vboard_mem_ap_packed_transfers_move_a_word(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_ap_write(&rig, CSW, PROT | PACKED | 0);
    rig_ap_write(&rig, TAR, FAKE_RAM + 2); /* bytes 2, 3, 4, 5 on their own lanes */
    rig_ap_write(&rig, DRW, 0x44332211);
    assert_int_equal(rig_ap_read(&rig, TAR), FAKE_RAM + 6);
    assert_int_equal(rig_read32(&rig, FAKE_RAM), 0x44330000);
    assert_int_equal(rig_read32(&rig, FAKE_RAM + 4), 0x00002211);
    rig_ap_write(&rig, CSW, PROT | PACKED | 1);
    rig_ap_write(&rig, TAR, FAKE_RAM + 2);
    assert_int_equal(rig_ap_read(&rig, DRW), 0x44332211);
    assert_int_equal(rig_ap_read(&rig, TAR), FAKE_RAM + 6);
    rig_close(&rig);
}

static void vboard_mem_ap_banked_data_leaves_tar_alone(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    rig_power_up(&rig);
    rig_ap_write(&rig, CSW, PROT | SINGLE | 0);
    rig_ap_write(&rig, TAR, FAKE_RAM + 0x24);
    for (uint32_t i = 0; i < 4; i++)
        rig_ap_write(&rig, BD0 + 4 * i, 0x1000 + i);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(rig_ap_read(&rig, BD0 + 4 * i), 0x1000 + i);
    assert_int_equal(rig_ap_read(&rig, TAR), FAKE_RAM + 0x24);
    assert_int_equal(rig_read32(&rig, FAKE_RAM + 0x2C), 0x1003);
    rig_close(&rig);
}

static void vboard_mem_ap_unaligned_and_unmapped_are_errors(void **state)
{
    (void)state;
    static const uint32_t addresses[] = {FAKE_RAM + 2, 0x60000000, 0xFFFFFFFC};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct rig rig;
        rig_open(&rig, false);
        rig_power_up(&rig);
        rig_ap_write(&rig, CSW, PROT | SINGLE | 2);
        rig_ap_write(&rig, TAR, addresses[i]);
        rig_ap_read(&rig, DRW);
        assert_true(rig_dp_read(&rig, 0x4) & 1u << 5);
        rig_dp_write(&rig, 0x4, 0x50000020);
        assert_int_equal(rig_ap_read(&rig, TAR), addresses[i]); /* not incremented */
        rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_mem_ap_csw_reads_back_what_it_can_do),
        cmocka_unit_test(vboard_mem_ap_sizes_use_the_address_byte_lanes),
        cmocka_unit_test(vboard_mem_ap_tar_increments_and_wraps),
        cmocka_unit_test(vboard_mem_ap_packed_transfers_move_a_word),
        cmocka_unit_test(vboard_mem_ap_banked_data_leaves_tar_alone),
        cmocka_unit_test(vboard_mem_ap_unaligned_and_unmapped_are_errors),
    };
    return cmocka_run_group_tests_name("vboard_mem_ap", tests, NULL, NULL);
}
