/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction counts, idle detection, core registers and faults. */
#include "code.h"
#include "machine_rig.h"

/* Counts instructions by single steps; an IT block is one step. */
static uint64_t count_by_steps(rig *r)
{
    uint64_t before = vb_machine_instructions(r->m);
    for (int i = 0; i < 100000; i++) {
        uint32_t pc = rig_reg(r, PC);
        if (vb_machine_step(r->m) == VB_STOP_BREAKPOINT)
            return vb_machine_instructions(r->m) - before;
        assert_int_not_equal(rig_reg(r, PC), pc);
    }
    fail();
    return 0;
}

static void instructions_equal_a_count_by_hand(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_sum);
    uint64_t before = vb_machine_instructions(r->m);
    rig_run_to_stop(r);
    /* two before the loop; adds, tst, ite, add, add, subs, bne per iteration; the BKPT does not count */
    assert_int_equal(vb_machine_instructions(r->m) - before, 2 + 1000 * 7);
    assert_int_equal(rig_reg(r, 0), 500500);
    rig_start(r, CODE);
    assert_int_equal(count_by_steps(r), 2 + 1000 * 7);
    rig_free(r);
}

static void instruction_counter_is_exact_at_each_read(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_count);
    vb_machine_reset(r->m);
    rig_start(r, CODE);
    rig_set(r, 0, COUNT_LO);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 1), 0);
    assert_int_equal(rig_reg(r, 2), 3);
    assert_int_equal(rig_reg(r, 3), 4);
    rig_free(r);
}

static void instruction_counter_is_found_by_the_rom_table(void **state)
{
    (void)state;
    static const uint32_t ids[][2] = {{0xFE0, 0x1C}, {0xFE8, 0},    {0xFF0, 0x0D},
                                      {0xFF4, 0xF0}, {0xFF8, 0x05}, {0xFFC, 0xB1}};
    rig *r = rig_new(F7);
    uint32_t found = 0, entry;
    for (uint32_t at = 0xE00FF000; (entry = rig_read(r, at)) != 0; at += 4) {
        assert_int_equal(entry & 3, 3);
        uint32_t component = 0xE00FF000 + (entry & 0xFFFFF000);
        bool ours = (rig_read(r, component + 0xFE4) & 0xF) == 0xF;
        for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
            ours = ours && rig_read(r, component + ids[i][0]) == ids[i][1];
        if (ours)
            found = component;
    }
    assert_int_equal(found, COUNT_LO);
    rig_free(r);
}

static void cycle_counter_needs_trcena_and_cyccntena(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_count_dwt);
    rig_set(r, 0, DWT_CYCCNT);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 2), 0);
    rig_write(r, 0xE000EDFC, 1u << 24);
    rig_start(r, CODE);
    rig_set(r, 0, DWT_CYCCNT);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 2), 0);
    rig_write(r, DWT_CTRL, 1);
    rig_start(r, CODE);
    rig_set(r, 0, DWT_CYCCNT);
    uint64_t before = vb_machine_cycles(r->m);
    rig_run_to_stop(r);
    uint32_t counted = rig_reg(r, 2);
    assert_true(counted >= 200 && counted <= vb_machine_cycles(r->m) - before);
    rig_free(r);
}

static void dwt_of_the_m7_is_locked(void **state)
{
    (void)state;
    rig *r = rig_new(F7);
    rig_copy(r, RAM, code_store, sizeof code_store); /* stores 2 */
    rig_start(r, RAM);
    rig_set(r, 0, DWT_CYCCNT);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, DWT_CYCCNT), 0);
    rig_write(r, 0xE0001FB0, 0xC5ACCE55);
    rig_start(r, RAM);
    rig_set(r, 0, DWT_CYCCNT);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, DWT_CYCCNT), 2);
    rig_free(r);
}

static void boots_repeat_exactly(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_memory_loop);
    uint64_t cycles[3];
    static const uint64_t slices[3] = {20000, 777, 1000000};
    for (int i = 0; i < 3; i++) {
        vb_machine_reset(r->m);
        rig_start(r, CODE);
        rig_set(r, 0, RAM);
        uint64_t before = vb_machine_cycles(r->m);
        assert_int_equal(rig_run(r, slices[i], 1000000), VB_STOP_BREAKPOINT);
        cycles[i] = vb_machine_cycles(r->m) - before;
    }
    assert_int_equal(cycles[0], cycles[1]);
    assert_int_equal(cycles[0], cycles[2]);
    rig_free(r);
}

/* ---- idling ---- */

static void polling_memory_is_idle(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_poll_memory);
    rig_set(r, 0, RAM + 0x100);
    rig_write(r, RAM + 0x100, 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(rig_run(r, 2000, 1000000), VB_STOP_IDLE);
    rig_write(r, RAM + 0x100, 1);
    rig_run_to_stop(r);
    rig_free(r);
}

static void polling_with_a_stack_frame_is_idle(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_poll_with_calls);
    rig_set(r, 0, RAM + 0x100);
    rig_write(r, RAM + 0x100, 0);
    assert_int_equal(rig_run(r, 20000, 1000000), VB_STOP_IDLE);
    rig_write(r, RAM + 0x100, 1);
    rig_run_to_stop(r);
    rig_free(r);
}

static void polling_with_a_conditional_store_is_idle(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_poll_with_condition);
    rig_set(r, 0, RAM + 0x100);
    rig_set(r, 2, 0x40008000); /* LPUART1, whose ICR is the store's target */
    rig_write(r, RAM + 0x100, 0);
    assert_int_equal(rig_run(r, 20000, 1000000), VB_STOP_IDLE);
    rig_write(r, RAM + 0x100, 1);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 4), 1);
    rig_free(r);
}

static void computing_is_not_idle(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_count_by_condition);
    rig_set(r, 0, RAM + 0x100);
    rig_write(r, RAM + 0x100, 100000);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, RAM + 0x100), 1);
    rig_load(r, code_count_in_memory);
    rig_set(r, 0, RAM + 0x100);
    rig_write(r, RAM + 0x100, 0);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, RAM + 0x100), 100000);
    rig_load(r, code_count_in_fpu);
    rig_write(r, CPACR, 0xF << 20);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, S0), 0x469C4000); /* 20000.0f */
    rig_load(r, code_long_loop);
    rig_run_to_stop(r);
    rig_free(r);
}

/* ---- faults ---- */

static void undefined_instructions_fault(void **state)
{
    (void)state;
    rig *r = rig_new(F7);
    rig_load(r, code_udf);
    rig_write(r, SHCSR, 1u << 18);
    uint64_t before = vb_machine_instructions(r->m);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, XPSR) & 0x1FF, 6);
    assert_int_equal(rig_read(r, CFSR), 1u << 16);
    assert_int_equal(rig_read(r, rig_reg(r, SP) + 24), CODE + 4);
    assert_int_equal(rig_reg(r, LR), 0xFFFFFFF9);
    assert_int_equal(vb_machine_instructions(r->m) - before, 2);
    rig_free(r);
}

static void bad_jumps_fault(void **state)
{
    (void)state;
    static const struct {
        uint32_t target, exception, cfsr;
    } cases[] = {
        {0x30000001, 5, 1u << 8},  /* nothing there: IBUSERR */
        {0x40021001, 4, 1u << 0},  /* a device: IACCVIOL */
        {0x20000000, 6, 1u << 17}, /* not Thumb: INVSTATE */
        {0xFFFFFFF9, 4, 1u << 0},  /* EXC_RETURN in Thread mode */
    };
    rig *r = rig_new(L4);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig_load(r, code_call_bad);
        rig_write(r, SHCSR, 7u << 16);
        rig_set(r, 0, cases[i].target);
        rig_run_to_stop(r);
        assert_int_equal(rig_reg(r, XPSR) & 0x1FF, cases[i].exception);
        assert_int_equal(rig_read(r, CFSR), cases[i].cfsr);
        assert_int_equal(rig_read(r, rig_reg(r, SP) + 24), cases[i].target & ~1u);
    }
    rig_free(r);
}

static void the_mpu_guards_ram_against_writes(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    for (uint32_t address = RAM + 0x1200; address <= RAM + 0x1600; address += 0x200) {
        bool guarded = address == RAM + 0x1400;
        rig_load(r, code_store);
        rig_write(r, address, 0);
        rig_write(r, SHCSR, 1u << 16);
        rig_write(r, 0xE000ED9C, (RAM + 0x1400) | 0x10); /* region 0, 512 bytes, no access */
        rig_write(r, 0xE000EDA0, 1u << 28 | 8 << 1 | 1);
        rig_write(r, 0xE000ED94, 5);
        rig_set(r, 0, address);
        rig_run_to_stop(r);
        assert_int_equal(rig_reg(r, XPSR) & 0x1FF, guarded ? 4 : 0);
        assert_int_equal(rig_read(r, address),
                         guarded ? 0 : 2); /* the other half of its page stays writable */
        assert_int_equal(rig_read(r, CFSR), guarded ? 0x82 : 0);
        assert_int_equal(rig_read(r, 0xE000ED34), guarded ? address : 0);
    }
    rig_write(r, 0xE000ED94, 0);
    rig_load(r, code_store);
    rig_set(r, 0, RAM + 0x1400);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, RAM + 0x1400), 2);
    rig_free(r);
}

static void an_erased_chip_locks_up(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    assert_int_equal(vb_machine_run(r->m, 1000), VB_STOP_LOCKUP);
    rig_free(r);
}

static void registers_read_back(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    for (uint32_t i = 0; i < 13; i++)
        rig_set(r, i, 0x1000 + i);
    for (uint32_t i = 0; i < 32; i++)
        rig_set(r, S0 + i, 0x3F800000 + i);
    rig_set(r, MSP, 0x20001003);
    rig_set(r, PSP, 0x20002000);
    rig_set(r, 20, 0x02002001); /* SPSEL, BASEPRI, PRIMASK */
    for (uint32_t i = 0; i < 13; i++)
        assert_int_equal(rig_reg(r, i), 0x1000 + i);
    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(rig_reg(r, S0 + i), 0x3F800000 + i);
    assert_int_equal(rig_reg(r, MSP), 0x20001000);
    assert_int_equal(rig_reg(r, 20) & 0xFFFFFF, 0x2001);
    assert_int_equal(rig_reg(r, SP), 0x20002000);
    rig_free(r);
}

static void debug_registers_go_to_the_debug_unit(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_write(r, 0xE000EDF4, 0x10005);
    assert_int_equal(r->last_debug_address, 0xE000EDF4);
    rig_write(r, 0xE0002008, 0x08000401);
    assert_int_equal(r->last_debug_address, 0xE0002008);
    assert_int_equal(r->last_debug_value, 0x08000401);
    assert_int_equal(r->debug_writes, 2);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instructions_equal_a_count_by_hand),
        cmocka_unit_test(instruction_counter_is_exact_at_each_read),
        cmocka_unit_test(instruction_counter_is_found_by_the_rom_table),
        cmocka_unit_test(cycle_counter_needs_trcena_and_cyccntena),
        cmocka_unit_test(dwt_of_the_m7_is_locked),
        cmocka_unit_test(boots_repeat_exactly),
        cmocka_unit_test(polling_memory_is_idle),
        cmocka_unit_test(polling_with_a_stack_frame_is_idle),
        cmocka_unit_test(polling_with_a_conditional_store_is_idle),
        cmocka_unit_test(computing_is_not_idle),
        cmocka_unit_test(undefined_instructions_fault),
        cmocka_unit_test(bad_jumps_fault),
        cmocka_unit_test(the_mpu_guards_ram_against_writes),
        cmocka_unit_test(an_erased_chip_locks_up),
        cmocka_unit_test(registers_read_back),
        cmocka_unit_test(debug_registers_go_to_the_debug_unit),
    };
    return cmocka_run_group_tests_name("vboard_machine_core", tests, NULL, NULL);
}
