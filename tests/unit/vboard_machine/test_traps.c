/* SPDX-License-Identifier: Apache-2.0 */
/* Regression tests for what the emulator silently does wrong, named after the traps in REGISTERS.md. */
#include "code.h"
#include "machine_rig.h"

static uint64_t resident_kb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long size = 0, resident = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &resident), 2); /* NOLINT(cert-err34-c) */
    fclose(file);
    return (uint64_t)resident * ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);
}

/* Trap 1: a flush of the translation buffer touches a gigabyte. */
static void trap1_flushing_translations_takes_no_memory(void **state)
{
    (void)state;
    uint64_t before = resident_kb();
    rig *r = rig_new(L4);
    for (int i = 0; i < 20; i++) {
        rig_load(r, code_sum);
        const uint32_t breakpoint = CODE + 2;
        assert_int_equal(vb_machine_step(r->m), VB_STOP_SLICE);
        vb_machine_set_breakpoints(r->m, &breakpoint, 1);
        rig_run_to_stop(r);
        vb_machine_set_breakpoints(r->m, NULL, 0);
        rig_run_to_stop(r);
        vb_machine_reset(r->m);
    }
    assert_true(resident_kb() - before < 102400);
    rig_free(r);
}

/* Trap 2: neither a debugger's nor the flash controller's writes invalidate translated code. */
static void trap2_code_written_by_debugger_runs(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    for (int i = 0; i < 3; i++) {
        rig_copy(r, RAM, code_set_7, sizeof code_set_7);
        rig_start(r, RAM);
        rig_run_to_stop(r);
        assert_int_equal(rig_reg(r, 0), 7);
        rig_copy(r, RAM, code_set_9, sizeof code_set_9);
        rig_start(r, RAM);
        rig_run_to_stop(r);
        assert_int_equal(rig_reg(r, 0), 9);
    }
    rig_free(r);
}

static void trap2_programmed_flash_runs_on_every_alias(void **state)
{
    (void)state;
    static const char *const chips[] = {L4, F7};
    static const uint32_t aliases[][2] = {{0x08000400, 0x00000400}, {0x08000400, 0x00200400}};
    for (int chip = 0; chip < 2; chip++) {
        rig *r = rig_new(chips[chip]);
        for (int turn = 0; turn < 4; turn++) {
            rig_program(r, CODE, turn & 1 ? code_set_9 : code_set_7, sizeof code_set_7);
            for (int alias = 0; alias < 2; alias++) {
                rig_start(r, aliases[chip][alias]);
                rig_run_to_stop(r);
                assert_int_equal(rig_reg(r, 0), turn & 1 ? 9 : 7);
            }
        }
        rig_free(r);
    }
}

static void trap2_code_written_through_the_other_ram_alias_runs(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_copy(r, 0x10000000, code_set_7, sizeof code_set_7);
    rig_start(r, 0x20030000); /* SRAM2 at its second address */
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 0), 7);
    rig_copy(r, 0x10000000, code_set_9, sizeof code_set_9);
    rig_start(r, 0x20030000);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 0), 9);
    rig_free(r);
}

/* Trap 3: the emulator's PC is the block's start when an access faults or a device is read. */
static void trap3_faults_stack_the_right_pc(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_load);
    rig_write(r, SHCSR, 1u << 17); /* BusFault */
    rig_set(r, 0, 0x60000000);
    uint64_t before = vb_machine_instructions(r->m);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, XPSR) & 0x1FF, 5);
    assert_int_equal(rig_read(r, rig_reg(r, SP) + 24), CODE + 4); /* the load, not the block */
    assert_int_equal(rig_read(r, BFAR), 0x60000000);
    assert_int_equal(rig_read(r, CFSR), 0x8200); /* BFARVALID, PRECISERR */
    assert_int_equal(rig_reg(r, 2), 2);          /* nothing after it has run */
    assert_int_equal(vb_machine_instructions(r->m) - before, 2);
    rig_free(r);
}

static void trap3_faulting_stores_stack_the_right_pc(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_store);
    rig_set(r, 0, 0x60000000);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, XPSR) & 0x1FF, 3); /* not enabled: escalated */
    assert_int_equal(rig_read(r, HFSR), 0x40000000);
    assert_int_equal(rig_read(r, rig_reg(r, SP) + 24), CODE + 4);
    rig_load(r, code_stm_across);
    rig_set(r, 0, 0x2009FFF8); /* two words before the end of SRAM3 */
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, rig_reg(r, SP) + 24), CODE + 2);
    assert_int_equal(rig_read(r, BFAR), 0x200A0000);
    rig_free(r);
}

static void trap3_stopping_in_a_device_access_repeats_nothing(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_reset_request);
    rig_set(r, 0, AIRCR);
    rig_set(r, 1, 0x05FA0004);
    assert_int_equal(rig_run(r, 1000, 10000), VB_STOP_RESET);
    uint32_t r2 = rig_reg(r, 2);
    assert_true(r2 == 2 || r2 == 3); /* the rest of its block, once */
    assert_int_equal(vb_machine_run(r->m, 1000), VB_STOP_RESET);
    assert_int_equal(rig_reg(r, 2), r2);
    vb_machine_reset(r->m);
    assert_int_equal(rig_reg(r, PC), CODE);
    assert_int_equal(rig_read(r, 0x40021094) >> 28 & 1, 1); /* RCC_CSR.SFTRSTF */
    rig_free(r);
}

/* Trap 4: the block hook is called again for a block at which the emulator was stopped. */
static void trap4_slices_count_every_block_once(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_sum);
    rig_run_to_stop(r);
    uint64_t whole = vb_machine_instructions(r->m), cycles = vb_machine_cycles(r->m);
    for (uint64_t slice = 1; slice < 200; slice = slice * 3 + 1) {
        vb_machine_reset(r->m);
        rig_start(r, CODE);
        uint64_t before = vb_machine_instructions(r->m), cycles_before = vb_machine_cycles(r->m);
        assert_int_equal(rig_run(r, slice, 100000), VB_STOP_BREAKPOINT);
        assert_int_equal(vb_machine_instructions(r->m) - before, whole);
        assert_int_equal(vb_machine_cycles(r->m) - cycles_before, cycles);
        assert_int_equal(rig_reg(r, 0), 500500);
    }
    rig_free(r);
}

/* Trap 5: the step count and new hooks do not affect translated code. */
static void trap5_steps_and_breakpoints_reach_translated_code(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_straight);
    rig_run_to_stop(r); /* now it is translated, as one block */
    rig_start(r, CODE);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(vb_machine_step(r->m), VB_STOP_SLICE);
        assert_int_equal(rig_reg(r, PC), CODE + 2 * i);
        assert_int_equal(rig_reg(r, 0), i);
    }
    rig_start(r, CODE);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 10);
    const uint32_t breakpoint = CODE + 4;
    vb_machine_set_breakpoints(r->m, &breakpoint, 1);
    rig_start(r, CODE);
    uint64_t before = vb_machine_instructions(r->m);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 4);
    assert_int_equal(rig_reg(r, 0), 2);
    assert_int_equal(vb_machine_instructions(r->m) - before, 2);
    assert_int_equal(vb_machine_step(r->m), VB_STOP_SLICE);
    assert_int_equal(rig_reg(r, 0), 3);
    vb_machine_set_breakpoints(r->m, NULL, 0);
    rig_start(r, CODE);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 10);
    rig_free(r);
}

/* Trap 6: the emulator's timeout costs 3.9 ms a call; with it, this test would take minutes and exceed
 * CTest's limit. */
static void trap6_short_slices_are_cheap(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_long_loop);
    assert_int_equal(rig_run(r, 10, 600000), VB_STOP_BREAKPOINT);
    rig_free(r);
}

/* Trap 7: where the PC is at BKPT, SVC, EXC_RETURN and the hints differs. */
static void trap7_breakpoint_stops_at_the_instruction(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_set_7);
    uint64_t before = vb_machine_instructions(r->m);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 2);
    assert_int_equal(vb_machine_instructions(r->m) - before, 1);
    r->dhcsr = 0;                                             /* no halting debug: a fault */
    assert_int_equal(rig_run(r, 1000, 1000), VB_STOP_LOCKUP); /* the handler has a BKPT as well */
    assert_int_equal(rig_read(r, HFSR) >> 31, 1);             /* DEBUGEVT */
    rig_free(r);
}

static void trap7_svc_returns_to_the_next_instruction(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load_handler(r, code_svc, handler_add_ten);
    uint64_t before = vb_machine_instructions(r->m);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 6);
    assert_int_equal(rig_reg(r, 0), 12);
    assert_int_equal(rig_reg(r, SP), STACK);
    assert_int_equal(rig_reg(r, XPSR) & 0x1FF, 0);
    assert_int_equal(vb_machine_instructions(r->m) - before, 8);
    rig_free(r);
}

static void trap7_waiting_instructions_idle(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_wfi);
    assert_int_equal(vb_machine_run(r->m, 1000), VB_STOP_IDLE);
    assert_int_equal(rig_reg(r, 0), 1);
    assert_int_equal(vb_machine_run(r->m, 1000), VB_STOP_IDLE);
    assert_int_equal(rig_reg(r, 0), 2);
    assert_int_equal(vb_machine_run(r->m, 1000), VB_STOP_BREAKPOINT);
    assert_int_equal(rig_reg(r, 0), 4);
    rig_free(r);
}

/* Trap 8: the emulator executes what faults on the core. */
static void expect_usage_fault(rig *r, uint32_t cfsr, uint32_t pc)
{
    rig_write(r, SHCSR, 1u << 18);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, XPSR) & 0x1FF, 6);
    assert_int_equal(rig_read(r, CFSR), cfsr);
    assert_int_equal(rig_read(r, rig_reg(r, SP) + 24), pc);
}

static void trap8_fpu_needs_cpacr(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_fpu);
    expect_usage_fault(r, 1u << 19, CODE + 2); /* NOCP */
    rig_load(r, code_fpu);
    rig_write(r, CPACR, 0xF << 20);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 10);
    rig_free(r);
}

static void trap8_multiple_transfers_need_alignment(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_ldrd_unknown);
    expect_usage_fault(r, 1u << 24, CODE + 8); /* UNALIGNED */
    rig_load(r, code_ldrd);
    rig_set(r, 0, RAM + 1);
    expect_usage_fault(r, 1u << 24, CODE + 2);
    rig_load(r, code_ldm);
    rig_set(r, 0, RAM + 2);
    expect_usage_fault(r, 1u << 24, CODE + 2);
    rig_load(r, code_ldrex);
    rig_set(r, 0, RAM + 2);
    expect_usage_fault(r, 1u << 24, CODE + 2);
    rig_load(r, code_ldm);
    rig_set(r, 0, RAM + 4);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 6);
    rig_free(r);
}

static void trap8_ordinary_loads_need_it_with_unalign_trp(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_ldr);
    rig_set(r, 0, RAM + 1);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, PC), CODE + 6);
    rig_write(r, CCR, rig_read(r, CCR) | 8);
    rig_start(r, CODE);
    expect_usage_fault(r, 1u << 24, CODE + 2);
    rig_free(r);
}

static void trap8_division_by_zero_traps_when_asked(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_divide);
    rig_set(r, 0, 100);
    rig_set(r, 2, 5);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 2), 0); /* DIV_0_TRP clear: the result is 0 */
    rig_write(r, CCR, rig_read(r, CCR) | 0x10);
    rig_start(r, CODE);
    expect_usage_fault(r, 1u << 25, CODE + 2); /* DIVBYZERO */
    rig_load(r, code_divide_loop);
    rig_write(r, CCR, rig_read(r, CCR) | 0x10);
    rig_set(r, 1, 50);
    expect_usage_fault(r, 1u << 25, CODE + 2); /* long after its translation */
    assert_int_equal(rig_reg(r, 2), 100);
    assert_int_equal(rig_reg(r, 1), 0);
    rig_free(r);
}

/* Trap 9: the emulator has no exceptions. */
static void trap9_exceptions_keep_the_fpu_registers(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load_handler(r, code_fpu_svc, handler_fpu_clobber);
    rig_write(r, CPACR, 0xF << 20);
    rig_run_to_stop(r);
    assert_int_equal(rig_reg(r, 0), 0x40800000); /* 4.0f */
    assert_int_equal(rig_reg(r, SP), STACK);
    rig_free(r);
}

static void trap9_faults_in_fault_handlers_lock_up(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load_handler(r, code_udf, code_udf);
    assert_int_equal(rig_run(r, 1000, 1000), VB_STOP_LOCKUP);
    assert_int_equal(rig_reg(r, PC), 0xFFFFFFFE);
    assert_int_equal(vb_machine_run(r->m, 1000), VB_STOP_LOCKUP);
    rig_start(r, CODE); /* a debugger can move it out */
    assert_int_equal(rig_run(r, 1000, 1000), VB_STOP_LOCKUP);
    vb_machine_reset(r->m);
    assert_int_equal(rig_reg(r, PC), CODE);
    rig_free(r);
}

/* Trap 10: programming must pass through the controller, and the emulator must not write itself. */
static void trap10_flash_cannot_be_written_around_its_controller(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_copy(r, RAM, code_program, sizeof code_program);
    rig_set(r, 0, 0x08010000);
    rig_set(r, 1, 0x11223344);
    rig_set(r, 2, 0x55667788);
    rig_start(r, RAM);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, 0x08010000), 0xFFFFFFFF);
    assert_int_equal(rig_reg(r, 5), 0xFFFFFFFF);     /* nor may code see it even briefly */
    assert_int_equal(rig_read(r, 0x40022010), 0x80); /* PGSERR */
    assert_int_equal(rig_reg(r, 4), 2);
    rig_free(r);
}

/* Trap 11: while a code hook exists anywhere, a stop leaves the PC at a block that ran earlier. */
static void trap11_stops_keep_the_pc_while_a_breakpoint_is_set(void **state)
{
    (void)state;
    rig *r = rig_new(L4);
    rig_load(r, code_sum);
    rig_run_to_stop(r);
    uint64_t whole = vb_machine_instructions(r->m);
    const uint32_t elsewhere = HANDLER;
    vb_machine_set_breakpoints(r->m, &elsewhere, 1);
    for (uint64_t slice = 1; slice < 100; slice = slice * 3 + 1) {
        vb_machine_reset(r->m);
        rig_start(r, CODE);
        uint64_t before = vb_machine_instructions(r->m);
        assert_int_equal(rig_run(r, slice, 100000), VB_STOP_BREAKPOINT);
        assert_int_equal(rig_reg(r, 0), 500500);
        assert_int_equal(vb_machine_instructions(r->m) - before, whole);
    }
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trap1_flushing_translations_takes_no_memory),
        cmocka_unit_test(trap2_code_written_by_debugger_runs),
        cmocka_unit_test(trap2_programmed_flash_runs_on_every_alias),
        cmocka_unit_test(trap2_code_written_through_the_other_ram_alias_runs),
        cmocka_unit_test(trap3_faults_stack_the_right_pc),
        cmocka_unit_test(trap3_faulting_stores_stack_the_right_pc),
        cmocka_unit_test(trap3_stopping_in_a_device_access_repeats_nothing),
        cmocka_unit_test(trap4_slices_count_every_block_once),
        cmocka_unit_test(trap5_steps_and_breakpoints_reach_translated_code),
        cmocka_unit_test(trap6_short_slices_are_cheap),
        cmocka_unit_test(trap7_breakpoint_stops_at_the_instruction),
        cmocka_unit_test(trap7_svc_returns_to_the_next_instruction),
        cmocka_unit_test(trap7_waiting_instructions_idle),
        cmocka_unit_test(trap8_fpu_needs_cpacr),
        cmocka_unit_test(trap8_multiple_transfers_need_alignment),
        cmocka_unit_test(trap8_ordinary_loads_need_it_with_unalign_trp),
        cmocka_unit_test(trap8_division_by_zero_traps_when_asked),
        cmocka_unit_test(trap9_exceptions_keep_the_fpu_registers),
        cmocka_unit_test(trap9_faults_in_fault_handlers_lock_up),
        cmocka_unit_test(trap10_flash_cannot_be_written_around_its_controller),
        cmocka_unit_test(trap11_stops_keep_the_pc_while_a_breakpoint_is_set),
    };
    return cmocka_run_group_tests_name("vboard_machine_traps", tests, NULL, NULL);
}
