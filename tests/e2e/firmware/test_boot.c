/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

static const char *const chips[] = {"stm32l4r5zi", "stm32f767zi"};
static wire w;

/* The build identifier inside the file (firmware/bench/INFO.md). */
static void file_identifier(const char *chip, char text[41])
{
    static uint8_t image[WIRE_MODEL_OFFSET];
    assert_true(wire_firmware(chip, image) > 0x250);
    for (int i = 0; i < 20; i++)
        snprintf(text + (size_t)2 * (size_t)i, 3, "%02x", image[0x23C + i]);
}

static void test_boot_and_hello(void **state)
{
    (void)state;
    static const char *const cores[] = {"cortex-m4", "cortex-m7"};
    static const char *const sources[] = {"msi_lse", "hse"};
    static const uint64_t clocks[] = {119930880, 216000000}, ram[] = {0xA0000, 0x80000};
    for (size_t i = 0; i < 2; i++) {
        char identifier[41];
        file_identifier(chips[i], identifier);
        wire_open(&w, chips[i], NULL, 0);
        const hf_frame *boot = wire_wait(&w, "boot");
        assert_int_equal(boot->sequence, 0);
        assert_string_equal(wire_text(boot, "firmware"), identifier);
        wire_ask(&w, "hello");
        const hf_frame *id = &w.frames[0];
        assert_string_equal(wire_text(id, "chip"), chips[i]);
        assert_string_equal(wire_text(id, "core"), cores[i]);
        assert_string_equal(wire_text(id, "firmware"), identifier);
        assert_true(wire_number(id, "clock_hz") == clocks[i]);
        assert_string_equal(wire_text(id, "clock_source"), sources[i]);
        assert_in_range(wire_number(id, "arena_bytes"), ram[i] - 16384, ram[i] - 4096);
        assert_string_equal(wire_text(id, "counters"), "cycles,instructions");
        assert_true(wire_number(id, "rx_errors") == 0);
        assert_string_equal(wire_text(&w.frames[1], "state"), "none");
        wire_close(&w);
    }
}

static void test_speeds(void **state)
{
    (void)state;
    static const uint32_t rates[] = {2000000, 921600, 115200};
    for (size_t i = 0; i < 2; i++) {
        wire_open(&w, chips[i], NULL, 0);
        wire_wait(&w, "boot");
        for (size_t j = 0; j < 3; j++) {
            wire_change_rate(&w, rates[j]);
            wire_ask(&w, "hello");
        }
        assert_string_equal(wire_request(&w, "baud rate=2000001")->type, "error");
        wire_ask(&w, "hello");
        wire_close(&w);
    }
}

/* A fault report names the fault and its address, and is repeated on request. */
static void test_faults(void **state)
{
    (void)state;
    static const char *const crashes[] = {"crash kind=udf", "crash kind=bus", "crash kind=stack"};
    static const char *const kinds[] = {"usage", "bus", "stack"};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 3; j++) {
            wire_open(&w, chips[i], NULL, 0);
            wire_wait(&w, "boot");
            const hf_frame *fault = wire_request(&w, crashes[j]);
            assert_string_equal(fault->type, "fault");
            assert_string_equal(wire_text(fault, "kind"), kinds[j]);
            assert_string_equal(wire_text(fault, "doing"), "crash");
            uint32_t pc = 0, cfsr = 0;
            assert_true(hf_frame_get_hex32(fault, "pc", &pc));
            assert_true(hf_frame_get_hex32(fault, "cfsr", &cfsr));
            assert_int_not_equal(cfsr, 0);
            /* An overflow is caught by the MPU's guard, before it is out of the RAM and a matter
             * of the bus. */
            if (j == 2) {
                assert_int_not_equal(cfsr & 0x000000FF, 0);
                assert_int_equal(cfsr & 0x0000FF00, 0);
            }
            if (j < 2)
                assert_in_range(pc, 0x08000200, 0x0800FFFF);
            assert_string_equal(wire_request(&w, "hello")->type, "fault");
            wire_close(&w);
        }
    }
}

/* A clock that does not start is reported at the reset clock. */
static void test_dead_clocks(void **state)
{
    (void)state;
    static const struct {
        int chip;
        const char *fault, *says;
    } cases[] = {
        {0, "dead=msi", "clock: MSI oscillator not ready"},
        {0, "dead=pll", "clock: PLL does not lock"},
        {0, "dead=regulator", "clock: voltage range 1 not reached"},
        {1, "dead=hsi", "clock: HSI oscillator not ready"},
        {1, "dead=pll", "clock: PLL does not lock"},
        {1, "dead=over-drive", "clock: over-drive not ready"},
        {1, "dead=over-drive-switch", "clock: no switch to over-drive"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wire_open_faulty(&w, chips[cases[i].chip], NULL, 0, cases[i].fault);
        const hf_frame *fault = wire_wait(&w, "fault");
        assert_string_equal(wire_text(fault, "kind"), "assert");
        assert_string_equal(wire_text(fault, "doing"), cases[i].says);
        assert_string_equal(wire_text(wire_request(&w, "hello"), "doing"), cases[i].says); /* and again */
        wire_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot_and_hello),
        cmocka_unit_test(test_speeds),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_dead_clocks),
    };
    return cmocka_run_group_tests_name("firmware_boot", tests, NULL, NULL);
}
