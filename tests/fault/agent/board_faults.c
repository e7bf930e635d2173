/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can go wrong around a board, done to a real OpenOCD and a virtual board: each failure is classed, says
 * what was being done, leaves no process or descriptor behind, and the next attempt works again.
 */
#include "hf_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "fault_injection/fault_injection.h"
#include "job.h"

#define NETWORK "mobilenetv1_0.2_32_c1_o2"
#define VBOARD  "hilfarm-vboard"

typedef struct scene {
    bench b;
    job work;
    int descriptors; /* open while the board is up */
    int cancel[2];
    uint64_t cycles; /* of an inference, once known */
    /* The disturbance: after `done` inferences of phase `phase`, with a delay. */
    hf_phase phase;
    uint32_t done;
    long after_ms;
    const char *victim; /* NULL = cancel */
    int signal;
    bool struck;
    pthread_t thread;
} scene;

static void strike(scene *s)
{
    if (s->victim)
        kill((pid_t)child_named(s->victim), s->signal);
    else if (write(s->cancel[1], "x", 1) != 1)
        abort();
}

static void *strike_later(void *user)
{
    scene *s = user;
    struct timespec wait = {s->after_ms / 1000, s->after_ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
    strike(s);
    return NULL;
}

static void see_progress(void *user, hf_phase phase, uint32_t done, uint32_t of)
{
    (void)of;
    scene *s = user;
    if (s->struck || phase != s->phase || done != s->done)
        return;
    s->struck = true;
    if (s->after_ms == 0)
        strike(s);
    else if (pthread_create(&s->thread, NULL, strike_later, s) != 0)
        abort();
}

static void begin(scene *s)
{
    *s = (scene){0};
    job_make(&s->work, NETWORK, 1);
    s->work.request.progress_user = s;
    bench_make(&s->b, "stm32l4r5zi");
    assert_int_equal(pipe2(s->cancel, O_CLOEXEC), 0);
    s->b.options.cancel_fd = s->cancel[0];
    s->b.options.deadlines.stop_ms = 500;
}

static void open_board(scene *s)
{
    assert_attempt(&s->b, bench_open(&s->b), HF_OK);
    s->descriptors = open_descriptors();
}

static void finish(scene *s)
{
    bench_free(&s->b);
    close(s->cancel[0]);
    close(s->cancel[1]);
    job_free(&s->work);
}

static hf_status attempt(scene *s)
{
    hf_attempt_result result;
    hf_status status = bench_attempt(&s->b, &s->work, &result);
    if (status == HF_OK) {
        assert_int_equal(result.output_crc32, s->work.request.output_crc32);
        assert_int_equal(result.sample_count, s->work.request.runs);
        for (uint32_t i = 0; i < result.sample_count;
             i++) { /* the first correct result is the expected one */
            if (i == 0 && s->cycles == 0)
                s->cycles = result.samples[0].cycles;
            assert_in_range(result.samples[i].cycles, s->cycles * 9 / 10, s->cycles * 11 / 10);
        }
    } else {
        assert_null(result.samples);
    }
    hf_attempt_result_free(&result);
    return status;
}

/* After a failure that leaves the board in an unknown state nothing runs, and the next attempt works. */
static void assert_recovers(scene *s)
{
    assert_int_equal(child_named("openocd"), 0);
    assert_int_equal(child_named(VBOARD), 0);
    s->work.request.progress = NULL;
    s->b.options.cancel_fd = -1;
    assert_attempt(&s->b, attempt(s), HF_OK);
    assert_int_equal(open_descriptors(), s->descriptors);
}

/* Disturbs a running attempt. */
static hf_status attempt_with(scene *s, hf_phase phase, uint32_t done, long after_ms, const char *victim,
                              int signal)
{
    s->phase = phase;
    s->done = done;
    s->after_ms = after_ms;
    s->victim = victim;
    s->signal = signal;
    s->work.request.progress = see_progress;
    hf_status status = attempt(s);
    assert_true(s->struck);
    if (after_ms)
        pthread_join(s->thread, NULL);
    return status;
}

static void a_wrong_firmware_file_is_refused(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    hf_error err = {0};
    char path[512], wrong[128];
    uint8_t *bytes;
    size_t size;
    snprintf(path, sizeof path, "%s/hilfarm-stm32f767zi.bin", getenv("HILFARM_FIRMWARE_DIR"));
    assert_int_equal(hf_file_read(path, 1 << 20, &bytes, &size, &err), HF_OK);
    snprintf(wrong, sizeof wrong, "%s/hilfarm-stm32l4r5zi.bin", s.b.dir);
    s.b.options.firmware_dir = s.b.dir;

    assert_int_equal(bench_open(&s.b), HF_ENOTFOUND); /* does not exist yet */
    assert_failure(&s.b, HF_FAULT_FARM, "reading the firmware for stm32l4r5zi");
    assert_int_equal(hf_file_write(wrong, bytes, size, &err), HF_OK);
    assert_int_equal(bench_open(&s.b), HF_EMISMATCH);
    assert_failure(&s.b, HF_FAULT_FARM, "is firmware for stm32f767zi, expected stm32l4r5zi");
    assert_int_equal(hf_file_write(wrong, bytes, 0x200, &err), HF_OK);
    assert_int_equal(bench_open(&s.b), HF_EFORMAT);
    assert_failure(&s.b, HF_FAULT_FARM, "is not hilfarm firmware");
    unlink(wrong);
    free(bytes);
    finish(&s);
}

static void a_bad_image_is_class_job(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    open_board(&s);
    s.work.image[s.work.request.image_bytes / 2] ^= 0x10; /* the checksum no longer matches */
    assert_int_equal(attempt(&s), HF_ETARGET);
    assert_failure(&s.b, HF_FAULT_JOB,
                   "phase identify: the board rejects the model image: bad (image CRC-32");
    s.work.image[s.work.request.image_bytes / 2] ^= 0x10;

    long openocd = child_named("openocd");
    assert_true(openocd > 0); /* the board is fine and stays up */
    assert_attempt(&s.b, attempt(&s), HF_OK);
    assert_int_equal(child_named("openocd"), openocd);

    s.work.request.output_crc32 ^= 1;
    assert_int_equal(attempt(&s), HF_EMISMATCH);
    assert_failure(&s.b, HF_FAULT_JOB, "phase check: the output differs from the reference");
    s.work.request.output_crc32 ^= 1;
    s.work.layer_crc32[3] ^= 1;
    assert_int_equal(attempt(&s), HF_EMISMATCH);
    assert_failure(&s.b, HF_FAULT_JOB, "layer 3 (");
    s.work.layer_crc32[3] ^= 1;
    s.work.request.input_crc32 ^= 1;
    assert_int_equal(attempt(&s), HF_EMISMATCH);
    assert_failure(&s.b, HF_FAULT_BOARD, "phase input: the input staged on the board has CRC-32");
    s.work.request.input_crc32 ^= 1;
    assert_recovers(&s);
    finish(&s);
}

static void an_oversized_image_does_not_touch_the_board(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    open_board(&s);
    size_t bytes = s.work.request.image_bytes;
    s.work.request.image_bytes = 2048 * 1024 - 65536 + 1;
    assert_int_equal(attempt(&s), HF_ELIMIT);
    assert_failure(&s.b, HF_FAULT_JOB, "has space for 2031616 at 0x08010000");
    assert_null(strstr(hf_board_transcript(s.b.board), "tcl>"));
    s.work.request.image_bytes = bytes;
    finish(&s);
}

static void a_mute_board_is_class_board(void **state)
{
    (void)state;
    static const char *const mute[] = {"--fault", "uart-mute", NULL};
    scene s;
    begin(&s);
    s.b.hooks.vboard_arguments = mute;
    s.b.options.deadlines.boot_ms = 1000;
    open_board(&s);
    uint64_t start_ns = hf_now_ns();
    assert_int_equal(attempt(&s), HF_ETIMEOUT);
    assert_failure(&s.b, HF_FAULT_BOARD, "phase reset: the board did not start within 1000 ms");
    assert_true(hf_now_ns() - start_ns < 60 * HF_NS_PER_S);
    assert_non_null(strstr(hf_board_transcript(s.b.board), "hello"));
    finish(&s);
}

static void a_garbling_line_is_class_serial(void **state)
{
    (void)state;
    static const char *const garble[] = {"--fault", "uart-garble=20", NULL};
    scene s;
    begin(&s);
    s.b.hooks.vboard_arguments = garble;
    open_board(&s);
    assert_int_equal(attempt(&s), HF_EPROTOCOL);
    assert_failure(&s.b, HF_FAULT_SERIAL, "garbled lines");
    finish(&s);
}

static struct hf_serial *wrap(void *user, struct hf_serial *line)
{
    const hf_fault_plan *plan = user;
    hf_serial *wrapped = NULL;
    if (hf_fault_wrap(line, plan, &wrapped, NULL, NULL) != HF_OK)
        abort();
    return wrapped;
}

/* Under any mixture of faults an attempt ends in the right numbers (attempt() checks them) or
 * in a failure. */
static void numbers_are_right_or_missing(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    hf_fault_plan plan = {0};
    s.b.hooks.wrap_serial = wrap;
    s.b.hooks.wrap_serial_user = &plan;
    s.b.options.deadlines.boot_ms = 2000;
    s.b.options.deadlines.sample_ms = 3000;
    open_board(&s);
    int succeeded = 0, failed = 0;
    for (uint32_t seed = 1; seed <= 8; seed++) {
        plan = (hf_fault_plan){
            .seed = seed,
            .flip_every = seed % 2 ? 8000 : 1500,
            .drop_every = seed % 3 ? 9000 : 0,
            .flip_out_every = 3000,
            .disconnect_after_bytes = seed == 5 ? 1200 : 0,
        };
        hf_board_close(s.b.board); /* so that the plan restarts */
        s.b.board = NULL;
        assert_attempt(&s.b, bench_open(&s.b), HF_OK);
        if (attempt(&s) == HF_OK) {
            succeeded++;
            continue;
        }
        failed++;
        if (s.b.err.fault != HF_FAULT_SERIAL && s.b.err.fault != HF_FAULT_BOARD)
            fail_msg("seed %u: class %s: %s", (unsigned)seed, hf_fault_name(s.b.err.fault), s.b.err.message);
    }
    assert_true(failed >= 1); /* the disconnected one at least */
    print_message("%d attempts succeeded, %d failed\n", succeeded, failed);
    finish(&s);
}

/* Most scans are sent without reading their answers, but a WAIT among them is noticed, and OpenOCD's own driver writes everything
 * again. Only one WAIT, in the middle of the firmware: OpenOCD repeats what was answered so, but where it reads registers it gives up. */
static void lost_scans_are_noticed(void **state)
{
    (void)state;
    static const char *const waits[] = {"--fault", "jtag-wait-at=7001", NULL};
    scene s;
    begin(&s);
    s.b.hooks.vboard_arguments = waits;
    open_board(&s);
    assert_attempt(&s.b, attempt(&s), HF_OK);
    const char *said = hf_board_transcript(s.b.board);
    assert_non_null(strstr(said, "svf -tap"));
    assert_non_null(strstr(said, "from now on with OpenOCD's own flash driver"));
    assert_non_null(strstr(said, "flash write_image"));
    finish(&s);
}

/* Programming takes much longer than until the disturbance. */
static const char *const slow_flash[] = {"--flash-time", "300", NULL};

static void openocd_killed_while_programming(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    s.b.hooks.vboard_arguments = slow_flash;
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_FLASH, 0, 200, "openocd", SIGKILL), HF_ECHILD);
    assert_failure(&s.b, HF_FAULT_PROBE, "phase flash: OpenOCD");
    assert_failure(&s.b, HF_FAULT_PROBE, "was killed by signal 9");
    assert_recovers(&s);
    finish(&s);
}

static void openocd_frozen_while_programming(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    s.b.options.deadlines.flash_ms = 1500;
    s.b.hooks.vboard_arguments = slow_flash;
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_FLASH, 0, 100, "openocd", SIGSTOP), HF_ETIMEOUT);
    assert_failure(&s.b, HF_FAULT_PROBE, "OpenOCD: deadline passed while");
    assert_int_equal(child_named("openocd"), 0); /* frozen: only SIGKILL ends it */
    finish(&s);
}

static void board_killed_while_programming(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    s.b.hooks.vboard_arguments = slow_flash;
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_FLASH, 0, 200, VBOARD, SIGKILL), HF_ECHILD);
    assert_failure(&s.b, HF_FAULT_BOARD, "phase flash: the virtual board");
    assert_recovers(&s);
    finish(&s);
}

static void board_killed_while_running(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_RUN, 1, 0, VBOARD, SIGKILL), HF_ECHILD);
    assert_failure(&s.b, HF_FAULT_BOARD, "phase run: the virtual board");
    assert_failure(&s.b, HF_FAULT_BOARD, "was killed by signal 9");
    assert_recovers(&s);
    finish(&s);
}

static void board_frozen_while_running(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    s.work.request.runs = 200; /* long enough to freeze during it */
    s.b.options.deadlines.sample_ms = 1500;
    s.b.options.deadlines.reply_ms = 500;
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_RUN, 1, 0, VBOARD, SIGSTOP), HF_ETIMEOUT);
    assert_failure(&s.b, HF_FAULT_BOARD, "phase run: no record of the run arrived for 1500 ms");
    s.work.request.runs = 3;
    assert_recovers(&s);
    finish(&s);
}

static void cancelled_while_running(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    s.work.request.runs = 10000;
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_RUN, 1, 0, NULL, 0), HF_ECANCELLED);
    assert_int_equal(s.b.err.status, HF_ECANCELLED);
    assert_int_equal(child_named("openocd"), 0);
    assert_int_equal(child_named(VBOARD), 0);
    finish(&s);
}

static void cancelled_while_programming(void **state)
{
    (void)state;
    scene s;
    begin(&s);
    s.b.hooks.vboard_arguments = slow_flash;
    open_board(&s);
    assert_int_equal(attempt_with(&s, HF_PHASE_FLASH, 0, 200, NULL, 0), HF_ECANCELLED);
    assert_int_equal(child_named("openocd"), 0);
    finish(&s);
}

/* The board crashes after a number of probe accesses: while attaching, erasing, programming, verifying. */
static void board_crashes_at_any_step(void **state)
{
    (void)state;
    static const char *const counts[] = {"10", "300", "1500", "6000", "20000"};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char fault[40];
        snprintf(fault, sizeof fault, "die-after=%s", counts[i]);
        const char *const arguments[] = {"--fault", fault, NULL};
        scene s;
        begin(&s);
        s.b.hooks.vboard_arguments = arguments;
        hf_status status = bench_open(&s.b);
        if (status == HF_OK)
            status = attempt(&s);
        if (status == HF_OK)
            fail_msg("%s: the board did not crash", fault);
        assert_failure(&s.b, HF_FAULT_BOARD, "the virtual board");
        assert_int_equal(child_named("openocd"), 0);
        finish(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_firmware_file_is_refused),
        cmocka_unit_test(a_bad_image_is_class_job),
        cmocka_unit_test(an_oversized_image_does_not_touch_the_board),
        cmocka_unit_test(a_mute_board_is_class_board),
        cmocka_unit_test(a_garbling_line_is_class_serial),
        cmocka_unit_test(numbers_are_right_or_missing),
        cmocka_unit_test(lost_scans_are_noticed),
        cmocka_unit_test(openocd_killed_while_programming),
        cmocka_unit_test(openocd_frozen_while_programming),
        cmocka_unit_test(board_killed_while_programming),
        cmocka_unit_test(board_killed_while_running),
        cmocka_unit_test(board_frozen_while_running),
        cmocka_unit_test(cancelled_while_running),
        cmocka_unit_test(cancelled_while_programming),
        cmocka_unit_test(board_crashes_at_any_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
