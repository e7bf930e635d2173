/* SPDX-License-Identifier: Apache-2.0 */
#include "debug_rig.h"

#define AIRCR   0xE000ED0Cu
#define DFSR    0xE000ED30u
#define DHCSR   0xE000EDF0u
#define DCRSR   0xE000EDF4u
#define DCRDR   0xE000EDF8u
#define DEMCR   0xE000EDFCu
#define FP_CTRL 0xE0002000u
#define FP_COMP 0xE0002008u

#define KEY         0xA05F0000u
#define C_DEBUGEN   1u
#define C_HALT      2u
#define C_STEP      4u
#define S_REGRDY    (1u << 16)
#define S_HALT      (1u << 17)
#define S_SLEEP     (1u << 18)
#define S_LOCKUP    (1u << 19)
#define S_RETIRE_ST (1u << 24)
#define S_RESET_ST  (1u << 25)

#define NOP 0xBF00

/* Accesses of the debugger, without the JTAG chain above. */
static uint32_t get(struct rig *rig, uint32_t address)
{
    uint32_t value = 0;
    assert_true(vb_core_debug_bus_read(rig->core, address, 4, &value));
    return value;
}

static void set(struct rig *rig, uint32_t address, uint32_t value)
{
    assert_true(vb_core_debug_bus_write(rig->core, address, 4, value));
}

static uint32_t get_register(struct rig *rig, uint32_t regsel)
{
    set(rig, DCRSR, regsel);
    assert_true(get(rig, DHCSR) & S_REGRDY);
    return get(rig, DCRDR);
}

static void set_register(struct rig *rig, uint32_t regsel, uint32_t value)
{
    set(rig, DCRDR, value);
    set(rig, DCRSR, regsel | 1u << 16);
}

static void open_halted(struct rig *rig, bool is_m7)
{
    rig_open(rig, is_m7);
    set(rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    assert_true(get(rig, DHCSR) & S_HALT);
    set(rig, DFSR, 0x1F);
}

static void resume(struct rig *rig)
{
    set(rig, DHCSR, KEY | C_DEBUGEN);
}

static void vboard_core_halts_and_resumes(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    set(&rig, DHCSR, 0x12340000 | C_DEBUGEN | C_HALT); /* wrong key */
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    assert_int_equal(get(&rig, DHCSR) & 0xFF0FFFFF, S_HALT | S_REGRDY | S_RESET_ST | S_RETIRE_ST | 3);
    assert_int_equal(get(&rig, DFSR), 1);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_HALTED);
    assert_int_equal(vb_machine_instructions(rig.machine), 20);
    resume(&rig);
    assert_false(get(&rig, DHCSR) & S_HALT);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    assert_int_equal(vb_machine_instructions(rig.machine), 30);
    set(&rig, DFSR, 1);
    assert_int_equal(get(&rig, DFSR), 0);
    rig_close(&rig);
}

static void vboard_core_without_debugen_nothing_halts(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    set(&rig, DHCSR, KEY | C_HALT);
    assert_int_equal(get(&rig, DHCSR) & (S_HALT | C_HALT), 0);
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    assert_true(get(&rig, DHCSR) & S_HALT);
    set(&rig, DHCSR, KEY); /* clearing C_DEBUGEN ends Debug state */
    assert_int_equal(vb_core_debug_run(rig.core, 1), VB_RUN_MORE);
    rig_close(&rig);
}

static void vboard_core_transfers_registers_when_halted(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    assert_int_equal(get_register(&rig, 15), FAKE_ENTRY);
    assert_int_equal(get_register(&rig, 13), FAKE_SP);
    for (uint32_t regsel = 0; regsel < 96; regsel++)
        set_register(&rig, regsel, 0x1000 + regsel);
    for (uint32_t regsel = 0; regsel < 96; regsel++)
        assert_int_equal(get_register(&rig, regsel), 0x1000 + regsel);
    set_register(&rig, 15, FAKE_RAM);
    resume(&rig);
    set_register(&rig, 3, 99); /* not in Debug state: no transfer */
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    assert_int_equal(get_register(&rig, 3), 0x1003);
    rig_close(&rig);
}

static void vboard_core_steps_one_instruction(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    for (uint32_t i = 1; i <= 3; i++) {
        set(&rig, DHCSR, KEY | C_DEBUGEN | C_STEP | 8);
        assert_true(get(&rig, DHCSR) & S_HALT);
        assert_int_equal(get(&rig, DFSR), 1);
        assert_int_equal(get_register(&rig, 15), FAKE_ENTRY + 2 * i);
        assert_int_equal(vb_machine_instructions(rig.machine), i);
    }
    set_register(&rig, 15, FAKE_RAM);
    fake_machine_poke(rig.machine, FAKE_RAM, 0xBE00);
    set(&rig, DFSR, 0x1F);
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_STEP);
    assert_int_equal(get(&rig, DFSR), 2); /* a BKPT in the way */
    assert_int_equal(get_register(&rig, 15), FAKE_RAM);
    rig_close(&rig);
}

static void vboard_core_sticky_bits_clear_for_the_debugger_only(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    vb_debug_port port = vb_core_debug_as_port(rig.core);
    vb_core_debug_run(rig.core, 5);
    assert_true(port.read(port.user, DHCSR) & S_RESET_ST); /* the machine asking for C_DEBUGEN */
    uint32_t first = get(&rig, DHCSR);
    assert_true(first & S_RESET_ST && first & S_RETIRE_ST);
    assert_int_equal(get(&rig, DHCSR) & (S_RESET_ST | S_RETIRE_ST), 0);
    vb_core_debug_run(rig.core, 5);
    assert_int_equal(get(&rig, DHCSR) & (S_RESET_ST | S_RETIRE_ST), S_RETIRE_ST);
    rig_close(&rig);
}

static void vboard_core_breakpoint_instruction_halts(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    fake_machine_poke(rig.machine, FAKE_RAM + 4, 0xBE00);
    set_register(&rig, 15, FAKE_RAM);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_HALTED);
    assert_int_equal(get(&rig, DFSR), 2);
    assert_int_equal(get_register(&rig, 15), FAKE_RAM + 4);
    assert_int_equal(get_register(&rig, 0), 2);
    rig_close(&rig);
}

static void vboard_fpb_version_1_matches_half_words(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    assert_int_equal(get(&rig, FP_CTRL), 0x260);
    set(&rig, FP_CTRL, 1); /* without the key */
    assert_int_equal(get(&rig, FP_CTRL), 0x260);
    set(&rig, FP_CTRL, 3);
    assert_int_equal(get(&rig, FP_CTRL), 0x261);
    set(&rig, FP_COMP, 0x80000000u | (FAKE_ENTRY + 4) | 1); /* upper half-word */
    set(&rig, FP_COMP + 4, (FAKE_ENTRY + 4) | 1);           /* remap: not a breakpoint */
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_HALTED);
    assert_int_equal(get(&rig, DFSR), 2);
    assert_int_equal(get_register(&rig, 15), FAKE_ENTRY + 6);
    set(&rig, FP_COMP, 0xC0000000u | (FAKE_ENTRY + 8) | 1); /* both */
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_HALTED);
    assert_int_equal(get_register(&rig, 15), FAKE_ENTRY + 8);
    set(&rig, FP_CTRL, 2);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_MORE);
    assert_int_equal(get(&rig, FP_COMP + 4 * 6), 0);
    rig_close(&rig);
}

static void vboard_fpb_version_2_matches_any_address(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, true);
    assert_int_equal(get(&rig, FP_CTRL), 0x10000080);
    set(&rig, FP_CTRL, 3);
    for (uint32_t i = 0; i < 8; i++)
        set(&rig, FP_COMP + 4 * i, (FAKE_RAM + 0x100 * (i + 1)) | 1);
    set_register(&rig, 15, FAKE_RAM);
    for (uint32_t i = 0; i < 8; i++) {
        resume(&rig);
        assert_int_equal(vb_core_debug_run(rig.core, 1000), VB_RUN_HALTED);
        assert_int_equal(get_register(&rig, 15), FAKE_RAM + 0x100 * (i + 1));
        set(&rig, FP_COMP + 4 * i, 0);
    }
    rig_close(&rig);
}

static void vboard_core_reset_request_restarts_the_core(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    get(&rig, DHCSR);
    set(&rig, DEMCR, 1u << 24);
    set(&rig, AIRCR, 0x05FA0004); /* while halted: the machine does not run and cannot report it */
    assert_int_equal(fake_machine_state(rig.machine)->resets, 2);
    assert_int_equal(get(&rig, DHCSR) & (S_RESET_ST | S_HALT | C_HALT | C_DEBUGEN), S_RESET_ST | C_DEBUGEN);
    assert_int_equal(get(&rig, DEMCR), 1u << 24);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    set(&rig, AIRCR, 0x00000004); /* no key */
    assert_int_equal(fake_machine_state(rig.machine)->resets, 2);
    rig_close(&rig);
}

static void vboard_core_reset_is_caught(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    set_register(&rig, 15, FAKE_RAM);
    set(&rig, DEMCR, 1);
    set(&rig, AIRCR, 0x05FA0004);
    assert_true(get(&rig, DHCSR) & S_HALT);
    assert_int_equal(get(&rig, DFSR), 8);
    assert_int_equal(get_register(&rig, 15), FAKE_ENTRY);
    assert_int_equal(vb_machine_instructions(rig.machine), 0);
    rig_close(&rig);
}

static void vboard_core_reset_from_code_is_carried_out(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    fake_machine_poke(rig.machine, FAKE_RAM, 0xDEFF);
    set_register(&rig, 15, FAKE_RAM);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_MORE);
    assert_int_equal(fake_machine_state(rig.machine)->resets, 2);
    assert_int_equal(vb_machine_get_register(rig.machine, 15), FAKE_ENTRY);
    rig_close(&rig);
}

static void vboard_core_srst_holds_the_core(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    set(&rig, DEMCR, 1);
    rig_send(&rig, "s");
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_HALTED);
    assert_true(get(&rig, DHCSR) & S_RESET_ST);
    assert_true(get(&rig, DHCSR) & S_RESET_ST); /* still in reset */
    assert_false(get(&rig, DHCSR) & S_HALT);
    rig_send(&rig, "r");
    assert_true(get(&rig, DHCSR) & S_HALT);
    assert_int_equal(get(&rig, DFSR), 8);
    set(&rig, DEMCR, 0);
    rig_send(&rig, "sr");
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    rig_send(&rig, "s");
    vb_bitbang_disconnect(&rig.bitbang); /* the line is released */
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    rig_close(&rig);
}

static void vboard_core_lockup_shows_and_ends(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    fake_machine_poke(rig.machine, FAKE_RAM, 0xDE00);
    set_register(&rig, 15, FAKE_RAM);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_HALTED);
    assert_int_equal(get(&rig, DHCSR) & (S_LOCKUP | S_HALT), S_LOCKUP);
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    assert_int_equal(get(&rig, DHCSR) & (S_LOCKUP | S_HALT), S_HALT);
    set_register(&rig, 15, FAKE_RAM + 2);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_MORE);
    fake_machine_poke(rig.machine, vb_machine_get_register(rig.machine, 15), 0xDE00);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_HALTED);
    set(&rig, AIRCR, 0x05FA0004);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_MORE);
    rig_close(&rig);
}

static void vboard_core_sleep_shows(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    fake_machine_poke(rig.machine, FAKE_RAM, 0xBF30);
    fake_machine_poke(rig.machine, FAKE_RAM + 2, 0xE7FE);
    set_register(&rig, 15, FAKE_RAM);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_IDLE);
    assert_true(get(&rig, DHCSR) & S_SLEEP);
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    assert_int_equal(get(&rig, DHCSR) & (S_SLEEP | S_HALT), S_HALT);
    set_register(&rig, 15, FAKE_RAM + 2);
    fake_machine_poke(rig.machine, FAKE_RAM, NOP);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_IDLE); /* spins, does not sleep */
    assert_false(get(&rig, DHCSR) & S_SLEEP);
    rig_close(&rig);
}

static void vboard_core_catches_faults_on_entry(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    fake_machine_poke(rig.machine, FAKE_RAM + 2, 0xDE03);
    set_register(&rig, 15, FAKE_RAM);
    set(&rig, DEMCR, 1u << 10);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_HALTED);
    assert_int_equal(get(&rig, DFSR), 8);
    assert_int_equal(get_register(&rig, 15), FAKE_HARDFAULT);
    uint32_t r0 = get_register(&rig, 0);
    resume(&rig); /* already caught: the handler runs */
    assert_int_equal(vb_core_debug_run(rig.core, 100), VB_RUN_MORE);
    assert_int_equal(vb_core_debug_run(rig.core, 4), VB_RUN_MORE);
    assert_true(vb_machine_get_register(rig.machine, 0) > r0);
    rig_close(&rig);
}

static void vboard_core_shared_handler_is_caught_for_its_fault_only(void **state)
{
    (void)state;
    struct rig rig;
    open_halted(&rig, false);
    fake_machine_poke(rig.machine, FAKE_RAM, 0xDE0B); /* exception 11 has the same handler as BusFault */
    set_register(&rig, 15, FAKE_RAM);
    set(&rig, DEMCR, 1u << 8);
    resume(&rig);
    for (int i = 0; i < 3; i++)
        assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    assert_true(vb_machine_get_register(rig.machine, 15) > FAKE_SHARED);
    set(&rig, DHCSR, KEY | C_DEBUGEN | C_HALT);
    set(&rig, DFSR, 0x1F);
    fake_machine_poke(rig.machine, FAKE_RAM, 0xDE05);
    set_register(&rig, 15, FAKE_RAM);
    resume(&rig);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_HALTED);
    assert_int_equal(get(&rig, DFSR), 8);
    assert_int_equal(get_register(&rig, 15), FAKE_SHARED);
    rig_close(&rig);
}

static void vboard_core_code_can_ask_for_a_halt_but_not_for_debug(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    vb_debug_port port = vb_core_debug_as_port(rig.core);
    port.write(port.user, DHCSR, KEY | C_DEBUGEN | C_HALT, true);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_MORE);
    assert_int_equal(get(&rig, DHCSR) & (C_DEBUGEN | S_HALT), 0);
    set(&rig, DHCSR, KEY | C_DEBUGEN);
    port.write(port.user, DHCSR, KEY | C_HALT, true);
    assert_int_equal(vb_core_debug_run(rig.core, 10), VB_RUN_HALTED);
    assert_int_equal(get(&rig, DHCSR) & (C_DEBUGEN | S_HALT), C_DEBUGEN | S_HALT);
    rig_close(&rig);
}

static void vboard_core_reports_debugger_writes_once(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    vb_core_debug_consume_write(rig.core);
    get(&rig, FAKE_RAM);
    assert_false(vb_core_debug_consume_write(rig.core));
    set(&rig, 0xE000EDFC, 0);
    assert_true(vb_core_debug_consume_write(rig.core));
    assert_false(vb_core_debug_consume_write(rig.core));
    rig_close(&rig);
}

/* A machine that waits for data runs once for a sequence of words, not once for each. */
static void vboard_core_reports_streamed_writes_at_their_end(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig, false);
    vb_core_debug_consume_write(rig.core);
    for (uint32_t i = 0; i < 8; i++) {
        set(&rig, FAKE_RAM + 4 * i, i);
        assert_false(vb_core_debug_consume_write(rig.core));
    }
    get(&rig, FAKE_RAM);
    assert_true(vb_core_debug_consume_write(rig.core));
    assert_false(vb_core_debug_consume_write(rig.core));
    set(&rig, FAKE_RAM, 1);
    vb_core_debug_end_stream(rig.core); /* another address, or a pause */
    assert_true(vb_core_debug_consume_write(rig.core));
    vb_core_debug_end_stream(rig.core);
    assert_false(vb_core_debug_consume_write(rig.core));
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_core_halts_and_resumes),
        cmocka_unit_test(vboard_core_without_debugen_nothing_halts),
        cmocka_unit_test(vboard_core_transfers_registers_when_halted),
        cmocka_unit_test(vboard_core_steps_one_instruction),
        cmocka_unit_test(vboard_core_sticky_bits_clear_for_the_debugger_only),
        cmocka_unit_test(vboard_core_breakpoint_instruction_halts),
        cmocka_unit_test(vboard_fpb_version_1_matches_half_words),
        cmocka_unit_test(vboard_fpb_version_2_matches_any_address),
        cmocka_unit_test(vboard_core_reset_request_restarts_the_core),
        cmocka_unit_test(vboard_core_reset_is_caught),
        cmocka_unit_test(vboard_core_reset_from_code_is_carried_out),
        cmocka_unit_test(vboard_core_srst_holds_the_core),
        cmocka_unit_test(vboard_core_lockup_shows_and_ends),
        cmocka_unit_test(vboard_core_sleep_shows),
        cmocka_unit_test(vboard_core_catches_faults_on_entry),
        cmocka_unit_test(vboard_core_shared_handler_is_caught_for_its_fault_only),
        cmocka_unit_test(vboard_core_code_can_ask_for_a_halt_but_not_for_debug),
        cmocka_unit_test(vboard_core_reports_debugger_writes_once),
        cmocka_unit_test(vboard_core_reports_streamed_writes_at_their_end),
    };
    return cmocka_run_group_tests_name("vboard_core_debug", tests, NULL, NULL);
}
